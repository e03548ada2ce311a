package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Drift tells how what stands in the destination differs from what was applied.
type Drift struct {
	// Changes are what apply mends: Old is what stands there, New what was applied.
	Changes []Change `json:"changes,omitempty"`
	Reasons []Reason `json:"reasons"`
	Mends   []string `json:"mends"` // what apply does about it, in sentences
}

// The reasons of a drift.
const (
	DatabaseMissing  ReasonCode = "database_missing"  // the destination holds nothing at all
	DatabaseReplaced ReasonCode = "database_replaced" // another database stands in its place
	TableDropped     ReasonCode = "table_dropped"     // the table behind the published name is gone, and its rows
	ViewDropped      ReasonCode = "view_dropped"      // the published name is gone
	ViewReplaced     ReasonCode = "view_replaced"     // somebody has put another view in its place
	ColumnDropped    ReasonCode = "column_dropped"
	ColumnAdded      ReasonCode = "column_added"
	ColumnRetyped    ReasonCode = "column_retyped"
	ColumnNotNull    ReasonCode = "column_not_null" // the table refuses nulls that the contract takes
)

// Expects is the schema that a step expects of the table which it changes in
// place. It is checked again before the step writes.
type Expects struct {
	Columns []ExpectedColumn `json:"columns"`        // in the table's order
	Open    bool             `json:"open,omitempty"` // others may stand beside them: the table was not looked at, or takes columns as they come
	Digest  string           `json:"digest"`         // SHA-256 over the columns, hex
}

// ExpectedColumn is a column and its type, in the language's text.
type ExpectedColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Unseen is a destination that a plan did not look at.
type Unseen struct {
	Address string `json:"address"`
	Why     string `json:"why"`
}

// Expect makes the expectation of a table with these columns.
func Expect(columns []ExpectedColumn, open bool) *Expects {
	return &Expects{Columns: columns, Open: open, Digest: SchemaDigest(columns)}
}

// SchemaDigest is the SHA-256, in hex, over columns in their order.
func SchemaDigest(columns []ExpectedColumn) string {
	h := sha256.New()
	for _, c := range columns {
		fmt.Fprintf(h, "%d:%s%d:%s", len(c.Name), c.Name, len(c.Type), c.Type)
	}
	return hex.EncodeToString(h.Sum(nil))
}
