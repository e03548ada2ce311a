package odcs_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contract/odcs"
	"github.com/headgate-data/headgate/lang/diag"
)

func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/documents/*.yaml")
	if more := os.Getenv("HEADGATE_ODCS_DOCUMENTS"); more != "" { // the standard's own examples, say
		others, bad := filepath.Glob(more)
		if files = append(files, others...); bad != nil {
			t.Fatal(bad)
		}
	}
	if err != nil || len(files) < 3 {
		t.Fatalf("%d documents, %v", len(files), err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[f] = src
	}
	return out
}

// given checks that exporting what was imported gives the same data. It returns
// false where nothing can be imported.
func given(t testing.TB, name string, src []byte) bool {
	t.Helper()
	cs, diags := odcs.Import(name, src)
	if diags.HasErrors() {
		return false
	}
	out, diags := odcs.Export(cs)
	if len(diags) > 0 {
		t.Fatalf("%s: %v", name, diags)
	}
	want, _ := document.Parse(name, src)
	got, bad := document.Parse("out", out)
	if bad.HasErrors() || !document.Equal(got, want) {
		t.Fatalf("%s came back as another document: %v\n%s", name, bad.Err(), cmp.Diff(string(document.JSON(sorted(want))), string(document.JSON(sorted(got)))))
	}
	return true
}

func sorted(v *document.Value) *document.Value { return document.FromJSON(document.Canonical(v)) }

// TestGivenBack runs the documents of testdata through import and export.
func TestGivenBack(t *testing.T) {
	for name, src := range corpus(t) {
		if !given(t, name, src) {
			_, diags := odcs.Import(name, src)
			if !strings.HasPrefix(name, "testdata") && (diags[0].Code == diag.ImportNothing || diags[0].Code == diag.FormatVersion) {
				t.Logf("%s describes no table: %v", name, diags.Err())
				continue
			}
			t.Errorf("%s cannot be imported: %v", name, diags.Err())
		}
	}
}

// TestMutated changes documents at random, so that they say too little, too much
// or the same in another place, and runs those that can be imported through.
func TestMutated(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	imported := 0
	docs := corpus(t)
	names := make([]string, 0, len(docs))
	for name := range docs {
		names = append(names, name)
	}
	slices.Sort(names)
	for i := range 200 {
		name := names[i%len(names)]
		v, _ := document.Parse(name, docs[name])
		for range 1 + r.IntN(6) {
			mutate(r, v)
		}
		src, err := document.YAML(v, "")
		if err != nil {
			t.Fatal(err)
		}
		if given(t, fmt.Sprintf("%s, mutation %d of seed %d", name, i, seed), src) {
			imported++
		}
	}
	if imported < 50 {
		t.Errorf("only %d documents could be imported: the mutations are too wild", imported)
	}
}

func mutate(r *rand.Rand, v *document.Value) {
	var all []*document.Value
	var walk func(*document.Value)
	walk = func(v *document.Value) {
		if v.Is(document.List) || v.Is(document.Map) {
			all = append(all, v)
		}
		for _, x := range v.Items {
			walk(x)
		}
		for _, m := range v.Members {
			walk(m.Value)
		}
	}
	walk(v)
	x, y := all[r.IntN(len(all))], all[r.IntN(len(all))]
	words := []*document.Value{document.Of(""), document.Of("pii"), document.Of("integer"), {}, document.OfNumber("0"), document.OfBool(true), document.ListOf(), document.NewMap()}
	switch {
	case x.Is(document.Map) && len(x.Members) > 0:
		i := r.IntN(len(x.Members))
		switch r.IntN(4) {
		case 0:
			x.Members = slices.Delete(x.Members, i, i+1)
		case 1:
			x.Members[i].Value = words[r.IntN(len(words))].Clone()
		case 2:
			if y.Is(document.Map) && len(y.Members) > 0 {
				m := y.Members[r.IntN(len(y.Members))]
				x.Set(m.Name, m.Value.Clone())
			}
		default:
			r.Shuffle(len(x.Members), func(i, j int) { x.Members[i], x.Members[j] = x.Members[j], x.Members[i] })
		}
	case x.Is(document.List) && len(x.Items) > 0:
		switch r.IntN(3) {
		case 0:
			i := r.IntN(len(x.Items))
			x.Items = slices.Delete(x.Items, i, i+1)
		case 1:
			r.Shuffle(len(x.Items), func(i, j int) { x.Items[i], x.Items[j] = x.Items[j], x.Items[i] })
		default:
			x.Items = append(x.Items, x.Items[r.IntN(len(x.Items))].Clone())
		}
	}
}

// words are contracts without compiled conditions and places.
func words(cs []*contract.Contract, kept bool) string {
	var out []*contract.Contract
	for _, c := range cs {
		d := *c
		d.Latest, d.Range = true, diag.Range{}
		d.Checks = bare(d.Checks)
		d.Columns = slices.Clone(d.Columns)
		if !kept {
			d.Extensions = nil
		}
		for i := range d.Columns {
			col := &d.Columns[i]
			col.Checks, col.Range, col.Rules = bare(col.Checks), diag.Range{}, nil
			if !kept {
				col.Extensions = nil
			}
		}
		out = append(out, &d)
	}
	b, err := json.MarshalIndent(out, "", " ")
	if err != nil {
		panic(err)
	}
	return string(b)
}

func bare(checks []contract.Check) []contract.Check {
	checks = slices.Clone(checks)
	for i := range checks {
		checks[i].Condition, checks[i].Range = nil, diag.Range{}
	}
	return checks
}
