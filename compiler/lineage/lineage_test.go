package lineage_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/lineage"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/addr"
)

func ref(path ...string) *rowexpr.Expr {
	e := &rowexpr.Expr{Op: rowexpr.OpRef}
	for _, p := range path {
		e.Path = append(e.Path, rowexpr.Step{Name: p})
	}
	return e
}

func columns(names ...string) []contract.Column {
	var out []contract.Column
	for _, n := range names {
		out = append(out, contract.Column{Name: n, Type: types.Of(types.String)})
	}
	return out
}

// TestOfStream goes through the ways in which a map makes a column.
func TestOfStream(t *testing.T) {
	source := addr.Of(addr.Source, "s")
	s := &program.Stream{Map: &program.Map{Drop: []string{"secret"}, Filter: ref("kind"), Columns: []program.MapColumn{
		{Name: "renamed", Value: &rowexpr.Expr{Op: rowexpr.OpConvert, Args: []*rowexpr.Expr{ref("original")}}},
		{Name: "nested", Value: ref("user", "email")},
		{Name: "both", Value: &rowexpr.Expr{Op: rowexpr.OpConcat, Args: []*rowexpr.Expr{ref("a"), ref("b"), ref("a")}}},
		{Name: "fixed", Value: &rowexpr.Expr{Op: rowexpr.OpLit, Lit: &rowexpr.Literal{Text: "x"}}},
	}}}
	got := lineage.OfStream(s, source, columns("renamed", "nested", "both", "fixed", "passed", "secret", contract.ExtraColumn))
	from := func(how string, names ...string) []program.Origin {
		var out []program.Origin
		for _, n := range names {
			out = append(out, program.Origin{Column: n, How: how})
		}
		return out
	}
	want := &program.Lineage{Inputs: []addr.Address{source}, Rows: from("filter", "kind"), Columns: []program.LineageColumn{
		{Name: "renamed", From: from("", "original")}, {Name: "nested", From: from("transformed", "user")}, {Name: "both", From: from("transformed", "a", "b")},
		{Name: "fixed"}, {Name: "passed", From: from("", "passed")}, {Name: "secret"}, {Name: contract.ExtraColumn, From: from("transformed", "*")},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	s.Map.Only = true
	if only := lineage.OfStream(s, source, columns("passed")); only.Columns[0].From != nil {
		t.Errorf("a column that `only` stops comes from %v", only.Columns[0].From)
	}
	if plain := lineage.OfStream(&program.Stream{}, source, columns("a")); len(plain.Rows) > 0 || len(plain.Columns[0].From) != 1 {
		t.Errorf("without a map: %+v", plain)
	}
}

// TestUseOf asks what a model has to do with each kind of change.
func TestUseOf(t *testing.T) {
	in, other := addr.Of(addr.Model, "in").WithVersion(1), addr.Of(addr.Model, "other").WithVersion(1)
	m := &program.Model{Columns: columns("x", "y"), Lineage: &program.Lineage{Inputs: []addr.Address{other, in},
		Columns: []program.LineageColumn{{Name: "x", From: []program.Origin{{Input: 1, Column: "A"}}}, {Name: "y", From: []program.Origin{{Input: 1, Column: "b"}, {Input: 0, Column: "c"}}}},
		Rows:    []program.Origin{{Input: 1, Column: "d", How: "where"}}, Named: []program.Origin{{Input: 1, Column: "e"}},
		Opaque: []program.Opaque{{Input: 0, Why: "select *"}}}}
	for _, c := range []struct {
		name   string
		of     addr.Address
		change lineage.Change
		want   lineage.Use
	}{
		{"a column, spelled otherwise", in, lineage.Change{Columns: map[string]bool{"a": true}}, lineage.Use{Reads: []string{"A"}, Columns: []string{"x"}}},
		{"a column of that name of another input", other, lineage.Change{Columns: map[string]bool{"a": true}}, lineage.Use{}},
		{"a column that decides rows", in, lineage.Change{Columns: map[string]bool{"d": true}}, lineage.Use{Reads: []string{"d"}, Rows: true}},
		{"a column that is only named", in, lineage.Change{Columns: map[string]bool{"e": true}}, lineage.Use{Reads: []string{"e"}}},
		{"a column that nothing reads", in, lineage.Change{Columns: map[string]bool{"z": true}}, lineage.Use{}},
		{"rows", in, lineage.Change{Rows: true}, lineage.Use{Reads: []string{"A", "b", "d", "e"}, Columns: []string{"x", "y"}, Rows: true}},
		{"a column that comes", other, lineage.Change{Shape: true}, lineage.Use{Shows: true, Opaque: []string{"select *"}}},
		{"a column that comes, and does not show", in, lineage.Change{Shape: true}, lineage.Use{}},
		{"a table that it does not read", addr.Of(addr.Model, "none"), lineage.Change{Rows: true}, lineage.Use{}},
	} {
		if diff := cmp.Diff(c.want, lineage.UseOf(m, c.of, c.change)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	m.Lineage = nil
	if u := lineage.UseOf(m, in, lineage.Change{Columns: map[string]bool{"z": true}}); !u.Reached() || !slices.Contains(u.Opaque, lineage.Unknown) {
		t.Errorf("without lineage: %+v", u)
	}
	// A state that somebody else wrote.
	m.Lineage = &program.Lineage{Inputs: []addr.Address{in}, Rows: []program.Origin{{Input: 7, Column: "x"}}}
	if u := lineage.UseOf(m, in, lineage.Change{Rows: true}); !slices.Contains(u.Opaque, lineage.Unknown) {
		t.Errorf("with an origin that is nowhere: %+v", u)
	}
}

// TestTrace follows a column through a chain and stops where it only filters.
func TestTrace(t *testing.T) {
	a := func(name string) addr.Address { return addr.Of(addr.Model, name).WithVersion(1) }
	reads := func(in, from, how, to string) *program.Lineage {
		return &program.Lineage{Inputs: []addr.Address{a(in)}, Columns: []program.LineageColumn{{Name: to, From: []program.Origin{{Column: from, How: how}}}}}
	}
	filtered := &program.Lineage{Inputs: []addr.Address{a("b")}, Rows: []program.Origin{{Column: "Y", How: "where"}}, Columns: []program.LineageColumn{{Name: "one"}}}
	p := &program.Program{Nodes: []*program.Node{
		{Address: a("a"), Model: &program.Model{Columns: columns("x")}},
		{Address: a("b"), Model: &program.Model{Columns: columns("y"), Lineage: reads("a", "x", "", "y")}},
		{Address: a("c"), Model: &program.Model{Columns: columns("z"), Lineage: reads("b", "Y", "aggregated", "z")}},
		{Address: a("d"), Model: &program.Model{Columns: columns("one"), Lineage: filtered}},
		{Address: a("e"), Model: &program.Model{Columns: columns("one"), Lineage: reads("d", "one", "", "one")}},
	}}
	up := lineage.Upstream(p, lineage.Point{Of: a("c"), Column: "z"})
	want := []lineage.Edge{
		{From: lineage.Point{Of: a("b"), Column: "Y"}, To: lineage.Point{Of: a("c"), Column: "z"}, How: "aggregated"},
		{From: lineage.Point{Of: a("a"), Column: "x"}, To: lineage.Point{Of: a("b"), Column: "Y"}, How: "direct"},
	}
	if diff := cmp.Diff(want, up); diff != "" {
		t.Error(diff)
	}
	down := lineage.Downstream(p, lineage.Point{Of: a("a"), Column: "x"})
	if len(down) != 3 || down[2].To != (lineage.Point{Of: a("d")}) {
		t.Errorf("downstream of a.x: %v", down)
	}
	if f := lineage.Follow(p, lineage.Point{Of: a("d")}); len(f.Rows) != 1 || len(f.Downstream) != 1 || f.Columns[0] != "one" {
		t.Errorf("of d: %+v", f)
	}
	if f := lineage.Follow(p, lineage.Point{Of: a("a")}); len(f.Opaque) != 0 || len(f.Upstream) != 0 {
		t.Errorf("of a: %+v", f)
	}
}
