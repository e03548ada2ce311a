package duck

import (
	"time"

	bind "github.com/duckdb/duckdb-go-bindings"
)

// The shortest and the longest sleep while DuckDB's own threads have the rest of a
// statement in hand.
const (
	shortNap = 20 * time.Microsecond
	longNap  = time.Millisecond
)

// prepare prepares the only statement of a text.
func (c *Conn) prepare(sql string, out *bind.PreparedStatement) error {
	var extracted bind.ExtractedStatements
	count := bind.ExtractStatements(c.conn, sql, &extracted)
	defer bind.DestroyExtracted(&extracted)
	if count == 0 {
		return errorFromText(bind.ExtractStatementsError(extracted))
	}
	if count > 1 {
		return &Error{Type: "Parser", Message: "one statement is wanted, and the text holds several"}
	}
	if bind.PrepareExtractedStatement(c.conn, extracted, 0, out) != bind.StateSuccess {
		return errorFromText(bind.PrepareError(*out))
	}
	return nil
}

// execute runs a prepared statement until its result is there, or, of one that
// streams, its first rows are. DuckDB's own loop asks for work again and again while its other threads do
// it, which takes a whole core; this one sleeps between.
func execute(prep bind.PreparedStatement, streams bool, res *bind.Result) error {
	var pending bind.PendingResult
	defer func() { bind.DestroyPending(&pending) }()
	begin := bind.PendingPrepared
	if streams {
		begin = bind.PendingPreparedStreaming
	}
	if begin(prep, &pending) != bind.StateSuccess {
		return errorFromText(bind.PendingError(pending))
	}
	for nap := shortNap; ; {
		switch state := bind.PendingExecuteTask(pending); {
		case state == bind.PendingStateError:
			return errorFromText(bind.PendingError(pending))
		case bind.PendingExecutionIsFinished(state):
			if bind.ExecutePending(pending, res) != bind.StateSuccess {
				return resultError(res)
			}
			return nil
		case state == bind.PendingStateNoTasksAvailable:
			time.Sleep(nap)
			nap = min(2*nap, longNap)
		default:
			nap = shortNap
		}
	}
}
