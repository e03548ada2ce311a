package compiler

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// thisTable is what an expect query calls the table that it is about.
const thisTable = "this"

// promises compiles what a version says of the table as a whole, its references
// aside: those stand on columns.
func (w *contractWork) promises() {
	if s := w.own.strOr("set_violations", "fail"); s != "fail" {
		w.out.SetViolations = contract.SetViolations(s)
	}
	w.result.expects = w.withOwn(w.result.expects, "expect")
	for _, b := range w.result.expects {
		if e, ok := w.expect(w.own.in(b)); ok {
			w.out.Expects = append(w.out.Expects, e)
		}
	}
	if b := w.own.b.One("rows"); b != nil {
		w.out.Rows = w.rowCount(w.own.in(b))
	}
	if b := w.own.b.One("freshness"); b != nil {
		w.out.Freshness = w.freshness(w.own.in(b))
	}
}

func (b body) severity() contract.Severity {
	return contract.Severity(b.strOr("severity", string(contract.SeverityError)))
}

// rowCount compiles a rows block, nil where it bounds nothing.
func (w *contractWork) rowCount(b body) *contract.Rows {
	out := &contract.Rows{Severity: b.severity(), Range: b.b.Range}
	if n, ok := b.whole("min", 0); ok {
		out.Min = &n
	}
	if n, ok := b.whole("max", 0); ok {
		out.Max = &n
	}
	switch {
	case !b.has("min") && !b.has("max"):
		w.c.add(diag.New(diag.RowsBounds, "It has neither.").At(b.b.Range))
		return nil
	case out.Min != nil && out.Max != nil && *out.Min > *out.Max:
		w.c.add(diag.New(diag.RowsBounds, "min is %d and max is %d: no table can keep both.", *out.Min, *out.Max).At(b.at("min")))
		return nil
	case out.Min == nil && out.Max == nil: // both null, or reported
		return nil
	}
	return out
}

// freshness compiles a freshness block, nil where it is not usable.
func (w *contractWork) freshness(b body) *contract.Freshness {
	out := &contract.Freshness{Severity: b.severity(), Range: b.b.Range, MaxAge: b.duration("max_age")}
	if d, err := time.ParseDuration(out.MaxAge); err == nil {
		out.MaxAge = d.String()
		out.MaxAge = out.Age() // one text for "7d", "168h" and "10080m"
	}
	name, ok := b.str("column")
	if !ok || out.MaxAge == "" {
		return nil
	}
	col, ok := w.out.Column(name)
	switch {
	case !ok:
		w.c.add(diag.New(diag.FreshnessColumn, "%s has no column %q.%s", w.addr, name, diag.DidYouMean(name, w.columnNames())).At(b.at("column")))
		return nil
	case col.Type.Kind != types.Date && col.Type.Kind != types.Timestamp && col.Type.Kind != types.TimestampTZ:
		w.c.add(diag.New(diag.FreshnessColumn, "%q is of type %s.", name, col.Type).At(b.at("column")))
		return nil
	}
	out.Column = name
	return out
}

// expect compiles an expect block and binds its query against the version's columns.
func (w *contractWork) expect(b body) (contract.Expect, bool) {
	e := contract.Expect{Name: b.b.Labels[0], Severity: b.severity(), Range: b.b.Range}
	e.Message, _ = b.str("message")
	if i := slices.IndexFunc(w.out.Checks, func(c contract.Check) bool { return c.Name == e.Name }); i >= 0 {
		d := diag.New(diag.ExpectName, "The check %q has that name already.", e.Name).At(labelRange(b.b))
		d.Related = []diag.Related{{Message: "the check", Range: w.out.Checks[i].Range}}
		w.c.add(d)
		return e, false
	}
	q := b.query()
	if q == nil {
		return e, false
	}
	tokens := program.SQLTokens(q.text)
	for len(tokens) > 0 && tokens[len(tokens)-1].Text == ";" {
		tokens = tokens[:len(tokens)-1]
	}
	if len(tokens) > 0 {
		e.Query = q.text[:tokens[len(tokens)-1].End]
	}
	return e, w.c.bindExpect(&modelWork{node: &program.Node{Address: w.addr}, query: q}, w.out.Columns)
}

