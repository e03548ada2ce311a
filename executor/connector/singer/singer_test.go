package singer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/connector/connectortest"
	"github.com/headgate-data/headgate/lang/diag"
)

// bench is a source over the test's own tap.
type bench struct {
	cfg  program.SingerSource
	root string
	work string
	log  bytes.Buffer
}

const token = "s3cr\"t&marker"

func lit(s string) *program.Text { t := program.Lit(s); return &t }

func newBench(t testing.TB, mode string, config map[string]any) *bench {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]program.Value{"token": {Text: &program.Text{{Secret: "TOKEN"}}}}
	for k, v := range config {
		switch v := v.(type) {
		case string:
			values[k] = program.Value{Text: lit(v)}
		case int:
			values[k] = program.Value{Num: strconv.Itoa(v)}
		}
	}
	return &bench{
		root: t.TempDir(), work: t.TempDir(),
		cfg: program.SingerSource{
			Command: []program.Text{program.Lit(exe)}, Config: program.Value{Map: &values}, Catalog: "none",
			Env: map[string]program.Text{"TEST_TAP": program.Lit(mode), "GREETING": {{Lit: "hi "}, {Secret: "TOKEN"}}},
		},
	}
}

func (b *bench) open(t testing.TB) connector.Source {
	t.Helper()
	s, err := New(Spec{Address: "source.shop", Source: &b.cfg, Root: b.root, WorkDir: b.work, Environment: map[string]string{"PROJECT": "p"},
		Resolve: func(p program.Part) (string, error) {
			if p.Secret == "TOKEN" {
				return token, nil
			}
			return "", fmt.Errorf("no value for the secret %s", p.Secret)
		}, Log: slog.New(slog.NewTextHandler(&b.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func orders(bookmark string) connector.ReadRequest {
	return connector.ReadRequest{Streams: []connector.StreamRequest{{Stream: "orders", Write: "append"}}, Bookmark: json.RawMessage(bookmark)}
}

func (b *bench) read(t testing.TB, req connector.ReadRequest) (*connectortest.Recorder, error) {
	t.Helper()
	r := &connectortest.Recorder{}
	err := b.open(t).Read(t.Context(), req, r)
	left, _ := os.ReadDir(b.work)
	if len(left) > 0 {
		t.Errorf("files are left behind: %v", left)
	}
	return r, err
}

func code(err error) diag.Code {
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		return d.Code
	}
	return ""
}

func TestConformance(t *testing.T) {
	for _, every := range []int{1, 40} {
		b := newBench(t, "count", map[string]any{"every": every})
		req := orders("")
		req.BatchRows = 100
		connectortest.RunSource(t, connectortest.SourceCase{Open: b.open, Request: req, LinesPerRead: true})
	}
}

func TestStateIsPassed(t *testing.T) {
	for _, how := range []string{asFile, asInline} {
		b := newBench(t, "count", map[string]any{"every": 500})
		b.cfg.State = how
		r, err := b.read(t, orders(`{"singer_state":{"id":998}}`))
		if err != nil || len(r.Got) != 2 || string(r.Last()) != `{"singer_state":{"id":1000}}` {
			t.Errorf("%s: %d records, bookmark %s, %v", how, len(r.Got), r.Last(), err)
		}
		b.cfg.InitialState = `{"id": 990}`
		if r, err = b.read(t, orders("")); err != nil || len(r.Got) != 10 {
			t.Errorf("%s, initial_state: %d records, %v", how, len(r.Got), err)
		}
		fresh := orders(`{"singer_state":{"id":998}}`)
		fresh.Streams[0].Fresh = true
		if r, err = b.read(t, fresh); err != nil || len(r.Got) != 10 {
			t.Errorf("%s, fresh: %d records, %v", how, len(r.Got), err)
		}
	}
	b := newBench(t, "count", nil)
	b.cfg.State = asNone
	r, err := b.read(t, orders(`{"singer_state":{"id":998}}`))
	if err != nil || len(r.Got) != 1000 || len(r.Marks) != 1 {
		t.Errorf("none: %d records, %d checkpoints, %v", len(r.Got), len(r.Marks), err)
	}
}

// TestFailure shows that rows up to the last STATE are covered by a checkpoint
// and rows behind it are not, however the batches fall.
func TestFailure(t *testing.T) {
	for _, rows := range []int{0, 7, 100} {
		b := newBench(t, "count", map[string]any{"every": 30, "stop": 255})
		req := orders("")
		req.BatchRows = rows
		r, err := b.read(t, req)
		if code(err) != diag.TapFailed || !strings.Contains(err.Error(), "exit code 5") || !strings.Contains(err.Error(), "boom") {
			t.Fatalf("Read returned %v", err)
		}
		last := r.Marks[len(r.Marks)-1]
		if last.Records != 240 || string(last.Bookmark) != `{"singer_state":{"id":240}}` {
			t.Errorf("batches of %d: the last checkpoint covers %d records: %s", rows, last.Records, last.Bookmark)
		}
	}
}

func TestSecrets(t *testing.T) {
	b := newBench(t, "leak", nil)
	r, err := b.read(t, orders(""))
	if code(err) != diag.TapFailed {
		t.Fatal(err)
	}
	all := b.log.String() + err.Error() + fmt.Sprint(r.Faults)
	for _, f := range r.Faults {
		all += string(f.Raw)
	}
	for _, form := range []string{token, "marker", "s3cr"} {
		if strings.Contains(all, form) {
			t.Errorf("%q came through: %s", form, all)
		}
	}
	if !strings.Contains(all, struck) || !strings.Contains(b.log.String(), "source=source.shop") {
		t.Errorf("the log: %s", b.log.String())
	}
	b.cfg.Env["X"] = program.Text{{Secret: "ABSENT"}}
	if _, err := b.read(t, orders("")); code(err) != diag.TapConfig {
		t.Errorf("a secret without a value: %v", err)
	}
}

func TestWhatTheTapGets(t *testing.T) {
	b := newBench(t, "show", nil)
	b.cfg.Catalog = asFile
	b.cfg.Select = []string{"orders.*", "!orders.internal_*"}
	os.MkdirAll(filepath.Join(b.root, "taps"), 0o755)
	os.WriteFile(filepath.Join(b.root, "taps", "shop.py"), nil, 0o644)
	b.cfg.Command = append(b.cfg.Command, program.Lit("taps/shop.py"), program.Lit("run"))
	req := orders("")
	req.Streams[0].Cursor = "id"
	r, err := b.read(t, req)
	if err != nil || len(r.Got) != 1 {
		t.Fatal(err, r.Got)
	}
	var got struct {
		Config, Mode, Env, Catalog, Cwd string
		Named                           bool
		Args                            []string
	}
	if err := json.Unmarshal([]byte(r.Got[0].Text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Named || got.Mode != "-rw-------" || got.Env != "hi "+token+"p" || got.Cwd != b.work {
		t.Errorf("%+v", got)
	}
	if got.Args[0] != filepath.Join(b.root, "taps/shop.py") || got.Args[1] != "run" {
		t.Errorf("arguments: %q", got.Args)
	}
	c, err := parseCatalog([]byte(got.Catalog))
	if err != nil {
		t.Fatal(err)
	}
	var chosen []string
	for _, s := range c.streams {
		for _, m := range s.metadata {
			chosen = append(chosen, fmt.Sprintf("%s%v %s %s", s.name, m.Breadcrumb, m.Metadata["selected"], m.Metadata["replication-key"]))
		}
	}
	want := []string{`orders[] true "id"`, "orders[properties id] true ", "orders[properties text] true ", "orders[properties internal_x] false ", "other[] false "}
	if d := cmp.Diff(want, chosen); d != "" {
		t.Error(d)
	}
}

func TestMessages(t *testing.T) {
	rec := func(stream, record string) string {
		return `{"type":"RECORD","stream":"` + stream + `","record":` + record + "}\n"
	}
	cases := []struct {
		name, text, schema string
		records            []string
		faults             []string // "LINE RULE"
		warnings           []diag.Code
		code               diag.Code
	}{
		{"not JSON", schemaLine + "\noops\n[1]\n{\"a\":1}\n\n{\"type\":\"RECORD\"\n" + rec("orders", `{"id":1}`), "", []string{`{"id":1}`}, []string{"2 json", "3 json", "4 json", "6 json"}, nil, ""},
		{"before its schema", rec("orders", `{"id":1}`) + schemaLine + "\n" + rec("orders", `{"id":2}`), "", []string{`{"id":2}`}, []string{"1 schema"}, nil, ""},
		{"no schema needed", rec("orders", `{"id":1}`), fromContract, []string{`{"id":1}`}, nil, nil, ""},
		{"no key property", schemaLine + "\n" + rec("orders", `{"x":{"id":1},"y":["id"],"z":"id"}`) + rec("orders", `{"\u0069d":1}`), "", []string{`{"\u0069d":1}`}, []string{"2 schema"}, nil, ""},
		{"skipped types", schemaLine + "\n" + `{"type":"ACTIVATE_VERSION","stream":"orders","version":1}` + "\n" + `{"type":"ACTIVATE_VERSION","stream":"orders","version":2}` + "\n" + `{"type":"X"}`, "", nil, nil, []diag.Code{diag.TapMessageSkipped, diag.TapMessageSkipped}, ""},
		{"batch", schemaLine + "\n" + `{"type":"BATCH","stream":"orders"}`, "", nil, nil, nil, diag.TapBatch},
		{"nothing of the stream", `{"type":"SCHEMA","stream":"order","schema":{}}`, "", nil, nil, []diag.Code{diag.TapStreamMissing}, ""},
		{"broken schema", `{"type":"SCHEMA","stream":"orders","schema":[]}`, "", nil, nil, nil, diag.TapSchema},
		{"too long", schemaLine + "\n" + rec("orders", `{"id":"`+strings.Repeat("x", 3000)+`"}`), "", nil, nil, nil, diag.TapLineTooLong},
		{"state without a value", schemaLine + "\n" + `{"type":"STATE"}`, "", nil, []string{"2 json"}, nil, ""},
		{"no line break at the end", schemaLine + "\n" + strings.TrimSpace(rec("orders", `{"id":1}`)), "", []string{`{"id":1}`}, nil, nil, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, "say", map[string]any{"text": c.text})
			b.cfg.Schema, b.cfg.MaxLineBytes = c.schema, 2000
			r, err := b.read(t, orders(""))
			if code(err) != c.code || err != nil && c.code == "" {
				t.Fatalf("Read returned %v", err)
			}
			var faults []string
			for _, f := range r.Faults {
				faults = append(faults, fmt.Sprint(f.Line, " ", f.Rule))
			}
			var warnings []diag.Code
			for _, d := range r.Diagnostics {
				warnings = append(warnings, d.Code)
			}
			got := append([]string(nil), r.Texts()...)
			if d := cmp.Diff(c.records, got); d != "" {
				t.Errorf("records: %s", d)
			}
			if d := cmp.Diff(c.faults, faults); d != "" {
				t.Errorf("faults: %s", d)
			}
			if d := cmp.Diff(c.warnings, warnings); d != "" {
				t.Errorf("warnings: %s", d)
			}
		})
	}
}

func TestLongLine(t *testing.T) {
	long := `{"type":"RECORD","stream":"orders","record":{"id":"` + strings.Repeat("x", 100<<20) + `"}}`
	in := newLineReader(strings.NewReader("a\r\n"+long+"\nb"), 128<<20)
	var got []int
	for {
		line, err := in.next()
		if err != nil {
			break
		}
		got = append(got, len(line))
	}
	if !slices.Equal(got, []int{1, len(long), 1}) {
		t.Errorf("lines of %v bytes", got)
	}
	var e envelope
	if err := e.parse([]byte(long)); err != nil || len(e.record) != 100<<20+9 {
		t.Errorf("%d bytes, %v", len(e.record), err)
	}
}

// TestHang cancels a tap that ignores SIGTERM and has a child of its own.
func TestHang(t *testing.T) {
	b := newBench(t, "hang", nil)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	begin := time.Now()
	err := b.open(t).Read(ctx, orders(""), &connectortest.Recorder{})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > patience+5*time.Second {
		t.Errorf("Read returned %v after %s", err, time.Since(begin))
	}
	gone(t, pidIn(t, b.log.String(), "child"))
}

// TestKilled kills the program that reads a tap, which must take the tap with it
// and leave no file of its config.
func TestKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a process with its parent")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	work := t.TempDir()
	cmd.Env = append(os.Environ(), "TEST_TAP=run", "WORK="+work)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Error(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	cmd.Wait()
	gone(t, pidIn(t, line, "tap"))
	if left, _ := os.ReadDir(work); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// pidIn finds "WORD PID" in a log.
func pidIn(t *testing.T, log, word string) int {
	t.Helper()
	var pid int
	_, rest, _ := strings.Cut(log, `msg="`+word+" ")
	if _, err := fmt.Sscan(strings.SplitN(rest, `"`, 2)[0], &pid); err != nil {
		t.Fatalf("no %s in the log %q", word, log)
	}
	return pid
}

// gone waits for a process to end; a zombie that nobody waits for has ended.
func gone(t *testing.T, pid int) {
	t.Helper()
	for range 500 {
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if syscall.Kill(pid, 0) != nil || bytes.Contains(stat, []byte(") Z ")) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("the process %d still runs", pid)
}

func TestFinish(t *testing.T) {
	b := newBench(t, "forever", nil)
	src := b.open(t)
	r := &connectortest.Recorder{OnRecords: func() error { src.(connector.Finisher).Finish(); return nil }}
	if err := src.Read(t.Context(), orders(""), r); err != nil {
		t.Fatal(err)
	}
	if r.Marks[len(r.Marks)-1].Records != len(r.Got) {
		t.Error("the read did not end at a checkpoint")
	}
}

func TestStart(t *testing.T) {
	b := newBench(t, "count", nil)
	b.cfg.Command = []program.Text{program.Lit("no-such-tap")}
	if _, err := b.read(t, orders("")); code(err) != diag.TapStart {
		t.Errorf("no program: %v", err)
	}
	b.cfg.Command = []program.Text{program.Lit("taps/absent")}
	if _, err := b.read(t, orders("")); code(err) != diag.TapStart || !strings.Contains(err.Error(), b.root) {
		t.Errorf("no file: %v", err)
	}
	b.cfg.CommandFiles = []program.FileHash{{Path: "x.py", SHA256: strings.Repeat("0", 64)}}
	os.WriteFile(filepath.Join(b.root, "x.py"), []byte("changed"), 0o644)
	if _, err := b.read(t, orders("")); code(err) != diag.TapFileChanged {
		t.Errorf("a changed file: %v", err)
	}
}

func TestCatalogFaults(t *testing.T) {
	b := newBench(t, "nodiscover", nil)
	b.cfg.Catalog = asFile
	if _, err := b.read(t, orders("")); code(err) != diag.TapCatalog {
		t.Errorf("no catalog: %v", err)
	}
	b = newBench(t, "count", nil)
	b.cfg.Catalog = asFile
	req := orders("")
	req.Streams[0].Stream = "order"
	if _, err := b.read(t, req); code(err) != diag.TapStreamMissing {
		t.Errorf("no stream: %v", err)
	}
	b.cfg.Schema = fromDiscovery
	r, err := b.read(t, orders(`{"singer_state":{"id":999}}`))
	if err != nil || len(r.Schemas) == 0 || len(r.Schemas[0].Columns) != 3 {
		t.Errorf("schema = discovery: %+v, %v", r.Schemas, err)
	}
	for _, bad := range []string{`[]`, `{"state":1}`, `{"singer_state":`} {
		if _, err := b.read(t, orders(bad)); code(err) != diag.SourceBookmark {
			t.Errorf("bookmark %s: %v", bad, err)
		}
	}
}

func TestFreshOfSeveral(t *testing.T) {
	got, err := without(json.RawMessage(`{"bookmarks":{"a":1,"b":{"c":2}},"x":3}`), []string{"a"})
	if err != nil || string(got) != `{"bookmarks":{"b":{"c":2}},"x":3}` {
		t.Errorf("%s, %v", got, err)
	}
	for _, state := range []string{`{"id":1}`, `[]`, `{"bookmarks":[]}`, `{"bookmarks":null}`} {
		if _, err := without(json.RawMessage(state), []string{"a"}); err == nil {
			t.Errorf("%s was split", state)
		}
	}
}
