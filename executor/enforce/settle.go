package enforce

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce/vec"
	"github.com/headgate-data/headgate/lang/diag"
)

func sortFaults(f []cellFault) {
	slices.SortStableFunc(f, func(a, b cellFault) int { return cmp.Compare(a.row, b.row) })
}

// stopRejects is how many records at fault a Stop carries.
const stopRejects = 5

// settle decides what becomes of each row of the chunk, counts it, and leaves
// the accepted rows in e.sel, or says that it is all of them.
func (e *Enforcer) settle(b *Batch, stop *Stop) *Stop {
	e.all = len(e.violations) == 0 && !e.anyOut
	if e.all {
		if e.spec.Inspect {
			for row := range e.n {
				b.Index = append(b.Index, int32(e.base+row))
			}
		}
		b.Counts.Accepted += int64(e.n)
		return stop
	}
	e.acts = vec.Grow(e.acts, e.n)
	clear(e.acts)
	for _, v := range e.violations {
		e.acts[v.row] |= 1 << e.rules[v.rule].action
	}
	e.sortByRow()
	rest := e.violations
	e.sel = vec.Grow(e.sel, e.n)[:0]
	for row := range e.n {
		k := 0
		for k < len(rest) && int(rest[k].row) == row {
			k++
		}
		stop = e.settleRow(b, stop, row, rest[:k])
		rest = rest[k:]
	}
	return stop
}

// sortByRow brings the chunk's violations into the order of their rows, those of a
// row in the order in which they were noted. There are few rows and may be many
// violations: each is moved once.
func (e *Enforcer) sortByRow() {
	e.ends = vec.Grow(e.ends, e.n+1)
	clear(e.ends)
	for _, v := range e.violations {
		e.ends[v.row+1]++
	}
	for row := range e.n {
		e.ends[row+1] += e.ends[row]
	}
	e.sorted = vec.Grow(e.sorted, len(e.violations))
	for _, v := range e.violations {
		e.sorted[e.ends[v.row]] = v
		e.ends[v.row]++
	}
	e.violations, e.sorted = e.sorted, e.violations
}

// settleRow decides about one row.
func (e *Enforcer) settleRow(b *Batch, stop *Stop, row int, found []violation) *Stop {
	asked := e.acts[row]
	worst := actNone
	if asked != 0 {
		worst = action(bits.Len8(asked) - 1)
	}
	for _, v := range found {
		e.tally(v)
	}
	switch {
	case worst == actFail && !e.spec.Inspect:
		if stop == nil {
			stop = &Stop{}
		}
		if len(stop.Rejects) < stopRejects {
			stop.Rejects = append(stop.Rejects, e.reject(row, found))
		}
		if stop.Diag == nil {
			stop.Diag = e.stopDiagnostic(stop.Rejects[0])
		}
	case worst == actQuarantine, worst == actFail:
		b.Counts.Quarantined++
		b.Rejects = append(b.Rejects, e.reject(row, found))
	case worst == actDrop:
		b.Counts.Dropped++
		if e.spec.Inspect {
			b.Rejects = append(b.Rejects, e.reject(row, found))
		}
	case e.out.Get(row):
		b.Counts.Filtered++
	default:
		b.Counts.Accepted++
		e.sel = append(e.sel, int32(row))
		if e.spec.Inspect {
			b.Index = append(b.Index, int32(e.base+row))
		}
		if asked&(1<<actWarn) != 0 {
			b.Counts.Warned++
		}
		if worst == actNull {
			b.Counts.Annotated++
			r := e.reject(row, found)
			r.Annotated = true
			b.Rejects = append(b.Rejects, r)
		}
	}
	return stop
}

// stopDiagnostic is what ends the run at a record.
func (e *Enforcer) stopDiagnostic(r connector.Reject) *diag.Diagnostic {
	first := r.Reasons[0]
	value := ""
	if first.Value != "" {
		value = ", value " + first.Value
	}
	return diag.New(diag.RecordBroke,
		"%s, record %d, breaks %s: it %s%s. The contract says on_violation or unknown_columns = \"fail\": nothing of this run is published. Mend the record at its source, or let the contract quarantine such records.",
		r.Origin, r.Line, first.Rule, first.Message, value).For(e.spec.Address)
}

// tally counts a violation and keeps it as an example among the first.
func (e *Enforcer) tally(v violation) {
	r := &e.rules[v.rule]
	r.count++
	if len(r.examples) < e.examples() {
		origin, line := e.place(int(v.row))
		x := Example{Origin: origin, Line: line, Value: e.valueOf(v)}
		if r.message == "" {
			_, x.Message = e.wording(v)
		}
		r.examples = append(r.examples, x)
	}
}

// place returns where a row of the chunk was found.
func (e *Enforcer) place(row int) (origin string, line int64) {
	if i := e.base + row; i < len(e.records.Line) {
		line = e.records.Line[i]
	}
	return e.records.Origin, line
}
