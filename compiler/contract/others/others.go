// Package others finds what a contract says that the formats have no place of
// their own for, so that a promise which is new to the language is in every
// document from its first day, and comes back from those that are read.
package others

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/document"
)

// The members of contracts and columns that each format places by itself, or that
// say where something is written.
var (
	ofContract = []string{"name", "version", "latest", "description", "owner", "compatibility", "deprecated_after", "columns", "key", "checks",
		"on_violation", "unknown_columns", "coerce", "tolerance", "reserved", "schema", "extensions", "range"}
	ofColumn = []string{"name", "type", "required", "description", "min", "max", "min_length", "max_length", "pattern", "enum", "format", "unique",
		"default", "tags", "checks", "no_null", "present", "property", "extensions", "range", "rules"}
	places = []string{"range", "rules", "sql_range"}
)

// OfContract returns the other members of a contract, in a defined order.
func OfContract(c *contract.Contract) []document.Member {
	short := *c
	short.Columns, short.Checks, short.Schema, short.Extensions = nil, nil, nil, nil
	return Of(&short, ofContract)
}

// OfColumn returns the other members of a column, in a defined order.
func OfColumn(c *contract.Column) []document.Member {
	short := *c
	short.Checks, short.Extensions, short.Rules = nil, nil, nil
	return Of(&short, ofColumn)
}

// IntoContract sets the other members of a contract to those that words holds. It
// is false where one has not the form that it needs; then none is set.
func IntoContract(words *document.Value, c *contract.Contract) bool {
	return Into(words, c, ofContract)
}

// IntoColumn is IntoContract for a column.
func IntoColumn(words *document.Value, c *contract.Column) bool { return Into(words, c, ofColumn) }

// Of returns the members of v's JSON that are not known, without places in files.
func Of(v any, known []string) []document.Member {
	src, err := json.Marshal(v)
	if err != nil {
		return nil // a contract always has a JSON form
	}
	var out []document.Member
	all := document.FromJSON(src)
	if all == nil {
		return nil
	}
	for _, m := range all.Members {
		if !slices.Contains(known, m.Name) {
			strip(m.Value)
			out = append(out, m)
		}
	}
	return out
}

// strip takes out what says where something is written.
func strip(v *document.Value) {
	v.Members = slices.DeleteFunc(v.Members, func(m document.Member) bool { return slices.Contains(places, m.Name) })
	for _, m := range v.Members {
		strip(m.Value)
	}
	for _, x := range v.Items {
		strip(x)
	}
}

// Into sets the members of v that words holds and that are not known.
func Into[T any](words *document.Value, v *T, known []string) bool {
	if !words.Is(document.Map) {
		return true
	}
	rest := document.NewMap()
	for _, m := range words.Members {
		if !slices.Contains(known, strings.ToLower(m.Name)) { // JSON's decoder minds no case
			rest.Set(m.Name, m.Value)
		}
	}
	if len(rest.Members) == 0 {
		return true
	}
	try := *v
	dec := json.NewDecoder(bytes.NewReader(document.Canonical(rest)))
	if dec.Decode(&try) != nil {
		return false
	}
	*v = try
	return true
}
