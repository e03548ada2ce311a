package check_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/check"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/outcome"
)

// told writes what a check found: the verdict, the counts, the rules and what was
// not judged.
func told(out *outcome.Check) string {
	b := fmt.Sprintf("%s %d=%d+%d+%d dup %d", out.Verdict, out.Read, out.Accepted, out.Quarantined, out.Dropped, out.Duplicates)
	for _, r := range out.Rules {
		b += fmt.Sprintf("; %s %d %s", r.Rule, r.Count, r.Outcome)
	}
	if len(out.NotJudged) > 0 {
		b += "; not " + strings.Join(out.NotJudged, " ")
	}
	return b
}

// TestSetViolations holds repeated keys and values to each of the modes.
func TestSetViolations(t *testing.T) {
	const data = `{"id":1,"part":"a","email":"x"}
{"id":1,"part":"a","email":"y"}
{"id":2,"part":"a","email":"y"}
{"id":3,"part":"a","email":"y"}
`
	for _, c := range []struct {
		mode      contract.SetViolations
		tolerance string
		want      string
	}{
		{"", "", "broken 4=4+0+0 dup 3; email.unique 2 failed; key 1 failed"},
		{"", "100%", "broken 4=4+0+0 dup 3; email.unique 2 failed; key 1 failed"},
		// The row that its key takes out stands in the way of no email.
		{contract.SetQuarantine, "", "broken 4=2+2+0 dup 0; email.unique 1 quarantined; key 1 quarantined"},
		{contract.SetQuarantine, "50%", "tolerated 4=2+2+0 dup 0; email.unique 1 quarantined; key 1 quarantined"},
		{contract.SetDrop, "1", "broken 4=2+0+2 dup 0; email.unique 1 dropped; key 1 dropped"},
	} {
		k := orders(contract.Quarantine, c.tolerance)
		k.SetViolations = c.mode
		s := spec(k, data)
		rejects := 0
		s.Reject = func(connector.Reject) error { rejects++; return nil }
		if got := told(run(t, s)); got != c.want {
			t.Errorf("%q, tolerating %q: %s\nwant %s", c.mode, c.tolerance, got, c.want)
		}
		if want := strings.Count(c.want, "+2"); (want > 0 && rejects != 2) || (want == 0 && rejects != 3) {
			t.Errorf("%q: %d rejects", c.mode, rejects)
		}
	}
}

// TestTablePromises judges rows and freshness on the data, and names what it does
// not judge.
func TestTablePromises(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	const two = `{"id":1,"at":"2026-03-09T12:00:00Z","on":"2026-03-09"}
{"id":2,"at":"2026-03-08T12:00:00Z","on":"2026-03-08"}
`
	const newer = two + `{"id":1,"at":"2026-03-01T00:00:00Z","on":"2026-03-01"}` + "\n"
	for _, c := range []struct {
		name, data string
		change     func(*check.Spec)
		want       string
	}{
		{"kept", two, nil, "holds 2=2+0+0 dup 0"},
		{"too few", "", nil, "broken 0=0+0+0 dup 0; freshness 1 failed; rows 1 failed"},
		{"too many", newer, func(s *check.Spec) { s.Contract.Key = nil }, "broken 3=3+0+0 dup 0; rows 1 failed"},
		{"too many, a warning", newer, func(s *check.Spec) { s.Contract.Key = nil; s.Contract.Rows.Severity = contract.SeverityWarning }, "holds 3=3+0+0 dup 0; rows 1 warned"},
		{"what is taken out is no row", newer, func(s *check.Spec) { s.Contract.SetViolations = contract.SetDrop; s.Contract.Tolerance = "1" }, "tolerated 3=2+0+1 dup 0; key 1 dropped"},
		{"a newer state takes the place", newer, func(s *check.Spec) { s.Merge = true }, "broken 3=3+0+0 dup 0; freshness 1 failed"},
		{"under merge without keys", newer, func(s *check.Spec) { s.Merge, s.MaxKeys = true, 0 }, "holds 3=3+0+0 dup 0; not rows freshness"},
		{"without keys", newer, func(s *check.Spec) { s.MaxKeys = 0 }, "broken 3=3+0+0 dup 0; rows 1 failed; not key"},
		{"just too old", two, func(s *check.Spec) { s.Now = now.Add(time.Microsecond) }, "broken 2=2+0+0 dup 0; freshness 1 failed"},
		{"a date is as new as its last moment", two, func(s *check.Spec) { s.Contract.Freshness.Column, s.Now = "on", now.Add(11*time.Hour) }, "holds 2=2+0+0 dup 0"},
		{"a date of the day before", two, func(s *check.Spec) { s.Contract.Freshness.Column, s.Now = "on", now.Add(12*time.Hour) }, "broken 2=2+0+0 dup 0; freshness 1 failed"},
		{"what records do not decide", two, func(s *check.Spec) {
			s.Contract.Columns[0].References = &contract.Reference{Column: "id"}
			s.Contract.Expects = []contract.Expect{{Name: "balanced"}}
		}, "holds 2=2+0+0 dup 0; not id.references balanced"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := spec(&contract.Contract{
				Name: "c", Version: 1, OnViolation: contract.Quarantine, UnknownColumns: contract.UnknownDrop, Coerce: contract.CoerceLossless, Key: []string{"id"},
				Columns:   []contract.Column{{Name: "id", Type: types.Of(types.Int64), Required: true}, {Name: "at", Type: types.Of(types.TimestampTZ)}, {Name: "on", Type: types.Of(types.Date)}},
				Rows:      &contract.Rows{Min: ptr(int64(1)), Max: ptr(int64(2)), Severity: contract.SeverityError},
				Freshness: &contract.Freshness{Column: "at", MaxAge: "24h", Severity: contract.SeverityError},
			}, c.data)
			s.Now = now
			if c.change != nil {
				c.change(&s)
			}
			if got := told(run(t, s)); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
	s := spec(orders(contract.Quarantine, ""), two)
	s.Contract.Key, s.Contract.Rows, s.MaxKeys, s.Merge = []string{"id"}, &contract.Rows{Min: ptr(int64(1))}, 1, true
	if _, diags := check.Run(t.Context(), s); !slices.Contains([]string{"HG6204"}, string(diags[0].Code)) {
		t.Errorf("more keys than allowed: %v", diags.Err())
	}
}
