package lang_test

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// TestLoadText reads one file as a project of its own: its ranges name it as the
// caller does, whatever its name ends in.
func TestLoadText(t *testing.T) {
	for _, c := range []struct {
		name, text string
		blocks     int
		code       diag.Code
	}{
		{"../x/orders.hcl", "\xef\xbb\xbfcontract \"a\" {\n  column \"id\" {\n    type = int64\n  }\n}\n", 1, ""},
		{"orders.json", `{"contract": {"a": {"column": {"id": {"type": "int64"}}}}}`, 1, ""},
		{"orders.hcl", "contract \"a\" {\n  colunm \"id\" {}\n}\n", 1, diag.UnknownBlock},
		{"orders.hcl", "contract \"a\" {", 1, diag.Syntax},
		{"orders.hcl", "\xff", 0, diag.NotText},
		{"orders.hcl", strings.Repeat("#", 17<<20), 0, diag.TooLarge},
	} {
		m, diags := lang.LoadText(c.name, []byte(c.text))
		var got diag.Code
		if len(diags) > 0 {
			got = diags[0].Code
			if diags[0].Subject != nil && diags[0].Subject.Filename != c.name {
				t.Errorf("the range names %s, want %s", diags[0].Subject.Filename, c.name)
			}
		}
		if got != c.code || len(m.Blocks) != c.blocks {
			t.Errorf("%s %.30q: %d blocks and %q, want %d and %q", c.name, c.text, len(m.Blocks), got, c.blocks, c.code)
		}
	}
}

// TestOddFiles gives defined answers to bytes that are no configuration.
func TestOddFiles(t *testing.T) {
	long := strings.Repeat("9", 600)
	for name, c := range map[string]struct {
		src  string
		code diag.Code // "" where it is fine
		line int
	}{
		"empty":               {"", "", 0},
		"blank":               {"\n \n", "", 0},
		"bom":                 {"\xef\xbb\xbfheadgate {}\n", "", 0},
		"crlf":                {"headgate {\r\n  name = \"x\"\r\n}\r\n", "", 0},
		"utf16":               {"\xff\xfeh\x00e\x00", diag.NotText, 1},
		"latin1":              {"# gr\xfcn\n", diag.NotText, 1},
		"latin1, line 3":      {"\n# ä\n# gr\xfcn\n", diag.NotText, 3},
		"nul":                 {"a\x00 = 1", diag.Syntax, 1},
		"deep parentheses":    {"locals {\n a = " + strings.Repeat("(", 100_000), diag.TooDeep, 2},
		"deep lists":          {"locals {\n a = " + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + "\n}", diag.TooDeep, 2},
		"deep blocks":         {strings.Repeat("a {\n", 50_000), diag.TooDeep, 1000},
		"deep templates":      {"locals {\n a = " + strings.Repeat(`"${`, 30_000), diag.TooDeep, 2},
		"deep not":            {"locals {\n a = " + strings.Repeat("!", 200_000) + "b\n}", diag.TooDeep, 2},
		"deep minus":          {"locals {\n a = " + strings.Repeat("-", 200_000) + "b\n}", diag.TooDeep, 2},
		"deep conditions":     {"locals {\n a = " + strings.Repeat("b ? c : ", 100_000) + "d\n}", diag.TooDeep, 2},
		"deep sums":           {"locals {\n a = " + strings.Repeat("b + ", 100_000) + "d\n}", diag.TooDeep, 2},
		"deep indexes":        {"locals {\n a = b" + strings.Repeat("[c]", 100_000) + "\n}", diag.TooDeep, 2},
		"deep splats":         {"locals {\n a = b" + strings.Repeat("[*]", 100_000) + "\n}", diag.TooDeep, 2},
		"deep template ifs":   {"locals {\n a = \"" + strings.Repeat("%{ if a }", 100_000) + "\"\n}", diag.TooDeep, 2},
		"long list is fine":   {"locals {\n a = [" + strings.Repeat("-b + c,\n", 20_000) + "]\n}", "", 0},
		"long object is fine": {"locals {\n a = {\n" + strings.Repeat("b = c + 1\n", 20_000) + "}\n}", "", 0},
		"long text is fine":   {"locals {\n a = \"" + strings.Repeat("${b} and ", 20_000) + "\"\n}", "", 0},
		"long number":         {"locals {\n a = " + long + "\n}", diag.NumberRange, 2},
		"great exponent":      {"locals {\n a = 1e999999999\n}", diag.NumberRange, 2},
		"greater exponent":    {"locals {\n a = 1e-99999999999999999999\n}", diag.NumberRange, 2},
		"json: deep":          {"json" + strings.Repeat("[", 100_000), diag.TooDeep, 1},
		"json: expression":    {`json{"pipeline":{"p":{"to":"a.b","from":"` + strings.Repeat("(", 5000) + `"}}}`, diag.TooDeep, 1},
		"json: exponent":      {`json{"locals":{"a":1e999999999}}`, diag.NumberRange, 1},
		"json: empty":         {"json", diag.BadJSON, 1},
		"json: null":          {"jsonnull", "", 0},
		"too large":           {strings.Repeat("#", 17<<20), diag.TooLarge, 0},
	} {
		t.Run(name, func(t *testing.T) {
			file := "x.gate.hcl"
			src, isJSON := strings.CutPrefix(c.src, "json")
			if isJSON {
				file = "x.gate.json"
			}
			_, ds := lang.Load(fstest.MapFS{file: {Data: []byte(src)}}, ".")
			if c.code == "" && len(ds) > 0 {
				t.Fatal(ds.Err())
			}
			if c.code == "" {
				return
			}
			if len(ds) == 0 || ds[0].Code != c.code || (c.line > 0 && ds[0].Subject.Start.Line != c.line) {
				t.Fatalf("want %s on line %d, got %v", c.code, c.line, ds)
			}
		})
	}
}

