package view

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/planner/state"
)

// StateList is what `state list` prints.
type StateList struct {
	FormatVersion    string      `json:"format_version"`
	Project          string      `json:"project"`
	Environment      string      `json:"environment"`
	Lineage          string      `json:"lineage"`
	DefinitionSerial int64       `json:"definition_serial"`
	DataSerial       int64       `json:"data_serial"`
	Entries          []StateItem `json:"entries"`
}

// StateItem is one address of the state.
type StateItem struct {
	Address   string `json:"address"`
	AppliedAt string `json:"applied_at"`
	RunID     string `json:"run_id"`
	Build     string `json:"build,omitempty"`
	Rows      *int64 `json:"rows,omitempty"` // streams and models that hold data
	LastAt    string `json:"last_at,omitempty"`
}

// NewStateList makes the view of a snapshot, sorted by address.
func NewStateList(s *state.Snapshot) StateList {
	out := StateList{
		FormatVersion: FormatVersion, Project: s.Project, Environment: s.Environment, Lineage: s.Lineage,
		DefinitionSerial: s.DefinitionSerial, DataSerial: s.DataSerial, Entries: []StateItem{},
	}
	for address, n := range s.Nodes {
		item := StateItem{Address: address, AppliedAt: n.AppliedAt, RunID: n.RunID, Build: n.Build}
		if n.Data != nil {
			item.Rows, item.LastAt = &n.Data.Rows, n.Data.LastAt
		}
		out.Entries = append(out.Entries, item)
	}
	slices.SortFunc(out.Entries, func(a, b StateItem) int {
		if a.Address < b.Address {
			return -1
		}
		return 1
	})
	return out
}

// WriteStateList draws the list as text.
func WriteStateList(w io.Writer, v StateList, style Style) error {
	p := newPainter(w, style)
	if len(v.Entries) == 0 {
		p.Line("Nothing is applied to environment %s.", v.Environment)
		return p.Err
	}
	p.Line("Environment %s of project %s, serial %d", style.Paint(draw.Bold, v.Environment), style.Paint(draw.Bold, v.Project), v.DefinitionSerial)
	width := 0
	for _, e := range v.Entries {
		width = max(width, len([]rune(e.Address)))
	}
	for _, e := range v.Entries {
		rows := ""
		if e.Rows != nil {
			rows = "  " + draw.Plural(*e.Rows, "row")
		}
		p.Line("  %s  %s%s", draw.Pad(e.Address, width), e.AppliedAt, rows)
	}
	return p.Err
}

// StateNode is what `state show ADDR` prints: one address as it was applied.
type StateNode struct {
	FormatVersion string      `json:"format_version"`
	Environment   string      `json:"environment"`
	Address       string      `json:"address"`
	Node          *state.Node `json:"node"`
}

// WriteStateNode draws one address as text: what is known of its data, then its
// definition as JSON.
func WriteStateNode(w io.Writer, v StateNode, style Style) error {
	p := newPainter(w, style)
	p.Line("%s", style.Paint(draw.Bold, v.Address))
	p.fact("applied", v.Node.AppliedAt+" by run "+v.Node.RunID)
	if len(v.Node.Former) > 0 {
		p.fact("formerly", strings.Join(v.Node.Former, ", "))
	}
	if v.Node.Build != "" {
		p.fact("build", v.Node.Build)
	}
	if d := v.Node.Data; d != nil {
		p.fact("rows", draw.Count(d.Rows))
		p.fact("bookmark", draw.Bookmark(d.Bookmark))
		if d.LastAt != "" {
			p.fact("last run", d.LastAt+" by run "+d.LastRun)
		}
	}
	text, err := json.MarshalIndent(v.Node.Definition, "    ", "  ")
	if err != nil {
		return err
	}
	p.Line("    %s", text)
	return p.Err
}

// Quarantine is what `quarantine list` and `quarantine show` print.
type Quarantine struct {
	FormatVersion string                    `json:"format_version"`
	Environment   string                    `json:"environment"`
	Rows          []connector.QuarantineRow `json:"rows"`
}

// WriteQuarantine draws quarantine rows as text; full adds the records.
func WriteQuarantine(w io.Writer, v Quarantine, full bool, style Style) error {
	p := newPainter(w, style)
	if len(v.Rows) == 0 {
		p.Line("Nothing is in quarantine.")
	}
	for _, r := range v.Rows {
		kept := ""
		if r.Annotated {
			kept = "  (loaded with a null; this is the original)"
		}
		p.Line("%s  %s  %s:%d%s", style.Paint(draw.Bold, draw.Count(r.ID)), r.Stream, r.Origin, r.Line, kept)
		for _, reason := range r.Reasons {
			line := "    " + style.Paint(draw.Red, reason.Rule)
			for _, part := range []string{reason.At, reason.Value, reason.Message} {
				if part != "" {
					line += "  " + part
				}
			}
			p.Line("%s", line)
		}
		if full {
			p.Line("    run %s at %s", r.RunID, r.At)
			p.Line("    %s", r.Raw)
		}
	}
	return p.Err
}
