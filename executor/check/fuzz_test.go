package check_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/executor/check"
	"github.com/headgate-data/headgate/executor/connector"
)

// FuzzRun checks foreign bytes as each format: whatever they are, it ends with
// counts that add up or with a diagnostic.
func FuzzRun(f *testing.F) {
	for _, text := range []string{`{"id":1,"part":"a"}` + "\n" + `{"id":1,"part":"a","email":"x"}`, "id,part\n1,a\n1,a", `[{"id":1,"part":null},{"id":"x"}]`, "\x1f\x8b", "\x28\xb5\x2f\xfd", "{"} {
		for format := range uint8(3) {
			f.Add([]byte(text), format)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, format uint8) {
		s := spec(orders(contract.NullValue, "1%"), "")
		s.Inputs[0] = check.Input{Path: "in", Format: []string{"jsonl", "json", "csv"}[format%3], Reader: bytes.NewReader(data)}
		s.Reject = func(connector.Reject) error { return nil }
		out, diags := check.Run(context.Background(), s)
		switch {
		case out == nil && !diags.HasErrors():
			t.Error("neither a report nor an error")
		case out != nil && (out.Read != out.Accepted+out.Quarantined+out.Dropped || out.Duplicates > out.Accepted):
			t.Errorf("the counts do not add up: %+v", out)
		}
	})
}
