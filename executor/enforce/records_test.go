package enforce_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/checksum"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/internal/golden"
)

// TestRecords enforces a contract on records and compares all that comes out.
// Sections: contract and map (JSON), settings ("untyped", "raw none"), and
// records, one a line; an empty line ends a batch. A section named modes repeats
// the case with each on_violation that it lists.
func TestRecords(t *testing.T) {
	golden.Dir(t, "testdata/records/*.txtar", func(t *testing.T, a *golden.Archive) {
		spec := enforce.Spec{Address: "pipeline.p.stream.s", Contract: readContract(t, a.Bytes(t, "contract"))}
		if a.Has("map") {
			spec.Map = &program.Map{}
			decode(t, a.Bytes(t, "map"), spec.Map)
		}
		untyped := false
		if a.Has("settings") {
			for _, s := range strings.Fields(string(a.Bytes(t, "settings"))) {
				untyped = untyped || s == "untyped"
				if raw, ok := strings.CutPrefix(s, "raw="); ok {
					spec.QuarantineRaw = raw
				}
			}
		}
		modes := []string{string(spec.Contract.OnViolation)}
		if a.Has("modes") {
			modes = strings.Fields(string(a.Bytes(t, "modes")))
		}
		for _, mode := range modes {
			spec.Contract.OnViolation = contract.OnViolation(mode)
			a.Compare(t, "want "+mode, []byte(enforceAll(t, spec, untyped, string(a.Bytes(t, "records")))))
		}
	})
}

func decode(t testing.TB, text []byte, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatal(err)
	}
}

func readContract(t testing.TB, text []byte) *contract.Contract {
	t.Helper()
	c := &contract.Contract{OnViolation: contract.Quarantine, UnknownColumns: contract.UnknownDrop, Coerce: contract.CoerceLossless}
	decode(t, text, c)
	return c
}

// enforceAll enforces the batches and writes down what comes of them.
func enforceAll(t *testing.T, spec enforce.Spec, untyped bool, text string) string {
	t.Helper()
	e := enforcer(t, spec)
	var out strings.Builder
	line := int64(0)
	for _, part := range strings.Split(strings.TrimSpace(text), "\n\n") {
		recs := &connector.Records{Stream: "s", Origin: "data.jsonl", Untyped: untyped}
		for _, l := range strings.Split(part, "\n") {
			line++
			add(recs, l)
			recs.Line[recs.Len()-1] = line
		}
		b, err := e.Enforce(recs)
		var stop *enforce.Stop
		if errors.As(err, &stop) {
			fmt.Fprintf(&out, "stop: %v\n", stop.Diag)
			rejects(&out, stop.Rejects)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		describe(t, &out, b)
		checkBatch(t, e, recs, b)
		b.Release()
	}
	sum := e.Summary()
	for _, r := range sum.Rules {
		fmt.Fprintf(&out, "rule %s [%s] %d %s %s, %q:", r.Rule, r.Column, r.Count, r.Severity, r.Outcome, r.Message)
		for _, x := range r.Examples {
			fmt.Fprintf(&out, " %d=%s", x.Line, x.Value)
		}
		out.WriteByte('\n')
	}
	for _, u := range sum.Unknown {
		fmt.Fprintf(&out, "unknown %q %d %s\n", u.Name, u.Count, u.How)
	}
	checkRestored(t, spec, sum)
	return out.String()
}

func describe(t *testing.T, out *strings.Builder, b *enforce.Batch) {
	t.Helper()
	for _, c := range b.NewColumns {
		fmt.Fprintf(out, "new column %s %s\n", c.Name, c.Type)
	}
	rows, err := b.Rows.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(out, "%s\n", bytes.TrimSpace(rows))
	rejects(out, b.Rejects)
	fmt.Fprintf(out, "%+v\n", b.Counts)
}

func rejects(out *strings.Builder, list []connector.Reject) {
	for _, r := range list {
		fmt.Fprintf(out, "reject %s:%d annotated=%v %s\n", r.Origin, r.Line, r.Annotated, r.Raw)
		for _, why := range r.Reasons {
			fmt.Fprintf(out, "    %s [%s] %s: %s\n", why.Rule, why.Column, why.Value, why.Message)
		}
	}
}

// checkBatch holds a batch to what is always true.
func checkBatch(t testing.TB, e *enforce.Enforcer, recs *connector.Records, b *enforce.Batch) {
	t.Helper()
	c := b.Counts
	if c.Read != int64(recs.Len()) || c.Read != c.Accepted+c.Quarantined+c.Dropped+c.Filtered || b.Rows.NumRows() != c.Accepted {
		t.Fatalf("%d records, %d rows, %+v", recs.Len(), b.Rows.NumRows(), c)
	}
	annotated := int64(0)
	for _, r := range b.Rejects {
		if r.Annotated {
			annotated++
		}
		if len(r.Reasons) == 0 {
			t.Fatalf("record %d is rejected without a reason", r.Line)
		}
	}
	if annotated != c.Annotated || int64(len(b.Rejects))-annotated != c.Quarantined {
		t.Fatalf("%d rejects of which %d annotated, %+v", len(b.Rejects), annotated, c)
	}
	if b.Checksum != checksum.Batch(b.Rows) {
		t.Fatal("the batch's checksum is not that of its rows")
	}
	if !b.Rows.Schema().Equal(e.Schema()) || len(e.Columns()) != int(b.Rows.NumCols()) {
		t.Fatalf("the rows have %v, the enforcer says %v", b.Rows.Schema(), e.Schema())
	}
	for i, col := range e.Columns() {
		if !col.Nullable && b.Rows.Column(i).NullN() > 0 {
			t.Fatalf("column %s may not be null and is", col.Name)
		}
	}
}

// checkRestored shows that a summary survives its JSON and an enforcer that
// takes it up.
func checkRestored(t *testing.T, spec enforce.Spec, sum enforce.Summary) {
	t.Helper()
	text, err := json.Marshal(sum)
	if err != nil {
		t.Fatal(err)
	}
	e := enforcer(t, spec)
	if err := e.Restore(text); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(e.Summary())
	if err != nil || string(again) != string(text) {
		t.Errorf("%v: restored to\n%s\nfrom\n%s", err, again, text)
	}
}
