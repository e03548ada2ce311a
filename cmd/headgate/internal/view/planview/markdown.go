package planview

import (
	"fmt"
	"io"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/compatview"
	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/planner/plan"
)

// WriteMarkdown draws a plan for a pull request. It holds no rows of data.
func WriteMarkdown(w io.Writer, v Plan) error {
	p := newPainter(w, draw.Style{})
	p.Line("### headgate plan: environment %s of %s", draw.Code(v.Environment), draw.Code(v.Project))
	p.Line("")
	p.Line("**%s**", v.Sentence())
	if len(v.Actions) > 0 {
		p.Line("")
		p.Line("| | address | what | changes |")
		p.Line("|---|---|---|---|")
	}
	for _, a := range v.Actions {
		var changes []string
		for _, c := range a.Changes {
			changes = append(changes, draw.Cell(changeLine(c)))
		}
		p.Line("| `%s` | %s | %s | %s |", a.Action.Symbol(), draw.Code(a.Address), draw.Cell(a.what()), strings.Join(changes, "<br>"))
	}
	for _, a := range v.Actions {
		if a.Compat != nil {
			p.Line("")
			compatview.Table(&p.Painter, a.compared())
		}
	}
	p.markdownImpact(v)
	p.markdownRuns("Data waiting", v.Waiting)
	p.markdownRuns("On every apply", v.Polls)
	p.markdownSamples(v)
	return p.Err
}

// what says what happens and why.
func (a Action) what() string {
	out := what(a)
	for _, r := range a.Reasons {
		if r.Code != plan.NotInState {
			out += "; " + r.Text
		}
	}
	return out
}

func changeLine(c plan.Change) string {
	switch {
	case long(c.Old) || long(c.New):
		return c.Path + ": text changed"
	case c.Old != nil && c.New != nil:
		return fmt.Sprintf("%s: %s -> %s", c.Path, *c.Old, *c.New)
	case c.New != nil:
		return fmt.Sprintf("%s = %s", c.Path, *c.New)
	case c.Old != nil:
		return fmt.Sprintf("%s = %s -> null", c.Path, *c.Old)
	default:
		return c.Path
	}
}

func (p *painter) markdownRuns(title string, list []Waiting) {
	if len(list) == 0 {
		return
	}
	p.Line("")
	p.Line("**%s**", title)
	p.Line("")
	for _, w := range list {
		p.Line("- %s", draw.Code(w.Address))
		for _, s := range w.Streams {
			var bytes int64
			for _, f := range s.Files {
				bytes += f.Bytes
			}
			if len(s.Files) > 0 {
				p.Line("  - %s: %s, %s", draw.Code(s.Address), draw.Plural(int64(len(s.Files)), "file"), draw.Bytes(bytes))
			} else {
				p.Line("  - %s", draw.Code(s.Address))
			}
		}
	}
}
