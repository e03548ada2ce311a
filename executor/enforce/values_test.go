package enforce_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/internal/golden"
)

// TestValues reads each JSON value of a case as the case's type, under every
// coercion mode and from a format without types, and compares the table.
func TestValues(t *testing.T) {
	golden.Dir(t, "testdata/values/*.txtar", func(t *testing.T, a *golden.Archive) {
		typ, err := types.Parse(strings.TrimSpace(string(a.Bytes(t, "type"))))
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, line := range strings.Split(strings.TrimSpace(string(a.Bytes(t, "values"))), "\n") {
			fmt.Fprintf(&b, "%s\n", line)
			last := ""
			for _, mode := range []contract.Coerce{contract.CoerceNone, contract.CoerceLossless, contract.CoerceLenient, "text"} {
				got := readAs(t, typ, mode, line)
				if got != last {
					fmt.Fprintf(&b, "    %-9s %s\n", mode, got)
				}
				last = got
			}
		}
		a.Compare(t, "want", []byte(b.String()))
	})
}

// readAs returns what a value becomes, or the message of its violation.
func readAs(t *testing.T, typ types.Type, mode contract.Coerce, value string) string {
	t.Helper()
	c := &contract.Contract{OnViolation: contract.Quarantine, UnknownColumns: contract.UnknownDrop, Coerce: mode, Columns: []contract.Column{{Name: "v", Type: typ}}}
	recs := &connector.Records{Origin: "x"}
	if mode == "text" {
		c.Coerce, recs.Untyped = contract.CoerceNone, true
	}
	add(recs, `{"v":`+value+`}`)
	e := enforcer(t, enforce.Spec{Contract: c})
	b, err := e.Enforce(recs)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	if len(b.Rejects) > 0 {
		return "! " + b.Rejects[0].Reasons[0].Message
	}
	if col := b.Rows.Column(0); col.IsValid(0) && col.ValueStr(0) == "" {
		return "(empty)"
	}
	text, err := b.Rows.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	short := strings.Join(strings.Split(string(text), "\n"), "")
	return strings.TrimSuffix(strings.TrimPrefix(short, `[{"v":`), "}]")
}

func enforcer(t testing.TB, spec enforce.Spec) *enforce.Enforcer {
	t.Helper()
	e, ds := enforce.New(spec)
	if ds.HasErrors() {
		t.Fatal(ds.Err())
	}
	return e
}
