// Package golden compares what a test got with what a file in testdata says it
// should be. HEADGATE_UPDATE=1 rewrites those files in place of comparing; it is
// the one switch for every golden of headgate.
//
// A case is a txtar archive. Its sections are the inputs, and those whose name
// begins with "want" are what is expected. Expected diagnostics stand as comments
// on the line at fault (see Wants).
package golden

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// wantPrefix begins the name of every section that is expected output.
const wantPrefix = "want"

// Updating reports whether goldens are rewritten in place of compared.
func Updating() bool { return os.Getenv("HEADGATE_UPDATE") == "1" }

// Archive is one case: a txtar file that was read. It is used by one test at a time.
type Archive struct {
	Path    string // of the file, as the pattern found it
	Name    string // the file's name without folder and extension
	Comment string // the text before the first section
	ar      *txtar.Archive
	used    map[string]bool // the want sections that were compared
	dirty   bool            // a section was rewritten
}

// Dir runs every archive that pattern matches as a subtest of its own, named
// after the file. It fails where nothing matches, where two sections of an
// archive share a name, and where a want section was not looked at: a golden
// without a test. Under HEADGATE_UPDATE=1 such a section is removed.
func Dir(t *testing.T, pattern string, run func(t *testing.T, a *Archive)) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden archive matches %s (%v)", pattern, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), func(t *testing.T) {
			a := Open(t, path)
			run(t, a)
			a.finish(t)
		})
	}
}

// Open reads one archive. Use Dir where the test has more than one: it also
// finds the goldens that nothing looks at.
func Open(t *testing.T, path string) *Archive {
	t.Helper()
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a := &Archive{Path: path, Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)),
		Comment: string(ar.Comment), ar: ar, used: map[string]bool{}}
	seen := map[string]bool{}
	for _, f := range ar.Files {
		if seen[f.Name] {
			t.Fatalf("%s has two sections named %s", path, f.Name)
		}
		seen[f.Name] = true
	}
	return a
}

// finish writes what was updated and complains about want sections that the test
// never compared.
func (a *Archive) finish(t *testing.T) {
	t.Helper()
	if t.Failed() || t.Skipped() {
		return
	}
	var kept []txtar.File
	for _, f := range a.ar.Files {
		switch {
		case !strings.HasPrefix(f.Name, wantPrefix) || a.used[f.Name]:
			kept = append(kept, f)
		case Updating():
			a.dirty = true
		default:
			t.Errorf("%s: no test looks at section %s", a.Path, f.Name)
		}
	}
	if !a.dirty {
		return
	}
	a.ar.Files = kept
	if err := os.WriteFile(a.Path, txtar.Format(a.ar), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Has reports whether the archive has a section of that name.
func (a *Archive) Has(name string) bool {
	_, ok := a.find(name)
	return ok
}

// Bytes returns a section's content; the test fails where there is none.
func (a *Archive) Bytes(t *testing.T, name string) []byte {
	t.Helper()
	i, ok := a.find(name)
	if !ok {
		t.Fatalf("%s has no section %s", a.Path, name)
	}
	return a.ar.Files[i].Data
}

// Inputs returns every section that is not expected output, by name.
func (a *Archive) Inputs() map[string][]byte {
	out := map[string][]byte{}
	for _, f := range a.ar.Files {
		if !strings.HasPrefix(f.Name, wantPrefix) {
			out[f.Name] = f.Data
		}
	}
	return out
}

// FS returns the inputs as a file system.
func (a *Archive) FS() fs.FS {
	out := fstest.MapFS{}
	for name, data := range a.Inputs() {
		out[name] = &fstest.MapFile{Data: data, Mode: 0o644}
	}
	return out
}

// Compare fails the test where got is not what the section says, or rewrites the
// section. The name must begin with "want". A missing final newline is added to
// got, because the format of archives cannot do without.
func (a *Archive) Compare(t *testing.T, name string, got []byte) {
	t.Helper()
	if !strings.HasPrefix(name, wantPrefix) {
		t.Fatalf("the section %s is an input: a golden's name begins with %q", name, wantPrefix)
	}
	if len(got) > 0 && got[len(got)-1] != '\n' {
		got = append(bytes.Clone(got), '\n')
	}
	if marker.Match(got) {
		t.Fatalf("the output for %s holds a line that reads as an archive's marker:\n%s", name, got)
	}
	a.used[name] = true
	i, ok := a.find(name)
	switch {
	case ok && bytes.Equal(a.ar.Files[i].Data, got):
	case !Updating():
		var want []byte
		if ok {
			want = a.ar.Files[i].Data
		}
		t.Errorf("%s: %s differs (-want +got; HEADGATE_UPDATE=1 rewrites it):\n%s", a.Path, name, diff(want, got))
	case ok:
		a.ar.Files[i].Data, a.dirty = got, true
	default:
		a.ar.Files = append(a.ar.Files, txtar.File{Name: name, Data: got})
		a.dirty = true
	}
}

// marker is a line that txtar would read as the begin of a section.
var marker = regexp.MustCompile(`(?m)^-- .+ --\r?$`)

func (a *Archive) find(name string) (int, bool) {
	for i := range a.ar.Files {
		if a.ar.Files[i].Name == name {
			return i, true
		}
	}
	return 0, false
}

// File compares got with a plain file, byte for byte, or rewrites that file.
func File(t *testing.T, path string, got []byte) {
	t.Helper()
	want, err := os.ReadFile(path)
	if err == nil && bytes.Equal(want, got) {
		return
	}
	if !Updating() {
		t.Errorf("%s differs (-want +got; HEADGATE_UPDATE=1 rewrites it; %v):\n%s", path, err, diff(want, got))
		return
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, got, 0o644); err != nil {
		t.Fatal(err)
	}
}

// diff shows two texts line by line.
func diff(want, got []byte) string {
	return cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n"))
}
