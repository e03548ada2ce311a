package plan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
	"github.com/headgate-data/headgate/planner/state"
	"github.com/headgate-data/headgate/schemas/schematest"
)

// sample is a plan with a step of every kind.
func sample() *plan.Plan {
	stream := addr.Of(addr.Pipeline, "p").WithKey(`e"u<`).WithStream("s")
	model := addr.Of(addr.Model, "m").WithVersion(2)
	dest := &program.Node{Address: addr.Of(addr.Destination, "d"), Destination: &program.Destination{Type: "duckdb", DuckDB: &program.DuckDBDestination{
		Path: program.Text{{Lit: "x/"}, {Secret: "DIR"}}}}}
	prior := &state.Node{Definition: dest, Build: "b1", AppliedAt: "2026-01-02T03:04:05Z", RunID: "r", Serial: 9007199254740993,
		Data: &state.Data{Version: 9223372036854775807, Rows: 1, Inputs: map[string]int64{"a": 1}, Bookmark: json.RawMessage(`{"n":12345678901234567890.10}`)}}
	text := "a < b && c\n\u2028"
	return &plan.Plan{
		FormatVersion: plan.FormatVersion, ToolVersion: "0.1.0", Project: "shop", Environment: "dev", Lineage: "L",
		DefinitionSerial: 9007199254740993, DataSerial: 2, ProgramDigest: strings.Repeat("0a", 32),
		Program: &program.Program{Project: "shop", Environment: program.Environment{Name: "dev"}, State: program.StateBackend{Kind: "local", Path: "s"}, Nodes: []*program.Node{dest}},
		Steps: []*plan.Step{
			{ID: "destination.d", Address: dest.Address, Action: plan.Create, Do: &plan.Define{Node: dest.Address},
				Changes: []plan.Change{{Path: `column "x".type`, Action: plan.Update, Old: &text, New: &text, Forces: true}, {Path: "p", Action: plan.Destroy, Old: &text}},
				Reasons: []plan.Reason{{Code: plan.NotInState, Text: "t"}, {Code: plan.InputChanged, Text: "t", Of: model}}, Notes: []string{"n"}},
			{ID: "source.x", Address: addr.Of(addr.Source, "x"), Action: plan.Destroy, Do: &plan.Forget{}},
			{ID: "model.o.v1", Address: addr.Of(addr.Model, "o").WithVersion(1), Action: plan.Destroy, Do: &plan.Retire{Prior: prior, To: dest}},
			{ID: stream.String(), Address: stream, Action: plan.Replace, Needs: []string{"destination.d"}, Do: &plan.PrepareStream{
				Node: stream, Fresh: true, Alters: []plan.ColumnAlter{{Kind: "type", Column: "c", Type: "int64", From: "int32"}}, RenamedFrom: "a.b", Prior: prior}},
			{ID: "pipeline.p/run", Address: stream.Base(), Action: plan.Run, Needs: []string{stream.String()}, Do: &plan.RunPipeline{Pipeline: stream.Base(), Streams: []addr.Address{stream}}},
			{ID: "model.m.v2/run", Address: model, Action: plan.Poll, Do: &plan.BuildModel{Node: model, IfInputsChanged: true, Prior: prior}},
		},
	}
}

func encode(t testing.TB, p *plan.Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := plan.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	p := sample()
	text := encode(t, p)
	got, err := plan.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(p, got); d != "" {
		t.Errorf("decode(encode(p)) differs from p (-want +got):\n%s", d)
	}
	if again := encode(t, got); !bytes.Equal(again, text) {
		t.Errorf("encoding again gives\n%s\nafter\n%s", again, text)
	}
	schematest.Validate(t, "plan.schema.json", text)
	bad := bytes.Replace(text, []byte(`"kind":"define"`), []byte(`"kind":"erase"`), 1)
	if schematest.Check(t, "plan.schema.json", bad) == nil {
		t.Error("the schema takes an operation that does not exist")
	}
}

