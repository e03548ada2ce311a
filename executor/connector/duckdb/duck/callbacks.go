package duck

/*
#include <stdint.h>
#include <stdlib.h>

extern void headgateFeedBind(void *info);
extern void headgateFeedInit(void *info);
extern void headgateFeedReader(void *info);
extern void headgateFeedFill(void *info, void *chunk);
extern void headgateRowFunction(void *info, void *chunk, void *out);
*/
import "C"

import (
	"fmt"
	"runtime/cgo"
	"unsafe"

	bind "github.com/duckdb/duckdb-go-bindings"
)

// DuckDB calls the functions of this file from its own threads. What they work on
// comes as a pointer to C memory that holds a cgo.Handle.

// pointTo makes C memory that leads to v; forget frees both.
func pointTo(v any) unsafe.Pointer {
	p := C.malloc(C.size_t(unsafe.Sizeof(C.uintptr_t(0))))
	*(*C.uintptr_t)(p) = C.uintptr_t(cgo.NewHandle(v))
	return p
}

func pointee[T any](p unsafe.Pointer) T {
	return cgo.Handle(*(*C.uintptr_t)(p)).Value().(T)
}

func forget(p unsafe.Pointer) {
	if p != nil {
		cgo.Handle(*(*C.uintptr_t)(p)).Delete()
		C.free(p)
	}
}

// caught hands a panic to DuckDB as an error: it must not unwind through C.
func caught(tell func(string)) {
	if p := recover(); p != nil {
		tell(fmt.Sprintf("headgate: %v", p))
	}
}

//export headgateFeedBind
func headgateFeedBind(p unsafe.Pointer) {
	info := bind.BindInfo{Ptr: p}
	defer caught(func(s string) { bind.BindSetError(info, s) })
	v := bind.BindGetParameter(info, 0)
	var i *Inserter
	if !bind.IsNullValue(v) { // reading a null would end the process
		i = pointee[*DB](bind.BindGetExtraInfo(info)).inserter(bind.GetUInt64(v))
	}
	bind.DestroyValue(&v)
	if i == nil {
		bind.BindSetError(info, "headgate_feed is headgate's own: it reads what a load hands over")
		return
	}
	for k, name := range i.names {
		bind.BindAddResultColumn(info, name, i.logical[k])
	}
	bind.BindSetBindData(info, i.self, nil)
}

//export headgateFeedInit
func headgateFeedInit(p unsafe.Pointer) {
	info := bind.InitInfo{Ptr: p}
	defer caught(func(s string) { bind.InitSetError(info, s) })
	bind.InitSetMaxThreads(info, bind.IdxT(pointee[*Inserter](bind.InitGetBindData(info)).threads))
}

//export headgateFeedReader
func headgateFeedReader(p unsafe.Pointer) {
	info := bind.InitInfo{Ptr: p}
	defer caught(func(s string) { bind.InitSetError(info, s) })
	i := pointee[*Inserter](bind.InitGetBindData(info))
	at := C.malloc(C.size_t(unsafe.Sizeof(C.int(0))))
	*(*C.int)(at) = C.int(i.newReader())
	bind.InitSetInitData(info, at, C.free)
}

//export headgateFeedFill
func headgateFeedFill(p, chunk unsafe.Pointer) {
	info := bind.FunctionInfo{Ptr: p}
	defer caught(func(s string) { bind.FunctionSetError(info, s) })
	i := pointee[*Inserter](bind.FunctionGetBindData(info))
	reader := int(*(*C.int)(bind.FunctionGetLocalInitData(info)))
	if err := i.fill(reader, bind.DataChunk{Ptr: chunk}); err != nil {
		bind.FunctionSetError(info, err.Error())
	}
}

//export headgateRowFunction
func headgateRowFunction(p, chunk, out unsafe.Pointer) {
	info := bind.FunctionInfo{Ptr: p}
	defer caught(func(s string) { bind.ScalarFunctionSetError(info, s) })
	f := pointee[*rowFunction](bind.ScalarFunctionGetExtraInfo(info))
	f.run(bind.DataChunk{Ptr: chunk}, bind.Vector{Ptr: out})
}

// addFeed registers headgate_feed, the table function from which inserters read.
func (d *DB) addFeed(c *Conn) error {
	d.self = pointTo(d)
	f := bind.CreateTableFunction()
	defer bind.DestroyTableFunction(&f)
	number := bind.CreateLogicalType(bind.TypeUBigInt)
	defer bind.DestroyLogicalType(&number)
	bind.TableFunctionSetName(f, "headgate_feed")
	bind.TableFunctionAddParameter(f, number)
	bind.TableFunctionSetExtraInfo(f, d.self, nil)
	bind.TableFunctionSetBind(f, C.headgateFeedBind)
	bind.TableFunctionSetInit(f, C.headgateFeedInit)
	bind.TableFunctionSetLocalInit(f, C.headgateFeedReader)
	bind.TableFunctionSetFunction(f, C.headgateFeedFill)
	if bind.RegisterTableFunction(c.conn, f) != bind.StateSuccess {
		return &Error{Type: "Internal", Message: "headgate_feed could not be registered"}
	}
	return nil
}

// addRowFunction registers a row function.
func (c *Conn) addRowFunction(name string, self unsafe.Pointer) error {
	f := bind.CreateScalarFunction()
	defer bind.DestroyScalarFunction(&f)
	anything, number := bind.CreateLogicalType(bind.TypeAny), bind.CreateLogicalType(bind.TypeUBigInt)
	defer bind.DestroyLogicalType(&anything)
	defer bind.DestroyLogicalType(&number)
	bind.ScalarFunctionSetName(f, name)
	bind.ScalarFunctionSetVarargs(f, anything)
	bind.ScalarFunctionSetReturnType(f, number)
	bind.ScalarFunctionSetSpecialHandling(f)
	bind.ScalarFunctionSetVolatile(f)
	bind.ScalarFunctionSetExtraInfo(f, self, nil)
	bind.ScalarFunctionSetFunction(f, C.headgateRowFunction)
	if bind.RegisterScalarFunction(c.conn, f) != bind.StateSuccess {
		return &Error{Type: "Internal", Message: name + " could not be registered"}
	}
	return nil
}
