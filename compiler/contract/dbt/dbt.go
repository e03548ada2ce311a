// Package dbt reads the properties files of dbt: models, seeds, snapshots and the
// tables of sources become contracts.
package dbt

import (
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contract/odcs"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// Kept is the member of a contract's or column's extensions that holds what
// headgate has no word for.
const Kept = "dbt"

// Import makes a contract of each model, seed, snapshot and table of a source
// that has columns. name is the file, for diagnostics.
func Import(name string, src []byte) ([]*contract.Contract, diag.Diagnostics) {
	root, diags := document.Parse(name, src)
	if diags.HasErrors() {
		return nil, diags
	}
	r := &reader{file: name, diags: diags}
	for _, kind := range []string{"models", "seeds", "snapshots"} {
		for _, v := range root.Get(kind).Elements() {
			r.table(v, "", document.NewMap().With("resource", document.Of(strings.TrimSuffix(kind, "s"))))
		}
	}
	for _, s := range root.Get("sources").Elements() {
		about := document.NewMap()
		if s.Is(document.Map) {
			about = s.Clone()
		}
		about.Set("tables", nil)
		for _, v := range s.Get("tables").Elements() {
			r.table(v, s.Get("name").Str(), document.NewMap().With("resource", document.Of("source")).With("source", about))
		}
	}
	if len(r.out) == 0 && !r.diags.HasErrors() {
		r.add(diag.ImportNothing, root, diag.Error, "No model, seed, snapshot or source table has columns.")
	}
	if r.diags.HasErrors() {
		return nil, r.diags
	}
	return r.out, r.diags
}

type reader struct {
	file  string
	out   []*contract.Contract
	diags diag.Diagnostics
}

func (r *reader) add(code diag.Code, v *document.Value, severity diag.Severity, format string, args ...any) {
	at := v.At()
	if at.Filename == "" {
		at = diag.Range{Filename: r.file}
	}
	d := diag.New(code, format, args...).At(at)
	d.Severity = severity
	r.diags.Add(d)
}

func (r *reader) loose(v *document.Value, format string, args ...any) {
	r.add(diag.ImportLoose, v, diag.Warning, format, args...)
}

// table makes a contract. kept is what is to be kept besides what the table says.
func (r *reader) table(v *document.Value, source string, kept *document.Value) {
	name := v.Get("name").Str()
	if name == "" {
		r.add(diag.ImportInvalid, v, diag.Error, "It needs a name.")
		return
	}
	columns := v.Get("columns").Elements()
	if len(columns) == 0 {
		r.loose(v, "%s has no columns, so that no contract is made of it.", name)
		return
	}
	c := &contract.Contract{Name: odcs.Name(name), Version: 1, Latest: true, Description: strings.TrimSpace(v.Get("description").Str()), Compatibility: "auto",
		OnViolation: contract.Quarantine, UnknownColumns: contract.UnknownDrop, Coerce: contract.CoerceLossless, Range: v.At()}
	if n, err := strconv.Atoi(scalar(v.Get("latest_version"))); err == nil && n > 0 {
		c.Version = n
	}
	taken := func(name string) bool {
		return slices.ContainsFunc(r.out, func(o *contract.Contract) bool { return o.Name == name })
	}
	if taken(c.Name) && source != "" {
		c.Name = odcs.Name(source + "_" + name)
	}
	if taken(c.Name) {
		r.add(diag.ImportInvalid, v.Get("name"), diag.Error, "Two tables would both become contract %q.", c.Name)
		return
	}
	if v.Get("config").Get("contract").Get("enforced").True() || v.Get("contract").Get("enforced").True() {
		c.UnknownColumns = contract.UnknownFail // dbt takes exactly the columns that are listed
	}
	c.Owner = owner(v)
	for _, x := range columns {
		r.column(x, c)
	}
	rest := v.Clone()
	for _, said := range []string{"name", "description", "columns"} {
		rest.Set(said, nil)
	}
	if c.Name != name {
		kept.Set("name", document.Of(name))
	}
	r.tableRules(rest, c)
	for _, m := range rest.Members {
		kept.Set(m.Name, m.Value)
	}
	c.Extensions = document.Canonical(document.NewMap().With(Kept, kept))
	r.out = append(r.out, c)
}

func scalar(v *document.Value) string {
	s, _ := v.Scalar()
	return s
}

func owner(v *document.Value) string {
	for _, at := range []*document.Value{v.Get("meta"), v.Get("config").Get("meta")} {
		if s := at.Get("owner").Str(); s != "" {
			return strings.TrimPrefix(s, "@")
		}
	}
	return v.Get("group").Str()
}

// column adds a column to the contract. What is not said by it is kept.
func (r *reader) column(v *document.Value, c *contract.Contract) {
	name := v.Get("name").Str()
	if name == "" {
		if v.Get("include") == nil {
			r.add(diag.ImportInvalid, v, diag.Error, "A column needs a name.")
		}
		return
	}
	for i := range c.Columns {
		if strings.EqualFold(c.Columns[i].Name, name) {
			r.add(diag.ImportInvalid, v.Get("name"), diag.Error, "There is a column %q already; names that differ in case alone are one name to a database.", name)
			return
		}
	}
	col := contract.Column{Name: name, Description: strings.TrimSpace(v.Get("description").Str()), Range: v.At()}
	tests := testsOf(v)
	col.Type = r.columnType(v, tests)
	for _, list := range []*document.Value{v.Get("tags"), v.Get("config").Get("tags")} {
		for _, t := range list.Elements() {
			if s := t.Str(); s != "" && !col.HasTag(s) {
				col.Tags = append(col.Tags, s)
			}
		}
	}
	for _, meta := range []*document.Value{v.Get("meta"), v.Get("config").Get("meta")} {
		if (meta.Get("pii").True() || meta.Get("contains_pii").True()) && !col.HasTag("pii") {
			col.Tags = append(col.Tags, "pii")
		}
	}
	rest := v.Clone()
	for _, said := range []string{"name", "description", "tags"} {
		rest.Set(said, nil)
	}
	r.constraints(rest, &col, c)
	for _, member := range []string{"tests", "data_tests"} {
		if rest.Get(member) == nil {
			continue
		}
		left := document.ListOf()
		for _, t := range rest.Get(member).Elements() {
			if !r.test(t, &col) {
				left.Items = append(left.Items, t)
			}
		}
		rest.Set(member, left)
		if len(left.Items) == 0 {
			rest.Set(member, nil)
		}
	}
	if len(rest.Members) > 0 {
		col.Extensions = document.Canonical(document.NewMap().With(Kept, rest))
	}
	c.Columns = append(c.Columns, col)
}

func testsOf(v *document.Value) []*document.Value {
	return append(slices.Clone(v.Get("data_tests").Elements()), v.Get("tests").Elements()...)
}

// columnType reads data_type; without one the values that a test allows tell the
// type, else a column takes any JSON.
func (r *reader) columnType(v *document.Value, tests []*document.Value) types.Type {
	said := v.Get("data_type").Str()
	if said == "" {
		for _, x := range tests {
			t := testOf(x)
			if t.name == "expect_column_values_to_be_of_type" {
				said = t.args.Get("column_type").Str()
			}
		}
	}
	if t, ok := types.FromSQL(said); ok {
		return t
	}
	if said != "" {
		r.loose(v.Get("data_type"), "No type is known for %q: the column takes any JSON.", said)
		return types.Of(types.JSON)
	}
	for _, x := range tests {
		t := testOf(x)
		values := t.args.Get("values").Elements()
		if t.name == "expect_column_values_to_be_in_set" {
			values = t.args.Get("value_set").Elements()
		}
		strings, numbers := 0, 0
		for _, x := range values {
			if x.Is(document.String) {
				strings++
			} else if x.Is(document.Number) && !hasFraction(x.Text) {
				numbers++
			}
		}
		switch {
		case len(values) == 0:
		case strings == len(values):
			return types.Of(types.String)
		case numbers == len(values):
			return types.Of(types.Int64)
		}
	}
	r.loose(v, "The column %q has no data_type: it takes any JSON. Write its type.", v.Get("name").Str())
	return types.Of(types.JSON)
}

func hasFraction(digits string) bool { return strings.ContainsAny(digits, ".eE") }
