package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

const (
	killRows  = 20000 // records of a load
	killTimes = 25    // moments at which each kind of load is killed
)

// TestKilledLoads kills a load with SIGKILL at random moments, applies again
// until it ends well, and wants the table, the quarantine and the counts of a
// load that nobody disturbed: for every write mode, from files and from a tap.
func TestKilledLoads(t *testing.T) {
	if testing.Short() {
		t.Skip("short: kills 150 loads")
	}
	for _, source := range []string{"file", "singer"} {
		for _, write := range []string{"append", "merge", "replace"} {
			t.Run(source+"/"+write, func(t *testing.T) { killLoads(t, source, write) })
		}
	}
}

func killLoads(t *testing.T, source, write string) {
	undisturbed := killProject(t, source, write)
	began := time.Now()
	if out, err := headgate(undisturbed, "apply", "--auto-approve").CombinedOutput(); err != nil {
		t.Fatalf("the load that nobody disturbs: %v\n%s", err, out)
	}
	whole := time.Since(began)
	want := contentOf(t, undisturbed, source, write)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, a whole load takes %s and gives %s", seed, whole, want)
	rng := rand.New(rand.NewPCG(seed, 1))
	late := 0
	for i := 0; i < killTimes; i++ {
		dir := killProject(t, source, write)
		after := time.Duration(rng.Int64N(int64(whole)))
		if took, killed := kill(t, dir, after); !killed {
			// The machine was slower when the whole load was timed: a moment that lies
			// behind the end proves nothing, and is drawn again.
			whole = min(whole, took)
			if late++; late > 2*killTimes {
				t.Fatalf("%d loads ended before they were killed", late)
			}
			i--
			continue
		}
		if out, err := headgate(dir, "apply", "--auto-approve").CombinedOutput(); err != nil {
			t.Fatalf("moment %d, after a kill at %s: %v\n%s", i, after, err, out)
		}
		if got := contentOf(t, dir, source, write); got != want {
			t.Errorf("moment %d, killed at %s: got %s, want %s", i, after, got, want)
		}
		if out, err := headgate(dir, "plan", "--detailed-exitcode").CombinedOutput(); err != nil {
			t.Errorf("moment %d: the plan afterwards: %v\n%s", i, err, out)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// headgate is the program under test as a process.
func headgate(dir string, args ...string) *exec.Cmd {
	return exec.Command("headgate", append(args, "-C", dir, "--no-color")...)
}

// kill starts a load and kills it after some time. killed is false when it ended
// before, which took so long.
func kill(t *testing.T, dir string, after time.Duration) (took time.Duration, killed bool) {
	t.Helper()
	began := time.Now()
	cmd := headgate(dir, "apply", "--auto-approve")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second // a tap that outlives headgate holds the pipe
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("the load failed before it was killed: %v\n%s", err, out.String())
		}
		return time.Since(began), false
	case <-time.After(after):
		if err := cmd.Process.Kill(); err != nil {
			t.Log(err)
		}
		<-ended
		return 0, true
	}
}

// contentOf sums up what a reader of the destination sees. A tap's lines are
// counted from the start of each session, so its rejects are told apart by their
// text. Under replace every run reads the whole source and keeps its own rejects
// (a run whose end the state did not learn of is followed by another): there the
// newest run's count.
func contentOf(t *testing.T, dir, source, write string) string {
	t.Helper()
	reject, of := "raw, reasons, line", ""
	if source == "singer" {
		reject = "raw, reasons"
	}
	if write == "replace" {
		of = " where run_id = (select max(run_id) from headgate_quarantine)"
	}
	db, err := duck.Open(filepath.Join(dir, "warehouse.duckdb"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var parts []any
	for _, sql := range []string{
		"select count(*)::varchar, coalesce(sum(hash(id, name, total)::hugeint), 0)::varchar from raw.events",
		"select count(*)::varchar, coalesce(sum(hash(" + reject + ")::hugeint), 0)::varchar from headgate_quarantine" + of,
	} {
		rows, err := conn.Texts(context.Background(), sql)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		for _, v := range rows[0] {
			parts = append(parts, *v)
		}
	}
	return fmt.Sprintf("%v rows (hash %v), %v in quarantine (hash %v)", parts...)
}

// killProject writes a project that loads killRows records, one in a hundred of
// them broken.
func killProject(t *testing.T, source, write string) string {
	t.Helper()
	dir, err := os.MkdirTemp(t.TempDir(), "p")
	if err != nil {
		t.Fatal(err)
	}
	block := `source "file" "in" {
  path = "events.jsonl"
}`
	if source == "singer" {
		block = fmt.Sprintf(`source "singer" "in" {
  command = ["test-tap"]
  catalog = "none"
  config  = { rows = %d }
}`, killRows)
	} else if err := writeEvents(filepath.Join(dir, "events.jsonl")); err != nil {
		t.Fatal(err)
	}
	hcl := block + fmt.Sprintf(`
destination "duckdb" "warehouse" {
  path = "${path.root}/warehouse.duckdb"
}
contract "events" {
  key = ["id"]
  column "id" {
    type     = int64
    required = true
  }
  column "name" {
    type = string
  }
  column "total" {
    type = decimal(12, 2)
    min  = 0
  }
}
pipeline "events" {
  from = source.in
  to   = destination.warehouse
  batch {
    rows = 2000
  }
  stream "events" {
    contract = contract.events.v1
    table    = "raw.events"
    write    = %q
  }
}
`, write)
	if err := os.WriteFile(filepath.Join(dir, "project.gate.hcl"), []byte(hcl), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// event is record i; every hundredth has a total that the contract refuses.
func event(i int) string {
	total := float64(i%5000) / 4
	if i%100 == 0 {
		total = -1
	}
	return fmt.Sprintf(`{"id":%d,"name":"event number %d of the load","total":%.2f}`, i, i, total)
}

func writeEvents(path string) error {
	var b bytes.Buffer
	for i := 1; i <= killRows; i++ {
		b.WriteString(event(i) + "\n")
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// testTap is a Singer tap that sends events behind its bookmark, with a STATE
// after every 500.
func testTap() {
	args := map[string]string{}
	for i := 1; i+1 < len(os.Args); i += 2 {
		args[os.Args[i]] = os.Args[i+1]
	}
	var config struct {
		Rows int `json:"rows"`
	}
	var state struct {
		Bookmarks map[string]struct {
			ID int `json:"id"`
		} `json:"bookmarks"`
	}
	read := func(flag string, into any) {
		if args[flag] == "" {
			return
		}
		text, err := os.ReadFile(args[flag])
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "test-tap:", flag, err)
			os.Exit(1)
		}
	}
	read("--config", &config)
	read("--state", &state)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	fmt.Fprintln(out, `{"type":"SCHEMA","stream":"events","key_properties":["id"],"schema":{"type":"object","properties":{"id":{"type":"integer"},"name":{"type":"string"},"total":{"type":"number","multipleOf":0.01}}}}`)
	for i := state.Bookmarks["events"].ID + 1; i <= config.Rows; i++ {
		fmt.Fprintf(out, `{"type":"RECORD","stream":"events","record":%s}`+"\n", event(i))
		if i%500 == 0 || i == config.Rows {
			fmt.Fprintf(out, `{"type":"STATE","value":{"bookmarks":{"events":{"id":%d}}}}`+"\n", i)
			out.Flush()
		}
	}
}
