package file

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/connectortest"
	"github.com/headgate-data/headgate/lang/diag"
)

// folder is a project's folder with a source over it.
type folder struct {
	t       testing.TB
	root    string
	cfg     program.FileSource
	max     int
	parquet ParquetReader
}

func newFolder(t *testing.T, path, format string) *folder {
	return &folder{t: t, root: t.TempDir(), cfg: program.FileSource{Path: path, Format: format, Header: true}}
}

func (f *folder) write(name, text string) {
	f.t.Helper()
	p := filepath.Join(f.root, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) open(t testing.TB) connector.Source {
	t.Helper()
	s, err := New(Spec{Root: f.root, Address: "source.events", Source: &f.cfg, MaxRecordBytes: f.max, Parquet: f.parquet})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func request(write string, bookmark json.RawMessage) connector.ReadRequest {
	return connector.ReadRequest{Streams: []connector.StreamRequest{{Stream: "events", Write: write}}, Bookmark: bookmark}
}

func (f *folder) read(write string, bookmark json.RawMessage) (*connectortest.Recorder, error) {
	f.t.Helper()
	r := &connectortest.Recorder{}
	err := f.open(f.t).Read(f.t.Context(), request(write, bookmark), r)
	return r, err
}

func (f *folder) must(write string, bookmark json.RawMessage) *connectortest.Recorder {
	f.t.Helper()
	r, err := f.read(write, bookmark)
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

func (f *folder) look(bookmark json.RawMessage) connector.Waiting {
	f.t.Helper()
	w, err := f.open(f.t).(connector.Looker).Look(f.t.Context(), connector.StreamRequest{Stream: "events"}, bookmark)
	if err != nil {
		f.t.Fatal(err)
	}
	return w
}

func code(err error) diag.Code {
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		return d.Code
	}
	return ""
}

func zipped(text string) string {
	var b bytes.Buffer
	for part := range slices.Chunk([]byte(text), max(len(text)/2, 1)) { // several members
		z := gzip.NewWriter(&b)
		z.Write(part)
		z.Close()
	}
	return b.String()
}

func zstandard(text string) string {
	z, _ := zstd.NewWriter(nil)
	defer z.Close()
	return string(z.EncodeAll([]byte(text), nil))
}

// lines makes n records of JSON Lines, some of them long.
func lines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":%d,"text":%q}`+"\n", i, strings.Repeat("x", i%211))
	}
	return b.String()
}

// array makes the same records a JSON array, with white space in it.
func array(n int) string {
	return "[\n  " + strings.Join(strings.Split(strings.TrimSpace(lines(n)), "\n"), " ,\n  ") + "\n]\n"
}

// table makes n records of CSV, with quotes, delimiters and line breaks in them.
func table(n int) string {
	var b strings.Builder
	b.WriteString("id,text\r\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,\"a \"\"q\"\",\n%s\"\r\n", i, strings.Repeat("y", i%97))
	}
	return b.String()
}

func TestConformance(t *testing.T) {
	texts := map[string]string{formatJSONL: lines(700), formatJSON: array(700), formatCSV: table(1000)}
	packed := map[string]func(string) string{"": func(s string) string { return s }, ".gz": zipped, ".zst": zstandard}
	for format, text := range texts {
		for ending, pack := range packed {
			t.Run(format+ending, func(t *testing.T) {
				f := newFolder(t, "data/**/*."+format+ending, format)
				f.write("data/a."+format+ending, pack(text))
				f.write("data/b/c."+format+ending, pack(text))
				req := request("append", nil)
				req.BatchBytes, req.BatchRows = minBlockBytes, 150
				connectortest.RunSource(t, connectortest.SourceCase{Open: f.open, Request: req})
				req.Streams[0].Write = "replace"
				connectortest.RunSource(t, connectortest.SourceCase{Open: f.open, Request: req})
			})
		}
	}
}

