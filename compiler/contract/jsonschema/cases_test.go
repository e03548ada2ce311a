package jsonschema

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCases runs testdata/cases, a selection of our own over the keywords of
// every draft. README.md there says how the files are read.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(files) < 3 {
		t.Fatalf("found %v: %v", files, err)
	}
	schemas, runs := 0, 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := caseFile{t: t, name: filepath.Base(file)}
		for i, line := range strings.Split(string(text), "\n") {
			c.line(i+1, line)
		}
		schemas, runs = schemas+c.schemas, runs+c.runs
	}
	t.Logf("%d schemas, %d judgements", schemas, runs)
	if schemas < 120 || runs < 1000 {
		t.Errorf("only %d schemas and %d judgements: were the files read?", schemas, runs)
	}
}

// caseFile is a file of cases being read.
type caseFile struct {
	t             *testing.T
	name          string
	drafts        []string
	formats       bool
	schema        string
	compiled      map[string]*Schema // by draft; nil where the schema is none
	faults        map[string]string
	schemas, runs int
}

func (c *caseFile) line(n int, line string) {
	mark, rest, _ := strings.Cut(strings.TrimPrefix(line, "  "), " ")
	switch {
	case line == "" || line[0] == '#':
	case line[0] == '@':
		c.drafts = strings.Fields(line[1:])
		c.formats = slices.Contains(c.drafts, "formats")
		c.drafts = slices.DeleteFunc(c.drafts, func(s string) bool { return s == "formats" })
		if slices.Equal(c.drafts, []string{"all"}) {
			c.drafts = Drafts()
		}
	case line[0] != ' ':
		c.read(line)
	case mark == "!":
		for _, draft := range c.drafts {
			if c.runs++; !strings.Contains(c.faults[draft], rest) || c.faults[draft] == "" {
				c.t.Errorf("%s:%d: draft %s: the fault of %s is %q, want %q in it", c.name, n, draft, c.schema, c.faults[draft], rest)
			}
		}
	case mark == "+" || mark == "-":
		c.judge(n, mark == "+", rest)
	default:
		c.t.Fatalf("%s:%d: what is %q?", c.name, n, line)
	}
}

// read compiles a schema under every draft.
func (c *caseFile) read(schema string) {
	c.schemas++
	c.schema, c.compiled, c.faults = schema, map[string]*Schema{}, map[string]string{}
	for _, draft := range c.drafts {
		s, ds := Compile("case.json", []byte(schema), Options{Draft: draft, AssertFormat: c.formats})
		c.compiled[draft] = s
		if s == nil {
			c.faults[draft] = ds[0].Detail
		} else if s.Draft != draft {
			c.t.Errorf("%s: %s is read as draft %s, not %s", c.name, schema, s.Draft, draft)
		}
	}
}

func (c *caseFile) judge(n int, want bool, doc string) {
	root, d := Read("doc.json", []byte(doc))
	if d != nil {
		c.t.Fatalf("%s:%d: %v", c.name, n, d)
	}
	for _, draft := range c.drafts {
		s := c.compiled[draft]
		if s == nil {
			c.t.Errorf("%s:%d: draft %s: %s is no schema: %s", c.name, n, draft, c.schema, c.faults[draft])
			continue
		}
		c.runs++
		found := s.Validate(root.Value())
		if (len(found) == 0) != want {
			c.t.Errorf("%s:%d: draft %s: %s takes %s: %v, want %v: %v", c.name, n, draft, c.schema, doc, len(found) == 0, want, found)
		}
		for _, v := range found {
			if v.Message == "" || v.Range.Filename == "" || root.At(v.Instance) == nil {
				c.t.Errorf("%s:%d: draft %s: the finding of %s in %s lacks message or place: %+v", c.name, n, draft, doc, c.schema, v)
			}
		}
	}
}
