package planview

import (
	"math"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/planner/plan"
)

// volume says on one line what is expected of a step, "" where nothing is known.
func volume(v *plan.Volume) string {
	if v == nil {
		return ""
	}
	var parts []string
	for _, x := range []struct {
		r    *plan.Range
		noun string
		show func(float64) string
	}{
		{v.Rows, " rows", func(f float64) string { return draw.Count(int64(math.Round(f))) }},
		{v.Bytes, "", func(f float64) string { return draw.Bytes(int64(math.Round(f))) }},
		{v.Seconds, "", draw.Seconds},
	} {
		if x.r == nil {
			continue
		}
		text := x.show(x.r.Expected) + x.noun
		if low, high := x.show(x.r.Low), x.show(x.r.High); low != high {
			text += " (" + low + " to " + high + ")"
		}
		parts = append(parts, text)
	}
	from := "as in " + draw.Plural(int64(v.Runs), "past run")
	if v.From == plan.FromFiles {
		from = "by the files that wait and " + draw.Plural(int64(v.Runs), "past run")
	}
	return "expected: " + strings.Join(parts, ", ") + "; " + from
}
