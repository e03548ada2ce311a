package compiler

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqlcheck"
	"github.com/headgate-data/headgate/internal/parallel"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// modelWork is one version of a model in the making.
type modelWork struct {
	node    *program.Node
	body    body // of the version
	query   *sqlText
	parsed  *sqlcheck.Parsed // nil where the query is broken
	promise *contract.Contract
	names   map[string]*published // by the name as written: what it means
	broken  bool                  // a table of it is not known, so its columns cannot be

	nameTokens map[string]program.SQLToken // see columnPlace
}

// models compiles every version of every model: first what each publishes, then
// which tables it reads, then its columns, inputs before what reads them.
func (c *compiler) models() {
	var all []*modelWork
	c.eachOf(addr.Model, func(e *entry, in instance) {
		latest := c.latest(e, in)
		for _, v := range e.versions {
			all = append(all, c.model(e, in, v, v == latest))
		}
	})
	c.indexNames()
	c.parseQueries(all)
	for _, wave := range inWaves(all) {
		c.typeQueries(wave)
	}
}

// model compiles what a version says besides its query.
func (c *compiler) model(e *entry, in instance, version int, latest bool) *modelWork {
	b := c.body(e.block, in.each)
	own := c.versionBody(e, in, version)
	m := &program.Model{Version: version, Latest: latest, Tags: b.strings("tags"),
		Materialized: b.strOr("materialized", "view"), DeprecatedAfter: own.date("deprecated_after")}
	m.Destination, _ = b.ref("destination", addr.Destination)
	m.Owner, _ = b.str("owner")
	m.Description, _ = b.str("description")
	m.Schema, m.Table = b.modelName(e, in)
	if l := e.block.One("lifecycle"); l != nil {
		m.PreventDestroy = b.in(l).boolean("prevent_destroy", false)
	}
	if m.Materialized == "incremental" {
		c.add(diag.New(diag.NotAllowedValue, "Incremental models are not built yet: use \"table\", which is built anew when its inputs change.").At(b.at("materialized")))
	}
	w := &modelWork{body: own, names: map[string]*published{}}
	w.node = &program.Node{Address: in.addr.WithVersion(version), Range: own.b.Range, Model: m,
		DependsOn: append([]addr.Address{m.Destination}, b.dependsOn()...)}
	if a, ok := own.ref("contract", addr.Contract); ok {
		if a, ok = c.versioned(a); ok {
			m.Contract = a
			w.node.DependsOn = append(w.node.DependsOn, a)
			if w.promise = c.contract(a); w.promise != nil {
				c.deprecated(a, w.promise.DeprecatedAfter, own.at("contract"))
			}
		}
	}
	if w.query = own.query(); w.query != nil {
		m.SQL, m.SQLRange = w.query.text, w.query.whole
	}
	c.addNode(w.node)
	p := publication{owner: w.node.Address, destination: m.Destination, schema: m.Schema, at: b.at("table")}
	if m.Table != "" {
		p.name = m.Table + "_v" + strconv.Itoa(version)
		c.publish(p)
		if latest {
			p.name = m.Table
			c.publish(p)
		}
	}
	return w
}

// modelName reads the schema and table of a model.
func (b body) modelName(e *entry, in instance) (schema, table string) {
	schema = b.strOr("schema", DefaultSchema)
	if e.keyed && !b.has("table") {
		b.c.add(diag.New(diag.ForEachTable, "Set table, for example to \"%s_${each.key}\".", e.name).At(e.block.Range))
		return schema, ""
	}
	table = e.name
	if b.has("table") {
		var ok bool
		if table, ok = b.str("table"); !ok {
			return schema, ""
		}
	}
	if wrong := badTable(schema, table); wrong != "" {
		b.c.add(diag.New(diag.BadTableName, "%q in schema %q: %s.", table, schema, wrong).At(b.at("table")))
		return schema, ""
	}
	return schema, table
}

// parseQueries finds the tables that each query reads. The engine parses them all
// at once, and their trees are read side by side.
func (c *compiler) parseQueries(all []*modelWork) {
	if c.in.Typer == nil {
		return
	}
	var asked []*modelWork
	var texts []string
	for _, w := range all {
		if w.query != nil {
			asked, texts = append(asked, w), append(texts, w.query.text)
		}
	}
	trees := c.in.Typer.Trees(c.ctx, texts)
	parsed, problems := make([]*sqlcheck.Parsed, len(asked)), make([][]sqlcheck.Problem, len(asked))
	parallel.Each(len(asked), func(i int) {
		if trees[i].Err == nil {
			parsed[i], problems[i] = sqlcheck.Parse(texts[i], trees[i].JSON)
			trees[i].JSON = nil
		}
	})
	for i, w := range asked {
		if trees[i].Err != nil {
			c.queryError(w, diag.SQLSyntax, trees[i].Err)
			continue
		}
		c.problems(w, problems[i])
		if parsed[i] != nil && len(problems[i]) == 0 {
			c.findTables(w, parsed[i])
		}
	}
}

