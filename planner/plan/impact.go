package plan

import (
	"fmt"
	"math"
	"slices"

	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/planner/state"
)

// Impact is what the contract that a plan puts on a table says of the rows that
// stand there. Counts over a sample are estimates with a 95% interval; over all
// rows, Low and High are left out.
type Impact struct {
	Table      addr.Address           `json:"table"`
	Name       string                 `json:"name"` // schema.table as published
	Contract   addr.Address           `json:"contract"`
	Asked      []AskedRule            `json:"asked"` // the rules that are new or tighter; no other was asked about
	Rows       int64                  `json:"rows,string"`
	Sampled    int64                  `json:"sampled,string,omitempty"` // 0: every row was looked at
	Refused    Count                  `json:"refused"`                  // rows that break at least one rule of the row, warnings aside
	Rules      []RuleImpact           `json:"rules"`                    // the rules that rows break, the most first
	Examples   []state.RefusedExample `json:"examples,omitempty"`
	NotCounted []state.NotCounted     `json:"not_counted,omitempty"`
	Open       string                 `json:"open,omitempty"` // why the table was not looked at; then nothing was counted
	Fate       RowFate                `json:"fate"`
	Then       string                 `json:"then"` // the fate in a sentence
}

// Count is a number of rows: Found among those looked at, About in the table.
type Count struct {
	Found int64 `json:"found,string"`
	About int64 `json:"about,string"`
	Low   int64 `json:"low,string,omitempty"`
	High  int64 `json:"high,string,omitempty"`
}

// RuleImpact is how many rows break a rule. See state.RefusedRule.
type RuleImpact struct {
	AskedRule
	Count
	Examples []state.RefusedExample `json:"examples,omitempty"`
}

// RowFate is what apply does with the rows that would be refused.
type RowFate string

// The fates.
const (
	FateKept      RowFate = "kept"      // they stay: the contract applies to what comes from now on
	FateConverted RowFate = "converted" // a column's type changes in place: a value that does not convert stops the apply
	FateReloaded  RowFate = "reloaded"  // the stream is read from its beginning, and every record is held to the contract
	FateRebuilt   RowFate = "rebuilt"   // the model is built anew and audited
	FateOutside   RowFate = "outside"   // something else fills the table
)

// NewImpact works an answer out. The caller sets Fate and Then.
func NewImpact(q *AskRefused, a state.Refused) *Impact {
	i := &Impact{Table: q.Table, Name: q.Schema + "." + q.Name, Contract: q.Contract, Asked: q.Rules,
		Rows: a.Rows, Sampled: a.Sampled, Refused: estimate(a.Refused, a.Sampled, a.Rows), Rules: []RuleImpact{},
		Examples: a.Examples, NotCounted: a.NotCounted, Open: a.Error}
	for _, r := range a.Rules {
		if r.Rows == 0 {
			continue
		}
		asked := AskedRule{Rule: r.Rule, Kind: RuleKind(r.Kind), Warning: r.Warning}
		if at := slices.IndexFunc(q.Rules, func(x AskedRule) bool { return x.Rule == r.Rule && string(x.Kind) == r.Kind }); at >= 0 {
			asked = q.Rules[at]
		}
		sampled := a.Sampled
		if asked.Kind.OverTable() {
			sampled = 0
		}
		i.Rules = append(i.Rules, RuleImpact{AskedRule: asked, Count: estimate(r.Rows, sampled, a.Rows), Examples: r.Examples})
	}
	slices.SortStableFunc(i.Rules, func(x, y RuleImpact) int {
		switch {
		case x.Kind.OverTable() != y.Kind.OverTable():
			if y.Kind.OverTable() {
				return -1
			}
			return 1
		case x.About != y.About && !x.Kind.OverTable():
			if x.About > y.About {
				return -1
			}
			return 1
		}
		return 0
	})
	return i
}

// z is how many standard deviations hold 95% of a normal distribution.
const z = 1.959963984540054

// estimate scales a count of a sample to the table, with Wilson's interval at 95%.
// Of none found in n rows, the greatest share that 95% of such samples would have
// shown is 3/n. sampled 0 means that every row was looked at.
func estimate(found, sampled, rows int64) Count {
	if sampled == 0 || sampled >= rows {
		return Count{Found: found, About: found}
	}
	n, all := float64(sampled), float64(rows)
	scale := func(share float64) int64 { return int64(math.Round(float64(min(max(share, 0), 1) * all))) }
	p := float64(found) / n
	out := Count{Found: found, About: scale(p)}
	if found == 0 {
		out.High = scale(3 / n)
		return out
	}
	// The conversions keep a compiler from fusing the steps, so that every machine
	// gives the same digits.
	zz := float64(z * z)
	under := 1 + float64(zz/n)
	centre := float64(p + float64(zz/float64(2*n)))
	spread := float64(z * math.Sqrt(float64(float64(float64(p*float64(1-p))/n)+float64(zz/float64(4*n*n)))))
	out.Low, out.High = scale(float64(centre-spread)/under), scale(float64(centre+spread)/under)
	out.Low, out.High = min(out.Low, out.About), max(out.High, out.About)
	return out
}

// Share writes a part of the table's rows as a percentage of two significant digits.
func (i *Impact) Share(rows int64) string {
	if i.Rows == 0 {
		return "0%"
	}
	p := 100 * float64(rows) / float64(i.Rows)
	switch {
	case rows == 0:
		return "0%"
	case p >= 10:
		return fmt.Sprintf("%.0f%%", p)
	case p >= 0.1:
		return fmt.Sprintf("%.1f%%", p)
	case p >= 0.001:
		return fmt.Sprintf("%.3f%%", p)
	default:
		return "under 0.001%"
	}
}

// Holds reports whether every rule was counted over every row and none is broken.
func (i *Impact) Holds() bool {
	return i.Open == "" && i.Sampled == 0 && len(i.NotCounted) == 0 && len(i.Rules) == 0
}
