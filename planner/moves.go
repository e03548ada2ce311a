package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// moveSuffix stands behind the address in the id of a step that moves an address.
const moveSuffix = "/move"

// following is what the moved blocks do to the snapshot.
type following struct {
	moved   []state.Moved // sorted by To
	names   []state.Named
	streams map[addr.Address]string        // a moved stream whose source's stream goes by its name: what that was
	retold  map[addr.Address]bool          // models that are published under another name
	before  map[addr.Address]*program.Node // by the new address, the definition as it was last applied
}

// Follow is the snapshot with every address that has moved under its new one: what
// a plan of the program speaks of. It is prior itself where nothing moves.
func Follow(p *program.Program, prior *state.Snapshot) *state.Snapshot {
	if prior == nil || len(p.Moves) == 0 {
		return prior
	}
	return newBuilder(p, prior, Options{}).prior
}

// followMoves puts what the state keeps under the addresses that it has now, so
// that everything after it compares like with like. What has moved before is not in
// the state under its former address, and needs nothing.
func (b *builder) followMoves() {
	if len(b.program.Moves) == 0 {
		return
	}
	f := &following{streams: map[addr.Address]string{}, retold: map[addr.Address]bool{}, before: map[addr.Address]*program.Node{}}
	targets := map[addr.Address]addr.Address{}
	for _, key := range sortedKeys(b.prior.Nodes) {
		n := b.prior.Nodes[key].Definition
		if n == nil {
			continue
		}
		to := program.Follow(b.program.Moves, n.Address)
		if to == n.Address {
			continue
		}
		if taken := b.taken(to, targets); taken != "" {
			b.diags.Add(diag.New(diag.MoveTaken, "%s cannot become %s: %s.", n.Address, to, taken).At(b.moveOf(n.Address).Range).For(to.String()))
			continue
		}
		targets[to], f.before[to] = n.Address, n
		f.moved = append(f.moved, state.Moved{From: n.Address, To: to})
	}
	if len(f.moved) == 0 {
		return
	}
	slices.SortFunc(f.moved, func(x, y state.Moved) int { return addr.Compare(x.To, y.To) })
	for i := range f.moved {
		b.rename(f, &f.moved[i])
	}
	r := state.NewRenaming(f.moved, f.names)
	next := *b.prior
	next.Nodes = make(map[string]*state.Node, len(b.prior.Nodes))
	for key, n := range b.prior.Nodes {
		if n.Definition == nil {
			next.Nodes[key] = n
			continue
		}
		n, _ = r.Node(n)
		next.Nodes[n.Definition.Address.String()] = n
	}
	b.prior, b.follow = &next, f
}

// taken says why an address cannot be moved to, or "".
func (b *builder) taken(to addr.Address, targets map[addr.Address]addr.Address) string {
	if other, ok := targets[to]; ok {
		return fmt.Sprintf("%s becomes it, too", other)
	}
	if n := b.prior.Nodes[to.String()]; n != nil && n.Definition != nil && program.Follow(b.program.Moves, to) == to {
		return "that is applied already, and has a definition and data of its own"
	}
	return ""
}

// moveOf is the first move that takes an address away.
func (b *builder) moveOf(a addr.Address) program.Move {
	for _, m := range b.program.Moves {
		if m.Covers(a) {
			return m
		}
	}
	return program.Move{}
}

// rename notes what else has another name with a moved address: what a model is
// published under, and what a stream reads of its source.
func (b *builder) rename(f *following, m *state.Moved) {
	old, now := b.prior.Nodes[m.From.String()].Definition, b.node(m.To)
	switch {
	case now == nil:
	case old.Model != nil && now.Model != nil:
		o, n := old.Model, now.Model
		same := o.Schema == n.Schema && o.Table == n.Table && m.From.Version == m.To.Version
		if same || o.Materialized != n.Materialized || b.suffixWas() != b.program.Environment.SchemaSuffix {
			return
		}
		f.names = append(f.names, state.Named{Of: m.To, Schema: n.Schema, Table: n.Table, Was: o.Table})
		f.retold[m.To] = true
	case old.Stream != nil && now.Stream != nil && old.Stream.From == "" && m.From.Stream != m.To.Stream:
		if now.Stream.From == "" && b.fileSource(m.To) != nil {
			f.streams[m.To] = m.From.Stream // they differ in name only: the bookmark follows
		} else {
			m.Reads = m.From.Stream
		}
	}
}

