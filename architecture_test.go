// Package architecture holds no code: its test keeps the rooms of headgate
// apart. docs/architecture.md explains the table.
package architecture

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/headgate-data/headgate"

// pkg is what `go list` says of a package: what it imports itself, and what it
// pulls in through others. Tests are left out.
type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// wall is one row of the table. A path that ends in "/..." stands for itself
// and everything below; a path without a dot in its first element belongs to
// the module or to the standard library.
type wall struct {
	from   []string
	except []string // of from
	not    []string // neither imported nor pulled in
	but    []string // of not, allowed after all
	direct []string // not imported by from, nor by a package of the module that it pulls in
	why    string
}

// Lists that several walls share.
var (
	languages  = []string{"github.com/hashicorp/hcl/v2/...", "github.com/zclconf/go-cty/..."}
	drivers    = []string{"github.com/duckdb/...", "github.com/jackc/...", "modernc.org/sqlite/..."} // Arrow's types are part of compiler/types
	outside    = []string{"os", "os/exec", "net", "net/http", "database/sql", "syscall", "math/rand", "math/rand/v2", "crypto/rand"}
	algorithms = []string{"compiler", "compiler/rowsyntax/...", "compiler/sqlcheck/...", "planner"}
	concrete   = []string{"executor/connector/duckdb/...", "executor/connector/file/...", "executor/connector/singer/..."}
)

var walls = []wall{
	{from: []string{"lang/diag", "lang/addr"}, not: []string{"*.*/..."}, but: []string{"lang/diag", "lang/addr"},
		direct: outside, why: "the leaf vocabulary knows the standard library alone"},
	{from: []string{"lang/..."}, not: concat(drivers, []string{"compiler/...", "planner/...", "executor/...", "github.com/spf13/...", "github.com/apache/..."}),
		why: "lang knows text and shapes, not what they mean"},
	{from: []string{"compiler/types", "compiler/contract/...", "compiler/program", "compiler/rowexpr", "compiler/lineage"},
		except: []string{"compiler/contract/condition", "compiler/contract/dbt", "compiler/contract/odcs", "compiler/contract/formats"}, // they read and write conditions as text
		not:    concat(languages, drivers, algorithms, []string{"lang", "planner/...", "executor/..."}),
		direct: outside, why: "types, contracts and programs are plain data"},
	{from: []string{"compiler/..."}, not: concat(drivers, []string{"planner/...", "executor/...", "github.com/spf13/..."}),
		direct: outside, why: "the compiler sees no state, connector, disk or network of its own"},
	{from: []string{"compiler/lint/contractrules", "compiler/lint/pipelinerules", "compiler/lint/modelrules", "compiler/lint/sqlrules", "compiler/lint/projectrules"},
		not: []string{"compiler/lint/contractrules", "compiler/lint/pipelinerules", "compiler/lint/modelrules", "compiler/lint/sqlrules", "compiler/lint/projectrules", "compiler/lint/ruleset"},
		why: "rooms of rules do not know each other"},
	{from: []string{"compiler"}, not: []string{"compiler/lint/..."}, why: "what compiles is not a matter of lint"},
	{from: []string{"planner/..."}, not: concat(languages, drivers, []string{"lang", "compiler", "compiler/rowsyntax/...", "compiler/sqlcheck/...", "executor/...", "github.com/spf13/..."}),
		direct: outside, why: "the planner is pure and deterministic"},
	{from: []string{"planner/plan", "planner/state"}, not: []string{"planner"}, why: "the vocabulary of plans knows no algorithm"},
	{from: []string{"executor/..."}, not: concat(languages, algorithms, []string{"lang", "lang/schema", "github.com/spf13/..."}),
		why: "the executor carries out plans: no HCL, no compiling, no planning"},
	{from: []string{"executor"}, not: concat(concrete, []string{"github.com/duckdb/..."}), why: "connectors reach the executor through the registry that cmd builds"},
	{from: []string{"executor/impact", "executor/sample"}, not: concrete, why: "they look at data through the connectors' interfaces"},
	{from: []string{"executor/impact"}, not: []string{"executor"}, why: "the executor asks it, not the other way round"},
	{from: []string{"executor/connector/..."}, not: []string{"planner/...", "executor", "executor/statestore/...", "executor/enforce/..."},
		why: "a connector knows batches and its own driver"},
	{from: []string{"executor/connector/duckdb/..."}, not: []string{"executor/connector/file/...", "executor/connector/singer/..."},
		why: "connectors do not know each other"},
	{from: []string{"executor/connector/file/..."}, not: []string{"executor/connector/duckdb/...", "executor/connector/singer/..."},
		why: "connectors do not know each other"},
	{from: []string{"executor/connector/singer/..."}, not: []string{"executor/connector/duckdb/...", "executor/connector/file/..."},
		why: "connectors do not know each other"},
	{from: []string{"./..."}, except: []string{"executor/connector/duckdb/...", "cmd/...", "bench/..."}, not: []string{"github.com/duckdb/..."},
		why: "DuckDB stands behind its connector"},
	{from: []string{"./..."}, not: []string{"github.com/apache/arrow-go/v18/parquet/...", "github.com/apache/arrow-go/v18/arrow/compute/...", "google.golang.org/grpc/..."},
		why: "they take minutes to build; Parquet goes through DuckDB"},
	{from: []string{"./..."}, except: []string{"cmd/..."}, not: []string{"cmd/...", "github.com/spf13/..."}, why: "nothing imports cmd"},
	{from: []string{"cmd/headgate/internal/view/..."}, not: concat(languages, algorithms, concrete, []string{"lang", "github.com/spf13/...", "github.com/duckdb/...", "executor/enforce/..."}),
		why: "views draw what was computed, and do not know how"},
}

