package enforce

import (
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
)

// lentRows are the rows of a batch over memory that is used again. Whoever keeps
// them longer than the batch retains them; the last to release them gives the
// memory back.
type lentRows struct {
	arrow.RecordBatch
	refs atomic.Int64
	back func()
}

func lend(rows arrow.RecordBatch, back func()) *lentRows {
	l := &lentRows{RecordBatch: rows, back: back}
	l.refs.Store(1)
	return l
}

// Retain keeps the rows until one more Release.
func (l *lentRows) Retain() { l.refs.Add(1) }

// Release gives them up.
func (l *lentRows) Release() {
	if l.refs.Add(-1) == 0 {
		l.RecordBatch.Release()
		l.back()
	}
}
