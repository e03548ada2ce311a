package duck

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// counted is a batch that knows how often it is held.
type counted struct {
	arrow.RecordBatch
	held *atomic.Int64
}

func (c counted) Retain()  { c.held.Add(1) }
func (c counted) Release() { c.held.Add(-1) }

// numbers makes a batch of n rows (i, text of i) from first on. held counts who
// retains it.
func numbers(first, n int, held *atomic.Int64) arrow.RecordBatch {
	schema := arrow.NewSchema([]arrow.Field{{Name: "i", Type: arrow.PrimitiveTypes.Int64}, {Name: "s", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for i := first; i < first+n; i++ {
		b.Field(0).(*array.Int64Builder).Append(int64(i))
		if i%7 == 0 {
			b.Field(1).AppendNull()
		} else {
			b.Field(1).(*array.StringBuilder).Append(strings.Repeat("x", i%40))
		}
	}
	return counted{b.NewRecordBatch(), held}
}

func openInserter(t *testing.T, threads string, side int) (*Conn, *Inserter) {
	t.Helper()
	db, err := Open(":memory:", map[string]string{"threads": threads, "preserve_insertion_order": "false"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := c.Exec(ctx, "create table t (i bigint, s varchar)"); err != nil {
		t.Fatal(err)
	}
	i, err := c.Inserter(ctx, "main", "t", side)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close(); i.Close(); c.Close(); db.Close() })
	return c, i
}

// TestInserter hands over batches of many sizes, pausing longer than a statement
// waits, and looks for each row afterwards.
func TestInserter(t *testing.T) {
	for _, threads := range []string{"1", "3"} {
		t.Run(threads, func(t *testing.T) {
			side := int(threads[0] - '0')
			c, i := openInserter(t, threads, side)
			ctx := context.Background()
			var held atomic.Int64
			if err := c.Begin(ctx); err != nil {
				t.Fatal(err)
			}
			next := 0
			for k, n := range []int{1, 5000, 2048, 0, 40000, 2047, 130000, 3, 70000} {
				if err := i.Append(ctx, numbers(next, n, &held)); err != nil {
					t.Fatal(err)
				}
				next += n
				if k == 2 || k == 6 {
					time.Sleep(3 * patience)
				}
				if k == 4 {
					if err := i.Flush(ctx); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := i.Flush(ctx); err != nil {
				t.Fatal(err)
			}
			if held.Load() != 0 {
				t.Errorf("%d batches are still retained", held.Load())
			}
			if err := c.Commit(ctx); err != nil {
				t.Fatal(err)
			}
			got, err := c.Ints(ctx, "select count(*), count(distinct i), min(i), max(i), count(*) filter (s is not distinct from case when i % 7 <> 0 then repeat('x', (i % 40)::int) end) from t")
			want := []int64{int64(next), int64(next), 0, int64(next - 1), int64(next)}
			for k := range want {
				if err != nil || got[k] != want[k] {
					t.Fatalf("%v %v, want %v", got, err, want)
				}
			}
			if side == 1 { // one thread keeps the order
				if n, err := c.Int(ctx, "select count(*) from t where rowid <> i"); n != 0 || err != nil {
					t.Errorf("%d rows are out of order: %v", n, err)
				}
			}
		})
	}
}

func TestInserterFaults(t *testing.T) {
	ctx := context.Background()
	var held atomic.Int64
	for name, use := range map[string]func(t *testing.T, c *Conn, i *Inserter) error{
		"a batch of another shape": func(t *testing.T, c *Conn, i *Inserter) error {
			b := numbers(0, 5, &held)
			return i.Append(ctx, array.NewRecordBatch(arrow.NewSchema([]arrow.Field{b.Schema().Field(1), b.Schema().Field(0)}, nil), []arrow.Array{b.Column(1), b.Column(0)}, 5))
		},
		"another use of the connection": func(t *testing.T, c *Conn, i *Inserter) error {
			return c.Exec(ctx, "select 1")
		},
		"a cancelled append": func(t *testing.T, c *Conn, i *Inserter) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			err := i.Append(ctx, numbers(0, 10, &held))
			if !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: %v", err)
			}
			return err
		},
		"closed before the end": func(t *testing.T, c *Conn, i *Inserter) error {
			i.Close()
			return errors.New("as wanted")
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, i := openInserter(t, "2", 2)
			if err := c.Begin(ctx); err != nil {
				t.Fatal(err)
			}
			if err := i.Append(ctx, numbers(0, 100000, &held)); err != nil {
				t.Fatal(err)
			}
			if err := use(t, c, i); err == nil {
				t.Error("no fault")
			}
			_ = i.Flush(ctx) // whatever it says, the commit must not succeed
			if err := c.Commit(ctx); err == nil {
				t.Error("the transaction was committed")
			}
			i.Close()
			c.Rollback()
			if n, err := c.Int(ctx, "select count(*) from t"); n != 0 || err != nil {
				t.Errorf("%d rows, %v", n, err)
			}
			if held.Load() != 0 {
				t.Errorf("%d batches are still retained", held.Load())
			}
		})
	}
}

// TestFaultOfTheStatement breaks the statement itself: the table is not what it was.
func TestFaultOfTheStatement(t *testing.T) {
	c, i := openInserter(t, "2", 2)
	ctx := context.Background()
	if err := c.Exec(ctx, "drop table t; create table t (i bigint check (i < 60000), s varchar)"); err != nil {
		t.Fatal(err)
	}
	var held atomic.Int64
	var err error
	for k := 0; k < 200 && err == nil; k++ {
		err = i.Append(ctx, numbers(1000*k, 1000, &held))
	}
	if err == nil {
		err = i.Flush(ctx)
	}
	var e *Error
	if !errors.As(err, &e) || e.Type != "Constraint" {
		t.Errorf("%v", err)
	}
	if held.Load() != 0 {
		t.Errorf("%d batches are still retained", held.Load())
	}
}

func TestFeedIsOurs(t *testing.T) {
	c, _ := openInserter(t, "1", 1)
	for _, sql := range []string{"select * from headgate_feed(1::ubigint)", "select * from headgate_feed(null::ubigint)"} {
		if err := c.Exec(context.Background(), sql); err == nil {
			t.Errorf("%s ran", sql)
		}
	}
}
