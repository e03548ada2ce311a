package checksum

import (
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/headgate-data/headgate/executor/connector"
)

var schema = arrow.NewSchema([]arrow.Field{
	{Name: "b", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	{Name: "i", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
	{Name: "l", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "f", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "d", Type: &arrow.Decimal128Type{Precision: 12, Scale: 2}, Nullable: true},
	{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "x", Type: arrow.BinaryTypes.Binary, Nullable: true},
	{Name: "day", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	{Name: "t", Type: arrow.FixedWidthTypes.Time64us, Nullable: true},
	{Name: "ts", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, Nullable: true},
	{Name: "u", Type: &arrow.FixedSizeBinaryType{ByteWidth: 16}, Nullable: true},
	{Name: "ls", Type: arrow.ListOf(arrow.BinaryTypes.String), Nullable: true},
	{Name: "st", Type: arrow.StructOf(arrow.Field{Name: "a", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, arrow.Field{Name: "z", Type: arrow.BinaryTypes.String, Nullable: true}), Nullable: true},
	{Name: "m", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64), Nullable: true},
}, nil)

const row1 = `{"b":true,"i":-7,"l":9007199254740993,"f":0.5,"d":"12.34","s":"Zoë","x":"AAH/","day":"2024-02-29","t":"23:59:59.999999","ts":"2024-02-29T12:00:00.000001Z","u":"AAECAwQFBgcICQoLDA0ODw==","ls":["a",null,"bb"],"st":{"a":1,"z":null},"m":[{"key":"k","value":5}]}`
const row2 = `{"b":false,"i":0,"l":-1,"f":0,"d":"-0.01","s":"","x":"","day":"1969-12-31","t":"00:00:00","ts":"1969-12-31T23:59:59Z","u":"/////////////////////w==","ls":[],"st":{"a":null,"z":"q"},"m":[]}`
const row3 = `{"b":null,"i":null,"l":null,"f":null,"d":null,"s":null,"x":null,"day":null,"t":null,"ts":null,"u":null,"ls":null,"st":null,"m":null}`

func batch(t *testing.T, rows ...string) arrow.RecordBatch {
	t.Helper()
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader("["+strings.Join(rows, ",")+"]"))
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// The figures are part of the contract between enforcer and destinations: a
// staging area that an older program wrote is read back by a newer one.
func TestBatchIsPinned(t *testing.T) {
	for i, c := range []struct {
		row  string
		want connector.Checksum
	}{
		{row1, connector.Checksum{Rows: 1, Sum: 0xdfe8ad0f554f304e, Mix: 0x65643b6c0cba3eb0}},
		{row2, connector.Checksum{Rows: 1, Sum: 0x29c57fb1f3abbe96, Mix: 0x47c35fc6e3b3419b}},
		{row3, connector.Checksum{Rows: 1, Sum: 0x2545f4914f6cdd1d, Mix: 0xf77efa9bec7af471}},
	} {
		if got := Batch(batch(t, c.row)); got != c.want {
			t.Errorf("row %d: %#v, want %#v", i+1, got, c.want)
		}
	}
}

func TestOrderOfRowsDoesNotMatter(t *testing.T) {
	a, b := Batch(batch(t, row1, row2, row3, row1)), Batch(batch(t, row3, row1, row1, row2))
	if a != b {
		t.Errorf("%v != %v", a, b)
	}
	if c := Batch(batch(t, row1, row2, row3, row2)); c == a {
		t.Error("another row gives the same checksum")
	}
	var sum connector.Checksum
	Merge(&sum, Batch(batch(t, row2, row3)))
	Merge(&sum, Batch(batch(t, row1, row1)))
	if sum != a {
		t.Errorf("the parts give %v, the whole %v", sum, a)
	}
}

// TestOneChangedValue changes each value in turn; every change must show.
func TestOneChangedValue(t *testing.T) {
	whole := Batch(batch(t, row1))
	for _, change := range [][2]string{
		{"true", "false"}, {"-7", "7"}, {"993", "994"}, {"0.5", "0.25"}, {"12.34", "12.35"}, {"Zoë", "Zoe"}, {"AAH/", "AAD/"},
		{"02-29\"", "02-28\""}, {".999999", ".999998"}, {"000001Z", "000002Z"}, {"ODw==", "ODg=="}, {`null,"bb"`, `"bb",null`},
		{`"a":1,"z":null`, `"a":null,"z":"1"`}, {`"value":5`, `"value":6`}, {`["a",null,"bb"]`, `["a",null,"bb",null]`},
	} {
		other := strings.Replace(row1, change[0], change[1], 1)
		if other == row1 {
			t.Fatalf("%q does not occur", change[0])
		}
		if Batch(batch(t, other)) == whole {
			t.Errorf("%q instead of %q does not show", change[1], change[0])
		}
	}
}

// TestPrimitives shows that a row hashed value by value agrees with Batch.
func TestPrimitives(t *testing.T) {
	h := Seed
	for _, v := range []uint64{
		Int(0), Combine(Combine(Int(2), Null()), Bytes([]byte("q"))), Int(0), Bytes([]byte(strings.Repeat("\xff", 16))), Int(-1_000_000), Int(0), Int(-1),
		Bytes([]byte{}), Bytes(nil), Int128(-1, ^uint64(0)), Float(math.Copysign(0, -1)), Int(-1), Int(0), Bool(false),
	} {
		h = Combine(h, v)
	}
	var got connector.Checksum
	Add(&got, h)
	if want := Batch(batch(t, row2)); got != want {
		t.Errorf("value by value %v, by batch %v", got, want)
	}
	if Float(math.NaN()) != Float(math.Float64frombits(0xFFF8000000000001)) {
		t.Error("NaNs differ")
	}
}

func TestSlices(t *testing.T) {
	rec := batch(t, row1, row2, row3, row1)
	if a, b := Batch(rec.NewSlice(1, 4)), Batch(batch(t, row2, row3, row1)); a != b {
		t.Errorf("a slice gives %v, its rows %v", a, b)
	}
}

func BenchmarkBatch(b *testing.B) {
	rows := make([]string, 4096)
	for i := range rows {
		rows[i] = row1
	}
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader("["+strings.Join(rows, ",")+"]"))
	if err != nil {
		b.Fatal(err)
	}
	var h Hasher
	for b.Loop() {
		h.Batch(rec)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4096, "ns/row")
}

// TestColumnAddedAtTheEnd shows that rows keep their hashes when a column is
// added behind them, and that a null elsewhere is told from no null.
func TestColumnAddedAtTheEnd(t *testing.T) {
	narrow, wide := ints64(t, `{"a":1,"b":null}`, "a", "b"), ints64(t, `{"a":1,"b":null,"c":null}`, "a", "b", "c")
	if Batch(narrow) != Batch(wide) {
		t.Error("a null column at the end changes the hash")
	}
	if Batch(ints64(t, `{"a":null,"b":1}`, "a", "b")) == Batch(narrow) {
		t.Error("a value that moved to the next column does not show")
	}
}

func ints64(t *testing.T, row string, names ...string) arrow.RecordBatch {
	t.Helper()
	var fields []arrow.Field
	for _, n := range names {
		fields = append(fields, arrow.Field{Name: n, Type: arrow.PrimitiveTypes.Int64, Nullable: true})
	}
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, arrow.NewSchema(fields, nil), strings.NewReader("["+row+"]"))
	if err != nil {
		t.Fatal(err)
	}
	return rec
}
