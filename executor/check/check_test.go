package check_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/executor/check"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/file"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/diag"
)

func registry() executor.Registry {
	return executor.Registry{Source: map[string]func(context.Context, executor.SourceSpec) (connector.Source, error){
		"file": func(_ context.Context, s executor.SourceSpec) (connector.Source, error) {
			return file.New(file.Spec{Root: s.Root, Address: s.Address, Source: s.Source.File, Log: s.Log, Whole: s.Once, Input: s.Input})
		},
	}}
}

func ptr[T any](v T) *T { return &v }

// orders is a contract with a key, a unique column and a limit.
func orders(mode contract.OnViolation, tolerance string) *contract.Contract {
	return &contract.Contract{
		Name: "orders", Version: 3, OnViolation: mode, UnknownColumns: contract.UnknownDrop, Coerce: contract.CoerceLossless, Tolerance: tolerance,
		Key: []string{"id", "part"},
		Columns: []contract.Column{
			{Name: "id", Type: types.Of(types.Int64), Required: true},
			{Name: "part", Type: types.Of(types.String)},
			{Name: "email", Type: types.Of(types.String), Unique: true, Tags: []string{"pii"}},
			{Name: "total", Type: types.DecimalOf(12, 2), Min: ptr("0")},
		},
	}
}

func spec(c *contract.Contract, text string) check.Spec {
	return check.Spec{Contract: c, Registry: registry(), Examples: 5, MaxKeys: 1000, Inputs: []check.Input{{Path: "in", Format: "jsonl", Reader: strings.NewReader(text)}}}
}

func run(t *testing.T, s check.Spec) *outcome.Check {
	t.Helper()
	out, diags := check.Run(context.Background(), s)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	if out.Read != out.Accepted+out.Quarantined+out.Dropped {
		t.Errorf("the counts do not add up: %+v", out)
	}
	return out
}

// TestVerdict holds the same data to every mode, with and without tolerance.
func TestVerdict(t *testing.T) {
	const good, bad, broken = `{"id":1,"part":"a","total":1}`, `{"id":2,"part":"a","total":-1}`, `{"id":`
	for _, c := range []struct {
		name, data, tolerance string
		mode                  contract.OnViolation
		want                  outcome.Verdict
		rejects               int
	}{
		{"all good", good, "", contract.Quarantine, outcome.Holds, 0},
		{"one bad", good + "\n" + bad, "", contract.Quarantine, outcome.Broken, 1},
		{"one bad, tolerated", good + "\n" + bad, "50%", contract.Quarantine, outcome.Tolerated, 1},
		{"one bad, beyond", good + "\n" + bad, "49%", contract.Quarantine, outcome.Broken, 1},
		{"fail goes on to the end", bad + "\n" + good + "\n" + bad, "100%", contract.Fail, outcome.Broken, 2},
		{"dropped ones are told", good + "\n" + bad, "1", contract.Drop, outcome.Tolerated, 1},
		{"dropped", good + "\n" + bad, "", contract.Drop, outcome.Broken, 1},
		{"a null in its place", good + "\n" + bad, "", contract.NullValue, outcome.Broken, 1},
		{"warned", good + "\n" + bad, "", contract.Warn, outcome.Holds, 0},
		{"warned beyond the tolerance", good + "\n" + bad, "0", contract.Warn, outcome.Broken, 0},
		{"no JSON under fail", good + "\n" + broken, "", contract.Fail, outcome.Broken, 1},
		{"nothing", "", "", contract.Fail, outcome.Holds, 0},
		{"a key twice, within a tolerance", good + "\n" + good, "100%", contract.Quarantine, outcome.Broken, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := spec(orders(c.mode, c.tolerance), c.data)
			rejects := 0
			s.Reject = func(connector.Reject) error { rejects++; return nil }
			if out := run(t, s); out.Verdict != c.want || rejects != c.rejects {
				t.Errorf("verdict %s with %d rejects, want %s with %d: %+v", out.Verdict, rejects, c.want, c.rejects, out)
			}
		})
	}
}

