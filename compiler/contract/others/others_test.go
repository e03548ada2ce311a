package others_test

import (
	"testing"

	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contract/others"
)

type rows struct {
	Min   *int `json:"min,omitempty"`
	Range int  `json:"range"`
}

type sample struct {
	Name  string `json:"name"`
	Rows  *rows  `json:"rows,omitempty"`
	Later []rows `json:"later,omitempty"`
}

// TestOthers: members that are not known are given out without places, and taken
// in again; what has another form leaves the value alone.
func TestOthers(t *testing.T) {
	one := 1
	known := []string{"name"}
	words := document.NewMap()
	for _, m := range others.Of(sample{Name: "a", Rows: &rows{Min: &one, Range: 7}, Later: []rows{{Range: 2}}}, known) {
		words.Set(m.Name, m.Value)
	}
	if got := document.Compact(words); got != `{"rows":{"min":1},"later":[{}]}` {
		t.Fatal(got)
	}
	v := sample{Name: "b"}
	if !others.Into(words.With("name", document.Of("c")), &v, known) || v.Name != "b" || v.Rows == nil || *v.Rows.Min != 1 || len(v.Later) != 1 {
		t.Errorf("got %+v", v)
	}
	if others.Into(document.NewMap().With("rows", document.Of("x")), &v, known) || v.Rows == nil {
		t.Errorf("a text is taken for rows: %+v", v)
	}
}
