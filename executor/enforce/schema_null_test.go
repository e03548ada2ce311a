package enforce_test

import (
	"testing"

	"github.com/headgate-data/headgate/executor/connector"
)

// TestNullAndAbsent tells null from absent as a schema does, and does not where
// the source is a table.
func TestNullAndAbsent(t *testing.T) {
	const schema = `{"properties":{"may":{"type":"integer"},"must":{"type":["integer","null"]},"has":{"type":"integer"},"free":{"type":["integer","null"]}},"required":["must","has"],"maxProperties":4}`
	for _, c := range []struct {
		doc           string
		typed, tabled bool
	}{
		{`{"may":1,"must":1,"has":1,"free":1}`, true, true},
		{`{"must":null,"has":1}`, true, true},
		{`{"has":1}`, false, false},
		{`{"must":1}`, false, false},
		{`{"must":1,"has":null}`, false, false},
		{`{"may":null,"must":1,"has":1}`, false, true},
		{`{"free":null,"must":1,"has":1}`, true, true},
	} {
		for _, tabular := range []bool{false, true} {
			e, _ := schemaEnforcer(t, []byte(schema))
			want := c.typed
			if tabular {
				want = c.tabled
			}
			recs := &connector.Records{Data: []byte(c.doc), Start: []int{0}, End: []int{len(c.doc)}, Line: []int64{1}, Tabular: tabular}
			b, err := e.Enforce(recs)
			if err != nil {
				t.Fatal(err)
			}
			if got := b.Counts.Accepted == 1; got != want {
				t.Errorf("%s, tabular %v: taken %v, want %v: %+v", c.doc, tabular, got, want, b.Rejects)
			}
			b.Release()
		}
	}
}
