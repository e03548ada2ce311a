package compiler

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// refactored is what the moved, removed and import blocks of a module say.
type refactored struct {
	moves    []program.Move
	removals []program.Removal
	imports  []program.Import
}

// movable are the kinds of things that can have had another address.
var movable = []addr.Kind{addr.Source, addr.Destination, addr.Contract, addr.Pipeline, addr.Model}

// refactorings compiles the moved, removed and import blocks. It comes last: what
// they name must be there, or must not.
func (c *compiler) refactorings() {
	broken := c.diags.HasErrors() // then an address may be missing for another reason
	r := &c.refactored
	for _, b := range c.mod.Blocks {
		switch b.Type {
		case "moved":
			if m, ok := c.moved(b); ok {
				r.moves = append(r.moves, m)
			}
		case "removed":
			if x, ok := c.removed(b); ok {
				r.removals = append(r.removals, x)
			}
		case "import":
			if x, ok := c.imported(b); ok {
				r.imports = append(r.imports, x)
			}
		}
	}
	program.SortMoves(r.moves)
	slices.SortFunc(r.removals, func(x, y program.Removal) int { return addr.Compare(x.From, y.From) })
	slices.SortFunc(r.imports, func(x, y program.Import) int { return addr.Compare(x.To, y.To) })
	c.checkTwice()
	for _, m := range r.moves {
		c.checkMove(m, broken)
	}
	for _, x := range r.removals {
		if a, ok := c.first(func(a addr.Address) bool { return program.Covers(x.From, a) }); ok {
			c.add(diag.New(diag.RemovedConfigured, "%s is in the configuration still. Take its block out, or this one.", a).At(x.Range).For(x.From.String()))
		}
	}
	if !broken {
		for _, x := range r.imports {
			c.checkImport(x)
		}
	}
}

// former reads an address that nothing need have: a reference as it is written,
// and the column behind it.
func (b body) former(name string, kinds []addr.Kind) (a addr.Address, column string, ok bool) {
	attr := b.b.Attr(name)
	if attr == nil {
		return a, "", false
	}
	wrong := func(detail string) (addr.Address, string, bool) {
		b.c.add(diag.New(diag.MoveForm, "%s %s", name, detail).At(attr.ExprRange))
		return addr.Address{}, "", false
	}
	t, bad := hcl.AbsTraversalForExpr(attr.Expr)
	if bad.HasErrors() {
		return wrong("takes an address as it is written elsewhere, without quotes: model.fact_orders, pipeline.orders[\"eu\"], pipeline.orders.stream.items.")
	}
	if n := len(t); n > 3 {
		word, isAttr := t[n-2].(hcl.TraverseAttr)
		last, named := config.StepName(t[n-1])
		if isAttr && word.Name == "column" && named {
			column, t = last, t[:n-2]
		}
	}
	text := t.RootName()
	for _, step := range t[1:] {
		word, named := config.StepName(step)
		if _, index := step.(hcl.TraverseIndex); index && named {
			text += "[" + strconv.Quote(word) + "]"
		} else {
			text += "." + word
		}
	}
	a, err := addr.Parse(text)
	if err != nil {
		return wrong("is no address: " + strings.ReplaceAll(err.Error(), "%", "%%") + ".")
	}
	if !slices.Contains(kinds, a.Kind) {
		var words []string
		for _, k := range kinds {
			words = append(words, string(k))
		}
		return wrong(fmt.Sprintf("names %s; it takes a %s.", a, strings.Join(words, ", a ")))
	}
	return a, column, true
}

// moved reads a moved block.
func (c *compiler) moved(block *lang.Block) (program.Move, bool) {
	b := c.body(block, nil)
	m := program.Move{Range: block.Range}
	var from, to bool
	m.From, m.FromColumn, from = b.former("from", movable)
	m.To, m.ToColumn, to = b.former("to", movable)
	if !from || !to {
		return m, false
	}
	f, t := m.From, m.To
	fault := ""
	switch {
	case f.Kind != t.Kind || (f.Stream == "") != (t.Stream == "") || (m.FromColumn == "") != (m.ToColumn == ""):
		fault = "Both must name the same kind of thing."
	case (f.Version == 0) != (t.Version == 0):
		fault = "Either both name a version, or neither does: then all versions move."
	case f == t && m.FromColumn == m.ToColumn:
		fault = "Both are the same."
	case m.FromColumn != "" && f.Kind == addr.Model:
		fault = "A model's columns are what its query computes: rename the column there, and the model is built anew."
	case m.FromColumn != "" && f.Kind != addr.Contract && f.Stream == "":
		fault = "Columns belong to contracts and streams: contract.X.column.C, pipeline.X.stream.Y.column.C."
	case f.Stream != "" && m.FromColumn == "" && f.Base() != t.Base():
		fault = fmt.Sprintf("A stream's place in its source is kept by its pipeline, together with those of its other streams, so a stream cannot leave it. Move the whole pipeline (from = %s), or let %s be loaded as a new stream.", f.Base(), t)
	default:
		return m, true
	}
	c.add(diag.New(diag.MoveForm, "From %s to %s: %s", withColumn(f, m.FromColumn), withColumn(t, m.ToColumn), fault).At(block.Range).For(t.String()))
	return m, false
}

