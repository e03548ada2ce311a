package duck

import (
	"unsafe"

	bind "github.com/duckdb/duckdb-go-bindings"
)

// rowFunction is a function of SQL that is written in Go: any columns in, a
// UBIGINT out.
type rowFunction struct {
	f    func(columns []Vector, out []uint64)
	self unsafe.Pointer
}

// RowFunction makes f callable in the SQL of this database under a name, with any
// number of arguments of any types. f gets some rows at a time (nulls among them)
// and sets out for each; it gets every row once, may be called from several threads at
// once, and keeps nothing of the columns.
func (d *DB) RowFunction(name string, f func(columns []Vector, out []uint64)) error {
	c, err := d.Connect()
	if err != nil {
		return err
	}
	defer c.Close()
	r := &rowFunction{f: f}
	r.self = pointTo(r)
	d.mu.Lock()
	d.functions = append(d.functions, r.self)
	d.mu.Unlock()
	return c.addRowFunction(name, r.self)
}

// run applies the function to a chunk.
func (r *rowFunction) run(chunk bind.DataChunk, out bind.Vector) {
	n := int(bind.DataChunkGetSize(chunk))
	columns := make([]Vector, bind.DataChunkGetColumnCount(chunk))
	types := make([]Type, len(columns))
	for i := range columns {
		vec := bind.DataChunkGetVector(chunk, bind.IdxT(i))
		types[i] = childType(bind.VectorGetColumnType(vec), 0)
		columns[i].attach(vec, &types[i], n)
	}
	r.f(columns, unsafe.Slice((*uint64)(bind.VectorGetData(out)), n))
}
