package connector

import (
	"context"
	"errors"
)

// ErrNoRelation says that nothing is published under a name.
var ErrNoRelation = errors.New("there is no such table")

// Counter looks at the rows that stand in a destination, and can change nothing
// there: it counts those for which conditions hold, and hands rows over to be
// looked at. Its methods may be called from one goroutine at a time. Errors are
// diag.Diagnostic, ErrNoRelation, or ctx's.
type Counter interface {
	// Columns describes what is published under a name. A type that the language
	// lacks is the zero type.
	Columns(ctx context.Context, name Relation) ([]Column, error)
	// Count holds every row of a relation, or a sample, to conditions in one pass.
	Count(ctx context.Context, req CountRequest) (CountResult, error)
	// Rows hands rows over as records, in batches that yield releases. It returns
	// how many rows the relation has, and how many were sampled, 0 for all.
	Rows(ctx context.Context, req RowsRequest, yield func(*Records) error) (rows, sampled int64, err error)
	// Audit runs a promise over a whole relation as if all its rows were new.
	Audit(ctx context.Context, name Relation, audit Audit, examples int) (AuditResult, error)
	// Close gives the destination back.
	Close() error
}

// Sampling says when a sample is taken instead of looking at every row.
type Sampling struct {
	Limit int64 // rows past which a sample is taken; 0: never
	Size  int64 // about how many rows a sample has
}

// CountRequest is what to count.
type CountRequest struct {
	Relation   Relation
	Sampling   Sampling
	Conditions []Condition
	Examples   int     // rows at fault to show, at most; 0: none
	Show       []Shown // the columns that they show; none: their rules alone
	Order      []string
}

// Condition is SQL over the relation's columns that holds for rows at fault.
type Condition struct {
	Name    string
	SQL     string
	Warning bool // counted by itself, not among the rows at fault
}

// Shown is a column of an example. The values of a masked one do not show.
type Shown struct {
	Name string
	Mask bool
}

// CountResult is what was counted, over the sample where one was taken.
type CountResult struct {
	Rows     int64 // in the relation
	Sampled  int64 // 0: every row was looked at
	Any      int64 // rows for which a condition holds that is no warning
	Each     []int64
	Examples []CountExample
}

// CountExample is a row at fault: the JSON text of an object, "" where no column is
// shown, and the names of the conditions that hold, in order.
type CountExample struct {
	Row   string
	Names []string
}

// RowsRequest is what to read.
type RowsRequest struct {
	Relation  Relation
	Sampling  Sampling
	Columns   []string
	Order     []string
	BatchRows int
}