func TestRecords(t *testing.T) {
	cases := []struct {
		name, format, text string
		want               []string // "LINE TEXT"
		faults             []string // "LINE TEXT"
		code               diag.Code
	}{
		{"lines", formatJSONL, "{\"a\":1}\n\n \t\n{\"a\":2}\r\n{\"a\":3}", []string{`1 {"a":1}`, `4 {"a":2}`, `5 {"a":3}`}, nil, ""},
		{"byte order mark", formatJSONL, "\xef\xbb\xbf{\"a\":1}\n", []string{`1 {"a":1}`}, nil, ""},
		{"utf-16", formatJSONL, "\xff\xfe{\x00", nil, nil, diag.FileBroken},
		{"not JSON goes on", formatJSONL, "oops\n{}\n", []string{"1 oops", "2 {}"}, nil, ""},
		{"unfinished last line waits", formatJSONL, "{}\n{\"a\":", []string{"1 {}"}, nil, ""},
		{"too long a line", formatJSONL, strings.Repeat("z", 200) + "\n{}\n", []string{"2 {}"}, []string{"1 it is longer than 100 bytes"}, ""},
		{"far too long a line", formatJSONL, "{}\n" + strings.Repeat("z", 90000) + "\n[]\n", []string{"1 {}", "3 []"}, []string{"2 it is longer than 100 bytes"}, ""},
		{"nothing", formatJSONL, "", nil, nil, ""},
		{"array", formatJSON, ` [ {"a":[1,"]"]} , {"b":"\\\"}"},null ] `, []string{`1 {"a":[1,"]"]}`, `2 {"b":"\\\"}"}`, "3 null"}, nil, ""},
		{"one object", formatJSON, `{"a":[{}]}`, []string{`1 {"a":[{}]}`}, nil, ""},
		{"empty array", formatJSON, `[]`, nil, nil, ""},
		{"open array", formatJSON, `[{"a":1},`, []string{`1 {"a":1}`}, nil, diag.FileBroken},
		{"open record", formatJSON, `[{"a":1},{"b`, []string{`1 {"a":1}`}, nil, diag.FileBroken},
		{"no comma", formatJSON, `[{} {}]`, []string{"1 {}"}, nil, diag.FileBroken},
		{"trailing comma", formatJSON, `[{},]`, []string{"1 {}"}, nil, diag.FileBroken},
		{"lines as JSON", formatJSON, "{}\n{}\n", []string{"1 {}"}, nil, diag.FileBroken},
		{"scalar", formatJSON, `12`, nil, nil, diag.FileBroken},
		{"nothing is no JSON", formatJSON, ``, nil, nil, diag.FileBroken},
		{"long element", formatJSON, `["` + strings.Repeat("z", 200) + `"]`, nil, nil, diag.FileBroken},
		{"csv", formatCSV, "a,b\n1,x\r\n\n\"2\",\"y \"\"z\"\",\nq\"\n3,\n", []string{`2 {"a":"1","b":"x"}`, `4 {"a":"2","b":"y \"z\",\nq"}`, `6 {"a":"3","b":null}`}, nil, ""},
		{"csv without a last line break", formatCSV, "\xef\xbb\xbfa\nx", []string{`2 {"a":"x"}`}, nil, ""},
		{"csv field count", formatCSV, "a,b\n1\n1,2,3\n4,5\n", []string{`4 {"a":"4","b":"5"}`}, []string{"2 it has 1 fields where the file has 2 columns", "3 it has 3 fields where the file has 2 columns"}, ""},
		{"csv bare quote", formatCSV, "a\nx\"y\nz\n", []string{`3 {"a":"z"}`}, []string{"2 a quote stands inside a field that does not begin with one"}, ""},
		{"csv text behind a quote", formatCSV, "a\n\"x\"y\nz\n", []string{`3 {"a":"z"}`}, []string{"2 a closing quote is followed by more text"}, ""},
		{"csv open quote", formatCSV, "a\n\"x\ny\nz\n", []string{`3 {"a":"y"}`, `4 {"a":"z"}`}, []string{"2 a quote is opened and never closed"}, ""},
		{"csv bytes that are no text", formatCSV, "a\n\xff\nz\n", []string{`3 {"a":"z"}`}, []string{`2 the value of column "a" is not UTF-8 text`}, ""},
		{"csv unnamed column", formatCSV, ",b\n1,2\n", []string{`2 {"column_1":"1","b":"2"}`}, nil, ""},
		{"csv column twice", formatCSV, "a,a\n1,2\n", nil, nil, diag.FileBroken},
		{"csv too long", formatCSV, "a\n\"" + strings.Repeat("z", 200) + "\"\ny\n", []string{`3 {"a":"y"}`}, []string{"2 it is longer than 100 bytes"}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := newFolder(t, "in."+c.format, c.format)
			f.max = 100
			f.write("in."+c.format, c.text)
			r, err := f.read("append", nil)
			if code(err) != c.code || (err != nil && c.code == "") {
				t.Fatalf("Read returned %v, want code %q", err, c.code)
			}
			var got, faults []string
			for _, rec := range r.Got {
				got = append(got, fmt.Sprint(rec.Line, " ", rec.Text))
			}
			for _, fault := range r.Faults {
				faults = append(faults, fmt.Sprint(fault.Line, " ", fault.Text))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("records (-want +got):\n%s", d)
			}
			if d := cmp.Diff(c.faults, faults); d != "" {
				t.Errorf("faults (-want +got):\n%s", d)
			}
		})
	}
}

