package sample

import (
	"cmp"
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/outcome"
)

// reader is a column of the source that the stream reads.
type reader struct {
	typ  types.Type
	then string // what a run does where the source has no such column
}

// differences compares what a source announces with what the map and the contract
// of a stream read, sorted by column.
func differences(st *program.Stream, c *contract.Contract, announced connector.StreamSchema) []outcome.SchemaDifference {
	reads := readsOf(st, c)
	var out []outcome.SchemaDifference
	seen := map[string]bool{}
	for _, col := range announced.Columns {
		seen[col.Name] = true
		typ := ""
		if col.Type.Kind != types.Any && !col.Type.IsZero() {
			typ = col.Type.String()
		}
		r, read := reads[col.Name]
		switch {
		case !read && st.Map != nil && (st.Map.Only || slices.Contains(st.Map.Drop, col.Name)):
		case !read:
			out = append(out, outcome.SchemaDifference{Column: col.Name, Kind: outcome.ColumnUnknown, Source: typ, Then: unknown(c.UnknownColumns)})
		case typ != "" && !r.typ.IsZero() && r.typ.Kind != types.Any && !executor.Fits(col.Type, r.typ):
			out = append(out, outcome.SchemaDifference{Column: col.Name, Kind: outcome.ColumnType, Source: typ, Expected: r.typ.String(),
				Then: "each value is read as " + r.typ.String() + " where that loses nothing (coerce = \"" + string(c.Coerce) + "\"), else its record breaks " + contract.ColumnRule(col.Name, contract.RuleType)})
		}
	}
	for name, r := range reads {
		if !seen[name] && r.then != "" {
			d := outcome.SchemaDifference{Column: name, Kind: outcome.ColumnMissing, Then: r.then}
			if !r.typ.IsZero() && r.typ.Kind != types.Any {
				d.Expected = r.typ.String()
			}
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b outcome.SchemaDifference) int {
		return cmp.Or(cmp.Compare(a.Column, b.Column), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}

// readsOf are the columns of the source that a stream reads: those that pass through
// under their own name, and those that the map's expressions name.
func readsOf(st *program.Stream, c *contract.Contract) map[string]reader {
	out := map[string]reader{}
	m := st.Map
	if m == nil {
		m = &program.Map{}
	}
	mapped := map[string]bool{}
	for _, col := range m.Columns {
		mapped[col.Name] = true
		read(out, col.Value, "null is read in its place by the map, for "+col.Name)
	}
	if m.Filter != nil {
		read(out, m.Filter, "null is read in its place by the filter")
	}
	for i := range c.Columns {
		col := &c.Columns[i]
		if mapped[col.Name] || m.Only || slices.Contains(m.Drop, col.Name) {
			continue
		}
		r := reader{typ: col.Type}
		switch {
		case col.Default != nil:
			r.then = "its default stands in"
		case slices.Contains(c.Key, col.Name):
			r.then = "every record breaks " + contract.RecordKey
		case col.Required:
			r.then = "every record breaks " + contract.ColumnRule(col.Name, contract.RuleRequired)
		default:
			r.then = "it is null in every row"
		}
		out[col.Name] = r
	}
	return out
}

func read(out map[string]reader, e *rowexpr.Expr, then string) {
	for _, ref := range e.Refs() {
		if len(ref.Path) == 0 {
			continue
		}
		r := reader{then: then}
		if len(ref.Path) == 1 {
			r.typ = ref.Type
		}
		if _, there := out[ref.Path[0].Name]; !there {
			out[ref.Path[0].Name] = r
		}
	}
}

// unknown says what becomes of a member that no column names.
func unknown(mode contract.UnknownColumns) string {
	switch mode {
	case contract.UnknownFail:
		return "the first record that has it fails the run (unknown_columns = \"fail\")"
	case contract.UnknownQuarantine:
		return "records that have it go to quarantine (unknown_columns = \"quarantine\")"
	case contract.UnknownEvolve:
		return "it is added to the table (unknown_columns = \"evolve\")"
	case contract.UnknownKeepJSON:
		return "it is kept in " + contract.ExtraColumn + " (unknown_columns = \"keep_json\")"
	default:
		return "it is left out and counted (unknown_columns = \"drop\")"
	}
}
