package file

import (
	"encoding/json"
	"testing"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

func TestRenameStreams(t *testing.T) {
	src, err := New(Spec{Root: t.TempDir(), Address: "source.x", Source: &program.FileSource{Path: "*.jsonl", Format: "jsonl", Compression: "auto"}})
	if err != nil {
		t.Fatal(err)
	}
	s := src.(connector.StreamRenamer)
	const mark = `{"path":"a","size":1,"offset":1,"xxh128":"000102030405060708090a0b0c0d0e0f","line":1,"done":true}`
	for name, c := range map[string]struct{ had, want string }{
		"nothing":        {``, ``},
		"renamed":        {`{"version":2,"streams":{"a":{"files":[` + mark + `]},"z":{"files":[]}}}`, `{"version":2,"streams":{"b":{"files":[` + mark + `]},"z":{"files":[]}}}`},
		"renamed before": {`{"version":2,"streams":{"b":{"files":[]}}}`, `{"version":2,"streams":{"b":{"files":[]}}}`},
		"left over":      {`{"version":2,"streams":{"a":{"files":[` + mark + `]},"b":{"files":[]}}}`, `{"version":2,"streams":{"b":{"files":[` + mark + `]}}}`},
	} {
		got, err := s.RenameStreams(json.RawMessage(c.had), []connector.Renamed{{From: "a", To: "b"}, {From: "none", To: "c"}})
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %s (%v), want %s", name, got, err, c.want)
		}
	}
	if _, err := s.RenameStreams(json.RawMessage(`{"version":9}`), nil); code(err) != diag.SourceBookmark {
		t.Errorf("a bookmark of a newer program: %v", err)
	}
}
