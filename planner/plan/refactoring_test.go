package plan_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
	"github.com/headgate-data/headgate/schemas/schematest"
)

// TestRefactoringRoundTrip passes the operations of moved, removed and import
// blocks through a plan's JSON.
func TestRefactoringRoundTrip(t *testing.T) {
	p := sample()
	p.Steps[2].Do.(*plan.Retire).Prior.Former = []string{"model.p.v1"}
	retired := p.Steps[2].Do.(*plan.Retire)
	stream := addr.Of(addr.Pipeline, "a").WithStream("s")
	p.Steps = append(p.Steps,
		&plan.Step{ID: "pipeline.b/move", Address: addr.Of(addr.Pipeline, "b"), Action: plan.Update, Do: &plan.Move{
			From: addr.Of(addr.Pipeline, "a"), To: addr.Of(addr.Pipeline, "b"), In: retired.To, Source: retired.To,
			Moved:   []state.Moved{{From: stream, To: stream.WithStream("t"), Reads: "s"}},
			Names:   []state.Named{{Of: addr.Of(addr.Model, "m").WithVersion(1), Schema: "marts", Table: "m", Was: "n"}},
			Streams: []plan.StreamName{{From: "s", To: "t"}}},
			Reasons: []plan.Reason{{Code: plan.AddressMoved, Text: "t"}, {Code: plan.ColumnMoved, Text: "t"}, {Code: plan.RemovedBlock, Text: "t"}, {Code: plan.Imported, Text: "t"}}},
		&plan.Step{ID: "model.r.v1", Address: addr.Of(addr.Model, "r").WithVersion(1), Action: plan.Forgets, Do: &plan.Release{Prior: retired.Prior, To: retired.To}},
		&plan.Step{ID: "pipeline.i.stream.s", Address: addr.Of(addr.Pipeline, "i").WithStream("s"), Action: plan.Create, Do: &plan.Adopt{
			Node: addr.Of(addr.Pipeline, "i").WithStream("s"), Schema: "raw", Table: "t",
			Columns: []state.ImportColumn{{Name: "a", Type: "int64", Native: "BIGINT", Nullable: true}, {Name: "b", Native: "BIT"}}}},
	)
	text := encode(t, p)
	got, err := plan.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(p, got); d != "" {
		t.Errorf("decode(encode(p)) differs from p (-want +got):\n%s", d)
	}
	schematest.Validate(t, "plan.schema.json", text)
	if s := got.Summarize(); s.Forget != 1 {
		t.Errorf("summary %+v", s)
	}
}