// fileSource is the source of a stream of the program where it reads files.
func (b *builder) fileSource(stream addr.Address) *program.Node {
	src := b.node(b.pipelineOf(stream, false).From)
	if src == nil || src.Source == nil || src.Source.File == nil {
		return nil
	}
	return src
}

// sourceStreamWas is the name by which a bookmark that is not moved yet knows what
// a stream reads.
func (b *builder) sourceStreamWas(a addr.Address) string {
	if b.follow != nil {
		if was, ok := b.follow.streams[a]; ok {
			return was
		}
	}
	return a.Stream
}

// planMoves makes a step for each block that has moved, with everything below it.
// Moves are made whatever --target says: they change no data.
func (b *builder) planMoves() {
	if b.follow == nil {
		return
	}
	groups := map[state.Moved][]state.Moved{}
	for _, m := range b.follow.moved {
		of := state.Moved{From: m.From.Base(), To: m.To.Base()}
		if of.From == of.To { // a stream or a version within its block
			of = state.Moved{From: m.From, To: m.To}
		}
		groups[of] = append(groups[of], m)
	}
	for of, moved := range groups {
		b.add(b.moveStep(of, moved), moveSuffix)
	}
}

func (b *builder) moveStep(of state.Moved, moved []state.Moved) *plan.Step {
	op := &plan.Move{From: of.From, To: of.To, Moved: moved}
	s := &plan.Step{
		Address: of.To, Action: plan.Update, Do: op,
		Reasons: []plan.Reason{because(plan.AddressMoved, "a moved block says so", of.From)},
	}
	for _, m := range moved {
		old := b.wasNode(m.To)
		if in := b.destinationWas(old); in != nil {
			op.In = in
		}
		if old.Pipeline != nil {
			op.In = b.wasNode(old.Pipeline.To)
		}
		if was, ok := b.follow.streams[m.To]; ok {
			op.Source = b.fileSource(m.To)
			op.Streams = append(op.Streams, plan.StreamName{From: was, To: m.To.Stream})
		}
		for _, n := range b.follow.names {
			if n.Of == m.To {
				op.Names = append(op.Names, n)
				s.Notes = append(s.Notes, fmt.Sprintf("%s is published as %s.%s_v%d from now on; readers of the former name must follow", m.To, n.Schema, n.Table, m.To.Version))
			}
		}
	}
	if below := belowIt(of, moved); below != "" {
		s.Notes = slices.Insert(s.Notes, 0, "with "+below)
	}
	switch {
	case op.In == nil:
	case of.To.Kind == addr.Pipeline:
		s.Reasons[0].Text += ": bookmarks, tables and history follow"
		s.Notes = append(s.Notes, "the move loads nothing anew: the next run goes on from the bookmark; what a stopped run has staged is given up and read again")
	default:
		s.Reasons[0].Text += ": tables and history follow"
		s.Notes = append(s.Notes, "the move builds nothing anew")
	}
	return s
}

// belowIt names the streams or versions that move with a block, "" for none.
func belowIt(of state.Moved, moved []state.Moved) string {
	var streams, versions []string
	for _, m := range moved {
		switch {
		case m.To == of.To:
		case m.To.Stream != "":
			streams = append(streams, m.To.Stream)
		case m.To.Version > 0:
			versions = append(versions, fmt.Sprintf("v%d", m.To.Version))
		}
	}
	switch {
	case len(streams) > 0:
		return plural(len(streams), "stream") + " " + strings.Join(streams, ", ")
	case len(versions) > 1:
		return plural(len(versions), "version") + " " + strings.Join(versions, ", ")
	}
	return ""
}

// connectMoves makes the moves one after the other, and everything else after the
// last of them: what the state calls things must not change while others work.
func (b *builder) connectMoves() {
	var moves, others []string
	for _, id := range sortedKeys(b.steps) {
		if strings.HasSuffix(id, moveSuffix) {
			moves = append(moves, id)
		} else {
			others = append(others, id)
		}
	}
	if len(moves) == 0 {
		return
	}
	slices.SortFunc(moves, func(x, y string) int {
		return cmp.Or(addr.Compare(b.steps[x].Address, b.steps[y].Address), cmp.Compare(x, y))
	})
	for i := range moves[1:] {
		b.need(moves[i+1], moves[i])
	}
	for _, id := range others {
		b.need(id, moves[len(moves)-1])
	}
}

