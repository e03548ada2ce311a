package compat

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/internal/golden"
)

// TestWide compares contracts of two thousand columns that all change.
func TestWide(t *testing.T) {
	made := func(min string, typ types.Type) *contract.Contract {
		c := &contract.Contract{Name: "wide", Coerce: contract.CoerceLossless, UnknownColumns: contract.UnknownDrop}
		for i := range 2000 {
			c.Columns = append(c.Columns, contract.Column{Name: fmt.Sprintf("c%d", i), Type: typ, Min: &min, Required: i%2 == 0})
		}
		return c
	}
	begin := time.Now()
	changes := Compare(made("0", types.Of(types.Int32)), made("5", types.Of(types.Int64)), Full)
	if len(changes) != 4000 {
		t.Fatalf("%d changes", len(changes))
	}
	for _, ch := range changes {
		if !ch.Backward.Proof.Found() && !ch.Forward.Proof.Found() {
			t.Fatalf("%s %s has no proof", ch.Rule, ch.Path)
		}
	}
	if d := time.Since(begin); d > time.Minute {
		t.Errorf("it took %v", d)
	} else {
		t.Log(d)
	}
}

// TestPatterns holds the search over two patterns to the regular expressions
// themselves: what it finds is so, and where it finds nothing no text is so.
func TestPatterns(t *testing.T) {
	pieces := []string{"a", "b", "[ab]", "[^a]", ".", "a*", "b+", "a?", "(ab|ba)", "^", "$", `\b`, `\d`, "(?i:aB)", "a{2,3}", "|", `\n`, "(?m:^a)", `\B`, `\pL`}
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 2))
	t.Logf("seed %d", seed)
	made := func() string {
		var b strings.Builder
		for range 1 + r.IntN(4) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return b.String()
	}
	proved, found := 0, 0
	for range 400 {
		in, out := made(), made()
		x, okX := newPattern(in)
		y, okY := newPattern(out)
		if !okX || !okY {
			t.Fatalf("%q or %q does not compile", in, out)
		}
		inRe, outRe := regexp.MustCompile(in), regexp.MustCompile(out)
		b := between{in: x, out: y, max: -1, want: 4}
		if r.IntN(2) == 0 {
			b.min, b.max = r.IntN(3), 2+r.IntN(3)
		}
		texts, all := b.texts()
		for _, s := range texts {
			found++
			n := len([]rune(s))
			if !inRe.MatchString(s) || outRe.MatchString(s) || n < b.min || b.max >= 0 && n > b.max {
				t.Fatalf("%q is said to match %q and not %q, %d to %d long", s, in, out, b.min, b.max)
			}
		}
		if !all || len(texts) > 0 {
			continue
		}
		proved++
		for range 300 {
			var s strings.Builder
			for range r.IntN(7) {
				s.WriteRune([]rune("aAbB1_ \né-x")[r.IntN(11)])
			}
			n := len([]rune(s.String()))
			if n >= b.min && (b.max < 0 || n <= b.max) && inRe.MatchString(s.String()) && !outRe.MatchString(s.String()) {
				t.Fatalf("%q matches %q and not %q, and no text was said to", s.String(), in, out)
			}
		}
	}
	if proved < 20 || found < 100 {
		t.Errorf("%d proved and %d found: the test looks at nothing", proved, found)
	}
}

// TestPromises compares promises over the whole table.
func TestPromises(t *testing.T) {
	n := func(v int64) *int64 { return &v }
	rows := func(min, max *int64, s contract.Severity) contract.Contract {
		return contract.Contract{Rows: &contract.Rows{Min: min, Max: max, Severity: s}}
	}
	fresh := func(column, age string) contract.Contract {
		return contract.Contract{Freshness: &contract.Freshness{Column: column, MaxAge: age}}
	}
	expect := func(query string, s contract.Severity) contract.Contract {
		return contract.Contract{Expects: []contract.Expect{{Name: "e", Query: query, Severity: s}}}
	}
	refers := func(column string) contract.Contract {
		return contract.Contract{Columns: []contract.Column{{Name: "a", Type: types.Of(types.Int64), References: &contract.Reference{Column: column}}}}
	}
	none := refers("")
	none.Columns[0].References = nil
	for _, row := range []struct {
		old, now          contract.Contract
		rule              Rule
		backward, forward Verdict
	}{
		{contract.Contract{}, rows(n(1), nil, ""), PromiseAdded, Breaks, OK},
		{rows(n(1), nil, ""), contract.Contract{}, PromiseRemoved, OK, Breaks},
		{rows(n(1), nil, ""), rows(n(5), nil, ""), PromiseChanged, Breaks, OK},
		{rows(n(5), n(9), ""), rows(n(5), n(10), ""), PromiseChanged, OK, Breaks},
		{rows(n(5), n(9), ""), rows(n(6), n(10), ""), PromiseChanged, Breaks, Breaks},
		{rows(n(5), nil, contract.SeverityWarning), rows(n(5), nil, ""), PromiseChanged, Breaks, OK},
		{rows(n(5), nil, ""), rows(n(5), nil, contract.SeverityWarning), PromiseChanged, OK, Breaks},
		{contract.Contract{}, rows(n(5), nil, contract.SeverityWarning), PromiseAdded, OK, OK},
		{fresh("at", "24h"), fresh("at", "12h"), PromiseChanged, Breaks, OK},
		{fresh("at", "24h"), fresh("at", "1h30m"), PromiseChanged, Breaks, OK},
		{fresh("at", "24h"), fresh("at", "48h"), PromiseChanged, OK, Breaks},
		{fresh("at", "24h"), fresh("on", "12h"), PromiseChanged, Breaks, Breaks},
		{contract.Contract{}, expect("select 1", ""), PromiseAdded, Breaks, OK},
		{expect("select  1", ""), expect("select 2", ""), PromiseChanged, Breaks, Breaks},
		{expect("select 1", ""), contract.Contract{}, PromiseRemoved, OK, Breaks},
		{none, refers("id"), PromiseAdded, Breaks, OK},
		{refers("id"), none, PromiseRemoved, OK, Breaks},
		{refers("id"), refers("key"), PromiseChanged, Breaks, Breaks},
	} {
		changes := Compare(&row.old, &row.now, Full)
		if len(changes) != 1 || changes[0].Rule != row.rule || changes[0].Backward.Verdict != row.backward || changes[0].Forward.Verdict != row.forward {
			t.Errorf("%+v, want %s %s %s", changes, row.rule, row.backward, row.forward)
		}
	}
	a, b := expect("select  1", ""), expect("select 1", "")
	if changes := Compare(&a, &b, Full); len(changes) != 0 {
		t.Errorf("white space makes %+v", changes)
	}
}