// findTables finds what the names of tables in a query mean.
func (c *compiler) findTables(w *modelWork, parsed *sqlcheck.Parsed) {
	w.parsed = parsed
	m := w.node.Model
	for _, t := range parsed.Tables() {
		at := c.rangeOf(w.query, t.Start, t.End)
		found := c.findTable(w, t, at)
		if found == nil {
			w.broken = true
			continue
		}
		w.names[written(t.Schema, t.Name)] = found
		m.Tables = append(m.Tables, program.TableRef{Start: t.Start, End: t.End, Target: found.owner,
			Schema: found.schema, Table: found.name, Managed: found.managed})
		w.node.DependsOn = append(w.node.DependsOn, found.owner)
		if n := c.nodes[found.owner]; n != nil && n.Model != nil && found.owner != w.node.Address {
			c.deprecated(found.owner, n.Model.DeprecatedAfter, at)
		}
	}
}

// written is the key of a table's name as a query has it.
func written(schema, name string) string { return strings.ToLower(schema + "\x00" + name) }

// problems reports what sqlcheck found, each at its place in the text.
func (c *compiler) problems(w *modelWork, problems []sqlcheck.Problem) {
	for _, p := range problems {
		c.add(diag.New(p.Code, "%s", p.Detail).At(c.rangeOf(w.query, p.Start, p.End)).For(w.node.Address.String()))
	}
}

// queryError reports what the engine said of a query.
func (c *compiler) queryError(w *modelWork, code diag.Code, err error) {
	at, detail := w.query.whole, err.Error()
	var q *QueryError
	if errors.As(err, &q) {
		if q.NotSelect {
			code, detail = diag.NotOneSelect, "A model's query reads and changes nothing: keep the one SELECT that gives the model's rows."
		}
		if q.Offset >= 0 {
			at = c.rangeOf(w.query, q.Offset, wordEnd(w.query.text, q.Offset))
		}
		if len(q.Candidates) > 0 {
			detail += fmt.Sprintf(" Did you mean %s?", list(q.Candidates))
		}
	}
	c.add(diag.New(code, "%s", detail).At(at).For(w.node.Address.String()))
}

// wordEnd returns the end of the word that begins at an offset.
func wordEnd(text string, from int) int {
	end := from
	for end < len(text) && (text[end] == '_' || text[end] >= '0' && text[end] <= '9' || text[end] >= 'a' && text[end] <= 'z' || text[end] >= 'A' && text[end] <= 'Z' || text[end] >= 0x80) {
		end++
	}
	return end
}

// inWaves parts models so that each stands in a later wave than those that it
// reads. Those in a circle are left out: it is reported with the graph, and has no
// columns.
func inWaves(all []*modelWork) [][]*modelWork {
	byAddress := make(map[addr.Address]*modelWork, len(all))
	for _, w := range all {
		byAddress[w.node.Address] = w
	}
	waits := make(map[addr.Address]int, len(all))
	readers := map[addr.Address][]*modelWork{}
	var ready []*modelWork
	for _, w := range all {
		for _, a := range w.inputs() {
			if byAddress[a] != nil {
				waits[w.node.Address]++
				readers[a] = append(readers[a], w)
			}
		}
		if waits[w.node.Address] == 0 {
			ready = append(ready, w)
		}
	}
	var out [][]*modelWork
	for len(ready) > 0 {
		out = append(out, ready)
		var next []*modelWork
		for _, w := range ready {
			for _, r := range readers[w.node.Address] {
				if waits[r.node.Address]--; waits[r.node.Address] == 0 {
					next = append(next, r)
				}
			}
		}
		ready = next
	}
	return out
}

// inputs returns what a query reads, each once.
func (w *modelWork) inputs() []addr.Address {
	var out []addr.Address
	for _, t := range w.node.Model.Tables {
		out = append(out, t.Target)
	}
	slices.SortFunc(out, addr.Compare)
	return slices.Compact(out)
}
