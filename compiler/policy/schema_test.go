package policy_test

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/policy"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/schemas"
	"github.com/headgate-data/headgate/schemas/schematest"
)

// compile returns the policies and the program of one file.
func compile(t *testing.T, text string) (*policy.Set, *program.Program) {
	t.Helper()
	fsys := fstest.MapFS{"main.gate.hcl": {Data: []byte(text)}}
	m, diags := lang.Load(fsys, ".")
	p, set, more := compiler.CompileWithPolicies(context.Background(), m, compiler.Inputs{FS: fsys, FolderName: "shop"})
	if err := append(diags, more...).Err(); err != nil {
		t.Fatal(err)
	}
	return set, p
}

// TestProjectSchema holds what rules see of a project with one thing of each kind
// to the schema.
func TestProjectSchema(t *testing.T) {
	a := golden.Open(t, "testdata/rules.txtar")
	m, diags := lang.Load(a.FS(), ".")
	p, _, more := compiler.CompileWithPolicies(context.Background(), m, compiler.Inputs{FS: a.FS(), FolderName: "shop", Environment: "prod"})
	if err := append(diags, more...).Err(); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(policy.NewProject(p))
	if err != nil {
		t.Fatal(err)
	}
	schematest.Validate(t, "project.schema.json", text)
}

// TestProjectMembers wants the schema to name the members that the project has,
// no more and no fewer: a rule's names are checked against the schema alone.
func TestProjectMembers(t *testing.T) {
	type object struct {
		Properties map[string]any
		Required   []string
		Defs       map[string]object `json:"$defs"`
	}
	text, err := schemas.Files.ReadFile("project.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var root object
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	root.Defs["project"] = root
	for _, typ := range policy.ProjectTypes() {
		def := root.Defs[typ.Name()]
		var all, always []string
		for _, f := range reflect.VisibleFields(typ) {
			name, optional := strings.CutSuffix(f.Tag.Get("json"), ",omitempty")
			if name == "" { // what is embedded
				continue
			}
			all = append(all, name)
			if !optional {
				always = append(always, name)
			}
		}
		slices.Sort(all)
		slices.Sort(always)
		slices.Sort(def.Required)
		if named := slices.Sorted(maps.Keys(def.Properties)); !slices.Equal(all, named) || !slices.Equal(always, def.Required) {
			t.Errorf("%s has %v, always %v; the schema has %v, required %v", typ.Name(), all, always, named, def.Required)
		}
	}
}
