package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// releases makes a step that forgets an address and leaves what it published,
// where a removed block says so; else it notes that the block asks for what the
// step does.
func (b *builder) releases(s *plan.Step, was *state.Node, to *program.Node) bool {
	at := slices.IndexFunc(b.program.Removals, func(x program.Removal) bool { return program.Covers(x.From, s.Address) })
	if at < 0 {
		return false
	}
	if !b.program.Removals[at].KeepData {
		s.Reasons = []plan.Reason{because(plan.RemovedBlock, "a removed block says so, with keep_data = false", addr.Address{})}
		return false
	}
	s.Action = plan.Forgets
	s.Reasons = []plan.Reason{because(plan.RemovedBlock, "a removed block says so, with keep_data = true", addr.Address{})}
	if to != nil {
		s.Do = &plan.Release{Prior: was, To: to}
		s.Notes = append(s.Notes, "what it published stays as it is, with the table behind; headgate no longer owns, fills or drops it")
	}
	return true
}

// importOf is the import block of a stream that is not applied yet.
func (b *builder) importOf(a addr.Address) (program.Import, bool) {
	at := slices.IndexFunc(b.program.Imports, func(x program.Import) bool { return x.To == a })
	if at < 0 || b.was(a) != nil {
		return program.Import{}, false
	}
	return b.program.Imports[at], true
}

// askImports asks what stands under the names of tables to import. The questions
// are sorted by stream.
func (b *builder) askImports() []plan.Question {
	var out []plan.Question
	for _, x := range b.program.Imports {
		if _, wanted := b.importOf(x.To); !wanted || b.node(x.To) == nil || !b.selection.has(x.To) {
			continue
		}
		if to := b.node(b.pipelineOf(x.To, false).To); to != nil {
			n := b.node(x.To).Stream
			out = append(out, &plan.AskImport{
				Project: b.program.Project, Environment: b.program.Environment.Name, Stream: x.To, Destination: to,
				Schema: x.Schema, Table: x.Table, As: [2]string{n.Schema + b.program.Environment.SchemaSuffix, n.Table},
			})
		}
	}
	return out
}

// adopts plans the import of a stream's table, where a block asks for it.
func (b *builder) adopts(n *program.Node) bool {
	x, ok := b.importOf(n.Address)
	if !ok {
		return false
	}
	var table state.Importable
	seen := false
	if b.prior.Live != nil {
		table, seen = b.prior.Live.Imports[n.Address.String()]
	}
	if table.Adopted {
		return false
	}
	s := b.created(n, nil)
	s.Reasons = []plan.Reason{because(plan.Imported, fmt.Sprintf("it takes over the table %s.%s", x.Schema, x.Table), addr.Address{})}
	op := &plan.Adopt{Node: n.Address, Schema: x.Schema, Table: x.Table}
	s.Do = op
	b.effect[b.add(s, "").ID] = willChange
	refuse := func(code diag.Code, format string, args ...any) {
		b.diags.Add(diag.New(code, "%s.%s: "+format, append([]any{x.Schema, x.Table}, args...)...).At(x.Range).For(n.Address.String()))
	}
	to := b.pipelineOf(n.Address, false).To
	switch {
	case !seen:
		refuse(diag.ImportUnseen, "%s was not looked at.", to)
	case table.Error != "":
		refuse(diag.ImportUnseen, "%s could not be looked at: %s.", to, strings.TrimSuffix(table.Error, "."))
	case !table.Found:
		refuse(diag.ImportRefused, "there is no such table in %s.", to)
	case table.Owner != "":
		refuse(diag.ImportRefused, "%s publishes it. What headgate has made is given another address with a moved block, not imported.", table.Owner)
	case table.View:
		refuse(diag.ImportRefused, "it is a view, which holds no rows to take over. Import the table that it reads, or make a table of it first.")
	case n.Stream.Write == "append" && !x.LoadAgain:
		refuse(diag.ImportAppends, "%s appends, and headgate does not know which records of the source stand there already. Its first run reads the source from the beginning: with write = \"merge\" and a key, records that are there are recognised; load_again = true in the import block says that all of them are to be added once more.", n.Address)
	default:
		b.adoptColumns(n, s, op, table, refuse)
	}
	return true
}

// adoptColumns compares the table with the stream's contract and says what the
// import does.
func (b *builder) adoptColumns(n *program.Node, s *plan.Step, op *plan.Adopt, table state.Importable, refuse func(diag.Code, string, ...any)) {
	op.Columns = table.Columns
	promise := b.node(n.Stream.Contract)
	if promise == nil || promise.Contract == nil {
		return
	}
	have := map[string]state.ImportColumn{}
	for _, c := range table.Columns {
		have[strings.ToLower(c.Name)] = c // SQL does not tell them apart, and neither does the copy
	}
	var faults []string
	for _, want := range tableColumns(promise.Contract) {
		h, ok := have[strings.ToLower(want.Name)]
		delete(have, strings.ToLower(want.Name))
		t, err := types.Parse(h.Type)
		switch {
		case !ok && (!want.Required || want.Name == contract.ExtraColumn):
			s.Notes = append(s.Notes, fmt.Sprintf("column %q is added, and is null in the rows that are there", want.Name))
		case !ok:
			faults = append(faults, fmt.Sprintf("the contract requires %q (%s), which the table does not have", want.Name, want.Type))
		case err != nil || h.Type == "":
			faults = append(faults, fmt.Sprintf("%q is %s in the table, which no column type fits; the contract has %s", want.Name, h.Native, want.Type))
		case !t.Equal(want.Type):
			s.Notes = append(s.Notes, fmt.Sprintf("column %q is converted from %s to %s; the apply stops, and changes nothing, if a value does not convert", want.Name, t, want.Type))
		}
	}
	if len(faults) > 0 {
		refuse(diag.ImportColumns, "%s. %s", strings.Join(faults, "; "), "Change the contract to what the table holds.")
		return
	}
	if kept := sortedKeys(have); len(kept) > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("kept behind the table and not published, since the contract does not name them: %s", strings.Join(kept, ", ")))
	}
	s.Notes = append([]string{fmt.Sprintf("%d %s are taken over: they are copied into a table of headgate's own, and the former table is dropped, in one transaction", table.Rows, plural(int(min(table.Rows, 2)), "row"))}, s.Notes...)
	s.Notes = append(s.Notes, "there is no bookmark: the first run reads the source from its beginning; "+map[string]string{
		"merge":   "records that are in the table already are recognised by the key",
		"append":  "ALL of its records are added, those that are in the table already once more (load_again = true)",
		"replace": "the table is then made anew from it",
	}[n.Stream.Write], "rows that were there before are not held to the contract's limits; promises over the whole table are audited with the first run")
}
