package duckdb

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/checksum"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// everyType is a column of each type, nested ones included.
var everyType = []types.Type{
	types.Of(types.Bool), types.Of(types.Int32), types.Of(types.Int64), types.Of(types.Float64),
	types.DecimalOf(4, 1), types.DecimalOf(9, 2), types.DecimalOf(18, 3), types.DecimalOf(38, 10),
	types.Of(types.String), types.Of(types.Bytes), types.Of(types.Date), types.Of(types.Time), types.Of(types.Timestamp),
	types.Of(types.TimestampTZ), types.Of(types.UUID), types.Of(types.JSON),
	types.ListOf(types.Of(types.String)), types.ListOf(types.ListOf(types.Of(types.Int32))),
	types.StructOf(types.Field{Name: "a", Type: types.Of(types.Int64)}, types.Field{Name: "b c", Type: types.ListOf(types.Of(types.Bool))}),
	types.MapOf(types.DecimalOf(12, 2)),
	types.ListOf(types.StructOf(types.Field{Name: "u", Type: types.Of(types.UUID)}, types.Field{Name: "s", Type: types.Of(types.String)})),
}

// randomText is a text of up to 40 bytes, shorter and longer than what DuckDB
// keeps inline.
func randomText(rng *rand.Rand) string {
	return strings.Repeat("é", rng.IntN(6)) + strings.Repeat("x", rng.IntN(30))
}

// appendRandom appends a value to a builder, null one time in five.
func appendRandom(b array.Builder, t types.Type, rng *rand.Rand) {
	if rng.IntN(5) == 0 {
		b.AppendNull()
		return
	}
	switch t.Kind {
	case types.Bool:
		b.(*array.BooleanBuilder).Append(rng.IntN(2) == 0)
	case types.Int32:
		b.(*array.Int32Builder).Append(int32(rng.Uint32()))
	case types.Int64:
		b.(*array.Int64Builder).Append(int64(rng.Uint64()))
	case types.Float64:
		b.(*array.Float64Builder).Append(rng.NormFloat64())
	case types.Decimal:
		n := decimal128.FromI64(rng.Int64N(10000) - 5000)
		if t.Precision > 20 {
			n = decimal128.New(rng.Int64N(1e18)-5e17, rng.Uint64())
		}
		b.(*array.Decimal128Builder).Append(n)
	case types.String:
		b.(*array.StringBuilder).Append(randomText(rng))
	case types.JSON:
		b.(*array.StringBuilder).Append(`{"x": "` + randomText(rng) + `"}`)
	case types.Bytes:
		b.(*array.BinaryBuilder).Append([]byte{0, 255, byte(rng.Uint32())}[:rng.IntN(4)])
	case types.Date:
		b.(*array.Date32Builder).Append(arrow.Date32(rng.IntN(40000) - 10000))
	case types.Time:
		b.(*array.Time64Builder).Append(arrow.Time64(rng.Int64N(86400e6)))
	case types.Timestamp, types.TimestampTZ:
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(rng.Int64N(4e15) - 1e15))
	case types.UUID:
		var u [16]byte
		for i := range u {
			u[i] = byte(rng.Uint32())
		}
		b.(*array.FixedSizeBinaryBuilder).Append(u[:])
	case types.List:
		l := b.(*array.ListBuilder)
		l.Append(true)
		for range rng.IntN(4) {
			appendRandom(l.ValueBuilder(), *t.Elem, rng)
		}
	case types.Map:
		m := b.(*array.MapBuilder)
		m.Append(true)
		for i := range rng.IntN(4) {
			m.KeyBuilder().(*array.StringBuilder).Append(fmt.Sprintf("key %d", i))
			appendRandom(m.ItemBuilder(), *t.Elem, rng)
		}
	case types.Struct:
		s := b.(*array.StructBuilder)
		s.Append(true)
		for i, f := range t.Fields {
			appendRandom(s.FieldBuilder(i), f.Type, rng)
		}
	}
}

func everyColumn() []connector.Column {
	var out []connector.Column
	for i, t := range everyType {
		out = append(out, connector.Column{Name: fmt.Sprintf("c%d %s", i, t), Type: t, Nullable: true})
	}
	return out
}

