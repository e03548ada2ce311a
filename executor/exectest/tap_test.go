package exectest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/executor"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// TestMain turns the test's own binary into a tap when it is started as one.
func TestMain(m *testing.M) {
	if script := os.Getenv("EXECTEST_TAP"); script != "" {
		os.Exit(tap(script))
	}
	os.Exit(m.Run())
}

// tap plays a script: it sends the script's SCHEMA lines, and the others behind
// the line that its STATE names. "state" in a line stands for a STATE message,
// "exit 3" ends the tap.
func tap(script string) int {
	var state struct {
		Line int `json:"line"`
	}
	for i, arg := range os.Args {
		if arg == "--state" {
			if text, err := os.ReadFile(os.Args[i+1]); err != nil || json.Unmarshal(text, &state) != nil {
				return 9
			}
		}
	}
	f, err := os.Open(script)
	if err != nil {
		return 9
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		code, exit := strings.CutPrefix(line, "exit ")
		switch {
		case strings.Contains(line, `"SCHEMA"`):
			fmt.Println(line)
		case n <= state.Line:
		case exit:
			c, _ := strconv.Atoi(code)
			return c
		case line == "state":
			fmt.Printf(`{"type":"STATE","value":{"line":%d,"bookmarks":{}}}`+"\n", n)
		default:
			fmt.Println(line)
		}
	}
	return 0
}

// tapped is a project whose tap sends two streams.
func tapped(t *testing.T, write string) string {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`
source "singer" "tap" {
  command = [%q]
  catalog = "none"
  env = {
    EXECTEST_TAP = "script.jsonl"
  }
}
destination "duckdb" "w" {
  path = "w.duckdb"
}
contract "c" {
  key = ["id"]
  %s
}
pipeline "p" {
  from = source.tap
  to   = destination.w
  stream "a" {
    contract = contract.c
    table    = "raw.a"
    write    = %[3]q
  }
  stream "b" {
    contract = contract.c
    table    = "raw.b"
    write    = %[3]q
  }
}
`, exe, columns, write)
}