// withColumn is an address with the column behind it.
func withColumn(a addr.Address, column string) string {
	if column == "" {
		return a.String()
	}
	return a.String() + ".column." + column
}

// removed reads a removed block.
func (c *compiler) removed(block *lang.Block) (program.Removal, bool) {
	b := c.body(block, nil)
	x := program.Removal{Range: block.Range}
	from, column, ok := b.former("from", movable)
	if !ok {
		return x, false
	}
	if column != "" {
		c.add(diag.New(diag.MoveForm, "from names a column. A column that a contract no longer has is no longer published, and its data is kept: no block is needed for that.").At(b.at("from")))
		return x, false
	}
	keep, ok := b.as("keep_data", cty.Bool)
	if !ok {
		return x, false
	}
	x.From, x.KeepData = from, keep.True()
	return x, true
}

// imported reads an import block.
func (c *compiler) imported(block *lang.Block) (program.Import, bool) {
	b := c.body(block, nil)
	x := program.Import{Range: block.Range}
	to, column, ok := b.former("to", []addr.Kind{addr.Pipeline, addr.Model})
	if !ok {
		return x, false
	}
	if column != "" || to.Stream == "" {
		detail := "It takes a stream: pipeline.X.stream.Y."
		if to.Kind == addr.Model {
			detail = "A model's rows are computed by its query, so that there is nothing to take over: rename or drop the table that stands under its name, and apply."
		}
		c.add(diag.New(diag.ImportTarget, "to = %s: %s", withColumn(to, column), detail).At(b.at("to")))
		return x, false
	}
	table, ok := b.str("table")
	if !ok {
		return x, false
	}
	x.To, x.Schema, x.Table = to, DefaultSchema, table
	if schema, name, dotted := strings.Cut(table, "."); dotted {
		x.Schema, x.Table = schema, name
	}
	if x.Schema == "" || x.Table == "" || strings.EqualFold(x.Schema, "headgate") || strings.HasPrefix(strings.ToLower(x.Table), "headgate_") {
		c.add(diag.New(diag.ImportTarget, "table = %q: it takes a table of the destination as \"schema.table\", and none of headgate's own.", table).At(b.at("table")))
		return x, false
	}
	x.LoadAgain = b.boolean("load_again", false)
	return x, true
}

// checkTwice reports addresses that two blocks speak of.
func (c *compiler) checkTwice() {
	from, to, imported := map[string]diag.Range{}, map[string]diag.Range{}, map[string]diag.Range{}
	once := func(seen map[string]diag.Range, key string, at diag.Range, format string) {
		if first, twice := seen[key]; twice {
			d := diag.New(diag.MoveTwice, format, key).At(at)
			d.Related = []diag.Related{{Message: "the other block", Range: first}}
			c.add(d)
			return
		}
		seen[key] = at
	}
	for _, m := range c.refactored.moves {
		once(from, withColumn(m.From, m.FromColumn), m.Range, "Two blocks say what became of %s.")
		once(to, withColumn(m.To, m.ToColumn), m.Range, "Two blocks move something to %s, which can be only one of them.")
	}
	for _, x := range c.refactored.removals {
		once(from, x.From.String(), x.Range, "Two blocks say what became of %s.")
	}
	for _, x := range c.refactored.imports {
		once(imported, x.To.String(), x.Range, "Two import blocks give %s a table.")
	}
}

// first returns the first address of the program that holds, in order.
func (c *compiler) first(holds func(addr.Address) bool) (addr.Address, bool) {
	var found []addr.Address
	for a := range c.nodes {
		if holds(a) {
			found = append(found, a)
		}
	}
	if len(found) == 0 {
		return addr.Address{}, false
	}
	return slices.MinFunc(found, addr.Compare), true
}