func randomBatch(rng *rand.Rand, rows int) arrow.RecordBatch {
	var fields []arrow.Field
	for _, c := range everyColumn() {
		fields = append(fields, arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: true})
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	for range rows {
		for i, t := range everyType {
			appendRandom(b.Field(i), t, rng)
		}
	}
	return b.NewRecordBatch()
}

// TestEveryTypeArrives appends batches and slices of batches of every type, and
// compares what DuckDB then holds with the checksum of what was handed over.
func TestEveryTypeArrives(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(7, 7))
	table := connector.Table{Relation: connector.Relation{Address: stream, Schema: "raw", Name: "every", Build: "b"}, Columns: everyColumn(), Write: "append", Fresh: true}
	must(t, d.Claim(ctx, unit, []connector.Relation{table.Relation}))
	s, err := d.OpenStaging(ctx, connector.StagingSpec{Unit: unit, Streams: map[string]connector.Table{stream: table}})
	must(t, err)
	defer s.Close()
	var want connector.Checksum
	for _, size := range []int{1, 2048, 5000, 0, 70000} {
		batch := randomBatch(rng, size)
		from := int64(size / 3)
		for _, part := range []arrow.RecordBatch{batch, batch.NewSlice(from, int64(size)), batch.NewSlice(0, from)} {
			must(t, s.Append(ctx, stream, part, false))
			checksum.Merge(&want, checksum.Batch(part))
		}
	}
	must(t, s.Commit(ctx, connector.Checkpoint{Bookmark: []byte(`1`)}))
	got, err := s.Checksum(ctx, stream)
	must(t, err)
	if got != want {
		t.Fatalf("staged %+v, want %+v", got, want)
	}
	res, err := s.Publish(ctx, connector.PublishRequest{Views: []connector.View{{Relation: table.Relation, Columns: columnNames(table.Columns)}}})
	must(t, err)
	if res.Tables[stream].Rows != want.Rows {
		t.Errorf("published %+v", res)
	}
	// What DuckDB understands of the values, not only what it stores.
	wantRows(t, d, `select count(*) filter ("c15 json"->>'x' is null) n, count(*) filter (len("c16 list(string)") > 3) m from raw.every where "c15 json" is not null`, `{"n":0,"m":0}`)
}

// TestChecksumSeesEveryColumn changes one value at a time.
func TestChecksumSeesEveryColumn(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	batch := randomBatch(rand.New(rand.NewPCG(1, 2)), 50)
	must(t, d.change(ctx, "test", func(ctx context.Context, c *duck.Conn) error {
		must(t, createTable(ctx, c, "t", everyColumn()))
		a, err := c.Appender(ownSchema, "t")
		must(t, err)
		defer a.Close()
		must(t, a.Append(ctx, batch))
		must(t, a.Flush(ctx))
		before, err := d.inst.sums.table(ctx, c, "t")
		must(t, err)
		if before != checksum.Batch(batch) {
			t.Fatal("the checksums differ before anything changed")
		}
		for _, col := range everyColumn() {
			name := duck.QuoteIdent(col.Name)
			must(t, c.Exec(ctx, "create or replace temp table kept as select * from headgate.t"))
			must(t, c.Exec(ctx, "update headgate.t set "+name+" = null where rowid = (select min(rowid) from headgate.t where "+name+" is not null)"))
			after, err := d.inst.sums.table(ctx, c, "t")
			must(t, err)
			if after == before {
				t.Errorf("a change of %s goes unseen", col.Name)
			}
			must(t, c.Exec(ctx, "delete from headgate.t; insert into headgate.t select * from kept"))
		}
		return nil
	}))
}

// TestEveryRowIsHashedOnce reads tables back that DuckDB keeps in few values, so that
// a function that it takes for pure would run once for many rows.
func TestEveryRowIsHashedOnce(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	must(t, d.read(ctx, "test", func(ctx context.Context, c *duck.Conn) error {
		for i, value := range []string{"'constant'", "case when i % 3 = 0 then null else 'one of ' || i % 7 end", "null::varchar", "i"} {
			table := fmt.Sprint("few", i)
			must(t, c.Exec(ctx, "create table headgate."+table+" as select "+value+" v from range(300000) r(i); checkpoint"))
			columns, err := tableColumns(ctx, c, table)
			must(t, err)
			got, err := d.inst.sums.table(ctx, c, table)
			must(t, err)
			var want connector.Checksum
			rows, err := c.Query(ctx, "select v from headgate."+table)
			must(t, err)
			for rows.Next() {
				hashes := make([]uint64, rows.Len())
				hashRows([]duck.Vector{*rows.Column(0)}, hashes)
				for _, h := range hashes {
					checksum.Add(&want, h)
				}
			}
			rows.Close()
			if got != want || got.Rows != 300000 {
				t.Errorf("%s of %s: %+v, row by row %+v", value, columns[0].Type, got, want)
			}
		}
		return nil
	}))
}

