package planner_test

import (
	"slices"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// shop is the project that every case starts from: files and a tap go into a
// warehouse, where two versions of a model, a view and a table on it are made.
//
// Long: it is one literal.
func shop(t testing.TB) *program.Program {
	t.Helper()
	a := func(s string) addr.Address { return address(t, s) }
	at := diag.Range{Filename: "shop.gate.hcl", Start: diag.Pos{Line: 3, Column: 1}, End: diag.Pos{Line: 3, Column: 9}}
	needs := func(list ...string) []addr.Address {
		var out []addr.Address
		for _, s := range list {
			out = append(out, a(s))
		}
		slices.SortFunc(out, addr.Compare)
		return out
	}
	cols := []contract.Column{
		{Name: "order_id", Type: types.Of(types.Int64), Required: true},
		{Name: "total", Type: types.DecimalOf(10, 2), Min: ptr("0")},
		{Name: "email", Type: types.Of(types.String), Tags: []string{"pii"}},
	}
	orders := func(v int) *contract.Contract {
		return &contract.Contract{
			Name: "orders", Version: v, Latest: v == 2, Columns: slices.Clone(cols), Key: []string{"order_id"},
			Checks: []contract.Check{{Name: "sane", Source: "row.total < var.limit", Severity: "error", Condition: &rowexpr.Expr{
				Op: rowexpr.OpLt, Type: types.Of(types.Bool), Args: []*rowexpr.Expr{
					{Op: rowexpr.OpRef, Type: types.DecimalOf(10, 2), Path: []rowexpr.Step{{Name: "total"}}},
					{Op: rowexpr.OpLit, Type: types.DecimalOf(10, 2), Lit: &rowexpr.Literal{Text: "1000"}},
				}}}},
			OnViolation: "quarantine", UnknownColumns: "drop", Coerce: "lossless",
		}
	}
	stream := func(table, write string) *program.Stream {
		return &program.Stream{Contract: a("contract.orders.v1"), Schema: "raw", Table: table, Write: write, PreventDestroy: table == "kept"}
	}
	model := func(v int, latest bool, kind, table, sql, target string) *program.Model {
		return &program.Model{
			Destination: a("destination.warehouse"), Schema: "marts", Table: table, Version: v, Latest: latest, Materialized: kind, SQL: sql,
			Tables: []program.TableRef{{Start: 14, End: 20, Target: a(target), Schema: "raw", Table: "orders", Managed: true}}, Columns: cols,
		}
	}
	env := program.Environment{Name: "dev", Default: true}
	secret := program.Text{{Lit: "Bearer "}, {Secret: "TOKEN"}}
	p := &program.Program{Project: "shop", Environment: env, State: program.StateBackend{Kind: "local", Path: ".headgate/state.db"}, Nodes: []*program.Node{
		{Address: a("headgate"), Project: &program.Project{Name: "shop"}},
		{Address: a("environment.dev"), Environment: &env},
		{Address: a("source.files"), Source: &program.Source{Type: "file", File: &program.FileSource{Path: "data/*.jsonl", Format: "jsonl", Compression: "auto"}}},
		{Address: a("source.tap"), Source: &program.Source{Type: "singer", Singer: &program.SingerSource{
			Command: []program.Text{program.Lit("python3"), program.Lit("tap.py")}, Catalog: "none", State: "file", Schema: "messages", Timezone: "UTC",
			Config: program.Value{Map: &map[string]program.Value{"auth": {Text: &secret}, "size": {Num: "12"}}}, Env: map[string]program.Text{"KEY": {{Secret: "KEY"}}}}}},
		{Address: a("destination.warehouse"), Destination: &program.Destination{Type: "duckdb", DuckDB: &program.DuckDBDestination{Path: program.Lit("w.duckdb")}}},
		{Address: a("contract.orders.v1"), Contract: orders(1)},
		{Address: a("contract.orders.v2"), Contract: orders(2)},
		{Address: a("pipeline.orders"), DependsOn: needs("source.files", "destination.warehouse"), Pipeline: &program.Pipeline{
			From: a("source.files"), To: a("destination.warehouse"), Schedule: "0 2 * * *", Owner: "data", Streams: []string{"kept", "orders", "snapshot"}}},
		{Address: a("pipeline.orders.stream.orders"), DependsOn: needs("contract.orders.v1", "pipeline.orders"), Stream: stream("orders", "append")},
		{Address: a("pipeline.orders.stream.snapshot"), DependsOn: needs("contract.orders.v1", "pipeline.orders"), Stream: stream("snapshot", "replace")},
		{Address: a("pipeline.orders.stream.kept"), DependsOn: needs("contract.orders.v2", "pipeline.orders"), Stream: stream("kept", "merge")},
		{Address: a("pipeline.tap"), DependsOn: needs("source.tap", "destination.warehouse", "pipeline.orders"), Pipeline: &program.Pipeline{
			From: a("source.tap"), To: a("destination.warehouse"), Streams: []string{"users"}}},
		{Address: a("pipeline.tap.stream.users"), DependsOn: needs("contract.orders.v2", "pipeline.tap"), Stream: stream("users", "merge")},
		{Address: a("model.fact.v1"), DependsOn: needs("destination.warehouse", "pipeline.orders.stream.orders"),
			Model: model(1, false, "table", "fact", "select * from orders", "pipeline.orders.stream.orders")},
		{Address: a("model.fact.v2"), DependsOn: needs("destination.warehouse", "pipeline.orders.stream.orders"),
			Model: model(2, true, "table", "fact", "select * from orders where true", "pipeline.orders.stream.orders")},
		{Address: a("model.recent.v1"), DependsOn: needs("destination.warehouse", "pipeline.orders.stream.orders"),
			Model: model(1, true, "view", "recent", "select * from orders", "pipeline.orders.stream.orders")},
		{Address: a("model.summary.v1"), DependsOn: needs("destination.warehouse", "model.recent.v1"),
			Model: model(1, true, "table", "summary", "select * from recent", "model.recent.v1")},
		{Address: a("model.tapped.v1"), DependsOn: needs("destination.warehouse", "pipeline.tap.stream.users", "contract.orders.v1"),
			Model: model(1, true, "table", "tapped", "select * from users", "pipeline.tap.stream.users")},
	}}
	p.Nodes[5].Contract.Columns[2].Description = "of the customer"
	for _, n := range p.Nodes {
		n.Range = at
		if n.Model != nil {
			n.Model.SQLRange = at
			if n.Model.Table == "tapped" {
				n.Model.Contract = a("contract.orders.v1")
			}
		}
		if n.Address == a("pipeline.orders.stream.kept") || n.Address == a("pipeline.tap.stream.users") {
			n.Stream.Contract = a("contract.orders.v2")
		}
	}
	sortProgram(p)
	return p
}

func sortProgram(p *program.Program) {
	slices.SortFunc(p.Nodes, func(x, y *program.Node) int { return addr.Compare(x.Address, y.Address) })
}

func ptr[T any](v T) *T { return &v }
