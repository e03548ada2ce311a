package duck

import (
	"context"
	"unsafe"

	bind "github.com/duckdb/duckdb-go-bindings"
)

// Rows is a result that is read chunk by chunk. It must be closed before the
// connection does anything else.
type Rows struct {
	conn  *Conn
	ctx   context.Context
	prep  bind.PreparedStatement
	res   bind.Result
	chunk bind.DataChunk
	names []string
	types []Type
	cols  []Vector
	size  int
	err   error
}

// Query runs exactly one statement and streams its rows; a text of several is
// refused before any of them runs. Fault: *Error, or ctx's.
func (c *Conn) Query(ctx context.Context, sql string) (*Rows, error) {
	if err := c.usable(ctx, sql); err != nil {
		return nil, err
	}
	r := &Rows{conn: c, ctx: ctx}
	stop := c.interruptible(ctx)
	err := r.start(sql)
	stop()
	if err != nil {
		r.Close()
		return nil, c.fault(ctx, err)
	}
	for i := range bind.ColumnCount(&r.res) {
		r.names = append(r.names, bind.ColumnName(&r.res, i))
		r.types = append(r.types, childType(bind.ColumnLogicalType(&r.res, i), 0))
	}
	r.cols = make([]Vector, len(r.types))
	return r, nil
}

// start prepares and executes the statement.
func (r *Rows) start(sql string) error {
	if err := r.conn.prepare(sql, &r.prep); err != nil {
		return err
	}
	return execute(r.prep, true, &r.res)
}

// Names returns the columns' names.
func (r *Rows) Names() []string { return r.names }

// Types returns the columns' types.
func (r *Rows) Types() []Type { return r.types }

// Next moves to the next chunk. It returns false at the end and on a fault,
// which Err then returns. What the chunk before held is gone.
func (r *Rows) Next() bool {
	bind.DestroyDataChunk(&r.chunk)
	if r.err != nil {
		return false
	}
	stop := r.conn.interruptible(r.ctx)
	r.chunk = bind.FetchChunk(r.res)
	stop()
	if r.chunk.Ptr == nil {
		if bind.ResultError(&r.res) != "" {
			r.err = r.conn.fault(r.ctx, resultError(&r.res))
		}
		return false
	}
	if r.size = int(bind.DataChunkGetSize(r.chunk)); r.size == 0 {
		return false
	}
	for i := range r.cols {
		r.cols[i].attach(bind.DataChunkGetVector(r.chunk, bind.IdxT(i)), &r.types[i], r.size)
	}
	return true
}

// Len returns the number of rows in the chunk.
func (r *Rows) Len() int { return r.size }

// Column returns a column of the chunk.
func (r *Rows) Column(i int) *Vector { return &r.cols[i] }

// Err returns the fault that ended the rows, or nil.
func (r *Rows) Err() error { return r.err }

// Close frees the result.
func (r *Rows) Close() {
	bind.DestroyDataChunk(&r.chunk)
	bind.DestroyResult(&r.res)
	bind.DestroyPrepare(&r.prep)
}

// Vector is one column of a chunk, or a child of one. Its slices stand in
// DuckDB's memory and are gone with the chunk.
type Vector struct {
	Type  *Type
	Len   int
	data  unsafe.Pointer
	valid unsafe.Pointer // nil where no value is null
	kids  []Vector
}

// attach points v at a vector of n values.
func (v *Vector) attach(vec bind.Vector, t *Type, n int) {
	v.Type, v.Len = t, n
	v.data, v.valid = bind.VectorGetData(vec), bind.VectorGetValidity(vec)
	switch t.Kind {
	case List, Map:
		v.child(1)[0].attach(bind.ListVectorGetChild(vec), t.Elem, int(bind.ListVectorGetSize(vec)))
	case Struct:
		kids := v.child(len(t.Members))
		for i := range kids {
			kids[i].attach(bind.StructVectorGetChild(vec, bind.IdxT(i)), &t.Members[i], n)
		}
	}
}

// child returns n children, made once.
func (v *Vector) child(n int) []Vector {
	if len(v.kids) != n {
		v.kids = make([]Vector, n)
	}
	return v.kids
}

// Child returns a list's elements (0) or a struct's member i.
func (v *Vector) Child(i int) *Vector { return &v.kids[i] }

// Null reports whether value i is null.
func (v *Vector) Null(i int) bool {
	if v.Type.Kind == Null {
		return true
	}
	if v.valid == nil {
		return false
	}
	word := *(*uint64)(unsafe.Add(v.valid, i/64*8))
	return word>>(i%64)&1 == 0
}

// HasNulls reports whether v may hold a null.
func (v *Vector) HasNulls() bool { return v.valid != nil || v.Type.Kind == Null }

// Values returns a vector's values as they are stored. T must have the size of
// the vector's storage.
func Values[T any](v *Vector) []T { return unsafe.Slice((*T)(v.data), v.Len) }

// Entry is a list's place among its vector's elements.
type Entry struct{ Offset, Length uint64 }

// String is a text or blob as DuckDB stores it: the length, then up to 12 bytes,
// or 4 bytes and a pointer.
type String struct {
	length uint32
	prefix [4]byte
	ptr    uint64
}

// Bytes returns the text; it stands in s or in DuckDB's memory.
func (s *String) Bytes() []byte {
	if s.length <= 12 {
		return unsafe.Slice((*byte)(unsafe.Pointer(&s.prefix)), s.length)
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&s.ptr)), s.length)
}

// Texts runs one statement whose columns are all texts and returns every row;
// a null is nil.
func (c *Conn) Texts(ctx context.Context, sql string) ([][]*string, error) {
	rows, err := c.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]*string
	for rows.Next() {
		for i := range rows.Len() {
			row := make([]*string, len(rows.types))
			for j := range row {
				if v := rows.Column(j); (v.Type.Kind == Text || v.Type.Kind == Blob) && !v.Null(i) {
					text := string(Values[String](v)[i].Bytes())
					row[j] = &text
				}
			}
			out = append(out, row)
		}
	}
	return out, rows.Err()
}

// Int runs one statement that yields one BIGINT and returns it, 0 for null or
// no row.
func (c *Conn) Int(ctx context.Context, sql string) (int64, error) {
	counts, err := c.Ints(ctx, sql)
	if err != nil || len(counts) == 0 {
		return 0, err
	}
	return counts[0], nil
}

// Ints runs one statement that yields one row of BIGINTs and returns it; a null
// is 0.
func (c *Conn) Ints(ctx context.Context, sql string) ([]int64, error) {
	rows, err := c.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		if out == nil {
			out = make([]int64, len(rows.types))
			for j := range out {
				if v := rows.Column(j); v.Type.Kind == Int64 && !v.Null(0) {
					out[j] = Values[int64](v)[0]
				}
			}
		}
	}
	return out, rows.Err()
}

// HasTable reports whether a table of that name stands in a schema of the database,
// which costs far less than asking duckdb_tables(). A view is none.
func (c *Conn) HasTable(ctx context.Context, schema, table string) (bool, error) {
	if err := c.usable(ctx, schema+table); err != nil {
		return false, err
	}
	var desc bind.TableDescription
	defer bind.TableDescriptionDestroy(&desc)
	return bind.TableDescriptionCreate(c.conn, schema, table, &desc) == bind.StateSuccess, nil
}
