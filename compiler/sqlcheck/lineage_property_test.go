package sqlcheck_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/sqlcheck"
	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// TestLineageHoldsForTypes checks, for every query of the cases, that a column
// which no part of the result uses can go unless the text names it, and that one
// which an output does not use can change its type without changing that output's.
func TestLineageHoldsForTypes(t *testing.T) {
	tables := lineageTables(t)
	ctx := context.Background()
	engine := newEngine(t, tables)
	bind := func(table sqltype.Table, sql string) ([]sqltype.Column, error) {
		engine.define(table)
		return engine.Describe(ctx, sql)
	}
	checked, removed := 0, 0
	for _, sql := range allLineageQueries(t) {
		l, before := trace(t, engine, tables, sql)
		eachColumn(l, tables, func(relation int, table sqltype.Table, i int) {
			column := table.Columns[i].Name
			unused := func(o int) bool { return !uses(l, o, relation, column) }
			kind := []types.Type{types.DecimalOf(20, 4), types.Of(types.String)}[i%2]
			if after, err := bind(retyped(table, i, kind), sql); err == nil && len(after) == len(before) { // else something else uses it
				for o := range before {
					if unused(o) && before[o].Native != after[o].Native {
						t.Errorf("%s\n%s.%s as %s changes %s from %s to %s, and is not in its lineage", sql, table.Name, column, kind, before[o].Name, before[o].Native, after[o].Native)
					}
					checked++
				}
			}
			named := slices.ContainsFunc(l.Named, func(o sqlcheck.Origin) bool { return o.Relation == relation && strings.EqualFold(o.Column, column) })
			if allOutputs(l, unused) {
				after, err := bind(without(table, i), sql)
				if same := err == nil && fmt.Sprint(after) == fmt.Sprint(before); same == named {
					t.Errorf("%s\nwithout %s.%s, which is named: %v, the query is the same: %v\nbefore %v\nafter  %v %v", sql, table.Name, column, named, same, before, after, err)
				}
				removed++
			}
			engine.define(table)
		})
	}
	if checked < 1000 || removed < 100 {
		t.Errorf("only %d types and %d removals were tried", checked, removed)
	}
}

func allOutputs(l *sqlcheck.Lineage, unused func(int) bool) bool {
	for o := range l.Columns {
		if !unused(o) {
			return false
		}
	}
	return true
}

// eachColumn calls f for every column of every table that a query reads.
func eachColumn(l *sqlcheck.Lineage, tables []sqltype.Table, f func(relation int, table sqltype.Table, column int)) {
	for r, read := range l.Relations {
		for _, table := range tables {
			if strings.EqualFold(table.Name, read.Name) {
				for i := range table.Columns {
					f(r, table, i)
				}
			}
		}
	}
}

func retyped(table sqltype.Table, i int, kind types.Type) sqltype.Table {
	table.Columns = slices.Clone(table.Columns)
	table.Columns[i].Type = kind
	return table
}

func without(table sqltype.Table, i int) sqltype.Table {
	table.Columns = slices.Delete(slices.Clone(table.Columns), i, i+1)
	return table
}

// TestLineageHoldsForValues checks, for every query of the cases over tables with
// rows, that other values in a column change no output whose lineage does not
// have that column.
func TestLineageHoldsForValues(t *testing.T) {
	tables := lineageTables(t)
	engine := newEngine(t, tables)
	db, err := duck.Open(":memory:", map[string]string{"threads": "1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	conn, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	stock(t, conn, tables)
	checked := 0
	for _, sql := range allLineageQueries(t) {
		l, described := trace(t, engine, tables, sql)
		before := outputs(t, conn, sql, len(described))
		eachColumn(l, tables, func(relation int, table sqltype.Table, i int) {
			show(t, conn, table, i)
			after := outputs(t, conn, sql, len(described))
			for o := range described {
				if !uses(l, o, relation, table.Columns[i].Name) && !slices.Equal(before[o], after[o]) {
					t.Errorf("%s\nother values in %s.%s change %s, and are not in its lineage\nbefore %v\nafter  %v",
						sql, table.Name, table.Columns[i].Name, described[o].Name, before[o], after[o])
				}
				checked++
			}
			show(t, conn, table, -1)
		})
	}
	if checked < 1000 {
		t.Errorf("only %d outputs were compared", checked)
	}
}

// outputs runs a query and returns the sorted values of each column.
func outputs(t *testing.T, conn *duck.Conn, sql string, width int) [][]string {
	t.Helper()
	names := make([]string, width)
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i)
	}
	casts := make([]string, width)
	for i, n := range names {
		casts[i] = n + "::varchar"
	}
	rows, err := conn.Texts(context.Background(), "select "+strings.Join(casts, ", ")+" from ("+sql+") as r("+strings.Join(names, ", ")+")")
	if err != nil {
		t.Fatalf("%s\n%v", sql, err)
	}
	out := make([][]string, width)
	for _, row := range rows {
		for i, v := range row {
			text := "null"
			if v != nil {
				text = *v
			}
			out[i] = append(out[i], text)
		}
	}
	for i := range out {
		slices.Sort(out[i])
	}
	return out
}