// TestDuplicates compares what is found of keys that come twice with a search of
// the simplest kind, over several inputs and batches.
func TestDuplicates(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	seen := map[string]map[string]string{"key": {}, "email.unique": {}}
	count := map[string]int64{}
	first := map[string]string{} // the first finding of each rule
	s := spec(orders(contract.Quarantine, ""), "")
	s.Inputs, s.MaxKeys = nil, 1<<20
	for k := range 3 {
		var b strings.Builder
		for line := range 5000 {
			id, part := r.IntN(4000), []string{`"a"`, `"b"`, `"\u0061"`}[r.IntN(3)]
			email := "null"
			if r.IntN(2) == 0 {
				email = fmt.Sprintf(`"%d@example.com"`, r.IntN(20_000))
			}
			fmt.Fprintf(&b, `{"id":%d,"part":%s,"email":%s}`+"\n", id, part, email)
			for rule, value := range map[string]string{"key": fmt.Sprint(id, strings.ReplaceAll(part, `\u0061`, "a")), "email.unique": email} {
				at := fmt.Sprintf("in%d:%d", k, line+1)
				before, again := seen[rule][value]
				switch {
				case value == "null":
				case !again:
					seen[rule][value] = at
				default:
					count[rule]++
					if first[rule] == "" {
						first[rule] = at + " stands first at " + before
					}
				}
			}
		}
		s.Inputs = append(s.Inputs, check.Input{Path: fmt.Sprintf("in%d", k), Format: "jsonl", Reader: strings.NewReader(b.String())})
	}
	out := run(t, s)
	found := 0
	for _, rule := range out.Rules {
		found++
		x := rule.Examples[0]
		if at := fmt.Sprintf("%s:%d %s", x.Origin, x.Line, x.Message); rule.Count != count[rule.Rule] || at != first[rule.Rule] {
			t.Errorf("%s: %d times, first %s; want %d, %s", rule.Rule, rule.Count, at, count[rule.Rule], first[rule.Rule])
		}
		if personal := rule.Rule == "email.unique"; personal != (x.Value == `"***"`) {
			t.Errorf("%s: the value is shown as %s", rule.Rule, x.Value)
		}
	}
	if found != 2 || len(out.Inputs) != 3 || out.Inputs[2].Records != 5000 {
		t.Errorf("%d rules, inputs %+v", found, out.Inputs)
	}
	s.Merge = true
	for k := range s.Inputs {
		s.Inputs[k].Reader = strings.NewReader(`{"id":1,"part":"a"}` + "\n" + `{"id":1,"part":"a"}`)
	}
	if out := run(t, s); out.Verdict != outcome.Holds {
		t.Errorf("under merge a key may come again: %+v", out)
	}
}

