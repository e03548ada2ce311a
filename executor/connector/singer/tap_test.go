package singer

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector/connectortest"
)

// TestMain turns the test's own binary into a tap when it is started as one, so
// that the tests run real processes on every machine.
func TestMain(m *testing.M) {
	mode := os.Getenv("TEST_TAP")
	switch mode {
	case "":
		os.Exit(m.Run())
	case "run": // not a tap, but a program that reads one, for a test to kill
		os.Exit(runForever())
	}
	os.Exit(tap(mode))
}

// runForever reads a tap that sends nothing and does not end; it logs to standard output.
func runForever() int {
	exe, _ := os.Executable()
	token := program.Value{Text: &program.Text{{Lit: "x"}}}
	src, err := New(Spec{Address: "source.x", WorkDir: os.Getenv("WORK"), Log: slog.New(slog.NewTextHandler(os.Stdout, nil)), Source: &program.SingerSource{
		Command: []program.Text{program.Lit(exe)}, Catalog: "none", Config: program.Value{Map: &map[string]program.Value{"token": token}},
		Env: map[string]program.Text{"TEST_TAP": program.Lit("idle")},
	}})
	if err == nil {
		err = src.Read(context.Background(), orders(""), &connectortest.Recorder{})
	}
	fmt.Println(err)
	return 1
}

// flags reads the arguments a tap gets: --config FILE and so on.
func flags() map[string]string {
	out := map[string]string{}
	for i := 1; i < len(os.Args); i++ {
		if os.Args[i] == "--discover" {
			out["--discover"] = "yes"
		} else if i+1 < len(os.Args) {
			out[os.Args[i]] = os.Args[i+1]
			i++
		}
	}
	return out
}

func load(path string, into any) {
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tap:", err)
		os.Exit(9)
	}
}

const schemaLine = `{"type":"SCHEMA","stream":"orders","schema":{"properties":{"id":{"type":"integer"},"text":{"type":["null","string"]}}},"key_properties":["id"],"bookmark_properties":["id"]}`

const catalogText = `{"streams":[{"tap_stream_id":"orders","stream":"orders","schema":{"properties":{"id":{"type":"integer"},"text":{"type":["null","string"]},"internal_x":{"type":"string"}}},
"key_properties":["id"],"metadata":[{"breadcrumb":[],"metadata":{"valid-replication-keys":["id"]}},{"breadcrumb":["properties","id"],"metadata":{"inclusion":"automatic"}}]},
{"tap_stream_id":"other","stream":"other","schema":{"properties":{"id":{"type":"integer"}}},"metadata":[]}]}`

// tap plays a tap and returns its exit code.
func tap(mode string) int {
	args := flags()
	if args["--discover"] != "" {
		if mode == "nodiscover" {
			fmt.Println("usage: tap")
			return 0
		}
		fmt.Println(catalogText)
		return 0
	}
	var config struct {
		Token string
		Text  string
		Stop  int
		Every int
	}
	load(args["--config"], &config)
	load(args["--config"], &config) // a second time: some taps do
	var state struct{ ID int }
	if s := args["--state"]; strings.HasPrefix(s, "{") {
		json.Unmarshal([]byte(s), &state)
	} else if s != "" {
		load(s, &state)
	}
	switch mode {
	case "count":
		return count(args, state.ID, config.Stop, max(config.Every, 1))
	case "say":
		fmt.Print(config.Text)
	case "leak":
		fmt.Fprintf(os.Stderr, "using %s\nand %q\n", config.Token, config.Token)
		fmt.Println("not json " + config.Token)
		return 3
	case "hang":
		signal.Ignore(syscall.SIGTERM)
		child := exec.Command("sleep", "60")
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			return 8
		}
		fmt.Fprintln(os.Stderr, "child", child.Process.Pid)
		time.Sleep(time.Minute)
	case "show": // what the tap was given
		out, _ := json.Marshal(map[string]any{"type": "RECORD", "stream": "orders", "record": map[string]any{
			"id": 1, "config": args["--config"], "named": named(args["--config"]), "mode": modeOf(args["--config"]), "env": os.Getenv("GREETING") + os.Getenv("PROJECT"),
			"args": os.Args[1:], "catalog": fileText(args["--catalog"]), "cwd": cwd()}})
		fmt.Println(schemaLine)
		fmt.Println(string(out))
	case "idle":
		fmt.Fprintln(os.Stderr, "tap", os.Getpid())
		time.Sleep(time.Minute)
	case "forever":
		fmt.Println(schemaLine)
		for i := 0; ; i++ {
			fmt.Printf(`{"type":"RECORD","stream":"orders","record":{"id":%d}}`+"\n"+`{"type":"STATE","value":{"id":%d}}`+"\n", i, i)
		}
	}
	return 0
}

func cwd() string { d, _ := os.Getwd(); return d }

func fileText(path string) string { b, _ := os.ReadFile(path); return string(b) }

func named(path string) bool {
	link, _ := os.Readlink(path)
	return !strings.HasSuffix(link, "(deleted)")
}

func modeOf(path string) string {
	st, err := os.Stat(path)
	if err != nil {
		return err.Error()
	}
	return st.Mode().String()
}

// count sends 1000 orders behind a number, with a STATE after each so many; it
// fails after the order stop.
func count(_ map[string]string, from, stop, every int) int {
	fmt.Println(schemaLine)
	for id := from + 1; id <= 1000; id++ {
		fmt.Printf(`{"type": "RECORD", "stream": "orders", "record": {"id": %d, "text": "order \"%d\""}, "time_extracted": "2024-01-01T00:00:00Z"}`+"\n", id, id)
		if id%7 == 0 {
			fmt.Println(`{"type":"RECORD","stream":"unasked","record":{}}`)
		}
		if id == stop {
			fmt.Fprintln(os.Stderr, "boom")
			return 5
		}
		if id%every == 0 {
			fmt.Printf(`{"type":"STATE","value":{"id":%d}}`+"\n", id)
		}
	}
	return 0
}