func TestGrowth(t *testing.T) {
	f := newFolder(t, "in/*", formatJSONL)
	f.write("in/a", "{\"n\":1}\n{\"n\":2")
	first := f.must("append", nil)
	if len(first.Diagnostics) != 1 || first.Diagnostics[0].Code != diag.FileUnfinished {
		t.Fatalf("an unfinished line: %v", first.Diagnostics)
	}
	f.write("in/a", "{\"n\":1}\n{\"n\":22}\n{\"n\":3}")
	if w := f.look(first.Last()); len(w.Grown) != 1 || w.Grown[0].Bytes != 16 {
		t.Errorf("Look: %+v", w)
	}
	second := f.must("append", first.Last())
	if d := cmp.Diff([]string{`{"n":22}`, `{"n":3}`}, second.Texts()); d != "" {
		t.Error(d)
	}
	if second.Got[0].Line != 2 {
		t.Errorf("the second record is on line %d", second.Got[0].Line)
	}
	if w := f.look(second.Last()); len(w.New)+len(w.Grown)+len(w.Rewritten) != 0 {
		t.Errorf("nothing waits, but Look says %+v", w)
	}
	if again := f.must("append", second.Last()); len(again.Marks) != 0 {
		t.Error("a read that found nothing made a checkpoint")
	}
	f.write("in/a", "{\"n\":1}\n{\"n\":22}\n{\"n\":3}\n{\"n\":4}\n")
	f.write("in/b", "{\"n\":5}\n")
	third := f.must("append", second.Last())
	if d := cmp.Diff([]string{`{"n":4}`, `{"n":5}`}, third.Texts()); d != "" {
		t.Error(d)
	}
	if third.Got[0].Line != 4 {
		t.Errorf("the fourth record is on line %d", third.Got[0].Line)
	}
}

func TestRewritten(t *testing.T) {
	for name, text := range map[string]string{"other": "{\"n\":9}\n{\"n\":2}\n", "shorter": "{\"n\":1}\n", "longer line": "{\"n\":1}\n{\"n\":2}7\n"} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t, "*.jsonl", formatJSONL)
			f.write("a.jsonl", "{\"n\":1}\n{\"n\":2}")
			mark := f.must("append", nil).Last()
			f.write("a.jsonl", text)
			if w := f.look(mark); len(w.Rewritten) != 1 {
				t.Errorf("Look: %+v", w)
			}
			if r, err := f.read("append", mark); code(err) != diag.FileRewritten || len(r.Got) != 0 {
				t.Errorf("append: %v", err)
			}
			want := strings.Split(strings.TrimSpace(text), "\n")
			if d := cmp.Diff(want, f.must("merge", mark).Texts()); d != "" {
				t.Errorf("merge: %s", d)
			}
			if d := cmp.Diff(want, f.must("replace", mark).Texts()); d != "" {
				t.Errorf("replace: %s", d)
			}
		})
	}
}

func TestReplace(t *testing.T) {
	f := newFolder(t, "*.csv", formatCSV)
	f.write("a.csv", "n\n1\n")
	f.write("b.csv", "n\n2\n")
	mark := f.must("replace", nil).Last()
	if r := f.must("replace", mark); len(r.Marks)+len(r.Got) != 0 {
		t.Error("nothing changed, and something was read")
	}
	if err := os.Remove(filepath.Join(f.root, "a.csv")); err != nil {
		t.Fatal(err)
	}
	if w := f.look(mark); len(w.Gone) != 1 {
		t.Errorf("Look: %+v", w)
	}
	r := f.must("replace", mark)
	if d := cmp.Diff([]string{`{"n":"2"}`}, r.Texts()); d != "" {
		t.Error(d)
	}
	if w := f.look(r.Last()); len(w.Gone) != 0 {
		t.Errorf("Look names what is gone for the second time: %+v", w)
	}
}

