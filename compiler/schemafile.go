package compiler

import (
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/jsonschema"
	"github.com/headgate-data/headgate/lang/diag"
)

// schemaFile takes columns from the JSON Schema that schema_file names. They
// replace inherited ones of their names. It is false where that failed, which was
// reported.
func (w *contractWork) schemaFile() bool {
	before := len(w.c.diags)
	file, ok := w.own.str("schema_file")
	if !ok {
		return len(w.c.diags) == before
	}
	at := w.own.at("schema_file")
	if w.out.Schema != nil {
		w.c.add(diag.New(diag.SchemaConflict, "The version that this one extends has the JSON Schema %s already. Leave out extends, or schema_file.", w.out.Schema.File).At(at))
		return false
	}
	src, err := w.projectFile(file)
	if err != nil {
		w.c.add(diag.New(diag.SchemaUnread, "%s.", err).At(at))
		return false
	}
	name, _ := config.ProjectPath(file)
	s, ds := jsonschema.Compile(name, src, jsonschema.Options{Open: w.projectFile, AssertFormat: true})
	w.c.diags = append(w.c.diags, ds...)
	if s == nil {
		return false
	}
	m, ds := s.Map(w.strict())
	w.c.diags = append(w.c.diags, ds...)
	if ds.HasErrors() {
		return false
	}
	w.close(m.Closed)
	for _, col := range m.Columns {
		same := func(c contract.Column) bool { return strings.EqualFold(c.Name, col.Name) }
		if i := slices.IndexFunc(w.out.Columns, same); i >= 0 {
			w.out.Columns[i] = col
		} else {
			w.out.Columns = append(w.out.Columns, col)
		}
	}
	w.out.Schema = s.Contract(m)
	return true
}

// projectFile reads a file of the project and keeps it for diagnostics.
func (w *contractWork) projectFile(file string) ([]byte, error) {
	src, err := w.c.eval.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if name, err := config.ProjectPath(file); err == nil {
		w.c.mod.Files[name] = src
	}
	return src, nil
}

func (w *contractWork) strict() bool {
	return w.out.UnknownColumns == contract.UnknownFail || w.out.UnknownColumns == contract.UnknownQuarantine
}

// close makes the contract refuse members that no column names, where its schema
// does.
func (w *contractWork) close(closed bool) {
	switch {
	case !closed || w.strict():
	case w.own.b.Attr("unknown_columns") != nil:
		w.c.add(diag.New(diag.SchemaConflict, "The schema refuses members that it does not name (additionalProperties: false), and unknown_columns = %q takes them. Say fail or quarantine, or leave unknown_columns out.",
			w.out.UnknownColumns).At(w.own.at("unknown_columns")))
	case w.out.OnViolation == contract.Fail:
		w.out.UnknownColumns = contract.UnknownFail
	default:
		w.out.UnknownColumns = contract.UnknownQuarantine
	}
}

// refined leaves to the schema what it says of columns that column blocks write
// anew: both hold. brought are the columns before the blocks.
func (w *contractWork) refined(brought []contract.Column) {
	for _, old := range brought {
		i := slices.IndexFunc(w.out.Columns, func(c contract.Column) bool { return strings.EqualFold(c.Name, old.Name) })
		if i < 0 || old.Property == "" || w.out.Columns[i].Property != "" {
			continue
		}
		col, s := &w.out.Columns[i], *w.out.Schema
		if col.Name != old.Name {
			w.c.add(diag.New(diag.SchemaConflict, "The schema calls the property %q, and names that differ in case alone are one name to a database.", old.Name).At(col.Range))
			continue
		}
		col.Required = col.Required || old.Required
		col.NoNull, col.Present = old.NoNull, old.Present
		if !slices.ContainsFunc(s.Residue, func(p string) bool { return p == "" || p == old.Property }) {
			s.Residue = append(slices.Clone(s.Residue), old.Property)
			slices.Sort(s.Residue)
			w.out.Schema = &s
		}
	}
}
