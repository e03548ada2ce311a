package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/headgate-data/headgate/executor/connector"
)

// wideBatch makes rows of wideColumns whose ids count from first. A row depends
// on its id and on salt alone.
func wideBatch(first, rows int, salt uint64) arrow.RecordBatch {
	seed := rand.NewPCG(0, 0)
	rng := rand.New(seed)
	var fields []arrow.Field
	for _, c := range wideColumns {
		fields = append(fields, arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: true})
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	for i := range rows {
		id := int64(first + i)
		seed.Seed(salt, uint64(id))
		b.Field(0).(*array.Int64Builder).Append(id)
		b.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("customer number %d", rng.IntN(1e6)))
		b.Field(2).(*array.Decimal128Builder).Append(decimal128.FromI64(rng.Int64N(1e8)))
		b.Field(3).(*array.TimestampBuilder).Append(arrow.Timestamp(1.7e15 + id*1e6))
		b.Field(4).(*array.Date32Builder).Append(arrow.Date32(19000 + rng.IntN(1000)))
		b.Field(5).(*array.BooleanBuilder).Append(rng.IntN(2) == 0)
		b.Field(6).(*array.Float64Builder).Append(rng.Float64())
		b.Field(7).(*array.StringBuilder).Append([]string{"new", "paid", "shipped", "returned"}[rng.IntN(4)])
		if rng.IntN(3) == 0 {
			b.Field(8).AppendNull()
		} else {
			b.Field(8).(*array.StringBuilder).Append(fmt.Sprintf("a note of some length, with text of its own, %x", rng.Uint64()))
		}
		var u [16]byte
		for j := range u {
			u[j] = byte(rng.Uint32())
		}
		b.Field(9).(*array.FixedSizeBinaryBuilder).Append(u[:])
	}
	return b.NewRecordBatch()
}

// cpu is the processor time of the process so far.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail with these arguments
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLoad loads a million rows of ten columns with one thread, in the
// phases of a run, and reports nanoseconds of processor time and of wall time
// for each row and phase.
func BenchmarkLoad(b *testing.B) {
	const batchRows, count = 8192, 122
	var first, second []arrow.RecordBatch
	for i := range count {
		first = append(first, wideBatch(i*batchRows, batchRows, 0))
		second = append(second, wideBatch((i+count/2)*batchRows, batchRows, 0))
	}
	for _, write := range []string{"append", "merge", "replace"} {
		b.Run(write, func(b *testing.B) {
			p := phases{spent: map[string]time.Duration{}, wall: map[string]time.Duration{}}
			for b.Loop() {
				loadTwice(b, &p, write, first, second)
			}
			for name, d := range p.spent {
				rows := float64(b.N * count * batchRows)
				b.ReportMetric(float64(d.Nanoseconds())/rows, name+"-cpu-ns/row")
				b.ReportMetric(float64(p.wall[name].Nanoseconds())/rows, name+"-ns/row")
			}
		})
	}
}

// phases adds up what each phase takes.
type phases struct{ spent, wall map[string]time.Duration }

func (p *phases) time(b *testing.B, name string, f func() error) {
	b.Helper()
	start, began := cpu(), time.Now()
	if err := f(); err != nil {
		b.Fatal(err)
	}
	p.spent[name] += cpu() - start
	p.wall[name] += time.Since(began)
}

func loadTwice(b *testing.B, p *phases, write string, loads ...[]arrow.RecordBatch) {
	b.Helper()
	ctx := context.Background()
	d, err := new(Opener).Open(ctx, Spec{Path: filepath.Join(b.TempDir(), "w.duckdb"), Threads: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	for round, batches := range loads {
		t := connector.Table{
			Relation: connector.Relation{Address: stream, Schema: "raw", Name: "wide", Build: "b0"},
			Columns:  wideColumns, Write: write, Key: []string{"id"}, Cursor: "created", Fresh: round == 0,
		}
		if write == "replace" && round == 1 {
			t.Build, t.Previous, t.Fresh = "b1", "b0", true
		}
		s, err := d.OpenStaging(ctx, connector.StagingSpec{Unit: unit, RunID: "r", Streams: map[string]connector.Table{stream: t}})
		if err != nil {
			b.Fatal(err)
		}
		p.time(b, "stage", func() error {
			rows := int64(0)
			for _, batch := range batches {
				if err := s.Append(ctx, stream, batch, false); err != nil {
					return err
				}
				if rows += batch.NumRows(); rows >= BatchRows {
					rows = 0
					if err := s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(`1`)}); err != nil {
						return err
					}
				}
			}
			return s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(`2`)})
		})
		p.time(b, "checksum", func() error { _, err := s.Checksum(ctx, stream); return err })
		p.time(b, fmt.Sprintf("publish%d", round+1), func() error {
			_, err := s.Publish(ctx, connector.PublishRequest{})
			return err
		})
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
