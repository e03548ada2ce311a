package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/zeebo/xxh3"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/diag"
)

// table is what is known of the table that the data alone would make: how many
// rows it has, and the greatest value of the column that tells its age.
type table struct {
	column int // of freshness; -1 without that promise
	newest int64
	dated  bool // newest is set
	// Under merge a record may take the place of an earlier one: key tells which, and
	// rows holds the value of the column for each. Both are nil where nothing asks.
	key  *set
	rows map[xxh3.Uint128]dated
}

// dated is a row's value of the column, in the unit of its type.
type dated struct {
	at int64
	ok bool // it is not null
}

// tableOf prepares for the promises rows and freshness.
func tableOf(spec Spec) table {
	c := spec.Contract
	t := table{column: -1}
	if c.Freshness != nil {
		t.column = slices.IndexFunc(c.Columns, func(col contract.Column) bool { return col.Name == c.Freshness.Column })
	}
	if merges(spec) && spec.MaxKeys > 0 && (c.Rows != nil || c.Freshness != nil) {
		t.rows = map[xxh3.Uint128]dated{}
		t.key = &set{}
		for _, name := range c.Key {
			t.key.columns = append(t.key.columns, slices.IndexFunc(c.Columns, func(col contract.Column) bool { return col.Name == name }))
		}
	}
	return t
}

// merges reports whether a record may take the place of an earlier one.
func merges(spec Spec) bool { return spec.Merge && len(spec.Contract.Key) > 0 }

// looks reports whether add has anything to do.
func (t *table) looks() bool { return t.column >= 0 || t.key != nil }

// held is how many keys are in memory.
func (t *table) held() int64 { return int64(len(t.rows)) }

// add takes a row that stays. It returns how many keys more are in memory.
func (t *table) add(rows arrow.RecordBatch, row int) int64 {
	var v dated
	if t.column >= 0 {
		v.at, v.ok = moment(rows.Column(t.column), row)
	}
	if t.key != nil {
		before := len(t.rows)
		if t.key.read(rows, row) {
			t.rows[xxh3.Hash128(t.key.scratch)] = v
		}
		return int64(len(t.rows) - before)
	}
	t.see(v)
	return 0
}

// see moves newest on.
func (t *table) see(v dated) {
	if v.ok && (!t.dated || v.at > t.newest) {
		t.newest, t.dated = v.at, true
	}
}

// moment is a date in days or a time in microseconds since 1970; false for null.
func moment(col arrow.Array, row int) (int64, bool) {
	if col.IsNull(row) {
		return 0, false
	}
	switch a := col.(type) {
	case *array.Date32:
		return int64(a.Value(row)), true
	case *array.Timestamp:
		return int64(a.Value(row)), true
	default:
		return 0, false
	}
}

// judge reports the promises rows and freshness where they are broken. accepted is
// how many rows stay.
func (t *table) judge(spec Spec, accepted int64) []outcome.RuleReport {
	c := spec.Contract
	var out []outcome.RuleReport
	broken := func(rule, column string, severity contract.Severity, where diag.Range, message string) {
		becomes := "failed"
		if severity == contract.SeverityWarning {
			becomes = "warned"
		}
		out = append(out, outcome.RuleReport{Rule: rule, Column: column, Count: 1, Severity: string(severity), Outcome: becomes, Message: message, Range: &where})
	}
	if merges(spec) && spec.MaxKeys == 0 {
		return nil
	}
	if t.key != nil {
		accepted = int64(len(t.rows))
		for _, v := range t.rows {
			t.see(v)
		}
	}
	if r := c.Rows; r != nil && (r.Min != nil && accepted < *r.Min || r.Max != nil && accepted > *r.Max) {
		count := fmt.Sprintf("%d rows", accepted)
		if accepted == 1 {
			count = "1 row"
		}
		broken(contract.TableRows, "", r.Severity, r.Range, fmt.Sprintf("the data makes %s, not %s", count, executor.Bounds(r)))
	}
	if f := c.Freshness; f != nil {
		if message := t.stale(c, spec.Now); message != "" {
			broken(contract.TableFreshness, f.Column, f.Severity, f.Range, message)
		}
	}
	return out
}

// stale says what is wrong with the age of the newest row, "" for nothing. A date
// is compared with the date that is so long ago.
func (t *table) stale(c *contract.Contract, now time.Time) string {
	f := c.Freshness
	age, err := time.ParseDuration(f.MaxAge)
	if err != nil || t.column < 0 {
		return fmt.Sprintf("the age of %s cannot be told", f.Column) // the compiler has checked both
	}
	if !t.dated {
		return fmt.Sprintf("no row has a value in %s", f.Column)
	}
	col := &c.Columns[t.column]
	oldest, newest := now.Add(-age).UTC(), time.UnixMicro(t.newest).UTC()
	layout := time.RFC3339Nano
	switch col.Type.Kind {
	case types.Date:
		day := 24 * time.Hour
		oldest, newest = oldest.Truncate(day), time.Unix(t.newest*int64(day/time.Second), 0).UTC()
		layout = time.DateOnly
	case types.Timestamp:
		layout = strings.TrimSuffix(layout, "Z07:00")
	}
	switch {
	case !newest.Before(oldest):
		return ""
	case col.HasTag("pii"):
		return fmt.Sprintf("the newest %s is older than %s", f.Column, f.Age())
	default:
		return fmt.Sprintf("the newest %s is %s, older than %s", f.Column, newest.Format(layout), f.Age())
	}
}

// notJudged names the promises that the check says nothing of.
func notJudged(spec Spec) []string {
	var out []string
	if spec.MaxKeys == 0 {
		for _, s := range setsOf(spec.Contract, spec.Merge) {
			out = append(out, s.rule)
		}
	}
	out = append(out, spec.Contract.BeyondRecords()...)
	if spec.MaxKeys == 0 && merges(spec) {
		if spec.Contract.Rows != nil {
			out = append(out, contract.TableRows)
		}
		if spec.Contract.Freshness != nil {
			out = append(out, contract.TableFreshness)
		}
	}
	return out
}
