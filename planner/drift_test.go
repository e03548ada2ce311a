package planner_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/planner"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
)

// stands answers a question about tables with exactly what was applied.
func (c *planCase) stands(q *plan.AskTable, s *state.Snapshot) state.LiveTable {
	out := state.LiveTable{Database: "db-1"}
	n := s.Nodes[q.Address.String()]
	for i, name := range q.Names {
		live := state.LiveName{Schema: name.Schema, Name: name.Name, Rows: -1}
		if q.Wanted || n == nil {
			out.Names = append(out.Names, live)
			continue
		}
		live.Kind, live.Owner, live.Project, live.Environment = state.LiveView, name.Owner.String(), c.p.Project, s.Environment
		if d := n.Definition; i == 0 && (d.Stream != nil || d.Model.Materialized == "table") {
			live.Build, live.Table, live.Rows = "b", true, 7
			live.Columns = []state.LiveColumn{{Name: "order_id", Type: "int64"}, {Name: "total", Type: "decimal(10, 2)"}, {Name: "email", Type: "string"}}
			if d.Stream != nil {
				live.Columns = nil
				promise := s.Nodes[d.Stream.Contract.String()].Definition.Contract
				for _, col := range promise.Columns {
					live.Columns = append(live.Columns, state.LiveColumn{Name: col.Name, Type: col.Type.String()})
				}
				if promise.UnknownColumns == contract.UnknownKeepJSON {
					live.Columns = append(live.Columns, state.LiveColumn{Name: contract.ExtraColumn, Type: "json"})
				}
			}
			live.Left = live.Columns
		}
		out.Names = append(out.Names, live)
	}
	return out
}

// stand changes a member of what stands in the destination, through its JSON.
func (c *planCase) stand(tables map[string]state.LiveTable, address, path, value string) {
	c.t.Helper()
	t, ok := tables[address]
	if !ok {
		c.t.Fatalf("nothing was asked about %s", address)
	}
	b, err := json.Marshal(t)
	if err != nil {
		c.t.Fatal(err)
	}
	var tree, v any
	if err := json.Unmarshal(b, &tree); err != nil {
		c.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(value), &v); err != nil {
		c.t.Fatalf("%s: %v", value, err)
	}
	setMember(tree, strings.Split(path, "."), v)
	if b, err = json.Marshal(tree); err != nil {
		c.t.Fatal(err)
	}
	changed := state.LiveTable{}
	if err := json.Unmarshal(b, &changed); err != nil {
		c.t.Fatal(err)
	}
	tables[address] = changed
}

// TestQuestionsAboutTables: every stream and model version that was applied is asked
// for under the names that it has, what is new under those that it would have.
func TestQuestionsAboutTables(t *testing.T) {
	c := newCase(t)
	c.set("pipeline.orders.stream.orders", "stream.table", `"orders2"`)
	delete(c.prior.Nodes, "model.fact.v1")
	c.remove("model.recent.v1")
	var got []string
	for _, q := range planner.Questions(c.p, c.prior, planner.Options{}) {
		ask, ok := q.(*plan.AskTable)
		if !ok {
			continue
		}
		line := ask.Address.String()
		if ask.Wanted {
			line += " wanted"
		}
		for _, n := range ask.Names {
			line += " " + n.Schema + "." + n.Name
		}
		if ask.Destination == nil || ask.Destination.Destination == nil {
			t.Errorf("%s: no destination", ask.Address)
		}
		got = append(got, line)
	}
	want := []string{
		"model.fact.v1 wanted marts.fact_v1", "model.fact.v2 marts.fact_v2 marts.fact", "model.recent.v1 marts.recent_v1 marts.recent",
		"model.summary.v1 marts.summary_v1 marts.summary", "model.tapped.v1 marts.tapped_v1 marts.tapped", "pipeline.orders.stream.kept raw.kept",
		"pipeline.orders.stream.orders raw.orders", "pipeline.orders.stream.orders wanted raw.orders2", "pipeline.orders.stream.snapshot raw.snapshot",
		"pipeline.tap.stream.users raw.users",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, q := range planner.RunQuestions(c.p, c.prior) {
		if _, ok := q.(*plan.AskTable); ok {
			t.Error("a run asks for tables")
		}
	}
}

// TestDatabaseReplaced: the id of the database tells that it is another one.
func TestDatabaseReplaced(t *testing.T) {
	c := newCase(t)
	for _, n := range c.prior.Nodes {
		n.Database = "db-0"
	}
	p, diags := c.build()
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	s := p.Steps[0]
	if s.Action != plan.Drifted || s.Drift.Reasons[0].Code != plan.DatabaseReplaced || !p.ChangesDefinition() {
		t.Errorf("no drift: %s", plan.Dump(p))
	}
	c.prior.Live.Tables[s.Address.String()] = state.LiveTable{Error: "held by somebody"}
	if p, _ = c.build(); len(p.Unseen) != 1 || p.Unseen[0].Why != "held by somebody" {
		t.Errorf("unseen: %+v", p.Unseen)
	}
}

// TestNothingOutsideIsAnError: a plan for what was not looked at has neither drift nor
// errors.
func TestNothingOutsideIsAnError(t *testing.T) {
	c := newCase(t)
	c.prior.Live.Tables, c.prior.Live.Wanted = nil, nil
	p, diags := c.build()
	if len(diags) > 0 || p.ChangesDefinition() {
		t.Errorf("%s%s", dumpDiags(diags), plan.Dump(p))
	}
}
