package compiler

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// DefaultSchema is the schema of a table whose schema is not written.
const DefaultSchema = "main"

func (c *compiler) pipelines() {
	c.eachOf(addr.Pipeline, func(e *entry, in instance) {
		b := c.body(e.block, in.each)
		p := &program.Pipeline{Tags: b.strings("tags"), Streams: slices.Sorted(slices.Values(e.streams))}
		p.From, _ = b.ref("from", addr.Source)
		p.To, _ = b.ref("to", addr.Destination)
		p.Owner, _ = b.str("owner")
		p.Description, _ = b.str("description")
		p.Schedule = b.schedule()
		if p.Timezone = b.zone(""); p.Timezone == "" && p.Schedule != "" {
			p.Timezone = "UTC"
		}
		p.Timeout = b.duration("timeout")
		if batch := e.block.One("batch"); batch != nil {
			r := b.in(batch)
			rows, _ := r.whole("rows", 1)
			p.BatchRows = int(min(rows, 1<<30))
			p.BatchBytes, _ = r.whole("bytes", 1)
		}
		if len(e.streams) == 0 {
			c.add(diag.New(diag.NoStreams, "%s has no stream block.", in.addr).At(e.block.Range))
		}
		n := &program.Node{Address: in.addr, Range: e.block.Range, Pipeline: p}
		n.DependsOn = append([]addr.Address{p.From, p.To}, b.dependsOn()...)
		c.addNode(n)
		for _, s := range e.block.Nested("stream") {
			c.stream(b.in(s), n)
		}
	})
}

// dependsOn reads depends_on. A pipeline stands for its streams, too; a model
// without a version for its latest one.
func (b body) dependsOn() []addr.Address {
	var out []addr.Address
	for _, a := range b.refs("depends_on", addr.Pipeline, addr.Model, addr.External) {
		switch {
		case a.Kind == addr.Model:
			a, _ = b.c.versioned(a)
		case a.Kind == addr.Pipeline && a.Stream == "":
			if e := b.c.entries[a.Kind][a.Name]; e != nil {
				for _, s := range e.streams {
					out = append(out, a.WithStream(s))
				}
			}
		}
		out = append(out, a)
	}
	return out
}

// schedule reads a cron expression of five fields, or @hourly and the like.
func (b body) schedule() string {
	s, ok := b.str("schedule")
	if !ok {
		return ""
	}
	parser := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)
	err := error(kindError("a time zone belongs into timezone"))
	if !strings.Contains(s, "=") { // the parser would take TZ=..., and not always survive it
		_, err = parser.Parse(s)
	}
	if err != nil {
		b.c.add(diag.New(diag.BadSchedule, "%q is no cron expression of five fields: %s.", s, err).At(b.at("schedule")))
		return ""
	}
	return s
}

var daysPattern = regexp.MustCompile(`[0-9]+d`)

var durationPattern = regexp.MustCompile(`^([0-9]{1,9}(ms|s|m|h|d))+$`)

// duration reads a duration; days are given back as hours, so that every reader
// of the program can parse it.
func (b body) duration(name string) string {
	s, ok := b.str(name)
	if !ok {
		return ""
	}
	text := daysPattern.ReplaceAllStringFunc(s, func(days string) string {
		d, err := time.ParseDuration(strings.TrimSuffix(days, "d") + "h")
		if err != nil {
			return "x"
		}
		return (24 * d).String()
	})
	d, err := time.ParseDuration(text)
	if !durationPattern.MatchString(s) || err != nil || d <= 0 {
		b.c.add(diag.New(diag.BadDuration, "%q is no duration such as \"30s\", \"10m\", \"2h\" or \"7d\".", s).At(b.at(name)))
		return ""
	}
	if strings.Contains(s, "d") {
		return d.String()
	}
	return s
}