// TestReleasedFormat reads a plan as version 1.0 wrote it.
func TestReleasedFormat(t *testing.T) {
	const path = "testdata/plan-1.0.json"
	if os.Getenv("HEADGATE_UPDATE") == "1" {
		if _, err := os.Stat(path); err != nil {
			if err := os.WriteFile(path, encode(t, sample()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	got, err := plan.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	want := sample()
	encode(t, want)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestDecodeRefuses(t *testing.T) {
	text := string(encode(t, sample()))
	replaced := func(old, now string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("the sample has no %s", old)
		}
		return strings.Replace(text, old, now, 1)
	}
	for name, c := range map[string]struct {
		text string
		want diag.Code
	}{
		"nothing":         {"", diag.PlanUnreadable},
		"no json":         {"plan", diag.PlanUnreadable},
		"cut":             {text[:len(text)/2], diag.PlanUnreadable},
		"two":             {text + text, diag.PlanUnreadable},
		"trailing":        {text + "x", diag.PlanUnreadable},
		"a list":          {"[]", diag.PlanUnreadable},
		"null":            {"null", diag.PlanUnreadable},
		"empty":           {"{}", diag.PlanUnreadable},
		"deep":            {strings.Repeat("[", 1<<20), diag.PlanUnreadable},
		"repeated name":   {replaced(`{`, `{"project":"other",`), diag.PlanUnreadable},
		"unknown member":  {replaced(`{`, `{"surprise":1,`), diag.PlanUnreadable},
		"unknown kind":    {replaced(`"kind":"define"`, `"kind":"erase"`), diag.PlanUnreadable},
		"kind's member":   {replaced(`"kind":"forget"`, `"kind":"forget","node":"source.x"`), diag.PlanUnreadable},
		"newer major":     {replaced(`"format_version":"1.0"`, `"format_version":"2.0"`), diag.PlanNewer},
		"newer minor":     {replaced(`"format_version":"1.0"`, `"format_version":"1.9","new":1`), diag.PlanNewer},
		"older":           {replaced(`"format_version":"1.0"`, `"format_version":"0.9"`), diag.PlanUnreadable},
		"altered text":    {replaced(`"project":"shop"`, `"project":"shoq"`), diag.PlanAltered},
		"altered number":  {replaced(`12345678901234567890.10`, `12345678901234567890.11`), diag.PlanAltered},
		"altered case":    {replaced(`"notes"`, `"Notes"`), diag.PlanAltered},
		"altered digest":  {replaced(`"digest":"`, `"digest":"0`), diag.PlanAltered},
		"removed step":    {replaced(`{"id":"source.x","address":"source.x","action":"destroy","do":{"kind":"forget"}},`, ``), diag.PlanAltered},
		"invalid unicode": {replaced(`"shop"`, "\"\xff\""), diag.PlanUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := plan.Decode(strings.NewReader(c.text))
			var d *diag.Diagnostic
			if !errors.As(err, &d) || d.Code != c.want || d.Summary == "" {
				t.Errorf("got %v (%v), want %s", err, p != nil, c.want)
			}
		})
	}
}

// TestDecodeRefusesShapes encodes plans that no planner makes.
func TestDecodeRefusesShapes(t *testing.T) {
	for name, spoil := range map[string]func(p *plan.Plan){
		"no program":     func(p *plan.Plan) { p.Program = nil },
		"null node":      func(p *plan.Plan) { p.Program.Nodes = append(p.Program.Nodes, nil) },
		"unsorted":       func(p *plan.Plan) { p.Program.Nodes = append(p.Program.Nodes, p.Program.Nodes[0]) },
		"repeated id":    func(p *plan.Plan) { p.Steps[1].ID = p.Steps[0].ID },
		"no id":          func(p *plan.Plan) { p.Steps[1].ID = "" },
		"need is later":  func(p *plan.Plan) { p.Steps[0].Needs = []string{"source.x"} },
		"need is absent": func(p *plan.Plan) { p.Steps[0].Needs = []string{"source.y"} },
	} {
		p := sample()
		spoil(p)
		_, err := plan.Decode(bytes.NewReader(encode(t, p)))
		var d *diag.Diagnostic
		if !errors.As(err, &d) || d.Code != diag.PlanUnreadable {
			t.Errorf("%s: got %v", name, err)
		}
	}
	p := sample()
	p.Steps[0].Do = nil
	if err := plan.Encode(&bytes.Buffer{}, p); err == nil {
		t.Error("a step without an operation was encoded")
	}
}

func TestVerify(t *testing.T) {
	fits := func() *state.Snapshot {
		return &state.Snapshot{Lineage: "L", Project: "shop", Environment: "dev", DefinitionSerial: 9007199254740993,
			Nodes: map[string]*state.Node{"source.x": {}, "model.o.v1": {}, `pipeline.p["e\"u<"].stream.s`: {}}}
	}
	if diags := plan.Verify(sample(), fits()); len(diags) > 0 {
		t.Errorf("a plan that fits: %v", diags[0])
	}
	fresh := sample()
	fresh.Lineage, fresh.DefinitionSerial = "", 0
	if diags := plan.Verify(fresh, &state.Snapshot{Lineage: "made since", Environment: "dev"}); len(diags) > 0 {
		t.Errorf("a plan from before the store was made: %v", diags[0])
	}
	for name, c := range map[string]struct {
		move func(s *state.Snapshot)
		code diag.Code
		text string
	}{
		"environment": {func(s *state.Snapshot) { s.Environment = "prod" }, diag.PlanForeign, `"prod"`},
		"project":     {func(s *state.Snapshot) { s.Project = "other" }, diag.PlanForeign, `"other"`},
		"lineage":     {func(s *state.Snapshot) { s.Lineage = "M" }, diag.PlanForeign, `"M"`},
		"serial": {func(s *state.Snapshot) {
			s.DefinitionSerial++
			s.Nodes["source.y"] = &state.Node{Serial: s.DefinitionSerial}
		}, diag.PlanStale, "Applied since: source.y."},
		"taken out": {func(s *state.Snapshot) {
			s.DefinitionSerial++
			delete(s.Nodes, "source.x")
		}, diag.PlanStale, "Taken out since: source.x."},
	} {
		s := fits()
		c.move(s)
		diags := plan.Verify(sample(), s)
		if len(diags) != 1 || diags[0].Code != c.code || !strings.Contains(diags[0].Detail, c.text) {
			t.Errorf("%s: %v", name, diags)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(f, sample()))
	f.Add([]byte(`{"format_version":"1.0","steps":[{"do":{"kind":"retire","prior":{"definition":null}}}]}`))
	f.Add([]byte(`{"format_version":"1.0","program":{"nodes":[{"contract":{"columns":[{"type":"list(struct({a = map(int64)}))"}]}}]},"steps":[null]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := plan.Decode(bytes.NewReader(text))
		if err != nil {
			// The digest would hide what lies behind it: judge the content alone too.
			var loose plan.Plan
			if json.Unmarshal(text, &loose) != nil {
				return
			}
			for _, s := range loose.Steps {
				if s == nil || s.Do == nil {
					return
				}
			}
			var b bytes.Buffer
			if plan.Encode(&b, &loose) != nil {
				return
			}
			if p, err = plan.Decode(&b); err != nil {
				return
			}
		}
		first := encode(t, p)
		again, err := plan.Decode(bytes.NewReader(first))
		if err != nil {
			t.Fatalf("what was decoded and encoded is refused: %v", err)
		}
		if second := encode(t, again); !bytes.Equal(first, second) {
			t.Fatalf("encoding is not stable:\n%s\n%s", first, second)
		}
		_ = plan.Dump(again)
		_ = plan.Verify(again, &state.Snapshot{})
	})
}