// bindExpect checks that a query is one SELECT over `this`, whose columns are
// given, and that it binds.
func (c *compiler) bindExpect(w *modelWork, columns []contract.Column) bool {
	if c.in.Typer == nil {
		return true
	}
	tree, err := sqltype.TreeOf(c.ctx, c.in.Typer, w.query.text)
	if err != nil {
		c.expectError(w, diag.SQLSyntax, err)
		return false
	}
	parsed, problems := sqlcheck.Parse(w.query.text, tree)
	c.expectProblems(w, problems)
	if parsed == nil || len(problems) > 0 || !c.readsThis(w, parsed) {
		return false
	}
	this := QueryTable{Name: thisTable}
	var seen []sqlcheck.Column
	for i := range columns {
		col := &columns[i]
		this.Columns = append(this.Columns, QueryColumn{Name: col.Name, Type: col.Type})
		seen = append(seen, sqlcheck.Column{Name: col.Name, Type: col.Type, Nullable: !col.Required})
	}
	described, err := sqltype.ShapeOf(c.ctx, c.in.Typer, sqltype.Query{SQL: w.query.text, Tables: []QueryTable{this}})
	if err != nil {
		c.expectError(w, diag.SQLBinding, err)
		return false
	}
	cols := make([]sqlcheck.Column, len(described))
	for i, d := range described {
		cols[i] = sqlcheck.Column{Name: d.Name, Type: d.Type}
	}
	_, problems = parsed.Columns(cols, func(string, string) ([]sqlcheck.Column, bool) { return seen, true })
	c.expectProblems(w, problems)
	return len(problems) == 0
}

// readsThis reports the tables that an expect query reads beside `this`, and one
// that does not read it.
func (c *compiler) readsThis(w *modelWork, parsed *sqlcheck.Parsed) bool {
	reads, others := false, false
	for _, t := range parsed.Tables() {
		if t.Schema == "" && strings.EqualFold(t.Name, thisTable) {
			reads = true
			continue
		}
		others = true
		name := t.Name
		if t.Schema != "" {
			name = t.Schema + "." + t.Name
		}
		c.add(diag.New(diag.ExpectTable, "It reads %q.", name).At(c.rangeOf(w.query, t.Start, t.End)).For(w.node.Address.String()))
	}
	if !reads && !others {
		c.add(diag.New(diag.ExpectTable, "It reads no table: write `from this`.").At(w.query.whole).For(w.node.Address.String()))
	}
	return reads && !others
}

// expectProblems reports what sqlcheck found, in the words of an expect query.
func (c *compiler) expectProblems(w *modelWork, problems []sqlcheck.Problem) {
	for _, p := range problems {
		switch p.Code {
		case diag.NotOneSelect:
			p.Code, p.Detail = diag.ExpectSelect, "Keep the one SELECT that yields the rows at fault."
		case diag.ReachesOutside:
			p.Detail = "An expect query reads the table itself and computes from it; functions that read files or the network are refused."
		}
		c.problems(w, []sqlcheck.Problem{p})
	}
}

// expectError reports what the engine said of an expect query.
func (c *compiler) expectError(w *modelWork, code diag.Code, err error) {
	var q *QueryError
	if errors.As(err, &q) && q.NotSelect {
		c.add(diag.New(diag.ExpectSelect, "Keep the one SELECT that yields the rows at fault.").At(w.query.whole).For(w.node.Address.String()))
		return
	}
	c.queryError(w, code, err)
}

// references reads the column that a column's values must stand in; nil where
// there is none, or no usable one. t is the column's own type.
func (b body) references(t types.Type) *contract.Reference {
	a := b.b.Attr("references")
	if a == nil || !comparable(t) {
		return nil
	}
	if v, bad := a.Expr.Value(nil); !bad.HasErrors() && v.IsNull() {
		return nil
	}
	wrong := func(format string, args ...any) *contract.Reference {
		b.c.add(diag.New(diag.ReferenceForm, format, args...).At(a.ExprRange))
		return nil
	}
	table, column, ok := splitColumn(a.Expr)
	if !ok {
		return wrong("It takes a table and its column: pipeline.X.stream.Y.column.Z, model.M.column.C or external.E.column.C.")
	}
	v, diags := b.c.eval.Eval(table, b.each)
	b.c.diags = append(b.c.diags, diags...)
	if diags.HasErrors() {
		return nil
	}
	target, ok := config.AsRef(v)
	switch {
	case !ok:
		return wrong("What stands before .column.%s names no table.", column)
	case target.Kind == addr.Pipeline && target.Stream == "":
		return wrong("%s has several tables: write %s.stream.NAME.column.%s.", target, target, column)
	case target.Kind != addr.Pipeline && target.Kind != addr.Model && target.Kind != addr.External:
		return wrong("%s is no table: it takes a column of a stream, a model or an external table.", target)
	}
	if target.Kind == addr.Model {
		if target, ok = b.c.versioned(target); !ok {
			return nil // reported with the model
		}
	}
	return &contract.Reference{Target: target, Column: column}
}