// checkMove checks that nothing has the former address any more, and that
// something has the new one.
func (c *compiler) checkMove(m program.Move, broken bool) {
	if m.FromColumn != "" {
		c.checkColumnMove(m, broken)
		return
	}
	if a, ok := c.first(m.Covers); ok {
		c.add(diag.New(diag.MovedConfigured, "%s is in the configuration still, so it has not moved to %s. Take its block out, or this one.", a, m.To).At(m.Range).For(m.To.String()))
		return
	}
	end := program.Follow(c.refactored.moves, m.To)
	if slices.ContainsFunc(c.refactored.moves, func(o program.Move) bool { return o.Covers(end) }) {
		c.add(diag.New(diag.MoveCycle, "From %s the moved blocks lead in a circle, and never to an address that is in the configuration.", m.From).At(m.Range).For(m.To.String()))
		return
	}
	gone := slices.ContainsFunc(c.refactored.removals, func(x program.Removal) bool { return program.Covers(x.From, end) })
	if _, ok := c.first(func(a addr.Address) bool { return program.Covers(end, a) }); ok || gone || broken {
		return // a removed block may take up where a move ends
	}
	c.add(diag.New(diag.MoveNowhere, "There is no %s in the configuration for %s to move to.%s", end, m.From, diag.DidYouMean(end.String(), c.alike(end))).At(m.Range).For(m.To.String()))
}

// alike lists the addresses of the program that are of the same kind and shape.
func (c *compiler) alike(a addr.Address) []string {
	var out []string
	for other := range c.nodes {
		if other.Kind != a.Kind || (other.Stream == "") != (a.Stream == "") {
			continue
		}
		if a.Version == 0 {
			other.Version = 0
		}
		out = append(out, other.String())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// checkColumnMove checks a column's new name against the contracts that have it.
// An older version of a contract may have the former name still.
func (c *compiler) checkColumnMove(m program.Move, broken bool) {
	if program.Follow(c.refactored.moves, m.From) != m.To {
		c.add(diag.New(diag.MoveForm, "From %s to %s: a column stays in its table. Move what it belongs to with a block of its own.", withColumn(m.From, m.FromColumn), withColumn(m.To, m.ToColumn)).At(m.Range).For(m.To.String()))
		return
	}
	var names []string
	found, moved := false, false
	for _, promise := range c.promisesOf(m.To) {
		_, had := promise.Column(m.FromColumn)
		_, has := promise.Column(m.ToColumn)
		if had && has {
			c.add(diag.New(diag.MovedConfigured, "%s has both columns, so %q is not a new name of %q.", withColumn(m.To, ""), m.ToColumn, m.FromColumn).At(m.Range).For(m.To.String()))
			return
		}
		found, moved = true, moved || has || c.movesOn(m)
		for i := range promise.Columns {
			names = append(names, promise.Columns[i].Name)
		}
	}
	switch {
	case moved || broken:
	case !found:
		c.add(diag.New(diag.MoveNowhere, "There is no %s in the configuration.%s", m.To, diag.DidYouMean(m.To.String(), c.alike(m.To))).At(m.Range).For(m.To.String()))
	default:
		c.add(diag.New(diag.MoveNowhere, "%s has no column %q.%s", m.To, m.ToColumn, diag.DidYouMean(m.ToColumn, names)).At(m.Range).For(m.To.String()))
	}
}

// movesOn reports whether another block moves the column that m leads to.
func (c *compiler) movesOn(m program.Move) bool {
	return slices.ContainsFunc(c.refactored.moves, func(o program.Move) bool {
		return o != m && o.FromColumn == m.ToColumn && o.From == m.To
	})
}

// promisesOf are the contracts that an address of a contract or stream means.
func (c *compiler) promisesOf(a addr.Address) []*contract.Contract {
	var at []addr.Address
	for other, n := range c.nodes {
		switch {
		case n.Contract != nil && program.Covers(a, other):
			at = append(at, other)
		case n.Stream != nil && a == other:
			at = append(at, n.Stream.Contract)
		}
	}
	slices.SortFunc(at, addr.Compare)
	var out []*contract.Contract
	for _, other := range at {
		if p := c.contract(other); p != nil {
			out = append(out, p)
		}
	}
	return out
}

// checkImport checks that the stream of an import is there.
func (c *compiler) checkImport(x program.Import) {
	if c.nodes[x.To] == nil {
		c.add(diag.New(diag.ImportTarget, "There is no %s in the configuration.%s `headgate import %s %s.%s` prints the blocks that it needs.", x.To,
			diag.DidYouMean(x.To.String(), c.alike(x.To)), x.To, x.Schema, x.Table).At(x.Range).For(x.To.String()))
	}
}