func TestArchitecture(t *testing.T) {
	pkgs := list(t)
	for _, w := range walls {
		matched := false
		for path, p := range pkgs {
			if !matchAny(w.from, path) || matchAny(w.except, path) {
				continue
			}
			matched = true
			for _, fault := range w.faults(p, pkgs) {
				t.Errorf("%s must not import %s: %s", short(path), fault, w.why)
			}
		}
		if !matched && len(pkgs) > 0 {
			t.Logf("no package stands under %v", w.from)
		}
	}
}

// TestWallsHold checks the checker: a wall that the module does break is seen.
func TestWallsHold(t *testing.T) {
	pkgs := list(t)
	w := wall{from: []string{"executor"}, not: []string{"lang/diag"}, direct: []string{"time"}}
	got := w.faults(pkgs[module+"/executor"], pkgs)
	if !slices.Contains(got, "lang/diag") || !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "time") }) {
		t.Errorf("faults of executor = %v, want lang/diag and time among them", got)
	}
}

// faults returns what p imports against the wall, sorted.
func (w wall) faults(p pkg, pkgs map[string]pkg) []string {
	var out []string
	for _, dep := range p.Deps {
		if matchAny(w.not, dep) && !matchAny(w.but, dep) {
			out = append(out, short(dep))
		}
	}
	for _, path := range append([]string{p.ImportPath}, p.Deps...) {
		for _, imported := range pkgs[path].Imports {
			if slices.Contains(w.direct, imported) {
				out = append(out, imported+" (through "+short(path)+")")
			}
		}
	}
	slices.Sort(out)
	return out
}

// list returns the module's packages by import path.
func list(t *testing.T) map[string]pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Imports,Deps", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	pkgs := map[string]pkg{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.ImportPath, module) {
			pkgs[p.ImportPath] = p
		}
	}
	return pkgs
}

func matchAny(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return match(p, path) })
}

// match says whether an import path stands under a pattern of the table.
// "./..." is the module, "*.*/..." everything that is not the standard library.
func match(pattern, path string) bool {
	switch {
	case pattern == "./...":
		return strings.HasPrefix(path, module)
	case pattern == "*.*/...":
		first, _, _ := strings.Cut(path, "/")
		return strings.Contains(first, ".")
	}
	tree := strings.HasSuffix(pattern, "/...")
	pattern = strings.TrimSuffix(pattern, "/...")
	if first, _, _ := strings.Cut(pattern, "/"); !strings.Contains(first, ".") {
		pattern = module + "/" + pattern
	}
	return path == pattern || tree && strings.HasPrefix(path, pattern+"/")
}

func short(path string) string { return strings.TrimPrefix(path, module+"/") }

func concat(lists ...[]string) []string { return slices.Concat(lists...) }