// splitColumn cuts .column.NAME off the end of a reference.
func splitColumn(expr hcl.Expression) (table hcl.Expression, column string, ok bool) {
	cut := func(t hcl.Traversal) (hcl.Traversal, bool) {
		if len(t) < 2 {
			return nil, false
		}
		word, isAttr := t[len(t)-2].(hcl.TraverseAttr)
		name, named := config.StepName(t[len(t)-1])
		column = name
		return t[:len(t)-2], named && isAttr && word.Name == "column"
	}
	switch e := expr.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		if rest, ok := cut(e.Traversal); ok && len(rest) > 0 {
			return &hclsyntax.ScopeTraversalExpr{Traversal: rest, SrcRange: rest.SourceRange()}, column, true
		}
	case *hclsyntax.RelativeTraversalExpr:
		rest, ok := cut(e.Traversal)
		if ok && len(rest) > 0 {
			return &hclsyntax.RelativeTraversalExpr{Source: e.Source, Traversal: rest, SrcRange: e.SrcRange}, column, true
		}
		return e.Source, column, ok
	}
	return nil, "", false
}

// connectReferences checks the references of every contract once all tables are
// known, and makes whoever has such a contract depend on the tables that it
// names: those must be loaded first. Tables that reference each other in a circle
// are reported with the graph.
func (c *compiler) connectReferences() {
	var all []*program.Node
	for _, n := range c.nodes {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *program.Node) int { return addr.Compare(a.Address, b.Address) })
	for _, n := range all {
		switch {
		case n.Contract != nil:
			for i := range n.Contract.Columns {
				c.checkReference(&n.Contract.Columns[i])
			}
		case n.Stream != nil:
			c.referTo(n, n.Stream.Contract)
		case n.Model != nil:
			c.referTo(n, n.Model.Contract)
		}
	}
}

// checkReference reports a reference to a column that is not there, or that is of
// another type.
func (c *compiler) checkReference(col *contract.Column) {
	ref := col.References
	if ref == nil {
		return
	}
	columns := c.columnsOf(ref.Target)
	if columns == nil {
		return // broken, and reported
	}
	var names []string
	for i := range columns {
		other := &columns[i]
		names = append(names, other.Name)
		if other.Name != ref.Column {
			continue
		}
		if !other.Type.Equal(col.Type) {
			d := diag.New(diag.ReferenceType, "%q is %s, and %s is %s.", col.Name, col.Type, ref, other.Type).At(col.Rules["references"])
			if !other.Range.IsZero() {
				d.Related = []diag.Related{{Message: "the column that it references", Range: other.Range}}
			}
			c.add(d)
		}
		return
	}
	c.add(diag.New(diag.ReferenceColumn, "%s has no column %q.%s", ref.Target, ref.Column, diag.DidYouMean(ref.Column, names)).At(col.Rules["references"]))
}

// referTo makes a stream or model depend on the tables that its contract
// references. A pipeline runs as a whole, so it waits for the tables that other
// pipelines fill; between its own streams the order is kept inside a run.
func (c *compiler) referTo(n *program.Node, promise addr.Address) {
	p := c.contract(promise)
	if p == nil {
		return
	}
	if n.Model != nil && n.Model.Materialized == "view" && p.SetViolations != "" && p.NamesOffenders() {
		d := diag.New(diag.ViewKeepsRows, "%s is a view, and %s says set_violations = %q.", n.Address, promise, p.SetViolations).At(n.Range).For(n.Address.String())
		d.Severity = diag.Warning
		c.add(d)
	}
	for i := range p.Columns {
		ref := p.Columns[i].References
		if ref == nil || ref.Target == n.Address || c.nodes[ref.Target] == nil {
			continue
		}
		own, other := c.placeOf(n), c.placeOf(c.nodes[ref.Target])
		switch {
		case own != other && !own.IsZero() && !other.IsZero():
			c.add(diag.New(diag.ReferencePlace, "%s is in %s, and %s is in %s.", n.Address, own, ref.Target, other).At(p.Columns[i].Rules["references"]).For(n.Address.String()))
		case n.Stream != nil && ref.Target.Base() != n.Address.Base():
			pipeline := c.nodes[n.Address.Base()]
			pipeline.DependsOn = append(pipeline.DependsOn, ref.Target)
			if ref.Target.Kind == addr.Pipeline {
				pipeline.DependsOn = append(pipeline.DependsOn, ref.Target.Base())
			}
		default:
			n.DependsOn = append(n.DependsOn, ref.Target)
		}
	}
}

// placeOf is the destination of a table.
func (c *compiler) placeOf(n *program.Node) addr.Address {
	switch {
	case n.Model != nil:
		return n.Model.Destination
	case n.External != nil:
		return n.External.Destination
	case n.Stream != nil && c.nodes[n.Address.Base()] != nil:
		return c.nodes[n.Address.Base()].Pipeline.To
	}
	return addr.Address{}
}