// TestEveryMemberIsKnown fails when a contract learns something that no rule
// compares.
func TestEveryMemberIsKnown(t *testing.T) {
	for _, part := range []struct {
		of    reflect.Type
		known string
	}{{reflect.TypeFor[contract.Contract](), knownOfContract}, {reflect.TypeFor[contract.Column](), knownOfColumn}} {
		for i := range part.of.NumField() {
			name, _, _ := strings.Cut(part.of.Field(i).Tag.Get("json"), ",")
			if !strings.Contains(part.known+describing+oneWay+whole, " "+name+" ") {
				t.Errorf("%s.%s: no rule compares it; until one does, its every change is a break (OTHER_CHANGED)", part.of.Name(), name)
			}
		}
	}
	w := newWork(&contract.Contract{}, &contract.Contract{})
	w.unknownMembers("a", map[string]any{"kept": 1, "extensions": 1, "news": 2}, map[string]any{"kept": 1, "extensions": 2}, " known ")
	if len(w.changes) != 2 || w.changes[0].Rule != DescriptionChanged || w.changes[1].Rule != OtherChanged || w.changes[1].Backward.Verdict != Breaks {
		t.Errorf("%+v", w.changes)
	}
	schema := func(residue ...string) *contract.Contract {
		return &contract.Contract{Schema: &contract.Schema{Text: fmt.Sprintf(`{"allOf": [], "title": "%d"}`, len(residue)), Residue: residue}}
	}
	w = newWork(schema(), schema("/allOf"))
	w.others()
	if len(w.changes) != 1 || w.changes[0].Forward.Verdict != Breaks {
		t.Errorf("a JSON Schema that says more makes %+v", w.changes)
	}
}

// TestRulesAreListed holds the list that the reference is made of to the rules.
func TestRulesAreListed(t *testing.T) {
	seen := map[Rule]bool{}
	for _, i := range Rules() {
		if seen[i.Rule] || i.Meaning == "" || i.Backward == "" || i.Forward == "" {
			t.Errorf("%s stands twice or says nothing", i.Rule)
		}
		seen[i.Rule] = true
		if strings.Contains(i.Backward+i.Forward, "breaks") && i.WayOut == "" {
			t.Errorf("%s has no way out", i.Rule)
		}
	}
}

// TestModes reads what a contract says of compatibility.
func TestModes(t *testing.T) {
	for text, want := range map[string]string{"auto": "full false false", "none": "none false true", "backward": "backward false true", "full_transitive": "full true true",
		"forward_transitive": "forward true true", "": "full false false"} {
		mode, transitive, explicit := ParseMode(text)
		if got := fmt.Sprint(mode, " ", transitive, " ", explicit); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	if Join(Backward, Forward) != Full || Join(None, Backward) != Backward || Join("", "") != None {
		t.Error("modes are joined wrongly")
	}
}

// TestReference keeps the table of docs/reference/compatibility.md like the rules.
func TestReference(t *testing.T) {
	const path, begin, end = "../../../docs/reference/compatibility.md", "<!-- rules -->\n", "<!-- end -->"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, okHead := strings.Cut(string(text), begin)
	_, tail, okTail := strings.Cut(rest, end)
	if !okHead || !okTail {
		t.Fatalf("%s has no place for the rules", path)
	}
	var b strings.Builder
	b.WriteString("| rule | stands for | backward | forward | the way out |\n|---|---|---|---|---|\n")
	for _, i := range Rules() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", i.Rule, i.Meaning, i.Backward, i.Forward, i.WayOut)
	}
	golden.File(t, path, []byte(head+begin+b.String()+end+tail))
}
