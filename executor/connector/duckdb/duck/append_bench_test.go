package duck

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/headgate-data/headgate/compiler/types"
)

// mixedColumns are ten columns of the types that tables are usually made of.
var mixedColumns = []struct {
	name string
	typ  types.Type
}{
	{"id", types.Of(types.Int64)}, {"name", types.Of(types.String)}, {"total", types.DecimalOf(12, 2)},
	{"created", types.Of(types.TimestampTZ)}, {"day", types.Of(types.Date)}, {"paid", types.Of(types.Bool)},
	{"score", types.Of(types.Float64)}, {"status", types.Of(types.String)}, {"note", types.Of(types.String)},
	{"ref", types.Of(types.UUID)},
}

func mixedDDL() string {
	var ddl string
	for i, c := range mixedColumns {
		if i > 0 {
			ddl += ", "
		}
		ddl += QuoteIdent(c.name) + " " + c.typ.DuckDB()
	}
	return ddl
}

// mixedBatch makes rows whose ids count from first.
func mixedBatch(first, rows int) arrow.RecordBatch {
	rng := rand.New(rand.NewPCG(42, uint64(first)))
	fields := make([]arrow.Field, len(mixedColumns))
	for i, c := range mixedColumns {
		fields[i] = arrow.Field{Name: c.name, Type: c.typ.Arrow(), Nullable: true}
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	statuses := []string{"new", "paid", "shipped", "returned"}
	for i := range rows {
		id := int64(first + i)
		b.Field(0).(*array.Int64Builder).Append(id)
		b.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("customer number %d", rng.IntN(1e6)))
		b.Field(2).(*array.Decimal128Builder).Append(decimal128.FromI64(rng.Int64N(1e8)))
		b.Field(3).(*array.TimestampBuilder).Append(arrow.Timestamp(1.7e15 + id*1e6))
		b.Field(4).(*array.Date32Builder).Append(arrow.Date32(19000 + rng.IntN(1000)))
		b.Field(5).(*array.BooleanBuilder).Append(rng.IntN(2) == 0)
		b.Field(6).(*array.Float64Builder).Append(rng.Float64())
		b.Field(7).(*array.StringBuilder).Append(statuses[rng.IntN(4)])
		if rng.IntN(3) == 0 {
			b.Field(8).AppendNull()
		} else {
			b.Field(8).(*array.StringBuilder).Append(fmt.Sprintf("a note of some length, %d", rng.IntN(1000)))
		}
		var u [16]byte
		for j := range u {
			u[j] = byte(rng.Uint32())
		}
		b.Field(9).(*array.FixedSizeBinaryBuilder).Append(u[:])
	}
	return b.NewRecordBatch()
}

// BenchmarkAppend measures append and commit into a file with one thread: the
// figure is the time of a row.
func BenchmarkAppend(b *testing.B) {
	const batchRows = 8192
	var batches []arrow.RecordBatch
	for i := range 120 {
		batches = append(batches, mixedBatch(i*batchRows, batchRows))
	}
	for _, commit := range []int{15, 30, 60, 120} {
		b.Run(fmt.Sprintf("commit=%d", commit*batchRows), func(b *testing.B) {
			ctx := context.Background()
			for b.Loop() {
				b.StopTimer()
				db, err := Open(filepath.Join(b.TempDir(), "x.duckdb"), map[string]string{"threads": "1", "memory_limit": "256MB"})
				if err != nil {
					b.Fatal(err)
				}
				c, _ := db.Connect()
				if err := c.Exec(ctx, "create table t ("+mixedDDL()+")"); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				for i := 0; i < len(batches); i += commit {
					if err := c.Tx(ctx, func() error {
						a, err := c.Appender("main", "t")
						if err != nil {
							return err
						}
						defer a.Close()
						for _, batch := range batches[i:min(i+commit, len(batches))] {
							if err := a.Append(ctx, batch); err != nil {
								return err
							}
						}
						return a.Flush(ctx)
					}); err != nil {
						b.Fatal(err)
					}
				}
				b.StopTimer()
				c.Close()
				db.Close()
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(batches)*batchRows), "ns/row")
		})
	}
}
