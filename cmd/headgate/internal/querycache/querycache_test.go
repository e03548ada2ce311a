package querycache

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector/duckdb/typer"
	"github.com/headgate-data/headgate/lang"
)

// now is the time of every test.
var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// echo is an engine whose answers tell the question: the tree is the text, and a
// query yields a column for each of its tables. A text with "bad" is a fault.
type echo struct{ asked int }

func (e *echo) Trees(_ context.Context, texts []string) []sqltype.Tree {
	out := make([]sqltype.Tree, len(texts))
	for i, text := range texts {
		e.asked++
		if strings.Contains(text, "bad") {
			out[i].Err = &sqltype.Error{Message: text, Offset: 1}
			continue
		}
		out[i].JSON = []byte("tree of " + text)
	}
	return out
}

func (e *echo) Describe(_ context.Context, queries []sqltype.Query) []sqltype.Shape {
	out := make([]sqltype.Shape, len(queries))
	for i, q := range queries {
		e.asked++
		if strings.Contains(q.SQL, "bad") {
			out[i].Err = &sqltype.Error{Message: q.SQL, Offset: 1}
			continue
		}
		out[i].Columns = []sqltype.Column{{Name: q.SQL, Native: "BIGINT", Type: types.Of(types.Int64)}, {Name: "i", Native: "INTERVAL"}}
	}
	return out
}

func question(sql string) sqltype.Query {
	return sqltype.Query{SQL: sql, Tables: []sqltype.Table{{Schema: "raw", Name: "t", Columns: []sqltype.Column{{Name: "x", Type: types.Of(types.Int64)}}}}}
}

// ask asks for the trees and shapes of texts through a new cache over dir, holds the
// answers against the engine's own and returns how many questions reached it.
func ask(t *testing.T, dir string, at time.Time, texts ...string) int {
	t.Helper()
	e := &echo{}
	c := New(e, "echo", dir, at)
	var queries []sqltype.Query
	for _, text := range texts {
		queries = append(queries, question(text))
	}
	trees, shapes := c.Trees(t.Context(), texts), c.Describe(t.Context(), queries)
	asked := e.asked
	if want := e.Trees(t.Context(), texts); !reflect.DeepEqual(trees, want) {
		t.Errorf("trees %v, want %v", trees, want)
	}
	if want := e.Describe(t.Context(), queries); !reflect.DeepEqual(shapes, want) {
		t.Errorf("shapes %v, want %v", shapes, want)
	}
	if err := c.Save(); err != nil {
		t.Logf("not saved: %v", err)
	}
	return asked
}

func TestAsksOnce(t *testing.T) {
	dir := t.TempDir()
	for i, want := range []int{6, 2, 2} { // the fault is asked for again
		if got := ask(t, dir, now, "a", "b", "bad"); got != want {
			t.Errorf("round %d: %d questions, want %d", i, got, want)
		}
	}
	if got := ask(t, dir, now, "b", "c"); got != 2 {
		t.Errorf("%d questions, want those of c alone", got)
	}
	ignored, err := os.ReadFile(filepath.Join(dir, folder, ignore))
	if err != nil || string(ignored) != "*\n" {
		t.Errorf("%s holds %q, %v", ignore, ignored, err)
	}
}

// TestNoFolder remembers within the process alone.
func TestNoFolder(t *testing.T) {
	e := &echo{}
	c := New(e, "echo", "", now)
	for range 2 {
		c.Trees(t.Context(), []string{"a"})
	}
	if e.asked != 1 || c.Save() != nil {
		t.Errorf("asked %d times", e.asked)
	}
	if got := ask(t, filepath.Join(t.TempDir(), "gone"), now, "a"); got != 2 {
		t.Errorf("a folder that is not there: %d questions", got)
	}
}

