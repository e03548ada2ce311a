package modeltest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector/duckdb/typer"
	"github.com/headgate-data/headgate/lang"
)

// everyProgram compiles the archives of the compiler's tests, in every environment.
func everyProgram(t *testing.T, visit func(name string, p *program.Program)) {
	t.Helper()
	ty := typer.New()
	defer ty.Close()
	seen := 0
	for _, pattern := range []string{"testdata/*.txtar", "../testdata/*.txtar"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			fsys, err := txtar.FS(txtar.Parse(data))
			if err != nil {
				t.Fatal(err)
			}
			m, _ := lang.Load(fsys, ".")
			names, _ := compiler.Environments(m)
			for _, env := range append(names, "") {
				p, _ := compiler.Compile(context.Background(), m, compiler.Inputs{Environment: env, Today: "2026-06-01", FS: fsys, FolderName: "shop", Typer: ty})
				visit(filepath.Base(path)+" "+env, p)
				seen += len(p.Nodes)
			}
		}
	}
	if seen < 300 {
		t.Errorf("only %d nodes were compiled", seen)
	}
}

// TestPlain holds program.Plain against the way through the text, places left out.
func TestPlain(t *testing.T) {
	everyProgram(t, func(name string, p *program.Program) {
		for _, n := range p.Nodes {
			if want := placeless(throughText(t, n)); !reflect.DeepEqual(program.Plain(n), want) {
				t.Errorf("%s: %s\n got %v\nwant %v", name, n.Address, program.Plain(n), want)
			}
		}
	})
	type other struct {
		Raw      json.RawMessage `json:"raw,omitempty"`
		Bytes    []byte          `json:"bytes"`
		Broken   string          `json:"broken"`
		Text     int64           `json:"text,string"`
		Float    float64         `json:"float"`
		Any      any             `json:"any"`
		Map      map[int]string  `json:"map"`
		Nothing  []string        `json:"nothing"`
		None     map[string]bool `json:"none,omitempty"`
		Zero     struct{ A int } `json:"zero,omitzero"`
		Pointers []*struct{ B *bool }
		Hidden   int `json:"-"`
		inner    int
	}
	yes := true
	for _, v := range []any{
		other{}, &other{Raw: json.RawMessage(`{"a":[1.50]}`), Bytes: []byte("x"), Broken: "a\xff\xfeb", Text: 1 << 60, Float: 1e300, Any: []any{1, "x", nil, 2.5},
			Map: map[int]string{1: "a"}, Pointers: []*struct{ B *bool }{nil, {&yes}}, inner: 1},
		nil, (*other)(nil), json.Number("12"), map[string]any{"a\xff": 1}, uint8(3), []string{},
	} {
		if want := throughText(t, v); !reflect.DeepEqual(program.Plain(v), want) {
			t.Errorf("%T\n got %#v\nwant %#v", v, program.Plain(v), want)
		}
	}
}

// placeless leaves out what says where something is written; what users named is
// theirs.
func placeless(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range []string{"range", "filter_range", "sql_range", "rules"} {
			delete(v, name)
		}
		for name, m := range v {
			if name != "config" && name != "env" && name != "variables" && name != "extensions" {
				placeless(m)
			}
		}
	case []any:
		for _, e := range v {
			placeless(e)
		}
	}
	return v
}

func throughText(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var out any
	if err := dec.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestProgramDigest makes the digest from the whole program at once.
func TestProgramDigest(t *testing.T) {
	everyProgram(t, func(name string, p *program.Program) {
		nodes := []any{}
		for _, n := range p.Nodes {
			nodes = append(nodes, json.RawMessage(program.Canonical(n)))
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		value := map[string]any{"project": p.Project, "environment": throughText(t, p.Environment), "state": throughText(t, p.State),
			"env_reads": throughText(t, p.EnvReads), "nodes": nodes}
		if len(p.Moves)+len(p.Removals)+len(p.Imports) > 0 {
			value["refactorings"] = withoutPlaces(throughText(t, []any{p.Moves, p.Removals, p.Imports}))
		}
		if err := enc.Encode(map[string]any{"headgate": program.EncodingVersion, "of": "program", "value": value}); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(bytes.TrimRight(b.Bytes(), "\n"))
		if want := hex.EncodeToString(sum[:]); program.ProgramDigest(p) != want {
			t.Errorf("%s: the digest is %s, made at once %s", name, program.ProgramDigest(p), want)
		}
	})
}

// withoutPlaces leaves out where things are written.
func withoutPlaces(v any) any {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "range")
		for _, x := range v {
			withoutPlaces(x)
		}
	case []any:
		for _, x := range v {
			withoutPlaces(x)
		}
	}
	return v
}
