package compiler

import (
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// nameIndex finds published tables by name alone.
type nameIndex struct {
	byName   map[string][]*published   // lower-case name, in any destination
	spelling map[addr.Address][]string // names of a destination, for suggestions
}

// indexNames makes the index once every table is published.
func (c *compiler) indexNames() {
	c.names = nameIndex{byName: map[string][]*published{}, spelling: map[addr.Address][]string{}}
	keys := make([]string, 0, len(c.tables))
	for key := range c.tables {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		p := c.tables[key]
		low := strings.ToLower(p.name)
		c.names.byName[low] = append(c.names.byName[low], p)
		full := p.schema + "." + p.name
		c.names.spelling[p.destination] = append(c.names.spelling[p.destination], full, p.name)
	}
}

// findTable finds what a table's name in a query means, or reports why it means
// nothing. Without a schema it is the table in schema main, else the only one of
// that name in the destination.
func (c *compiler) findTable(w *modelWork, t sqlcheck.Table, at diag.Range) *published {
	dest := w.node.Model.Destination
	name := t.Name
	if t.Schema != "" {
		name = t.Schema + "." + t.Name
		if p := c.tables[place(dest, t.Schema, t.Name)]; p != nil {
			return p
		}
	} else if p := c.tables[place(dest, DefaultSchema, t.Name)]; p != nil {
		return p
	}
	var here, elsewhere []*published
	for _, p := range c.names.byName[strings.ToLower(t.Name)] {
		switch {
		case t.Schema != "" && !strings.EqualFold(p.schema, t.Schema):
		case p.destination == dest:
			here = append(here, p)
		default:
			elsewhere = append(elsewhere, p)
		}
	}
	switch {
	case len(here) == 1:
		return here[0]
	case len(here) > 1:
		var full []string
		for _, p := range here {
			full = append(full, p.schema+"."+p.name)
		}
		c.add(diag.New(diag.UnknownTable, "%q can mean %s. Write the schema.", name, list(full)).At(at).For(w.node.Address.String()))
	case len(elsewhere) > 0:
		c.add(diag.New(diag.OtherPlace, "%s is in %s, and %s is computed in %s.", name, elsewhere[0].destination, w.node.Address, dest).At(at).For(w.node.Address.String()))
	case dest.IsZero() || c.mod.MayDeclare(t.Name):
	default:
		c.add(diag.New(diag.UnknownTable, "Nothing in %s publishes %q.%s", dest, name, diag.DidYouMean(name, c.names.spelling[dest])).At(at).For(w.node.Address.String()))
	}
	return nil
}

// typeQueries works out the columns of models that do not read each other, and
// compares them with their contracts. A model with a contract counts as having the
// contract's columns even where its query is broken, so that its readers are
// checked all the same.
func (c *compiler) typeQueries(wave []*modelWork) {
	var asked []*modelWork
	var queries []sqltype.Query
	for _, w := range wave {
		if w.promise != nil {
			w.node.Model.Columns = promised(w.promise)
		}
		if w.parsed == nil || w.broken {
			continue
		}
		if tables, known := c.inputTables(w); known {
			asked, queries = append(asked, w), append(queries, sqltype.Query{SQL: w.query.text, Tables: tables})
		}
	}
	if len(asked) == 0 {
		return
	}
	for i, shape := range c.in.Typer.Describe(c.ctx, queries) {
		if shape.Err != nil {
			c.queryError(asked[i], diag.SQLBinding, shape.Err)
			continue
		}
		c.resultOf(asked[i], shape.Columns)
	}
}

// resultOf takes what the engine says of a query's columns.
func (c *compiler) resultOf(w *modelWork, described []QueryColumn) {
	m := w.node.Model
	cols := make([]sqlcheck.Column, len(described))
	for i, d := range described {
		cols[i] = sqlcheck.Column{Name: d.Name, Type: d.Type}
	}
	cols, problems := w.parsed.Columns(cols, func(schema, name string) ([]sqlcheck.Column, bool) { return c.seen(w, schema, name) })
	c.problems(w, problems)
	if c.in.OnQuery != nil {
		c.in.OnQuery(Query{Model: w.node.Address, Facts: w.parsed.Facts(),
			Place: func(start, end int) diag.Range { return c.rangeOf(w.query, start, end) }})
	}
	if !c.resultNames(w, described) {
		return
	}
	m.Lineage = w.lineage(w.parsed.Lineage(cols, func(schema, name string) ([]sqlcheck.Column, bool) { return c.seen(w, schema, name) }))
	if w.promise != nil {
		c.compareResult(w, cols)
		return
	}
	m.Columns = nil
	for _, col := range cols {
		m.Columns = append(m.Columns, contract.Column{Name: col.Name, Type: col.Type, Required: !col.Nullable})
	}
}

// promised returns a contract's columns as those of a result.
func promised(p *contract.Contract) []contract.Column {
	out := make([]contract.Column, len(p.Columns))
	for i := range p.Columns {
		out[i] = contract.Column{Name: p.Columns[i].Name, Type: p.Columns[i].Type, Required: p.Columns[i].Required}
	}
	return out
}

// seen returns the columns of a table as a query names it.
func (c *compiler) seen(w *modelWork, schema, name string) ([]sqlcheck.Column, bool) {
	p := w.names[written(schema, name)]
	if p == nil {
		return nil, false
	}
	cols := c.columnsOf(p.owner)
	if cols == nil {
		return nil, false
	}
	out := make([]sqlcheck.Column, len(cols))
	for i := range cols {
		out[i] = sqlcheck.Column{Name: cols[i].Name, Type: cols[i].Type, Nullable: !cols[i].Required}
	}
	return out, true
}

// inputTables lists the tables that a query reads under the names that it uses;
// false where the columns of one are not known.
func (c *compiler) inputTables(w *modelWork) ([]QueryTable, bool) {
	var out []QueryTable
	seen := map[string]bool{}
	for _, t := range w.parsed.Tables() {
		schema := strings.ToLower(t.Schema)
		if schema == DefaultSchema {
			schema = ""
		}
		key := written(schema, t.Name)
		if seen[key] {
			continue
		}
		seen[key] = true
		cols := c.columnsOf(w.names[written(t.Schema, t.Name)].owner)
		if cols == nil {
			return nil, false
		}
		table := QueryTable{Schema: schema, Name: t.Name, Columns: make([]QueryColumn, len(cols))}
		for i := range cols {
			table.Columns[i] = QueryColumn{Name: cols[i].Name, Type: cols[i].Type}
		}
		out = append(out, table)
	}
	return out, true
}

// resultNames reports columns that have no name of their own, or no type.
func (c *compiler) resultNames(w *modelWork, cols []QueryColumn) bool {
	seen := map[string]bool{}
	ok := true
	for _, col := range cols {
		low := strings.ToLower(col.Name)
		switch {
		case seen[low]:
			c.add(diag.New(diag.ResultUnnamed, "Two columns are called %q.", col.Name).At(c.columnPlace(w, col.Name)).For(w.node.Address.String()))
			ok = false
		case col.Type.Kind == types.Invalid || holdsAny(col.Type):
			c.add(diag.New(diag.NativeType, "%q is of type %s.", col.Name, col.Native).At(c.columnPlace(w, col.Name)).For(w.node.Address.String()))
			ok = false
		}
		seen[low] = true
	}
	return ok
}

// compareResult holds a query's columns against the model's contract, by name.
func (c *compiler) compareResult(w *modelWork, cols []sqlcheck.Column) {
	m := w.node.Model
	address := w.node.Address.String()
	m.Columns = nil
	var names []string
	have := map[string]bool{}
	for i := range w.promise.Columns {
		names = append(names, w.promise.Columns[i].Name)
	}
	for _, col := range cols {
		have[col.Name] = true
		want, ok := w.promise.Column(col.Name)
		switch {
		case !ok:
			c.add(diag.New(diag.ResultExtra, "%s has no column %q.%s", m.Contract, col.Name, diag.DidYouMean(col.Name, names)).At(c.columnPlace(w, col.Name)).For(address))
			continue
		case !types.Widens(col.Type, want.Type):
			c.addRelated(diag.New(diag.ResultType, "%q is %s in the query, and %s has it as %s.", col.Name, col.Type, m.Contract, want.Type).At(c.columnPlace(w, col.Name)).For(address), want.Range)
		case want.Required && col.Nullable:
			c.addRelated(diag.New(diag.ResultNullable, "%s requires %q, and the query can yield null for it.", m.Contract, col.Name).At(c.columnPlace(w, col.Name)).For(address), want.Range)
		}
		m.Columns = append(m.Columns, contract.Column{Name: col.Name, Type: want.Type, Required: !col.Nullable || want.Required})
	}
	for i := range w.promise.Columns {
		if col := &w.promise.Columns[i]; !have[col.Name] {
			c.addRelated(diag.New(diag.ResultMissing, "%s has the column %q, and the query yields none of that name.", m.Contract, col.Name).At(w.body.at("contract")).For(address), col.Range)
		}
	}
}

// addRelated adds a diagnostic that points at a contract's column, too.
func (c *compiler) addRelated(d *diag.Diagnostic, column diag.Range) {
	d.Related = []diag.Related{{Message: "the contract's column", Range: column}}
	c.add(d)
}

// lineage turns what sqlcheck worked out for a query into the program's form:
// relations as written become the addresses that they mean.
func (w *modelWork) lineage(in *sqlcheck.Lineage) *program.Lineage {
	out := &program.Lineage{}
	at := make([]int, len(in.Relations))
	for i, t := range in.Relations {
		p := w.names[written(t.Schema, t.Name)]
		if at[i] = slices.Index(out.Inputs, p.owner); at[i] < 0 {
			at[i] = len(out.Inputs)
			out.Inputs = append(out.Inputs, p.owner)
		}
	}
	// Two names of one table can give an origin twice.
	origins := func(list []sqlcheck.Origin) []program.Origin {
		var out []program.Origin
		for _, o := range list {
			how := string(o.How)
			if o.How == sqlcheck.Direct || o.How == sqlcheck.ByName {
				how = ""
			}
			next := program.Origin{Input: at[o.Relation], Column: o.Column, How: how}
			if !slices.Contains(out, next) {
				out = append(out, next)
			}
		}
		return out
	}
	for _, c := range in.Columns {
		out.Columns = append(out.Columns, program.LineageColumn{Name: c.Name, From: origins(c.From)})
	}
	out.Rows, out.Named = origins(in.Rows), origins(in.Named)
	for _, o := range in.Opaque {
		out.Opaque = append(out.Opaque, program.Opaque{Input: at[o.Relation], Why: o.Why})
	}
	return out
}

// columnPlace guesses where a result column is written: the last place that reads
// "as NAME", else the first place of the name, else the whole query.
func (c *compiler) columnPlace(w *modelWork, name string) diag.Range {
	if w.nameTokens == nil {
		w.nameTokens = namePlaces(w.query.text)
	}
	if t, ok := w.nameTokens[strings.ToLower(name)]; ok {
		return c.rangeOf(w.query, t.Start, t.End)
	}
	return w.query.whole
}

// namePlaces finds, for each name in a query, the token that most likely makes
// the result column of that name.
func namePlaces(sql string) map[string]program.SQLToken {
	first, named := map[string]program.SQLToken{}, map[string]program.SQLToken{}
	before := ""
	for _, t := range program.SQLTokens(sql) {
		word := strings.ToLower(strings.Trim(t.Text, `"`))
		if _, seen := first[word]; !seen {
			first[word] = t
		}
		if strings.EqualFold(before, "as") {
			named[word] = t
		}
		before = t.Text
	}
	for word, t := range named {
		first[word] = t
	}
	return first
}