// TestInputs reads the same data plain and compressed, from a pipe and from files.
func TestInputs(t *testing.T) {
	const text = `{"id":1,"part":"a","total":-1}` + "\n" + `{"id":2,"part":"b","total":"2.50"}`
	var gz, zst bytes.Buffer
	g := gzip.NewWriter(&gz)
	z, err := zstd.NewWriter(&zst)
	must(t, err)
	for _, w := range []io.WriteCloser{g, z} {
		_, err := io.WriteString(w, text)
		must(t, err)
		must(t, w.Close())
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"a.jsonl": []byte(text), "b.jsonl.gz": gz.Bytes(), "c.jsonl.zst": zst.Bytes(),
		"d.json": []byte("[" + strings.ReplaceAll(text, "\n", ",") + "]"), "e.csv": []byte("id,part,total\n1,a,-1\n2,b,2.50"), "f.tsv": []byte("id\tpart\ttotal\n1\ta\t-1\n2\tb\t2.50\n")} {
		must(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	inputs := []check.Input{
		{Path: "plain", Format: "jsonl", Reader: strings.NewReader(text)}, {Path: "gzip", Format: "jsonl", Reader: &gz}, {Path: "zstd", Format: "jsonl", Reader: &zst},
		{Path: "a.jsonl"}, {Path: "b.jsonl.gz"}, {Path: "c.jsonl.zst"}, {Path: "d.json"}, {Path: "e.csv"}, {Path: "f.tsv"}, {Path: filepath.Join(dir, "*.jsonl*"), Format: "jsonl"},
	}
	for _, in := range inputs {
		t.Run(filepath.Base(in.Path), func(t *testing.T) {
			s := spec(orders(contract.Quarantine, ""), "")
			s.Root, s.Inputs, s.MaxKeys = dir, []check.Input{in}, 0
			times := int64(1)
			if strings.Contains(in.Path, "*") {
				times = 3
			}
			out := run(t, s)
			if out.Read != 2*times || out.Quarantined != times || out.Rules[0].Rule != "total.min" || out.Duplicates != 0 {
				t.Errorf("%+v", out)
			}
		})
	}
}

// TestFaults wants the right diagnostic, and an end, of whatever cannot go on.
func TestFaults(t *testing.T) {
	const two = `{"id":1,"part":"a"}` + "\n" + `{"id":2,"part":"a"}`
	broken := errors.New("no room")
	for name, c := range map[string]struct {
		change func(*check.Spec)
		want   diag.Code
	}{
		"too many keys":     {func(s *check.Spec) { s.MaxKeys = 1 }, diag.TooManyKeys},
		"no such file":      {func(s *check.Spec) { s.Inputs = []check.Input{{Path: "none.jsonl"}} }, diag.FileNoMatch},
		"nothing matches":   {func(s *check.Spec) { s.Inputs = []check.Input{{Path: "none*.jsonl"}} }, diag.CheckInput},
		"no format":         {func(s *check.Spec) { s.Inputs = []check.Input{{Path: "none"}} }, diag.FileSetting},
		"parquet in a pipe": {func(s *check.Spec) { s.Inputs[0].Format = "parquet" }, diag.FileSetting},
		"a broken pipe": {func(s *check.Spec) {
			s.Inputs[0].Reader = io.MultiReader(strings.NewReader(two+"\n"), &failing{broken})
		}, diag.FileUnreadable},
		"not gzip after all": {func(s *check.Spec) { s.Inputs[0].Reader = strings.NewReader("\x1f\x8bnonsense") }, diag.FileBroken},
		"rejects that cannot be written": {func(s *check.Spec) {
			s.Inputs[0].Reader = strings.NewReader(strings.Repeat("{\n", 200_000))
			s.Reject = func(connector.Reject) error { return broken }
		}, diag.CheckInput},
	} {
		t.Run(name, func(t *testing.T) {
			s := spec(orders(contract.Quarantine, ""), two)
			s.Root = t.TempDir()
			c.change(&s)
			out, diags := check.Run(context.Background(), s)
			if out != nil || !slices.ContainsFunc(diags, func(d *diag.Diagnostic) bool { return d.Code == c.want }) {
				t.Errorf("got %v %v, want %s", out, diags.Err(), c.want)
			}
		})
	}
}

// TestCancel ends in the middle of data that has no end.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := spec(orders(contract.Quarantine, ""), "")
	s.Inputs[0].Reader = &endless{after: 1 << 20, then: cancel}
	if out, diags := check.Run(ctx, s); out != nil || len(diags) != 1 || !strings.Contains(diags[0].Detail, "was stopped") {
		t.Errorf("%v %v", out, diags.Err())
	}
}

// failing is a reader that fails.
type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// endless gives records without end, and calls then when some bytes were read.
type endless struct {
	after int
	then  func()
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for line := "{\"id\":null}\n"; n+len(line) <= len(p); {
		n += copy(p[n:], line)
	}
	if e.after -= n; e.after < 0 {
		e.then()
	}
	return n, nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
