package jsonschema

import (
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	tree "github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contract/others"
	"github.com/headgate-data/headgate/lang/diag"
)

// promises writes what is promised of the table as a whole beside its key, what
// becomes of what breaks that, and what is said of versions, as annotations.
func (e *exporter) promises(out *Node) {
	c := e.c
	e.annotate(out, others.OfContract(c), "expects", "rows", "freshness", "set_violations", "quarantine_raw")
	if c.Tolerance != "" {
		out.set("x-headgate-tolerance", text(c.Tolerance))
	}
	if c.Compatibility != "" && c.Compatibility != "auto" {
		out.set("x-headgate-compatibility", text(c.Compatibility))
	}
	if len(c.Reserved) > 0 {
		out.set("x-headgate-reserved", texts(c.Reserved))
	}
	for _, x := range c.Expects {
		e.cannot(x.Range, "The query %s is about the whole table, of which JSON Schema, being about one record, says nothing.", x.Name)
	}
	if c.Rows != nil {
		e.cannot(c.Rows.Range, "The number of rows is about the whole table, of which JSON Schema, being about one record, says nothing.")
	}
	if c.Freshness != nil {
		e.cannot(c.Freshness.Range, "The freshness of %s is about the whole table, of which JSON Schema, being about one record, says nothing.", c.Freshness.Column)
	}
}

// references writes what a column refers to as an annotation.
func (e *exporter) references(out *Node, col *contract.Column) {
	if col.References == nil {
		return
	}
	e.annotate(out, others.OfColumn(col), "references")
	e.cannot(e.whereOf(col, contract.RuleReferences), "%s refers to %s, and JSON Schema, being about one record, knows no other table.", col.Name, col.References)
}

func (e *exporter) whereOf(col *contract.Column, rule string) diag.Range {
	if at, ok := col.Rules[rule]; ok {
		return at
	}
	return col.Range
}

// annotate writes the members of those names.
func (e *exporter) annotate(out *Node, members []tree.Member, names ...string) {
	for _, m := range members {
		if !slices.Contains(names, m.Name) {
			continue
		}
		if v, fault := Read("", []byte(tree.Compact(m.Value))); fault == nil {
			out.set("x-headgate-"+strings.ReplaceAll(m.Name, "_", "-"), v)
		}
	}
}
