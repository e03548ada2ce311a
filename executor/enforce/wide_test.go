package enforce_test

import (
	"runtime"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
)

// allocated returns how many bytes it takes to make an enforcer and to enforce
// some records once, and how many it took the third time: a batch and the chunk at
// work exchange their memory, so that both have grown by then.
func allocated(t *testing.T, c *contract.Contract, recs *connector.Records) (first, again uint64) {
	t.Helper()
	var e *enforce.Enforcer
	once := func(spec enforce.Spec) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if e == nil {
			e = enforcer(t, spec)
		}
		b, err := e.Enforce(recs)
		if err != nil {
			t.Fatal(err)
		}
		if int(b.Counts.Read) != recs.Len() || b.Counts.Accepted+b.Counts.Quarantined != b.Counts.Read {
			t.Errorf("%+v", b.Counts)
		}
		b.Release()
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	spec := enforce.Spec{Address: "pipeline.orders.stream.orders", Contract: c}
	first = once(spec)
	once(spec)
	return first, once(spec)
}

// TestWideMemory compares what the same number of values takes in ten columns and
// in two thousand: about as much, where the first batch is concerned with what a
// column takes by itself beside it.
func TestWideMemory(t *testing.T) {
	const values, column = 400_000, 2 << 10
	narrowContract, narrowRecords := widened(1, values/10)
	wideContract, wideRecords := widened(200, values/2000)
	narrow, _ := allocated(t, narrowContract, narrowRecords)
	wide, again := allocated(t, wideContract, wideRecords)
	t.Logf("%d bytes in 10 columns, %d in 2,000, later %d", narrow, wide, again)
	if limit := narrow*3/2 + 2000*column; wide > limit {
		t.Errorf("2,000 columns take %d bytes where 10 take %d: more than %d", wide, narrow, limit)
	}
	if again > 2000*column {
		t.Errorf("a later batch takes %d bytes: memory is not used again", again)
	}
}

// TestWideFaults has a fault in each of two thousand columns of every record: what
// a violation takes does not grow with the number of columns.
func TestWideFaults(t *testing.T) {
	bytesEach := func(times, n int) uint64 {
		c, recs := widened(times, n)
		for i := range c.Columns {
			c.Columns[i].Type, c.Columns[i].Min, c.Columns[i].Max, c.Columns[i].Enum = types.Of(types.Time), nil, nil, nil
			c.Columns[i].MinLength, c.Columns[i].MaxLength = nil, nil
		}
		_, again := allocated(t, c, recs)
		return again / uint64(len(c.Columns)*n)
	}
	narrow, wide := bytesEach(1, 10_000), bytesEach(200, 50)
	t.Logf("%d bytes a violation in 10 columns, %d in 2,000", narrow, wide)
	if wide > 2*narrow {
		t.Errorf("a violation takes %d bytes in 2,000 columns and %d in 10", wide, narrow)
	}
}
