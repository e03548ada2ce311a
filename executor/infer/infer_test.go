package infer_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/contracttext"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/executor/infer"
	"github.com/headgate-data/headgate/internal/golden"
)

// batch makes a batch of records, one a line.
func batch(untyped bool, lines ...string) *connector.Records {
	r := &connector.Records{Stream: "s", Origin: "data", Untyped: untyped}
	for i, l := range lines {
		r.Start = append(r.Start, len(r.Data))
		r.Data = append(r.Data, l...)
		r.End = append(r.End, len(r.Data))
		r.Data = append(r.Data, '\n')
		r.Line = append(r.Line, int64(i+1))
	}
	return r
}

// propose infers a contract and returns it as text.
func propose(r *connector.Records) (*infer.Sample, *infer.Proposal, string) {
	s := infer.NewSample()
	s.Add(r, -1)
	p := s.Propose("things", "a test")
	return s, p, string(contracttext.Write(p.Contract, contracttext.Options{Bare: true, Header: p.Header, Columns: p.Comments}))
}

// TestPropose infers contracts from the records of "in". A line "N x RECORD"
// stands for N records, in which %d is the number of the record.
func TestPropose(t *testing.T) {
	golden.Dir(t, "testdata/*.txtar", func(t *testing.T, a *golden.Archive) {
		var lines []string
		for _, l := range strings.Split(strings.TrimSpace(string(a.Bytes(t, "in"))), "\n") {
			times, rest, ok := strings.Cut(l, " x ")
			n, err := strconv.Atoi(times)
			if !ok || err != nil {
				lines = append(lines, l)
				continue
			}
			for i := range n {
				lines = append(lines, strings.ReplaceAll(rest, "%d", strconv.Itoa(i+1)))
			}
		}
		r := batch(strings.Contains(a.Comment, "untyped"), lines...)
		s, p, text := propose(r)
		for _, k := range p.Skipped {
			text += fmt.Sprintf("# skipped %q: %s\n", k.Name, k.Why)
		}
		if s.Refused > 0 {
			text += fmt.Sprintf("# refused %d, first %s\n", s.Refused, s.FirstRefused)
		}
		a.Compare(t, "want.hcl", []byte(text))
		accepts(t, p, s, r)
	})
}

// accepts checks that the contract takes every record but those that no contract
// takes.
func accepts(t *testing.T, p *infer.Proposal, s *infer.Sample, r *connector.Records) {
	t.Helper()
	if len(p.Contract.Columns) == 0 {
		return
	}
	e, ds := enforce.New(enforce.Spec{Address: "pipeline.p.stream.s", Contract: p.Contract})
	if ds.HasErrors() {
		t.Fatal(ds.Err())
	}
	b, err := e.Enforce(r)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	if b.Counts.Accepted != s.Records || b.Counts.Quarantined != s.Refused {
		for _, rule := range e.Summary().Rules {
			t.Logf("%s %d: %v", rule.Rule, rule.Count, rule.Examples)
		}
		t.Errorf("%d of %d records are accepted, and %d could be", b.Counts.Accepted, b.Counts.Read, s.Records)
	}
}

// TestAccepts infers contracts from random records, which must all be accepted,
// and whose text must be a contract.
func TestAccepts(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	for range 2000 {
		untyped := r.IntN(3) == 0
		var gens []func() string
		for range 1 + r.IntN(5) {
			gens = append(gens, generator(r, untyped, 0))
		}
		var lines []string
		for range 1 + r.IntN(60) {
			var parts []string
			for i, g := range gens {
				if r.IntN(20) > 0 || i == 0 {
					parts = append(parts, fmt.Sprintf(`"c%d":%s`, i, g()))
				}
			}
			lines = append(lines, "{"+strings.Join(parts, ",")+"}")
		}
		b := batch(untyped, lines...)
		s, p, text := propose(b)
		accepts(t, p, s, b)
		if t.Failed() {
			t.Fatalf("%s\n%s", strings.Join(lines, "\n"), text)
		}
	}
}