// changesRows reports whether the difference between two versions of a model can
// change its rows. That a table which it reads is published under another name
// since it moved, changes none; a view must name it anew all the same.
func (b *builder) changesRows(old, now *program.Node) bool {
	if b.follow != nil && now.Model.Materialized == "table" && old.Model.Materialized == "table" {
		a, okA := b.withoutNames(old)
		z, okZ := b.withoutNames(now)
		if okA && okZ {
			old, now = a, z
		}
	}
	return changesData(old, now)
}

// withoutNames is a model whose query names what has moved by its address. ok is
// false where it reads nothing of the kind.
func (b *builder) withoutNames(n *program.Node) (*program.Node, bool) {
	m := *n.Model
	m.Tables = slices.Clone(m.Tables)
	refs := slices.Clone(m.Tables)
	slices.SortFunc(refs, func(x, y program.TableRef) int { return x.Start - y.Start })
	var text strings.Builder
	at, found := 0, false
	for _, r := range refs {
		if r.Start < at || r.End > len(m.SQL) || !b.hasMoved(r.Target) {
			continue
		}
		text.WriteString(m.SQL[at:r.Start])
		text.WriteString(`"` + strings.ReplaceAll(r.Target.String(), `"`, `""`) + `"`)
		at, found = r.End, true
	}
	text.WriteString(m.SQL[at:])
	m.SQL = text.String()
	for i := range m.Tables {
		if b.hasMoved(m.Tables[i].Target) {
			m.Tables[i].Schema, m.Tables[i].Table = "", ""
		}
	}
	out := *n
	out.Model = &m
	return &out, found
}

func (b *builder) hasMoved(a addr.Address) bool {
	return slices.ContainsFunc(b.follow.moved, func(m state.Moved) bool { return m.To == a })
}

// renamedColumns maps the columns of a stream that have another name to what it is
// now.
func (b *builder) renamedColumns(n *program.Node) map[string]string {
	out := map[string]string{}
	for _, m := range b.program.Moves {
		if m.FromColumn != "" && (m.To == n.Address || program.Covers(m.To, n.Stream.Contract)) {
			out[m.FromColumn] = m.ToColumn
		}
	}
	return out
}

// renameColumns gives the columns of a table that have moved their new names, and
// returns the alterations that do so. A column has moved where the table has it,
// and the table that is wanted has the new name alone.
func renameColumns(before, after []contract.Column, renamed map[string]string) ([]contract.Column, []plan.ColumnAlter) {
	out := slices.Clone(before)
	var done []plan.ColumnAlter
	for i := range out {
		to := out[i].Name
		for range renamed { // over several blocks, to where it is wanted
			if next, ok := renamed[to]; ok && !has(after, to) {
				to = next
			}
		}
		if to == out[i].Name || has(out, to) || !has(after, to) {
			continue
		}
		done = append(done, plan.ColumnAlter{Kind: "rename", Column: to, From: out[i].Name, Type: out[i].Type.String()})
		out[i].Name = to
	}
	return out, done
}

func has(columns []contract.Column, name string) bool {
	return slices.ContainsFunc(columns, func(c contract.Column) bool { return c.Name == name })
}

// withColumns is a contract as it was, with the columns that have moved by their new
// names: what a stream that replaces is compared with.
func (b *builder) withColumns(n *program.Node, c *streamChange) *program.Node {
	if len(c.renamed) == 0 {
		return n
	}
	out, promise := *n, *n.Contract
	promise.Columns, promise.Key = slices.Clone(promise.Columns), slices.Clone(promise.Key)
	for _, a := range c.renamed {
		for i := range promise.Columns {
			if promise.Columns[i].Name == a.From {
				promise.Columns[i].Name = a.Column
			}
		}
		for i := range promise.Key {
			if promise.Key[i] == a.From {
				promise.Key[i] = a.Column
			}
		}
	}
	out.Contract = &promise
	return &out
}
