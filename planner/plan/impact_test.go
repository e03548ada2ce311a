package plan

import (
	"math/rand/v2"
	"testing"

	"github.com/headgate-data/headgate/planner/state"
)

// TestEstimate compares with intervals that were worked out by hand.
func TestEstimate(t *testing.T) {
	for _, c := range []struct {
		found, sampled, rows int64
		want                 Count
	}{
		{7, 0, 100, Count{Found: 7, About: 7}},
		{0, 0, 100, Count{}},
		{7, 100, 100, Count{Found: 7, About: 7}},
		// Wilson at 95% for 10 of 100: 5.52% to 17.44%.
		{10, 100, 10_000, Count{Found: 10, About: 1000, Low: 552, High: 1744}},
		// For 1200 of 100,000: 1.134% to 1.269%.
		{1200, 100_000, 10_000_000, Count{Found: 1200, About: 120_000, Low: 113_436, High: 126_939}},
		{0, 100_000, 10_000_000, Count{High: 300}}, // 3/n
		{100, 100, 10_000, Count{Found: 100, About: 10_000, Low: 9630, High: 10_000}},
		{0, 1, 2, Count{High: 2}},
	} {
		if got := estimate(c.found, c.sampled, c.rows); got != c.want {
			t.Errorf("%d of %d in %d: %+v, want %+v", c.found, c.sampled, c.rows, got, c.want)
		}
	}
}

// TestCoverage draws samples of a known share and counts how often the interval
// holds it: about 95 times of 100.
func TestCoverage(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const rows, n, tries = 1_000_000, 1000, 2000
	for _, share := range []float64{0.002, 0.02, 0.5} {
		held := 0
		for range tries {
			found := int64(0)
			for range n {
				if r.Float64() < share {
					found++
				}
			}
			if c := estimate(found, n, rows); float64(c.Low) <= share*rows && share*rows <= float64(c.High) {
				held++
			}
		}
		if got := float64(held) / tries; got < 0.92 || got > 0.999 {
			t.Errorf("share %g: held %g of the time", share, got)
		}
	}
}

// TestShare writes percentages a person can read.
func TestShare(t *testing.T) {
	i := &Impact{Rows: 1_000_000}
	for rows, want := range map[int64]string{0: "0%", 1: "under 0.001%", 30: "0.003%", 1200: "0.1%", 12_000: "1.2%", 570_000: "57%", 1_000_000: "100%"} {
		if got := i.Share(rows); got != want {
			t.Errorf("%d: %s, want %s", rows, got, want)
		}
	}
}

// TestNewImpact sorts by rows, promises over the table last, and never estimates those.
func TestNewImpact(t *testing.T) {
	q := &AskRefused{Schema: "raw", Name: "t", Rules: []AskedRule{{Rule: "key", Kind: KeyRule}, {Rule: "a.min", Kind: LimitRule, Column: "a"}, {Rule: "b.max", Kind: LimitRule, Column: "b"}, {Rule: "c.max", Kind: LimitRule}}}
	i := NewImpact(q, state.Refused{Rows: 1000, Sampled: 100, Refused: 9, Rules: []state.RefusedRule{
		{Rule: "key", Kind: "key", Rows: 3}, {Rule: "a.min", Kind: "limit", Rows: 4}, {Rule: "b.max", Kind: "limit", Rows: 5}, {Rule: "c.max", Kind: "limit"}}})
	if len(i.Rules) != 3 || i.Rules[0].Rule != "b.max" || i.Rules[0].About != 50 || i.Rules[1].Column != "a" || i.Rules[2].Rule != "key" || i.Rules[2].Count != (Count{Found: 3, About: 3}) {
		t.Errorf("%+v", i.Rules)
	}
	if i.Holds() || !NewImpact(q, state.Refused{Rows: 5}).Holds() || NewImpact(q, state.Refused{Error: "x"}).Holds() {
		t.Error("Holds")
	}
}