// stream compiles one stream of a pipeline.
func (c *compiler) stream(b body, pipeline *program.Node) {
	a := pipeline.Address.WithStream(b.b.Labels[0])
	s := &program.Stream{Write: b.strOr("write", "append")}
	s.From, _ = b.str("from_stream")
	s.Schema, s.Table = b.table("table", DefaultSchema, b.b.Labels[0])
	if l := b.b.One("lifecycle"); l != nil {
		s.PreventDestroy = b.in(l).boolean("prevent_destroy", false)
	}
	promise := c.streamContract(b, s)
	s.RowSchema = c.rowSchema(pipeline.Pipeline.From, s.From, a.Stream)
	if m := b.b.One("map"); m != nil {
		s.Map = c.mapping(b.in(m), promise, s.RowSchema, a)
	}
	if promise != nil {
		c.streamColumns(b, s, promise)
	}
	c.publish(publication{owner: a, destination: pipeline.Pipeline.To, schema: s.Schema, name: s.Table, at: b.at("table"), stream: true})
	n := &program.Node{Address: a, Range: b.b.Range, Stream: s}
	n.DependsOn = []addr.Address{pipeline.Address, s.Contract}
	c.addNode(n)
}

func (c *compiler) streamContract(b body, s *program.Stream) *contract.Contract {
	a, ok := b.ref("contract", addr.Contract)
	if !ok {
		return nil
	}
	if a, ok = c.versioned(a); !ok {
		return nil
	}
	s.Contract = a
	promise := c.contract(a)
	if promise != nil {
		c.deprecated(a, promise.DeprecatedAfter, b.at("contract"))
	}
	return promise
}

// streamColumns checks what the stream asks of its contract.
func (c *compiler) streamColumns(b body, s *program.Stream, promise *contract.Contract) {
	if s.Write == "merge" && len(promise.Key) == 0 {
		c.add(diag.New(diag.MergeWithoutKey, "%s has no key.", s.Contract).At(b.at("write")))
	}
	if name, ok := b.str("cursor"); ok {
		s.Cursor = name
		var columns []string
		for i := range promise.Columns {
			columns = append(columns, promise.Columns[i].Name)
		}
		switch col, ok := promise.Column(name); {
		case !ok:
			c.add(diag.New(diag.CursorColumn, "%s has no column %q.%s", s.Contract, name, diag.DidYouMean(name, columns)).At(b.at("cursor")))
		case !col.Type.Orderable():
			c.add(diag.New(diag.CursorColumn, "%q is of type %s, whose values have no order.", name, col.Type).At(b.at("cursor")))
		}
	}
	c.unfilled(b, s, promise)
}

// unfilled warns of required columns that nothing can fill, where the source's
// columns are known.
func (c *compiler) unfilled(b body, s *program.Stream, promise *contract.Contract) {
	if s.RowSchema == nil {
		return
	}
	filled := map[string]bool{}
	if s.Map == nil || !s.Map.Only {
		for i := range s.RowSchema {
			filled[s.RowSchema[i].Name] = true
		}
	}
	if s.Map != nil {
		for _, name := range s.Map.Drop {
			delete(filled, name)
		}
		for i := range s.Map.Columns {
			filled[s.Map.Columns[i].Name] = true
		}
	}
	for i := range promise.Columns {
		if col := &promise.Columns[i]; col.Required && col.Default == nil && !filled[col.Name] {
			d := diag.New(diag.ColumnNotFilled, "%s requires %q, and neither the source nor the map has it.", s.Contract, col.Name).At(b.at("contract"))
			d.Severity = diag.Warning
			d.Related = []diag.Related{{Message: "the column", Range: col.Range}}
			c.add(d)
		}
	}
}

// rowSchema returns the columns of the source's stream, nil where they are not
// known. A file source has one stream, named after the source, whatever the
// pipeline calls it. CSV knows names and no types: there a column takes its type
// from where it stands, as text that is read as the contract wants it.
func (c *compiler) rowSchema(source addr.Address, from, name string) []contract.Column {
	if from != "" {
		name = from
	}
	cols, known := c.lock[lockKey{source, name}]
	n := c.nodes[source]
	if n == nil || n.Source == nil || n.Source.File == nil {
		return cols
	}
	if !known {
		cols = c.lock[lockKey{source, source.Name}]
	}
	if n.Source.File.Format == "csv" {
		cols = slices.Clone(cols)
		for i := range cols {
			cols[i].Type = types.Of(types.Any)
		}
	}
	return cols
}