// refusing is a file system that refuses what it is told to.
type refusing struct {
	fstest.MapFS
	refuse string
}

func (r refusing) Open(name string) (fs.File, error) {
	if name == r.refuse {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("permission denied")}
	}
	return r.MapFS.Open(name)
}

func (r refusing) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == r.refuse {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("permission denied")}
	}
	return r.MapFS.ReadDir(name)
}

func TestUnreadable(t *testing.T) {
	files := fstest.MapFS{"a.gate.hcl": {Data: []byte("locals {}")}, "b.gate.hcl": {Data: []byte("oops {}")}, "dir/c.gate.hcl": {Data: []byte("locals {}")}}
	for refuse, want := range map[string]string{"a.gate.hcl": "HG1005 HG1010", "dir": "HG1005 HG1010", ".": "HG1005"} {
		m, ds := lang.Load(refusing{files, refuse}, ".")
		var got []string
		for _, d := range ds {
			got = append(got, string(d.Code))
		}
		if strings.Join(got, " ") != want || m == nil {
			t.Errorf("%s: %s", refuse, ds.Err())
		}
	}
	if _, ds := lang.Load(fstest.MapFS{"main.tf": {}}, "."); len(ds) != 1 || ds[0].Code != diag.NoConfiguration {
		t.Errorf("an empty folder: %v", ds)
	}
	if _, ds := lang.Load(fstest.MapFS{"a.gate.hcl": {}}, "nowhere"); !ds.HasErrors() {
		t.Error("no folder, no error")
	}
}

// TestFolder loads a project that does not stand at the file system's root.
func TestFolder(t *testing.T) {
	m, ds := lang.Load(fstest.MapFS{"p/q/a.gate.hcl": {Data: []byte("locals {\n  a = 1\n}")}, "p/b.gate.hcl": {Data: []byte("oops")}}, "p/q")
	if ds.HasErrors() || len(m.Blocks) != 1 || m.Blocks[0].Range.Filename != "a.gate.hcl" {
		t.Fatal(ds, m.Blocks)
	}
}

// TestBlocksByFile shows that how a project is split into files changes nothing.
func TestBlocksByFile(t *testing.T) {
	parts := []string{"locals {\n  a = 1\n}\n", "variable \"b\" {}\n", "destination \"duckdb\" \"w\" {\n  path = \"x\"\n}\n"}
	one, ds := lang.Load(fstest.MapFS{"all.gate.hcl": {Data: []byte(strings.Join(parts, ""))}}, ".")
	if ds.HasErrors() {
		t.Fatal(ds.Err())
	}
	split := fstest.MapFS{}
	for i, p := range parts {
		split[fmt.Sprintf("%d/%d.gate.hcl", i, 9-i)] = &fstest.MapFile{Data: []byte(p)}
	}
	many, ds := lang.Load(split, ".")
	if ds.HasErrors() || len(many.Blocks) != len(one.Blocks) {
		t.Fatal(ds.Err(), len(many.Blocks))
	}
	for i := range one.Blocks {
		if one.Blocks[i].Type != many.Blocks[i].Type {
			t.Errorf("block %d is a %s", i, many.Blocks[i].Type)
		}
	}
}

// generated makes a project of n top-level blocks in files of 100.
func generated(n int) fstest.MapFS {
	out := fstest.MapFS{}
	var b strings.Builder
	for i := range n {
		if i%2 == 0 {
			fmt.Fprintf(&b, "contract \"c%d\" {\n  key = [\"id\"]\n  column \"id\" {\n    type     = int64\n    required = true\n  }\n  column \"total\" {\n    type = decimal(12, 2)\n    min  = 0\n  }\n  check \"net\" {\n    condition = row.total >= row.id\n  }\n}\n", i)
		} else {
			fmt.Fprintf(&b, "model \"m%d\" {\n  destination = destination.w\n  query       = \"select id, total from raw.t%d\"\n  contract    = contract.c%d\n}\n", i, i, i-1)
		}
		if i%100 == 99 || i == n-1 {
			out[fmt.Sprintf("f%05d.gate.hcl", i)] = &fstest.MapFile{Data: []byte(b.String())}
			b.Reset()
		}
	}
	return out
}

// TestLoadGrowsInProportion loads 250 and 4,000 blocks. Memory for a block must be
// the same; time may be eight times as much, since machines are noisy, where
// quadratic work would take sixteen.
func TestLoadGrowsInProportion(t *testing.T) {
	per := func(n int) (time.Duration, uint64) {
		project, best, bytes := generated(n), time.Duration(1<<62), uint64(0)
		for range 5 {
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			if _, ds := lang.Load(project, "."); ds.HasErrors() {
				t.Fatal(ds.Err())
			}
			best = min(best, time.Since(start))
			runtime.ReadMemStats(&after)
			bytes = after.TotalAlloc - before.TotalAlloc
		}
		return best / time.Duration(n), bytes / uint64(n)
	}
	smallTime, smallBytes := per(250)
	largeTime, largeBytes := per(4000)
	t.Logf("a block takes %v and %d bytes among 250, %v and %d bytes among 4,000", smallTime, smallBytes, largeTime, largeBytes)
	if largeTime > 8*smallTime || largeBytes > smallBytes*5/4 {
		t.Error("loading does not grow in proportion")
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{500, 1000, 2000, 5000} {
		project := generated(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				lang.Load(project, ".")
			}
		})
	}
}