// TestWhatMisses changes one thing after another that an answer depends on.
func TestWhatMisses(t *testing.T) {
	base := question("select x from raw.t")
	base.Tables = append(base.Tables, sqltype.Table{Name: "u", Columns: []sqltype.Column{{Name: "y", Type: types.DecimalOf(9, 2)}, {Name: "z", Type: types.Of(types.Any), Native: "INTERVAL"}}})
	change := func(do func(q *sqltype.Query)) sqltype.Query {
		q := sqltype.Query{SQL: base.SQL}
		for _, tb := range base.Tables {
			tb.Columns = append([]sqltype.Column{}, tb.Columns...)
			q.Tables = append(q.Tables, tb)
		}
		do(&q)
		return q
	}
	asks := func(identity string, q sqltype.Query) bool {
		e := &echo{}
		dir := t.TempDir()
		first := New(e, "echo", dir, now)
		first.Describe(t.Context(), []sqltype.Query{base})
		if err := first.Save(); err != nil {
			t.Fatal(err)
		}
		New(e, identity, dir, now).Describe(t.Context(), []sqltype.Query{q})
		return e.asked == 2
	}
	for name, q := range map[string]sqltype.Query{
		"text":           change(func(q *sqltype.Query) { q.SQL += " " }),
		"case":           change(func(q *sqltype.Query) { q.SQL = "select X from raw.t" }),
		"type":           change(func(q *sqltype.Query) { q.Tables[0].Columns[0].Type = types.Of(types.Int32) }),
		"scale":          change(func(q *sqltype.Query) { q.Tables[1].Columns[0].Type = types.DecimalOf(9, 3) }),
		"native type":    change(func(q *sqltype.Query) { q.Tables[1].Columns[1].Native = "TIME" }),
		"column's name":  change(func(q *sqltype.Query) { q.Tables[0].Columns[0].Name = "X" }),
		"another column": change(func(q *sqltype.Query) { q.Tables[0].Columns = append(q.Tables[0].Columns, q.Tables[0].Columns[0]) }),
		"no column":      change(func(q *sqltype.Query) { q.Tables[0].Columns = nil }),
		"columns turned": change(func(q *sqltype.Query) { c := q.Tables[1].Columns; c[0], c[1] = c[1], c[0] }),
		"table's name":   change(func(q *sqltype.Query) { q.Tables[0].Name = "T" }),
		"schema":         change(func(q *sqltype.Query) { q.Tables[0].Schema = "" }),
		"table gone":     change(func(q *sqltype.Query) { q.Tables = q.Tables[:1] }),
	} {
		if !asks("echo", q) {
			t.Errorf("%s changed, and the old answer was given", name)
		}
	}
	if !asks("echo 2", base) {
		t.Error("the engine changed, and the old answer was given")
	}
	if asks("echo", base) || asks("echo", change(func(q *sqltype.Query) { q.Tables[0], q.Tables[1] = q.Tables[1], q.Tables[0] })) {
		t.Error("nothing changed, and the engine was asked")
	}
}

// TestDamage cuts the file and turns over its bytes, everywhere: every answer stays
// right, and the next round finds a whole file.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, folder, name)
	ask(t, dir, now, "a", "b")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := map[string][]byte{"empty": {}, "foreign": []byte("SQLite format 3\x00 and more"), "twice": append(whole[:len(whole):len(whole)], whole...)}
	for i := range whole {
		damaged[fmt.Sprint("cut at ", i)] = whole[:i]
		turned := bytes.Clone(whole)
		turned[i] ^= 0x41
		damaged[fmt.Sprint("turned at ", i)] = turned
	}
	for what, b := range damaged {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		ask(t, dir, now, "a", "b")
		if got := ask(t, dir, now, "a", "b"); got != 0 {
			t.Errorf("%s: after a round %d questions are left", what, got)
		}
	}
}

// TestCannotBeWritten puts things in the way of the file: there is no cache then,
// and nothing is left behind.
func TestCannotBeWritten(t *testing.T) {
	outside := t.TempDir()
	for what, prepare := range map[string]func(dir string) error{
		"a file for the folder": func(dir string) error { return os.WriteFile(filepath.Join(dir, ".headgate"), nil, 0o600) },
		"a folder for the file": func(dir string) error { return os.MkdirAll(filepath.Join(dir, folder, name, "x"), 0o700) },
		"a link that leads out": func(dir string) error {
			return errors.Join(os.Mkdir(filepath.Join(dir, ".headgate"), 0o700), os.Symlink(outside, filepath.Join(dir, folder)))
		},
	} {
		dir := t.TempDir()
		if err := prepare(dir); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got := ask(t, dir, now, "a"); got != 2 {
				t.Errorf("%s: %d questions, want 2", what, got)
			}
		}
		for _, d := range []string{filepath.Join(dir, folder), outside} {
			entries, _ := os.ReadDir(d)
			for _, e := range entries {
				if e.Name() != ignore && e.Name() != name || d == outside {
					t.Errorf("%s: %s is left", what, e.Name())
				}
			}
		}
	}
}

func TestAge(t *testing.T) {
	dir := t.TempDir()
	day := 24 * time.Hour
	ask(t, dir, now, "used", "not used")
	for d := range 5 {
		ask(t, dir, now.Add(time.Duration(d+1)*8*day), "used") // 40 days: each use is noted
	}
	if got := ask(t, dir, now.Add(41*day), "used", "not used"); got != 2 {
		t.Errorf("%d questions, want those of what was not used for 30 days", got)
	}
	if got := ask(t, dir, now, "used"); got != 0 {
		t.Errorf("a clock that goes back loses %d answers", got)
	}
}

// TestSize fills the cache beyond its bound: what was used last stays.
func TestSize(t *testing.T) {
	c := New(&echo{}, "echo", "", now)
	value := make([]byte, maxBytes/10)
	for i := range 30 {
		c.entries[key{byte(i)}] = &entry{value: value, day: c.today - uint32(i%20)}
	}
	kept := c.kept()
	size := 0
	for i, r := range kept {
		size += len(r.entry.value)
		if i > 0 && r.entry.day > kept[i-1].entry.day {
			t.Error("they are not in the order of their use")
		}
	}
	if len(kept) != 9 || size > maxBytes || c.today-kept[8].entry.day > 4 {
		t.Errorf("%d are kept, %d bytes", len(kept), size)
	}
}

