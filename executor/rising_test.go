package executor

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// TestRising feeds batches, with the state written and read between them as a
// checkpoint does.
func TestRising(t *testing.T) {
	number, text := arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.String
	long := `"` + strings.Repeat("z", longestRising+1) + `"`
	for _, c := range []struct {
		typ     arrow.DataType
		batches []string
		want    string
	}{
		{number, []string{"[-5, 0]", "[]", "[1, 9]"}, "-5"},
		{arrow.PrimitiveTypes.Int32, []string{"[0]", "[7]"}, "0"},
		{number, []string{"[1, 2]", "[2, 3]"}, ""},
		{number, []string{"[3, 2]"}, ""},
		{number, []string{"[1, null]"}, ""},
		{number, []string{"[]"}, ""},
		{text, []string{`["", "a"]`, `["aa", "it's"]`}, "''"},
		{text, []string{`["it's", "it'u"]`}, "'it''s'"},
		{text, []string{`["b", "a"]`}, ""},
		{text, []string{`["a", "a"]`}, ""},
		{text, []string{`["\u0000a", "b"]`}, ""},
		{text, []string{`["a", ` + long + `]`}, ""},
		{arrow.PrimitiveTypes.Float64, []string{"[1, 2]"}, ""},
	} {
		r := rising{Column: "k"}
		for _, b := range c.batches {
			a, _, err := array.FromJSON(memory.DefaultAllocator, c.typ, strings.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			r.see(array.NewRecordBatch(arrow.NewSchema([]arrow.Field{{Name: "k", Type: c.typ}}, nil), []arrow.Array{a}, int64(a.Len())))
			kept, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			r = rising{}
			if err := json.Unmarshal(kept, &r); err != nil {
				t.Fatal(err)
			}
		}
		want := c.want
		if want != "" {
			want = `SELECT 1 WHERE (SELECT count(*) FROM {this} WHERE "k" >= ` + want + `) <> (SELECT count(*) FROM {new})`
		}
		if got := r.unless(); got != want {
			t.Errorf("%s %v: %q, want %q", c.typ, c.batches, got, want)
		}
	}
	if other := (&rising{Column: "x"}); other.unless() != "" {
		t.Error("nothing was seen, and it is relied upon")
	}
}
