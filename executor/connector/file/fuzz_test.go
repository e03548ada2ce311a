package file

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
)

// cutAll cuts text that arrives in pieces of at most step bytes, in batches of
// at most rows records, and returns the records, the faults' lines and the error.
func cutAll(c cutter, text []byte, step, rows int) (records, lines []string, err error) {
	p := newPool(16)
	w := newWindow(&stepReader{text: text, step: step}, p)
	for {
		if err := w.more(); err != nil {
			return records, lines, err
		}
		for n := -1; n != 0; {
			t := w.text()
			out := &output{Records: &connector.Records{}, rows: rows, maxText: 200}
			var err error
			n, err = c.cut(out, t, w.eof)
			if !out.own {
				out.Data = t
			}
			for i := range out.Len() {
				records = append(records, string(out.Data[out.Start[i]:out.End[i]]))
			}
			for _, f := range out.faults {
				lines = append(lines, f.Text)
			}
			w.use(n)
			if err != nil {
				return records, lines, err
			}
		}
		if w.eof {
			return records, lines, nil
		}
	}
}

type stepReader struct {
	text []byte
	step int
}

func (r *stepReader) Read(p []byte) (int, error) {
	if len(r.text) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.step)], r.text)
	r.text = r.text[n:]
	return n, nil
}

// sameAnyhow checks that how the text is divided changes nothing.
func sameAnyhow(t *testing.T, make func() cutter, text []byte, step, rows int) []string {
	t.Helper()
	whole, faults, err := cutAll(make(), text, 1<<20, 1<<20)
	parts, partFaults, partErr := cutAll(make(), text, step, rows)
	if d := cmp.Diff(whole, parts); d != "" {
		t.Fatalf("steps of %d bytes, batches of %d: records differ:\n%s", step, rows, d)
	}
	if d := cmp.Diff(faults, partFaults); d != "" {
		t.Fatalf("steps of %d bytes, batches of %d: faults differ:\n%s", step, rows, d)
	}
	if (err == nil) != (partErr == nil) {
		t.Fatalf("steps of %d bytes, batches of %d: %v, then %v", step, rows, err, partErr)
	}
	return whole
}

func FuzzJSONL(f *testing.F) {
	for _, s := range []string{"{}\n{}\r\n\n{}", "a\n" + strings.Repeat("x", 300) + "\nb", "\n\r\n \r"} {
		f.Add([]byte(s), 3, 2)
	}
	f.Fuzz(func(t *testing.T, text []byte, step, rows int) {
		step, rows = 1+abs(step)%50, 1+abs(rows)%5
		got := sameAnyhow(t, func() cutter { return &linesCutter{} }, text, step, rows)
		var want []string
		for line := range bytes.SplitSeq(text, []byte{'\n'}) {
			line = bytes.TrimSuffix(line, []byte{'\r'})
			short := len(line) <= 200
			if line = bytes.TrimLeft(line, " \t"); len(line) > 0 && short {
				want = append(want, string(line))
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("(-want +got):\n%s", d)
		}
	})
}

func FuzzJSONArray(f *testing.F) {
	for _, s := range []string{`[{"a":1},"b\"",[2], null]`, `{"a":[]}`, `[1 2]`, `[[],{"a]":"}"}`, `[`} {
		f.Add([]byte(s), 3, 2)
	}
	f.Fuzz(func(t *testing.T, text []byte, step, rows int) {
		step, rows = 1+abs(step)%50, 1+abs(rows)%5
		got := sameAnyhow(t, func() cutter { return &jsonCutter{} }, text, step, rows)
		var want []json.RawMessage
		if len(text) > 200 || !jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) || json.Unmarshal(text, &want) != nil {
			return
		}
		if len(want) != len(got) {
			t.Fatalf("%d records of %d", len(got), len(want))
		}
		for i := range want {
			if string(want[i]) != got[i] {
				t.Fatalf("record %d is %q, want %q", i, got[i], want[i])
			}
		}
	})
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,\"2\"\n", "a\n\"x\"\"y\"\r\n\"", "a,b\n1\n\"p\nq\",z\n", "\"a\",b\r\n,\r\n\r\n"} {
		f.Add([]byte(s), 3, 2)
	}
	f.Fuzz(func(t *testing.T, text []byte, step, rows int) {
		step, rows = 1+abs(step)%50, 1+abs(rows)%5
		got := sameAnyhow(t, func() cutter { return &csvCutter{delimiter: ',', nulls: [][]byte{[]byte("NA")}} }, text, step, rows)
		for _, rec := range got {
			if !jsontext.Value(rec).IsValid() {
				t.Fatalf("%q is no JSON", rec)
			}
		}
		compareCSV(t, text, got)
	})
}