func TestReplaceInterrupted(t *testing.T) {
	f := newFolder(t, "*.jsonl", formatJSONL)
	f.write("a.jsonl", "{\"n\":1}\n")
	f.write("b.jsonl", "{\"n\":2}\n")
	mark := f.must("replace", nil).Marks[0].Bookmark
	f.write("a.jsonl", "{\"n\":7}\n")
	if _, err := f.read("replace", mark); code(err) != diag.FileChangedMidLoad {
		t.Errorf("Read returned %v", err)
	}
	f.write("a.jsonl", "{\"n\":1}\n{\"n\":3}\n")
	if d := cmp.Diff([]string{`{"n":3}`, `{"n":2}`}, f.must("replace", mark).Texts()); d != "" {
		t.Error(d)
	}
}

func TestCompressedGrowthIsARewrite(t *testing.T) {
	f := newFolder(t, "*.gz", formatJSONL)
	f.write("a.gz", zipped("{}\n"))
	mark := f.must("append", nil).Last()
	f.write("a.gz", zipped("{}\n")+zipped("{}\n"))
	if _, err := f.read("append", mark); code(err) != diag.FileRewritten {
		t.Errorf("Read returned %v", err)
	}
}

func TestBrokenCompression(t *testing.T) {
	for name, text := range map[string]string{"a.gz": zipped(lines(2000))[:9000], "b.gz": "no gzip", "c.zst": zstandard(lines(2000))[:900], "d.zst": "no zstd"} {
		f := newFolder(t, name, formatJSONL)
		f.write(name, text)
		if _, err := f.read("append", nil); code(err) != diag.FileBroken {
			t.Errorf("%s: Read returned %v", name, err)
		}
	}
}

// TestSameTime shows that equal size and time of change are believed only when
// the time lay back far enough as it was noted.
func TestSameTime(t *testing.T) {
	f := newFolder(t, "a", formatJSONL)
	f.write("a", "{\"n\":1}\n")
	mark := f.must("append", nil).Last()
	st, _ := os.Stat(filepath.Join(f.root, "a"))
	f.write("a", "{\"n\":2}\n")
	os.Chtimes(filepath.Join(f.root, "a"), time.Time{}, st.ModTime())
	if w := f.look(mark); len(w.Rewritten) != 1 {
		t.Errorf("Look believed a fresh time: %+v", w)
	}
	old := time.Now().Add(-time.Hour)
	os.Chtimes(filepath.Join(f.root, "a"), time.Time{}, old)
	mark = f.must("merge", mark).Last()
	f.write("a", "{\"n\":3}\n")
	os.Chtimes(filepath.Join(f.root, "a"), time.Time{}, old)
	if w := f.look(mark); len(w.Rewritten) != 0 {
		t.Error("equal size and an old time of change did not save reading the file")
	}
}

func TestNoFile(t *testing.T) {
	f := newFolder(t, "absent.jsonl", formatJSONL)
	if _, err := f.read("append", nil); code(err) != diag.FileNoMatch {
		t.Errorf("a literal path: %v", err)
	}
	f.cfg.Path = "absent-*.jsonl"
	r := f.must("append", nil)
	if len(r.Diagnostics) != 1 || r.Diagnostics[0].Severity != diag.Warning || len(r.Marks) != 0 {
		t.Errorf("a pattern: %v", r.Diagnostics)
	}
	f.write("dir/x", "")
	f.cfg.Path = "dir"
	if _, err := f.read("append", nil); code(err) != diag.FileUnreadable {
		t.Errorf("a folder: %v", err)
	}
}

func TestExpand(t *testing.T) {
	f := newFolder(t, "x", formatJSONL)
	for _, name := range []string{"a.l", "b/a.l", "b/c/a.l", "b/c/b.l", "b/.h/a.l", "b/.a.l", "d[1].l", "d1.l"} {
		f.write(name, "")
	}
	for pattern, want := range map[string]string{
		"a.l": "a.l", "*.l": "a.l d1.l d[1].l", "**/a.l": "a.l b/a.l b/c/a.l", "b/**": "b/a.l b/c/a.l b/c/b.l", "b/**/c/*.l": "b/c/a.l b/c/b.l",
		"?/a.l": "b/a.l", "d[1].l": "d[1].l", "./b/*.l": "b/a.l", "b/.*": "b/.a.l", "z/*.l": "", "*/*/*.l": "b/c/a.l b/c/b.l",
		"**/**/b.l": "b/c/b.l", f.root + "/b/*.l": f.root + "/b/a.l",
	} {
		f.cfg.Path = pattern
		got, err := f.open(t).(*Source).expand()
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %q, %v; want %q", pattern, got, err, want)
		}
	}
}

