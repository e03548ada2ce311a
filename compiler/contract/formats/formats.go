// Package formats turns contracts into the documents of other standards and
// back. It picks the package that knows the standard.
package formats

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/avro"
	"github.com/headgate-data/headgate/compiler/contract/condition"
	"github.com/headgate-data/headgate/compiler/contract/contractpage"
	"github.com/headgate-data/headgate/compiler/contract/contractsql"
	"github.com/headgate-data/headgate/compiler/contract/dbt"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contract/jsonschema"
	"github.com/headgate-data/headgate/compiler/contract/odcs"
	"github.com/headgate-data/headgate/compiler/contracttext"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/lang/diag"
)

// The names of formats.
const (
	JSONSchema = "jsonschema"
	ODCS       = "odcs"
	Avro       = "avro"
	SQL        = "sql"
	Markdown   = "markdown"
	DBT        = "dbt"
)

// Exports are the formats that can be written, Imports those that can be read,
// Dialects those of SQL.
var (
	Exports  = []string{JSONSchema, ODCS, Avro, SQL, Markdown}
	Imports  = []string{JSONSchema, ODCS, DBT}
	Dialects = []string{contractsql.DuckDB, contractsql.Postgres}
)

// Export writes contracts, of which there is at least one, in a format. ODCS and
// Avro hold several in one document, SQL and Markdown stand one behind the other;
// JSON Schema takes one alone. dialect is SQL's.
func Export(format, dialect string, cs []*contract.Contract) ([]byte, diag.Diagnostics) {
	if !slices.Contains(Exports, format) {
		return nil, usage("--format %q: it takes %s.", format, strings.Join(Exports, ", "))
	}
	if !slices.Contains(Dialects, dialect) {
		return nil, usage("--dialect %q: it takes %s.", dialect, strings.Join(Dialects, ", "))
	}
	cs, diags := settled(cs)
	text, more := export(format, dialect, cs)
	return text, append(diags, more...)
}

// settled returns the contracts with conditions that stand by themselves: the
// values of variables in place of their names.
func settled(cs []*contract.Contract) ([]*contract.Contract, diag.Diagnostics) {
	var diags diag.Diagnostics
	texts := func(checks []contract.Check, scope rowsyntax.Scope) []contract.Check {
		checks = slices.Clone(checks)
		for i := range checks {
			text, ok := condition.Text(&checks[i], scope)
			if !ok {
				d := diag.New(diag.ExportLoss, "The condition %q uses what only the project knows, so that nobody else can evaluate it.", checks[i].Source).At(checks[i].Range)
				d.Severity = diag.Warning
				diags.Add(d)
			}
			checks[i].Source = text
		}
		return checks
	}
	out := make([]*contract.Contract, len(cs))
	for i, c := range cs {
		d := *c
		d.Columns = slices.Clone(c.Columns)
		for k := range d.Columns {
			d.Columns[k].Checks = texts(d.Columns[k].Checks, condition.OfColumn(&d.Columns[k]))
		}
		d.Checks = texts(c.Checks, condition.OfRow(d.Columns))
		out[i] = &d
	}
	return out, diags
}

func export(format, dialect string, cs []*contract.Contract) ([]byte, diag.Diagnostics) {
	switch format {
	case ODCS:
		return odcs.Export(cs)
	case SQL:
		return each(cs, func(c *contract.Contract) []byte { return contractsql.Table(c, dialect) }), nil
	case Markdown:
		return each(cs, contractpage.Export), nil
	case Avro:
		if len(cs) == 1 {
			return avro.Export(cs[0]), nil
		}
		list := document.ListOf()
		for _, c := range cs {
			list.Items = append(list.Items, document.FromJSON(avro.Export(c)))
		}
		return document.JSON(list), nil
	}
	if len(cs) > 1 {
		return nil, usage("A JSON Schema describes one contract, and there are %d: name one, as in contract.%s.", len(cs), cs[0].Name)
	}
	return jsonschema.Export(cs[0])
}

func usage(format string, args ...any) diag.Diagnostics {
	return diag.Diagnostics{diag.New(diag.Usage, format, args...)}
}

// each writes contracts one behind the other, an empty line between them.
func each(cs []*contract.Contract, write func(*contract.Contract) []byte) []byte {
	var parts [][]byte
	for _, c := range cs {
		parts = append(parts, write(c))
	}
	return bytes.Join(parts, []byte("\n"))
}

// Import reads a document and writes its contracts as HCL, each with its version.
// name is the document's file; from is its format, "" to tell it by what it holds.
func Import(from, name string, src []byte) ([]byte, diag.Diagnostics) {
	if from != "" && !slices.Contains(Imports, from) {
		return nil, usage("--from %q: it takes %s.", from, strings.Join(Imports, ", "))
	}
	var diags diag.Diagnostics
	if from == "" {
		if from, diags = Tell(name, src); from == "" {
			return nil, diags
		}
	}
	var cs []*contract.Contract
	switch from {
	case ODCS:
		cs, diags = odcs.Import(name, src)
	case DBT:
		cs, diags = dbt.Import(name, src)
	default:
		cs, diags = fromJSONSchema(name, src)
	}
	if diags.HasErrors() {
		return nil, diags
	}
	return each(cs, func(c *contract.Contract) []byte {
		return contracttext.Write(c, contracttext.Options{Header: []string{fmt.Sprintf("From %s (%s).", name, from)}})
	}), diags
}

// Tell finds out the format of a document; "" with diagnostics where it cannot.
func Tell(name string, src []byte) (string, diag.Diagnostics) {
	root, diags := document.Parse(name, src)
	if diags.HasErrors() {
		return "", diags
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return root.Get(n) != nil })
	}
	switch {
	case root.Get("kind").Str() == "DataContract" || strings.HasPrefix(root.Get("apiVersion").Str(), "v") && has("schema"):
		return ODCS, nil
	case has("models", "sources", "seeds", "snapshots"):
		return DBT, nil
	case has("$schema", "properties", "$ref", "$defs", "definitions", "allOf", "anyOf", "oneOf") || root.Get("type").Str() == "object":
		return JSONSchema, nil
	}
	return "", diag.Diagnostics{diag.New(diag.FormatUnknown, "%s is neither ODCS nor dbt's nor a JSON Schema by its members.", name).At(diag.Range{Filename: name})}
}

// fromJSONSchema makes a contract of a JSON Schema. What its columns do not say
// stays in extensions, with the whole schema.
func fromJSONSchema(name string, src []byte) ([]*contract.Contract, diag.Diagnostics) {
	c, diags := jsonschema.Import(name, src)
	if diags.HasErrors() {
		return nil, diags
	}
	c.Name = odcs.Name(c.Name)
	var nulls []string
	for i := range c.Columns {
		if c.Columns[i].NoNull || c.Columns[i].Present {
			nulls = append(nulls, c.Columns[i].Name)
		}
	}
	if len(nulls) > 0 {
		d := diag.New(diag.ImportLoose, "The schema tells null from absent in %s, which a column does not: schema_file does.", strings.Join(nulls, ", ")).At(c.Range)
		d.Severity = diag.Warning
		diags.Add(d)
	}
	if v, bad := document.Parse(name, src); len(nulls)+len(c.Schema.Residue) > 0 && !bad.HasErrors() {
		c.Extensions = document.Canonical(document.NewMap().With(JSONSchema, v))
	}
	return []*contract.Contract{c}, diags
}
