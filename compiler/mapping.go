package compiler

import (
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

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