func TestJSONKeepsEveryDigit(t *testing.T) {
	d := openTest(t)
	for sql, want := range map[string]string{
		"select 9007199254740993::bigint x":                                     `{"x":9007199254740993}`,
		"select (-170141183460469231731687303715884105728)::hugeint x":          `{"x":-170141183460469231731687303715884105728}`,
		"select 340282366920938463463374607431768211455::uhugeint x":            `{"x":340282366920938463463374607431768211455}`,
		"select 18446744073709551615::ubigint x":                                `{"x":18446744073709551615}`,
		"select -0.05::decimal(4,2) x, 12.3::decimal(38,10) y":                  `{"x":-0.05,"y":12.3000000000}`,
		"select 7::decimal(3,0) x, 0.1::double y, 0.1::float z":                 `{"x":7,"y":0.1,"z":0.1}`,
		"select 'nan'::double x, 'inf'::float y":                                `{"x":null,"y":null}`,
		"select timestamptz '2024-02-29 12:00:00.000001+02' x":                  `{"x":"2024-02-29T10:00:00.000001Z"}`,
		"select timestamp '1969-12-31 23:59:59.5' x, date '0001-01-01' y":       `{"x":"1969-12-31T23:59:59.5","y":"0001-01-01"}`,
		"select timestamp_ns '2024-01-01 00:00:00.123456789' x, time '1:2:3' y": `{"x":"2024-01-01T00:00:00.123456789","y":"01:02:03"}`,
		"select 'a\"\\b' || chr(10) || chr(0) x":                                `{"x":"a\"\\b\n\u0000"}`,
		"select '\\x00\\xFF'::blob x":                                           `{"x":"AP8="}`,
		"select uuid '00112233-4455-6677-8899-aabbccddeeff' x":                  `{"x":"00112233-4455-6677-8899-aabbccddeeff"}`,
		"select [1, null, 3] x, {'a': [{'b': 'c'}], 'd e': null} y":             `{"x":[1,null,3],"y":{"a":[{"b":"c"}],"d e":null}}`,
		"select map {'k': 1.5, 'l': null} x, map {7: 'seven'} y":                `{"x":{"k":1.5,"l":null},"y":{"7":"seven"}}`,
		`select '{"a": 1}'::json x, 'b'::enum('a','b') y, null z`:               `{"x":{"a": 1},"y":"b","z":null}`,
		"select true x, 1::tinyint a, 2::smallint b, 3::utinyint c":             `{"x":true,"a":1,"b":2,"c":3}`,
	} {
		wantRows(t, d, sql, want)
	}
}

// TestFunctionsOfSQL calls what a user's SQL can call too, in ways that headgate
// does not.
func TestFunctionsOfSQL(t *testing.T) {
	d := openTest(t)
	must(t, d.read(context.Background(), "test", func(ctx context.Context, c *duck.Conn) error {
		for _, args := range []string{"", "null", "true", "1::ubigint", "1::ubigint, 2", "null::ubigint, 2", "'a'::enum('a', 'b'), 1::tinyint, interval 1 day", "[[1, null], null], 1"} {
			if err := c.Exec(ctx, "select "+rowSum+"("+args+") from range(5000)"); err == nil {
				t.Errorf("%s(%s) ran", rowSum, args)
			}
		}
		number := d.inst.sums.begin()
		defer d.inst.sums.end(number)
		for _, args := range []string{"null", "'a'::enum('a', 'b'), 1::tinyint, interval 1 day", "[[1, null], null]"} {
			if err := c.Exec(ctx, fmt.Sprintf("select %s(%d::ubigint, %s) from range(5000)", rowSum, number, args)); err != nil {
				t.Errorf("%s: %v", args, err)
			}
		}
		return nil
	}))
}
