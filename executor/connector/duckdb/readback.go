package duckdb

import (
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/checksum"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang/diag"
)

// rowSum is the function of SQL by which DuckDB's own threads hash rows where they
// stand, without handing them out: of the number of a sum and all columns, in order.
// It takes the rows into that sum.
const rowSum = "headgate_row_sum"

// rowSums are the checksums that are being computed, by number.
type rowSums struct {
	mu   sync.Mutex
	sums map[uint64]*connector.Checksum
}

// addRowSums makes rowSum known to a database.
func addRowSums(db *duck.DB) (*rowSums, error) {
	r := &rowSums{sums: map[uint64]*connector.Checksum{}}
	return r, db.RowFunction(rowSum, r.add)
}

// begin returns the number of a new sum, which nobody guesses; end takes it out.
func (r *rowSums) begin() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	number := rand.Uint64()
	r.sums[number] = &connector.Checksum{}
	return number
}

func (r *rowSums) end(number uint64) connector.Checksum {
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := *r.sums[number]
	delete(r.sums, number)
	return sum
}

// add takes some rows into a sum. Anything but the number of one, which only a
// user's own SQL can ask for, ends the statement.
func (r *rowSums) add(columns []duck.Vector, out []uint64) {
	if len(columns) < 2 || columns[0].Type.Kind != duck.Uint64 || len(out) == 0 || columns[0].Null(0) {
		panic(rowSum + " is headgate's own: it reads back what was loaded")
	}
	hashRows(columns[1:], out)
	sum := connector.Checksum{Rows: int64(len(out))}
	for i, h := range out {
		sum.Sum += h
		sum.Mix += checksum.Mix(h)
		out[i] = 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	whole := r.sums[duck.Values[uint64](&columns[0])[0]]
	if whole == nil {
		panic(rowSum + " is headgate's own: it reads back what was loaded")
	}
	checksum.Merge(whole, sum)
}

// table reads a table of headgate's schema back and computes the checksum of its
// rows, as package checksum defines it.
func (r *rowSums) table(ctx context.Context, c *duck.Conn, table string) (connector.Checksum, error) {
	columns, err := tableColumns(ctx, c, table)
	if err != nil {
		return connector.Checksum{}, err
	}
	number := r.begin()
	n, err := c.Int(ctx, "select count("+rowSum+"("+strconv.FormatUint(number, 10)+"::ubigint, "+
		duck.QuoteIdents("", columnNames(columns))+")) from "+own(table))
	sum := r.end(number)
	if err == nil && n != sum.Rows {
		return sum, diag.Bug("duckdb.rowSums", "%d rows were read back, and %d of them hashed", n, sum.Rows)
	}
	return sum, err
}

// hashRows sets out to the hashes of rows.
func hashRows(columns []duck.Vector, out []uint64) {
	for i := range out {
		out[i] = checksum.Seed
	}
	for i := len(columns) - 1; i >= 0; i-- { // the order that package checksum defines
		hashColumn(out, &columns[i])
	}
}

// hashColumn takes a column's values into the hashes of the rows. The frequent kinds
// have loops of their own.
func hashColumn(rows []uint64, v *duck.Vector) {
	switch {
	case v.Type.Kind == duck.Decimal && v.Type.Storage == duck.Int32:
		hashDecimals(rows, duck.Values[int32](v), v)
	case v.Type.Kind == duck.Decimal && v.Type.Storage == duck.Int64:
		hashDecimals(rows, duck.Values[int64](v), v)
	case v.Type.Kind == duck.Decimal:
		hashEach(rows, v)
	case v.Type.Kind == duck.Int64, v.Type.Kind == duck.Time, v.Type.Kind == duck.Timestamp, v.Type.Kind == duck.TimestampTZ:
		hashInts(rows, duck.Values[int64](v), v)
	case v.Type.Kind == duck.Int32, v.Type.Kind == duck.Date:
		hashInts(rows, duck.Values[int32](v), v)
	case v.Type.Kind == duck.Float64:
		hashFloats(rows, duck.Values[float64](v), v)
	case v.Type.Kind == duck.Text, v.Type.Kind == duck.Blob:
		hashTexts(rows, duck.Values[duck.String](v), v)
	default:
		hashEach(rows, v)
	}
}

func hashInts[T int32 | int64](rows []uint64, values []T, v *duck.Vector) {
	nulls := v.HasNulls()
	for i := range rows {
		x := checksum.Int(int64(values[i]))
		if nulls && v.Null(i) {
			x = checksum.Null()
		}
		rows[i] = checksum.Combine(rows[i], x)
	}
}

func hashDecimals[T int32 | int64](rows []uint64, values []T, v *duck.Vector) {
	nulls := v.HasNulls()
	for i := range rows {
		x := checksum.Int128(int64(values[i])>>63, uint64(int64(values[i])))
		if nulls && v.Null(i) {
			x = checksum.Null()
		}
		rows[i] = checksum.Combine(rows[i], x)
	}
}

func hashFloats(rows []uint64, values []float64, v *duck.Vector) {
	nulls := v.HasNulls()
	for i := range rows {
		x := checksum.Float(values[i])
		if nulls && v.Null(i) {
			x = checksum.Null()
		}
		rows[i] = checksum.Combine(rows[i], x)
	}
}

// hashTexts does not look at the bytes of a null, which may stand anywhere.
func hashTexts(rows []uint64, values []duck.String, v *duck.Vector) {
	nulls := v.HasNulls()
	for i := range rows {
		x := checksum.Null()
		if !nulls || !v.Null(i) {
			x = checksum.Bytes(values[i].Bytes())
		}
		rows[i] = checksum.Combine(rows[i], x)
	}
}

func hashEach(rows []uint64, v *duck.Vector) {
	value := hasher(v)
	for i := range rows {
		rows[i] = checksum.Combine(rows[i], value(i))
	}
}

// hasher returns the function that hashes one value of a vector.
func hasher(v *duck.Vector) func(i int) uint64 {
	value := valueHasher(v)
	if !v.HasNulls() {
		return value
	}
	return func(i int) uint64 {
		if v.Null(i) {
			return checksum.Null()
		}
		return value(i)
	}
}

func valueHasher(v *duck.Vector) func(i int) uint64 {
	if v.Type.Kind == duck.Decimal {
		return decimalHasher(v)
	}
	switch v.Type.Kind {
	case duck.Bool:
		vals := duck.Values[bool](v)
		return func(i int) uint64 { return checksum.Bool(vals[i]) }
	case duck.Int32, duck.Date:
		vals := duck.Values[int32](v)
		return func(i int) uint64 { return checksum.Int(int64(vals[i])) }
	case duck.Int64, duck.Time, duck.Timestamp, duck.TimestampTZ:
		vals := duck.Values[int64](v)
		return func(i int) uint64 { return checksum.Int(vals[i]) }
	case duck.Float64:
		vals := duck.Values[uint64](v)
		return func(i int) uint64 { return checksum.Float(math.Float64frombits(vals[i])) }
	case duck.Text, duck.Blob:
		vals := duck.Values[duck.String](v)
		return func(i int) uint64 { return checksum.Bytes(vals[i].Bytes()) }
	case duck.UUID:
		vals := duck.Values[[2]uint64](v)
		return func(i int) uint64 { b := uuidBytes(vals[i]); return checksum.Bytes(b[:]) }
	case duck.List:
		entries, elem := duck.Values[duck.Entry](v), hasher(v.Child(0))
		return func(i int) uint64 { return hashEntry(entries[i], elem) }
	case duck.Map:
		entries := duck.Values[duck.Entry](v)
		key, val := hasher(v.Child(0).Child(0)), hasher(v.Child(0).Child(1))
		return func(i int) uint64 { return hashEntry(entries[i], key, val) }
	case duck.Struct:
		fields := make([]func(int) uint64, len(v.Type.Members))
		for k := range fields {
			fields[k] = hasher(v.Child(k))
		}
		return func(i int) uint64 {
			h := checksum.Int(int64(len(fields)))
			for _, f := range fields {
				h = checksum.Combine(h, f(i))
			}
			return h
		}
	default: // a kind that no column type maps to: never equal to what was accepted
		return func(int) uint64 { return 0 }
	}
}

// hashEntry hashes a list (one function) or a map (key and value).
func hashEntry(e duck.Entry, parts ...func(int) uint64) uint64 {
	h := checksum.Int(int64(e.Length))
	for j := e.Offset; j < e.Offset+e.Length; j++ {
		for _, p := range parts {
			h = checksum.Combine(h, p(int(j)))
		}
	}
	return h
}

func decimalHasher(v *duck.Vector) func(i int) uint64 {
	wide := func(x int64) uint64 { return checksum.Int128(x>>63, uint64(x)) }
	switch v.Type.Storage {
	case duck.Int16:
		vals := duck.Values[int16](v)
		return func(i int) uint64 { return wide(int64(vals[i])) }
	case duck.Int32:
		vals := duck.Values[int32](v)
		return func(i int) uint64 { return wide(int64(vals[i])) }
	case duck.Int64:
		vals := duck.Values[int64](v)
		return func(i int) uint64 { return wide(vals[i]) }
	default:
		vals := duck.Values[[2]uint64](v)
		return func(i int) uint64 { return checksum.Int128(int64(vals[i][1]), vals[i][0]) }
	}
}

// uuidBytes undoes the flipped top bit by which DuckDB orders UUIDs.
func uuidBytes(words [2]uint64) [16]byte {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], words[1]^1<<63)
	binary.BigEndian.PutUint64(b[8:], words[0])
	return b
}
