//go:build outside

package jsonschema

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

// Tests with the tag `outside` need files that are no part of the project.

// TestOfficialSuite runs the JSON-Schema-Test-Suite, a copy of which
// HEADGATE_JSONSCHEMA_SUITE names. It prints how many cases hold for each
// draft, and fails for every case that is not listed as known to differ.
func TestOfficialSuite(t *testing.T) {
	dir := os.Getenv("HEADGATE_JSONSCHEMA_SUITE")
	if dir == "" {
		t.Fatal("HEADGATE_JSONSCHEMA_SUITE names no copy of the suite")
	}
	for _, draft := range Drafts() {
		folder := "draft" + draft
		var files []string
		_ = filepath.WalkDir(filepath.Join(dir, "tests", folder), func(path string, d os.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".json") {
				files = append(files, path)
			}
			return err
		})
		sort.Strings(files)
		s := suite{dir: dir, draft: draft}
		for _, f := range files {
			name, _ := filepath.Rel(filepath.Join(dir, "tests", folder), f)
			s.file(t, filepath.ToSlash(name), f)
		}
		fmt.Printf("draft %s: required %d of %d, optional %d of %d\n", draft, s.held[false], s.all[false], s.held[true], s.all[true])
	}
}

// differs lists what is known to differ: files with a part of the cases' names.
var differs = map[string]string{
	"optional/format/idn-hostname.json":  "",        // there is no such format here
	"optional/format/hostname.json":      "A-label", // what punycode stands for is not looked at
	"optional/format/iri.json":           "IPvFuture",
	"optional/zeroTerminatedFloats.json": "", // 1.0 is an integer in draft 4 too
	"optional/dynamicRef.json":           "skips over intermediate resources",
	"dynamicRef.json":                    "skips over intermediate resources",
}

type suite struct {
	dir, draft string
	held, all  map[bool]int // by whether the case is optional
}

func (s *suite) file(t *testing.T, name, path string) {
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	root, d := Read(path, src)
	if d != nil {
		t.Errorf("%s: %v", name, d)
		return
	}
	if s.held == nil {
		s.held, s.all = map[bool]int{}, map[bool]int{}
	}
	optional := strings.HasPrefix(name, "optional/")
	for _, group := range root.Elems {
		schema, ds := Compile("schema.json", appendPlain(nil, group.Get("schema")), Options{Draft: s.draft, AssertFormat: strings.HasPrefix(name, "optional/format"),
			Open: os.ReadFile, Remote: func(url string) (string, bool) {
				rest, ok := strings.CutPrefix(url, "http://localhost:1234/")
				return filepath.Join(s.dir, "remotes", rest), ok
			}})
		for _, c := range group.Get("tests").Elems {
			s.all[optional]++
			where := fmt.Sprintf("%s/%s: %s: %s", s.draft, name, group.Get("description").Text, c.Get("description").Text)
			if ds.HasErrors() {
				t.Errorf("%s: %v", where, ds[0])
				continue
			}
			want := c.Get("valid").Text == "true"
			if got := schema.Validate(c.Get("data").Value()); (len(got) == 0) != want {
				if part, ok := differs[name]; ok && strings.Contains(where, part) {
					continue
				}
				t.Errorf("%s: want %v, got %v", where, want, got)
				continue
			}
			s.held[optional]++
		}
	}
}
