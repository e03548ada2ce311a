package lang_test

import (
	"bytes"
	"testing"
	"testing/fstest"

	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
)

// odd are names that need care between quotes.
var odd = []string{"plain", "with space", `quote"back\slash`, "${x} %{y} $${z} $", "line\nbreak\ttab\r", "größe 日本 \u2028", "\x00\x1f\x7f", "bad\xffutf8", "%"}

func TestEncodeLock(t *testing.T) {
	var stream lang.LockStream
	stream.Name, stream.Key, stream.Replication, stream.Cursor = "orders", []string{"id", `o"dd`, "$$${k}"}, "INCREMENTAL", "at"
	for _, name := range odd {
		stream.Columns = append(stream.Columns, lang.LockColumn{Name: name, Type: `struct({"odd name" = list(decimal(12, 2))})`, Nullable: true})
	}
	sources := []lang.LockSource{
		{Name: "shop", HasEach: true, Each: "us", ProgramHash: "sha256:01", Streams: []lang.LockStream{{Name: "z"}, stream}},
		{Name: "shop", HasEach: true, Each: "eu"},
		{Name: "events", Streams: []lang.LockStream{{Name: "e", Columns: []lang.LockColumn{{Name: "a", Type: "int64"}}}}},
	}
	got, ds := lang.EncodeLock(sources)
	if ds.HasErrors() {
		t.Fatal(ds.Err())
	}
	golden.File(t, "testdata/sources.lock.hcl", got)
	sources[0], sources[2] = sources[2], sources[0]
	if again, _ := lang.EncodeLock(sources); !bytes.Equal(again, got) {
		t.Error("the order of the sources shows")
	}

	m, ds := lang.Load(fstest.MapFS{"main.gate.hcl": {Data: []byte("headgate {}")}, lang.LockFile: {Data: got}}, ".")
	if ds.HasErrors() || len(m.Lock) != 3 {
		t.Fatalf("%d sources, %v", len(m.Lock), ds.Err())
	}
	cols := m.Lock[2].Nested("stream")[0].Nested("column")
	if len(cols) != len(odd) {
		t.Fatalf("%d columns", len(cols))
	}
	for i, c := range cols {
		want := odd[i]
		if want == "bad\xffutf8" {
			want = "bad\uFFFDutf8"
		}
		if c.Labels[0] != want {
			t.Errorf("the column %q came back as %q", want, c.Labels[0])
		}
	}
	v, hds := m.Lock[2].Nested("stream")[0].Attr("key").Expr.Value(nil)
	if hds.HasErrors() || !v.Index(cty.NumberIntVal(1)).RawEquals(cty.StringVal(`o"dd`)) || !v.Index(cty.NumberIntVal(2)).RawEquals(cty.StringVal("$$${k}")) {
		t.Errorf("key came back as %#v, %v", v, hds)
	}
	if _, ds := lang.EncodeLock([]lang.LockSource{{Name: "x", Streams: []lang.LockStream{{Name: "s", Columns: []lang.LockColumn{{Name: "c", Type: "list("}}}}}}); !ds.HasErrors() {
		t.Error("a type that is none is written")
	}
}