// compareCSV compares with the standard library's reader where that accepts the
// whole file and the limits do not matter.
func compareCSV(t *testing.T, text []byte, got []string) {
	if len(text) > 200 || bytes.Contains(text, []byte("\r")) || !jsontext.Value(mustQuote(text)).IsValid() {
		return
	}
	all, err := csv.NewReader(iotest.OneByteReader(bytes.NewReader(text))).ReadAll()
	if err != nil || len(all) == 0 {
		return
	}
	c := &csvCutter{}
	if c.setColumns(all[0]) != nil {
		return
	}
	if len(got) != len(all)-1 {
		t.Fatalf("%d records, the standard library finds %d", len(got), len(all)-1)
	}
	for i, fields := range all[1:] {
		want := map[string]*string{}
		for j, name := range c.columns {
			if fields[j] != "NA" {
				want[name] = &fields[j]
			} else {
				want[name] = nil
			}
		}
		var have map[string]*string
		if err := json.Unmarshal([]byte(got[i]), &have); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, have); d != "" {
			t.Fatalf("record %d:\n%s", i, d)
		}
	}
}

func mustQuote(text []byte) []byte {
	q, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		return nil // not UTF-8
	}
	return q
}

func FuzzBookmark(f *testing.F) {
	sum := strings.Repeat("0", 64)
	for _, s := range []string{`null`, `{"version":3}`, `{"version":1,"streams":{"a":null}}`,
		`{"version":2,"streams":{"a":{"files":[{"path":"x","size":3,"offset":2,"xxh128":"` + sum[:32] + `","line":1}]}}}`,
		`{"version":1,"streams":{"a":{"open":true,"files":[{"path":"x","size":3,"offset":2,"sha256":"` + sum + `","line":1}]}}}`,
		`{"version":1,"streams":{"a":{"files":[{"path":"x","offset":-2,"sha256":"` + sum + `"}]}}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := parseBookmark(raw)
		if err != nil {
			return
		}
		text, err := b.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseBookmark(text)
		if err != nil {
			t.Fatalf("its own %s: %v", text, err)
		}
		if d := cmp.Diff(b, again); d != "" {
			t.Fatal(d)
		}
	})
}

// TestAnyDivision cuts real-looking text in random ways.
func TestAnyDivision(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range 300 {
		step, rows := 1+rnd.IntN(400), 1+rnd.IntN(20)
		sameAnyhow(t, func() cutter { return &linesCutter{} }, []byte(lines(60)), step, rows)
		sameAnyhow(t, func() cutter { return &jsonCutter{} }, []byte(array(60)), step, rows)
		sameAnyhow(t, func() cutter { return &csvCutter{delimiter: ','} }, []byte(table(60)), step, rows)
	}
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}

// nowhere is a handler that lets everything go.
type nowhere struct{ connector.Handler }

func (nowhere) Schema(connector.StreamSchema) error { return nil }
func (nowhere) Records(r *connector.Records) error  { r.Release(); return nil }
func (nowhere) Checkpoint(json.RawMessage) error    { return nil }

func BenchmarkRead(b *testing.B) {
	text := lines(200_000)
	for format, text := range map[string]string{formatJSONL: text, formatJSON: array(200_000), formatCSV: table(200_000)} {
		b.Run(format, func(b *testing.B) {
			f := &folder{t: b, cfg: program.FileSource{Path: "in", Format: format, Header: true}}
			f.root = b.TempDir()
			f.write("in", text)
			s, err := New(Spec{Root: f.root, Address: "source.x", Source: &f.cfg})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Read(b.Context(), request("append", nil), nowhere{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLinesCutter(b *testing.B) {
	text := []byte(lines(40_000)) // about one block
	p := newPool(defaultBlockBytes)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		c, r := &linesCutter{}, p.records()
		if n, err := c.cut(&output{Records: r, rows: defaultBatchRows, maxText: 1 << 20}, text, true); n != len(text) || err != nil {
			b.Fatal(n, err)
		}
		p.giveBack(r)
	}
}
