package planview

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/plan"
)

// TestDownstream draws a change that comes to many: what breaks is always there,
// the rest is summed up, and the JSON holds all of it.
func TestDownstream(t *testing.T) {
	stream, contract := address(t, "pipeline.shop.stream.orders"), address(t, "contract.orders.v1")
	reads := func(of addr.Address, columns ...string) []plan.Read { return []plan.Read{{Of: of, Columns: columns}} }
	list := []plan.Reach{
		{Address: address(t, "model.notes.v1"), Reads: reads(stream, "note"), Columns: []string{"note"}, Verdict: compat.Breaks,
			Why: []string{"reads note, which is removed (COLUMN_REMOVED)"}, Then: plan.FateExcluded},
		{Address: address(t, "model.pivoted.v1"), Reads: reads(stream, "*"), Rows: true, Opaque: []string{"pivot"}, Verdict: compat.Warns,
			Why: []string{"may read note, which is removed (COLUMN_REMOVED)"}, Then: plan.FateRun},
		{Address: stream, Reads: reads(contract, "note"), Verdict: compat.OK, Then: plan.FateUpdated},
		{Address: address(t, "model.paid.v1"), Reads: reads(stream, "a", "b", "c", "d", "e", "f", "total"), Columns: []string{"net", "day"}, Verdict: compat.OK, Then: plan.FateShown},
		{Address: address(t, "model.counts.v2"), Reads: reads(address(t, "model.paid.v1"), "day"), Rows: true, Verdict: compat.OK, Then: plan.FatePolled},
		{Address: address(t, "model.all.v1"), Reads: reads(stream), Opaque: []string{"select *"}, Verdict: compat.OK, Then: plan.FateReplaced},
	}
	for i := range 40 {
		list = append(list, plan.Reach{Address: address(t, fmt.Sprintf("model.m%d.v1", i)), Reads: reads(stream, "note"), Columns: []string{"note"}, Verdict: compat.OK, Then: plan.FateUntouched})
	}
	p := &plan.Plan{Project: "shop", Environment: "dev", Steps: []*plan.Step{{ID: "contract.orders.v1", Address: contract, Action: plan.Update,
		Do: &plan.Define{}, Reasons: []plan.Reason{{Code: plan.DefinitionChanged, Text: "its definition changed"}}, Downstream: list, DownstreamMore: 1200}}}
	v := New(p, nil)
	validate(t, "planview.schema.json", v)
	if len(v.Actions[0].Downstream) != len(list) {
		t.Errorf("%d of %d are in the JSON", len(v.Actions[0].Downstream), len(list))
	}
	drawn(t, "downstream.txt", func(b *bytes.Buffer) error { return WriteText(b, v, draw.Style{}) })
	drawn(t, "downstream.md", func(b *bytes.Buffer) error { return WriteMarkdown(b, v) })
}

// TestDownstreamKeepsWhatBreaks: a break is drawn although much else is nearer.
func TestDownstreamKeepsWhatBreaks(t *testing.T) {
	var list []plan.Reach
	for i := range 30 {
		list = append(list, plan.Reach{Address: address(t, fmt.Sprintf("model.m%d.v1", i)), Verdict: compat.OK})
	}
	list = append(list, plan.Reach{Address: address(t, "model.last.v1"), Verdict: compat.Breaks})
	listed, rest := split(list)
	if len(listed) != shownReached+1 || listed[len(listed)-1].Verdict != compat.Breaks || len(rest) != 30-shownReached {
		t.Errorf("%d listed, %d summed up", len(listed), len(rest))
	}
}