// generator makes values of one place: of one sort, sometimes of two.
func generator(r *rand.Rand, untyped bool, depth int) func() string {
	quote := strconv.Quote
	n := func(k int) string { return strconv.Itoa(r.IntN(k)) }
	number := []func() string{
		func() string { return n(50) },
		func() string { return "-" + n(1<<40) },
		func() string { return n(1000) + "." + n(10) + n(10) },
		func() string { return n(1000) + "." + n(1e9) + n(1e9) },
		func() string { return n(9) + strings.Repeat(n(10), r.IntN(45)) + "1" },
		func() string { return "1" + n(9) + "." + strings.Repeat(n(10), 1+r.IntN(45)) },
		func() string { return "1." + n(9) + "e" + []string{"+", "-", ""}[r.IntN(3)] + n(420) },
		func() string { return "9223372036854775807" },
		func() string { return "0." + strings.Repeat("0", r.IntN(40)) + "1" },
	}
	texts := []func() string{
		func() string { return quote("user" + n(99) + "@example.com") },
		func() string { return quote("2024-0" + n(9) + "-1" + n(9)) },
		func() string { return quote("2024-01-1" + n(9) + "T0" + n(9) + ":00:00." + n(1e6)) },
		func() string { return quote("2024-01-1" + n(9) + " 00:00:00Z") },
		func() string { return quote("2024-01-1" + n(9) + "T00:00:00.123456789+02:00") },
		func() string { return quote("1" + n(9) + ":00:00") },
		func() string { return quote("1" + n(9) + ":00") },
		func() string { return quote("00000000-0000-0000-0000-0000000000" + n(9) + "A") },
		func() string { return quote([]string{"a", "b", "é"}[r.IntN(3)]) },
		func() string { return quote([]string{"true", "FALSE"}[r.IntN(2)]) },
		func() string { return `"\u00e9\n\"` + n(99) + `"` },
		func() string { return `""` },
		func() string { return quote("." + n(99)) },
		func() string { return quote("2015/01/1" + n(9)) },
		func() string { return quote("0" + n(9999)) },
		func() string { return quote("10.0.0." + n(256)) },
		func() string { return quote("https://example.com/" + n(99)) },
		func() string { return quote(`{"a":[` + n(9) + `]}`) },
		func() string { return quote(number[r.IntN(len(number))]()) },
		func() string { return "null" },
	}
	all := texts
	if !untyped {
		all = append(append(all, number...), func() string { return []string{"true", "false"}[r.IntN(2)] }, func() string { return `"\u0000"` })
	}
	if !untyped && depth < 3 {
		inner, other := all[r.IntN(len(all))], all[r.IntN(len(all))]
		if r.IntN(2) == 0 {
			inner = generator(r, false, depth+1)
		}
		all = append(all, func() string { return "[]" }, func() string { return "{}" },
			func() string { return "[" + inner() + "," + other() + "]" },
			func() string { return `{"a":` + inner() + `,"b b":` + other() + `}` },
			func() string { return `{"` + n(500) + `":` + inner() + `}` },
			func() string { return `{"a":1,"a":` + inner() + `}` })
	}
	one, two := all[r.IntN(len(all))], all[r.IntN(len(all))]
	mixed := r.IntN(4)
	return func() string {
		if mixed == 0 && r.IntN(2) == 0 {
			return two()
		}
		return one()
	}
}

// FuzzPropose throws bytes at the sample: nothing panics, and what it takes for
// records is accepted.
func FuzzPropose(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"a":{"a":1,"a":2}}`, `{"a":[1,"x",null]}`, `{"a":1,"a":2}`, `{"a":1e999}`, `[`, `{"a":"\u0000"}`, `{"\u0061":1,"a ":2}`, `{"":1}`} {
		f.Add(s, s, false)
		f.Add(s, `{"a":"12"}`, true)
	}
	f.Fuzz(func(t *testing.T, a, b string, untyped bool) {
		if untyped {
			// A format of texts knows no other values, and no NUL in them.
			a, b = fmt.Sprintf(`{"a":%q}`, strings.Map(letters, a)), fmt.Sprintf(`{"a":%q}`, strings.Map(letters, b))
		}
		r := batch(untyped, a, b)
		s, p, _ := propose(r)
		if len(p.Skipped) == 0 {
			accepts(t, p, s, r)
		}
	})
}

func letters(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}