func (w *world) script(lines ...string) {
	w.t.Helper()
	w.write("script.jsonl", strings.Join(lines, "\n")+"\n")
	text, err := os.ReadFile(w.path("main.gate.hcl"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("main.gate.hcl", strings.Replace(string(text), `"script.jsonl"`, strconv.Quote(w.path("script.jsonl")), 1))
}

func schemaOf(stream string) string {
	return `{"type":"SCHEMA","stream":"` + stream + `","schema":{"properties":{"id":{"type":"integer"},"n":{"type":["null","integer"]}}},"key_properties":["id"]}`
}

func recordOf(stream string, id int) string {
	return fmt.Sprintf(`{"type":"RECORD","stream":%q,"record":{"id":%d,"n":%d}}`, stream, id, id)
}

// TestTapFails: after an exit code other than 0 the next run goes on from the
// last STATE, with both streams.
func TestTapFails(t *testing.T) {
	for _, write := range []string{"append", "merge", "replace"} {
		t.Run(write, func(t *testing.T) {
			w := newWorld(t, tapped(t, write))
			begin := []string{schemaOf("a"), schemaOf("b"), recordOf("a", 1), recordOf("b", 1), "state", recordOf("a", 2), recordOf("b", 2)}
			rest := []string{"state", recordOf("a", 3), "state"}
			w.script(append(append(begin[:7:7], "exit 3"), rest...)...)
			o := w.apply().fails(diag.TapFailed)
			expect(t, "broke", o.report.Broke, false)
			w.want("select count(*) from raw.a", "0")
			w.script(append(append(begin[:7:7], "state"), rest...)...)
			o = w.apply().ok()
			expect(t, "resumed", o.stream("a").Resumed, write != "replace")
			expect(t, "a", counts(o.stream("a")), "3 3 0 0 0 0 0")
			expect(t, "b", counts(o.stream("b")), "2 2 0 0 0 0 0")
			w.want("select id from raw.a order by id", "1; 2; 3")
			w.want("select id from raw.b order by id", "1; 2")
			w.settled()
		})
	}
}

// TestTapGoesOn: the next run starts from the STATE; a replace reads everything.
func TestTapGoesOn(t *testing.T) {
	for write, want := range map[string]string{"append": "0 2", "merge": "0 2", "replace": "1 2"} {
		t.Run(write, func(t *testing.T) {
			w := newWorld(t, tapped(t, write))
			w.script(schemaOf("a"), schemaOf("b"), recordOf("a", 1), "state")
			w.apply().ok()
			o := w.apply()
			expect(t, "status", o.stream("a").Status, map[bool]executor.Status{true: executor.Done, false: executor.Unchanged}[write == "replace"])
			w.script(schemaOf("a"), schemaOf("b"), recordOf("a", 1), "state", recordOf("a", 2), recordOf("b", 1), "state")
			o = w.apply().ok()
			expect(t, "before and now", fmt.Sprint(o.stream("a").Read-1, o.stream("a").Diff.Rows), want)
			w.settled()
			if write != "replace" {
				return
			}
			// The source is empty now, and so is the table.
			w.script(schemaOf("a"), schemaOf("b"), "state")
			w.apply().ok()
			w.want("select count(*) from raw.a", "0")
		})
	}
}

// TestTapFinish: Ctrl-C once, in the middle of a tap's session.
func TestTapFinish(t *testing.T) {
	for _, write := range []string{"append", "merge", "replace"} {
		t.Run(write, func(t *testing.T) {
			w := newWorld(t, tapped(t, write))
			lines := []string{schemaOf("a"), schemaOf("b")}
			for i := range 30000 {
				lines = append(lines, recordOf("a", i), recordOf("b", i))
				if i%50 == 0 {
					lines = append(lines, "state")
				}
			}
			w.script(append(lines, "state")...)
			w.stopped()
			w.want("select count(*) from raw.a", "0")
			o := w.apply().ok()
			expect(t, "resumed", o.stream("a").Resumed, write != "replace")
			expect(t, "a", counts(o.stream("a")), "30000 30000 0 0 0 0 0")
			w.want("select count(*), count(distinct id), sum(id) from raw.a", "30000 30000 449985000")
			w.want("select count(*), count(distinct id), sum(id) from raw.b", "30000 30000 449985000")
			w.settled()
		})
	}
}

// TestModels: a model runs only where its inputs changed, and views go along
// with the columns that they read.
func TestModels(t *testing.T) {
	w := newWorld(t, shopWith("compatibility = \"none\"\n"+columns, `write = "replace"`, `
model "m" {
  destination  = destination.w
  schema       = "marts"
  materialized = "table"
  query        = "select id, n from marts.v"
}
model "v" {
  destination  = destination.w
  schema       = "marts"
  materialized = "view"
  query        = "select id, n from raw.events"
}
`))
	w.write("data/a.jsonl", `{"id":1,"n":1}`+"\n")
	w.apply().ok()
	w.want("select * from marts.m", "1 1")
	w.settled()
	w.write("data/b.jsonl", `{"id":2,"n":2}`+"\n")
	w.apply().ok()
	w.want("select * from marts.m order by id", "1 1; 2 2")
	w.want("select * from marts.v order by id", "1 1; 2 2")
	// The stream's column goes, and those that read it with it.
	w.edit(`  column "n" {
    type = int32
    min  = 0
  }`, `  column "k" {
    type = string
  }`)
	w.edit("select id, n from raw.events", "select id, k from raw.events")
	w.edit("select id, n from marts.v", "select k, id from marts.v")
	w.write("data/b.jsonl", `{"id":2,"k":"x"}`+"\n")
	w.apply().ok()
	w.want("select * from marts.v order by id", "1 null; 2 x")
	w.want("select * from marts.m order by id", "null 1; x 2")
	w.want("select * from marts.m_v1 order by id", "null 1; x 2")
	w.settled()
}

// TestSuffix: an environment's schemas get another ending; everything moves.
func TestSuffix(t *testing.T) {
	w := newWorld(t, shopWith(columns, appends, `
environment "dev" {
  default       = true
  schema_suffix = "__x"
}
model "v" {
  destination  = destination.w
  schema       = "marts"
  materialized = "view"
  query        = "select id from raw.events"
}
model "m" {
  destination  = destination.w
  schema       = "marts"
  materialized = "table"
  query        = "select id from marts.v"
}
`))
	w.environment = "dev"
	w.write("data/a.jsonl", `{"id":1,"n":1}`+"\n")
	w.apply().ok()
	w.want("select * from marts__x.m", "1")
	w.edit(`"__x"`, `"__y"`)
	w.apply().ok()
	for _, name := range []string{"raw__y.events", "marts__y.v", "marts__y.v_v1", "marts__y.m", "marts__y.m_v1"} {
		w.want("select id from "+name, "1")
	}
	w.want("select count(*) from information_schema.tables where table_schema like '%\\_\\_x' escape '\\'", "0")
	w.settled()
}

// TestModelRenamed: the names that a model had are gone.
func TestModelRenamed(t *testing.T) {
	w := newWorld(t, twice)
	w.write("good/a.jsonl", `{"id":1,"n":1}`+"\n")
	w.write("bad/a.jsonl", `{"id":1,"n":1}`+"\n")
	w.apply().ok()
	w.edit(`model "of_good" {`, `model "of_good" {
  table = "renamed"`)
	w.apply().ok()
	w.want("select table_name from information_schema.tables where table_schema = 'marts' order by 1", "of_bad; of_bad_v1; renamed; renamed_v1")
	w.settled()
	// One without new input is not built again.
	w.write("bad/b.jsonl", `{"id":2,"n":1}`+"\n")
	o := w.apply().ok()
	expect(t, "steps", len(o.plan.Steps), 2)
	w.want("select * from marts.of_bad", "2")
	w.opts.Replace = []addr.Address{address(t, "pipeline.bad.stream.s")}
	w.apply().ok()
	w.want("select * from marts.of_bad", "2")
	w.settled()
}