// identifier is what may name a schema or table.
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,99}$`)

// table reads "table" or "schema.table".
func (b body) table(attr, schema, otherwise string) (string, string) {
	s, ok := b.str(attr)
	at := b.at(attr)
	if !ok {
		if b.has(attr) {
			return schema, ""
		}
		s, at = otherwise, labelRange(b.b)
	}
	name := s
	if before, after, dotted := strings.Cut(s, "."); dotted && ok {
		schema, name = before, after
	}
	if d := badTable(schema, name); d != "" {
		b.c.add(diag.New(diag.BadTableName, "%q: %s.", s, d).At(at))
		return schema, ""
	}
	return schema, name
}

// badTable says what is wrong with a table's name, or "".
func badTable(schema, name string) string {
	switch {
	case !identifier.MatchString(schema) || !identifier.MatchString(name):
		return "a name has letters, digits and underscores, begins with no digit, and is at most 100 long; set table to such a name"
	case strings.HasPrefix(strings.ToLower(schema), "headgate") || strings.HasPrefix(strings.ToLower(name), "headgate_"):
		return "names that begin with headgate are headgate's own"
	}
	return ""
}

// mapping compiles a map block against the source's columns and the contract. A
// nil promise was reported before; the expressions are then typed alone.
func (c *compiler) mapping(b body, promise *contract.Contract, source []contract.Column, stream addr.Address) *program.Map {
	m := &program.Map{Drop: b.strings("drop"), Only: b.boolean("only", false)}
	scope := rowsyntax.Scope{Columns: rowColumns(source), Untyped: source == nil}
	if source == nil && (b.has("filter") || len(b.b.Nested("column")) > 0) {
		d := diag.New(diag.UntypedRows, "sources.lock.hcl does not know the columns of %s, so row.x takes its type from where it stands.", stream).At(b.b.Range)
		d.Severity = diag.Warning
		c.add(d)
	}
	if b.has("filter") {
		m.Filter = b.condition("filter", scope)
		m.FilterSource, m.FilterRange = b.source("filter"), b.b.Attr("filter").Range
	}
	for _, col := range b.b.Nested("column") {
		if mc, ok := c.mapColumn(b.in(col), col.Labels[0], promise, source, scope); ok {
			m.Columns = append(m.Columns, mc)
		}
	}
	return m
}

func (c *compiler) mapColumn(b body, name string, promise *contract.Contract, source []contract.Column, scope rowsyntax.Scope) (program.MapColumn, bool) {
	if promise != nil {
		target, ok := promise.Column(name)
		if !ok {
			var names []string
			for i := range promise.Columns {
				names = append(names, promise.Columns[i].Name)
			}
			c.add(diag.New(diag.MapUnknownColumn, "%s has no column %q.%s", addr.Of(addr.Contract, promise.Name).WithVersion(promise.Version),
				name, diag.DidYouMean(name, names)).At(labelRange(b.b)))
		} else {
			scope.Expect = target.Type
		}
	}
	value := b.row("value", scope)
	if value == nil {
		return program.MapColumn{}, false
	}
	return program.MapColumn{Name: name, Value: value, Source: b.source("value"), Range: b.b.Range, PII: personal(value, promise, source)}, true
}

// personal reports whether an expression reads a column that is tagged as
// personal data, in the source or under the same name in the contract.
func personal(e *rowexpr.Expr, promise *contract.Contract, source []contract.Column) bool {
	for _, ref := range e.Refs() {
		if len(ref.Path) == 0 {
			continue
		}
		name := ref.Path[0].Name
		for i := range source {
			if source[i].Name == name && source[i].HasTag("pii") {
				return true
			}
		}
		if promise == nil {
			continue
		}
		if col, ok := promise.Column(name); ok && col.HasTag("pii") {
			return true
		}
	}
	return false
}
