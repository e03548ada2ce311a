package executor

import (
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/executor/connector"
)

// rising watches whether a column's values rise strictly from row to row over a
// whole session, as numbers that are given out one after the other do. Then no two
// of the session's rows have the same, and the audit need only look whether other
// rows stand among them.
type rising struct {
	Column string `json:"column"`
	Seen   bool   `json:"seen"`   // a row was
	Broken bool   `json:"broken"` // they do not, or the column is of another type than these
	Text   bool   `json:"text"`
	// The first and the last value, as a number or as Text.
	First     int64  `json:"first,omitempty"`
	Last      int64  `json:"last,omitempty"`
	FirstText string `json:"first_text,omitempty"`
	LastText  string `json:"last_text,omitempty"`
}

// longestRising is how long a text may be that is watched, in bytes: checkpoints
// hold two of them.
const longestRising = 256

// watched are the columns of a contract that must hold no value twice.
func watched(c *contract.Contract) []rising {
	var out []rising
	if len(c.Key) == 1 {
		out = append(out, rising{Column: c.Key[0]})
	}
	for i := range c.Columns {
		if col := &c.Columns[i]; col.Unique && !(len(c.Key) == 1 && c.Key[0] == col.Name) {
			out = append(out, rising{Column: col.Name})
		}
	}
	return out
}

// see takes the next accepted rows in.
func (r *rising) see(rows arrow.RecordBatch) {
	if r.Broken || rows == nil || rows.NumRows() == 0 {
		return
	}
	at := rows.Schema().FieldIndices(r.Column)
	if len(at) != 1 || rows.Column(at[0]).NullN() > 0 {
		r.Broken = true
		return
	}
	switch a := rows.Column(at[0]).(type) {
	case *array.Int64:
		seeNumbers(r, a.Int64Values())
	case *array.Int32:
		seeNumbers(r, a.Int32Values())
	case *array.String:
		r.seeTexts(a)
	default:
		r.Broken = true
	}
}

func seeNumbers[T int32 | int64](r *rising, values []T) {
	if !r.Seen {
		r.Seen, r.First, r.Last = true, int64(values[0]), int64(values[0])
		values = values[1:]
	}
	last := r.Last
	for _, v := range values {
		if int64(v) <= last {
			r.Broken = true
			return
		}
		last = int64(v)
	}
	r.Last = last
}

func (r *rising) seeTexts(a *array.String) {
	from := 0
	if !r.Seen {
		r.Seen, r.Text, from = true, true, 1
		r.FirstText = strings.Clone(a.Value(0))
		r.LastText = r.FirstText
	}
	last := r.LastText
	for i := from; i < a.Len(); i++ {
		v := a.Value(i)
		if v <= last {
			r.Broken = true
			return
		}
		last = v
	}
	r.LastText = strings.Clone(last) // the array's memory is used again
	r.Broken = len(r.FirstText) > longestRising || len(r.LastText) > longestRising
}

// unless is the SQL of Audit.Unless, "" where the values do not rise: what stands at
// or behind the first new value must be the new rows alone.
func (r *rising) unless() string {
	if r.Broken || !r.Seen || strings.ContainsRune(r.FirstText, 0) {
		return ""
	}
	first := strconv.FormatInt(r.First, 10)
	if r.Text {
		first = "'" + strings.ReplaceAll(r.FirstText, "'", "''") + "'"
	}
	return "SELECT 1 WHERE (SELECT count(*) FROM {this} WHERE " + quoteIdent(r.Column) + " >= " + first + ") <> (SELECT count(*) FROM {new})"
}

// distinct reports whether the session's rows were seen to have no key twice.
func (run *streamRun) distinct() bool {
	key := run.contract.Key
	for i := range run.rising {
		if r := &run.rising[i]; len(key) == 1 && r.Column == key[0] {
			return r.Seen && !r.Broken
		}
	}
	return false
}

// hasten tells audits of values that must not stand twice what was seen of the
// session's rows.
func (run *streamRun) hasten(audits []connector.Audit) {
	for i := range audits {
		set := audits[i].Set
		if set == nil || len(set.Unique) != 1 {
			continue
		}
		for k := range run.rising {
			if run.rising[k].Column == set.Unique[0] {
				audits[i].Unless = run.rising[k].unless()
			}
		}
	}
}