// TestAbandoned removes what a killed process left, and leaves what may be another's
// work.
func TestAbandoned(t *testing.T) {
	dir := t.TempDir()
	ask(t, dir, now, "a")
	old, young := filepath.Join(dir, folder, tempName+"old"), filepath.Join(dir, folder, tempName+"young")
	for _, path := range []string{old, young} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-2 * abandoned)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	ask(t, dir, now, "b")
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the abandoned file is there: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Error("another's file is gone")
	}
}

// TestProcesses has several processes read and write one cache: their answers are
// right, and the file is whole in the end.
func TestProcesses(t *testing.T) {
	if dir := os.Getenv("QUERYCACHE_TEST_DIR"); dir != "" {
		for i := range 40 {
			ask(t, dir, now, fmt.Sprint(os.Getpid(), " ", i), "shared", fmt.Sprint("shared ", i))
		}
		return
	}
	dir := t.TempDir()
	var running []*exec.Cmd
	for range 4 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestProcesses$")
		cmd.Env = append(os.Environ(), "QUERYCACHE_TEST_DIR="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, cmd)
	}
	for _, cmd := range running {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if got := ask(t, dir, now, "shared"); got != 0 {
		t.Error("what all of them asked is not remembered")
	}
	b, err := os.ReadFile(filepath.Join(dir, folder, name))
	root, rootErr := os.OpenRoot(dir)
	if err != nil || rootErr != nil {
		t.Fatal(err, rootErr)
	}
	size := len(magic)
	for _, e := range readFile(root) {
		size += recordHead + len(e.value)
	}
	if size != len(b) {
		t.Errorf("of %d bytes only %d are records", len(b), size)
	}
}

// strict passes questions on, and complains of those that were answered before:
// only a fault may be asked for again.
type strict struct {
	t    *testing.T
	name string
	sqltype.Typer
}

func (s strict) Trees(ctx context.Context, texts []string) []sqltype.Tree {
	out := s.Typer.Trees(ctx, texts)
	for i := range out {
		if out[i].Err == nil {
			s.t.Errorf("%s: the engine is asked again for the tree of %q", s.name, texts[i])
		}
	}
	return out
}

func (s strict) Describe(ctx context.Context, queries []sqltype.Query) []sqltype.Shape {
	out := s.Typer.Describe(ctx, queries)
	for i := range out {
		if out[i].Err == nil {
			s.t.Errorf("%s: the engine is asked again for the columns of %q", s.name, queries[i].SQL)
		}
	}
	return out
}

// TestAsUncached compiles every example and every archive of the compiler's tests,
// in every environment, three times: without a cache, with an empty one, and with
// one that is full. All must give the same program and the same diagnostics.
func TestAsUncached(t *testing.T) {
	engine := typer.New()
	defer engine.Close()
	models := 0
	for name, fsys := range projects(t) {
		compileAll := func(ty sqltype.Typer) string {
			m, diags := lang.Load(fsys, ".")
			names, _ := compiler.Environments(m)
			var out strings.Builder
			for _, env := range append(names, "") {
				p, more := compiler.Compile(t.Context(), m, compiler.Inputs{Environment: env, Today: "2026-06-01", FS: fsys, FolderName: "x", Typer: ty})
				for _, n := range p.Nodes {
					out.Write(append(program.Canonical(n), '\n'))
					if n.Model != nil {
						models++
					}
				}
				said, err := json.Marshal(append(diags, more...))
				if err != nil {
					t.Fatal(err)
				}
				out.Write(said)
			}
			return out.String()
		}
		dir := t.TempDir()
		want := compileAll(engine)
		cold := New(engine, typer.Identity(), dir, now)
		if got := compileAll(cold); got != want {
			t.Errorf("%s: with an empty cache\n%s\nwithout\n%s", name, got, want)
		}
		if err := cold.Save(); err != nil {
			t.Fatal(err)
		}
		if got := compileAll(New(strict{t, name, engine}, typer.Identity(), dir, now)); got != want {
			t.Errorf("%s: with a full cache\n%s\nwithout\n%s", name, got, want)
		}
	}
	if models < 100 {
		t.Errorf("only %d models were compiled", models)
	}
}

// projects are the examples and the archives of the compiler's tests.
func projects(t *testing.T) map[string]fs.FS {
	t.Helper()
	const up = "../../../../"
	out := map[string]fs.FS{}
	for _, pattern := range []string{"compiler/testdata/*.txtar", "compiler/modeltest/testdata/*.txtar"} {
		paths, _ := filepath.Glob(up + pattern)
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if out[path], err = txtar.FS(txtar.Parse(data)); err != nil {
				t.Fatal(err)
			}
		}
	}
	dirs, _ := filepath.Glob(up + "examples/*")
	for _, dir := range dirs {
		out[dir] = os.DirFS(dir)
	}
	if len(out) < 20 || len(dirs) == 0 {
		t.Fatalf("only %d projects were found", len(out))
	}
	return out
}