// stock makes every table with 12 rows under schema store, and once more for each
// of its columns, with other values in that column.
func stock(t *testing.T, conn *duck.Conn, tables []sqltype.Table) {
	t.Helper()
	const rows = 12
	exec(t, conn, "create schema raw; create schema store")
	for _, table := range tables {
		for changed := -1; changed < len(table.Columns); changed++ {
			columns, lines := make([]string, len(table.Columns)), make([][]string, rows)
			for i, c := range table.Columns {
				columns[i] = c.Name + " " + c.Type.DuckDB()
				seed := uint64(1)
				if i == changed {
					seed = 2
				}
				r := rand.New(rand.NewPCG(seed, uint64(i)))
				places := r.Perm(rows)
				for n := range rows {
					lines[n] = append(lines[n], literal(r, c, places[n]))
				}
			}
			var values []string
			for _, l := range lines {
				values = append(values, "("+strings.Join(l, ", ")+")")
			}
			name := stored(table, changed)
			exec(t, conn, "create table "+name+" ("+strings.Join(columns, ", ")+"); insert into "+name+" values "+strings.Join(values, ", "))
		}
		show(t, conn, table, -1)
	}
}

// stored names a table of the stock; changed is -1 for the one as it was.
func stored(table sqltype.Table, changed int) string {
	return fmt.Sprintf("store.%s_%d", table.Name, changed+1)
}

// show makes queries read one of the stock.
func show(t *testing.T, conn *duck.Conn, table sqltype.Table, changed int) {
	t.Helper()
	name := table.Name
	if table.Schema != "" {
		name = table.Schema + "." + name
	}
	exec(t, conn, "create or replace view "+name+" as select * from "+stored(table, changed))
}

func exec(t *testing.T, conn *duck.Conn, sql string) {
	t.Helper()
	if err := conn.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// literal writes a value for a column: keys without repeats, everything else from
// a few values, with nulls.
func literal(r *rand.Rand, c sqltype.Column, place int) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	switch {
	case c.Name == "id" || c.Name == "customer_id":
		return fmt.Sprint(place)
	case c.Name == "day" || c.Name == "since":
		return fmt.Sprintf("date '2026-01-%02d'", 1+place)
	case c.Name == "status":
		return pick("'paid'", "'open'", "'x'")
	case c.Name == "city":
		return pick("'Rome'", "'Oslo'", "'x'")
	case c.Name == "currency":
		return pick("'EUR'", "'USD'")
	case c.Name == "tags":
		return pick("['a', 'b']", "['c']", "[]", "null")
	case c.Name == "who":
		return fmt.Sprintf("{'name': '%c', 'city': 'y%d'}", 'a'+r.IntN(5), r.IntN(3))
	case c.Name == "lines":
		return fmt.Sprintf("[{'sku': 's%d', 'qty': %d}, {'sku': 't', 'qty': 1}]", r.IntN(4), r.IntN(9))
	case c.Name == "doc":
		return fmt.Sprintf(`'{"a": %d, "b": "x%d", "c": null}'`, r.IntN(4), r.IntN(4))
	case c.Type.Kind == types.String:
		return pick("'a'", "'b'", "'7'", "null")
	default:
		return fmt.Sprint(r.IntN(5))
	}
}

// TestLineageOfBrokenTrees takes members out of the trees of all cases: whatever is
// missing, there is an answer, and every origin names a relation that is there.
func TestLineageOfBrokenTrees(t *testing.T) {
	tables := lineageTables(t)
	engine := newEngine(t, tables)
	r := rand.New(rand.NewPCG(7, 7))
	answered := 0
	for _, sql := range allLineageQueries(t) {
		tree, err := engine.Tree(context.Background(), sql)
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			var v any
			if err := json.Unmarshal(tree, &v); err != nil {
				t.Fatal(err)
			}
			for range 1 + r.IntN(3) {
				damage(r, v)
			}
			broken, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			p, _ := sqlcheck.Parse(sql, broken)
			if p == nil {
				continue
			}
			answered++
			l := p.Lineage([]sqlcheck.Column{{Name: "id"}, {Name: "other"}}, lookupIn(tables))
			for _, c := range l.Columns {
				for _, o := range c.From {
					if o.Relation < 0 || o.Relation >= len(l.Relations) {
						t.Fatalf("%s: %v is nowhere", broken, o)
					}
				}
			}
		}
	}
	if answered < 300 {
		t.Errorf("only %d trees were read", answered)
	}
}

// damage takes one member or element out of a tree of JSON, empties it, or gives a
// text another one.
func damage(r *rand.Rand, v any) {
	for {
		switch x := v.(type) {
		case map[string]any:
			keys := slices.Sorted(maps.Keys(x))
			if len(keys) == 0 {
				return
			}
			k := keys[r.IntN(len(keys))]
			if r.IntN(6) > 0 && (isTree(x[k])) {
				v = x[k]
				continue
			}
			if text, ok := x[k].(string); ok && r.IntN(2) == 0 {
				x[k] = text + "X"
			} else {
				delete(x, k)
			}
			return
		case []any:
			if len(x) == 0 {
				return
			}
			i := r.IntN(len(x))
			if r.IntN(6) > 0 && isTree(x[i]) {
				v = x[i]
				continue
			}
			x[i] = nil
			return
		default:
			return
		}
	}
}

func isTree(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}