func TestSettings(t *testing.T) {
	for name, cfg := range map[string]program.FileSource{
		"format": {Path: "a.txt"}, "unknown": {Path: "a", Format: "xml"}, "compression": {Path: "a.csv", Compression: "lz4", Header: true},
		"delimiter": {Path: "a.csv", Delimiter: "||", Header: true}, "pattern": {Path: "a[.csv", Header: true}, "stars": {Path: "a**.csv", Header: true},
		"path": {Format: "csv", Header: true}, "columns": {Path: "a.csv"},
	} {
		if _, err := New(Spec{Source: &cfg}); code(err) != diag.FileSetting {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDiscover(t *testing.T) {
	f := newFolder(t, "*.jsonl", formatJSONL)
	f.write("a.jsonl", `{"id":1,"x":1,"at":"2024-01-01T00:00:00Z","day":"2024-01-01","tags":[1],"ok":true,"s":"a"}`+"\n"+
		`{"id":2,"x":1.5,"at":"2024-01-01T00:00:00+02:00","day":null,"tags":[],"ok":false,"s":"2024-01-01","mixed":1}`+"\nbroken\n"+`{"id":3,"x":2,"at":"2024-01-01T00:00:00Z","day":"2024-01-02","tags":{},"ok":true,"s":"","mixed":"a","none":null}`+"\n")
	streams, err := f.open(t).Discover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range streams[0].Columns {
		got = append(got, fmt.Sprint(c.Name, " ", c.Type, " ", c.Nullable))
	}
	want := []string{"id int64 false", "x float64 false", "at timestamptz false", "day date true", "tags json false", "ok bool false", "s string false", "mixed json true", "none any true"}
	if d := cmp.Diff(want, got); d != "" || streams[0].Stream != "events" {
		t.Errorf("stream %s (-want +got):\n%s", streams[0].Stream, d)
	}
}

// TestManyFiles shows that bookmarks stay a small part of the work.
func TestManyFiles(t *testing.T) {
	f := newFolder(t, "*.jsonl", formatJSONL)
	for i := range 2000 {
		f.write(fmt.Sprintf("%05d.jsonl", i), "{}\n")
	}
	r := f.must("append", nil)
	bytes := 0
	for _, m := range r.Marks {
		bytes += len(m.Bookmark)
	}
	if len(r.Got) != 2000 || bytes > 64<<20 {
		t.Errorf("%d records, %d bytes of bookmarks in %d checkpoints", len(r.Got), bytes, len(r.Marks))
	}
	if r.Marks[len(r.Marks)-1].Records != 2000 {
		t.Error("the last checkpoint is not at the end")
	}
}

// rowsReader stands in for the Parquet reader: a line of the file is a row.
type rowsReader struct{}

func (rowsReader) Columns(context.Context, string) ([]connector.SourceColumn, error) {
	return []connector.SourceColumn{{Name: "id", Type: types.Of(types.Int64)}}, nil
}

func (rowsReader) Read(_ context.Context, path string, from int64, rows int, yield func(*connector.Records) error) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	all := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	for part := range slices.Chunk(all[from:], rows) {
		r := &connector.Records{}
		for _, row := range part {
			r.Start = append(r.Start, len(r.Data))
			r.Data = append(r.Data, row...)
			r.End = append(r.End, len(r.Data))
		}
		if err := yield(r); err != nil {
			return err
		}
	}
	return nil
}

func TestParquet(t *testing.T) {
	f := newFolder(t, "*.parquet", "")
	f.write("a.parquet", lines(500))
	f.write("b.parquet", lines(300))
	if _, err := f.read("append", nil); code(err) != diag.FileParquetNoReader {
		t.Errorf("without a reader: %v", err)
	}
	f.parquet = rowsReader{}
	req := request("append", nil)
	req.BatchRows = 64
	connectortest.RunSource(t, connectortest.SourceCase{Open: f.open, Request: req})
	mark := f.must("append", nil).Last()
	f.write("a.parquet", lines(501))
	if _, err := f.read("append", mark); code(err) != diag.FileRewritten {
		t.Errorf("a grown file: %v", err)
	}
}
