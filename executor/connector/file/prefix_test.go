package file

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/lang/diag"
)

// TestBookmarkOfVersion1 goes on from bookmarks that hold SHA-256: a file that
// grew is read behind its mark, one that was rewritten is told, and what is
// written back is of this version.
func TestBookmarkOfVersion1(t *testing.T) {
	first := `{"id":1}` + "\n"
	sum := sha256.Sum256([]byte(first))
	old := json.RawMessage(fmt.Sprintf(`{"version":1,"streams":{"events":{"files":[{"path":"a.jsonl","size":%d,"offset":%d,"sha256":%q,"line":1,"done":true}]}}}`,
		len(first), len(first), hex.EncodeToString(sum[:])))

	f := newFolder(t, "*.jsonl", formatJSONL)
	f.write("a.jsonl", first)
	if w := f.look(old); len(w.Grown)+len(w.Rewritten)+len(w.New) != 0 {
		t.Fatalf("an unchanged file waits: %+v", w)
	}
	f.write("a.jsonl", first+`{"id":2}`+"\n")
	r := f.must("append", old)
	last := string(r.Last())
	if !strings.Contains(last, `"version":2`) || !strings.Contains(last, `"xxh128":"`) || strings.Contains(last, "sha256") {
		t.Errorf("what is written back: %s", last)
	}
	if got := f.must("append", json.RawMessage(last)); got.Marks != nil {
		t.Errorf("it does not stand for the whole file: %+v", got)
	}
	f.write("a.jsonl", strings.Replace(first, "1", "7", 1)+`{"id":2}`+"\n")
	for _, mark := range []string{string(old), last} {
		if _, err := f.read("append", json.RawMessage(mark)); code(err) != diag.FileRewritten {
			t.Errorf("a rewritten file under %s: %v", mark, err)
		}
	}
}
