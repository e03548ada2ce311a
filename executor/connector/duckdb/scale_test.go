package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
)

// wideColumns are ten mixed columns.
var wideColumns = []connector.Column{
	{Name: "id", Type: types.Of(types.Int64)}, {Name: "name", Type: types.Of(types.String)}, {Name: "total", Type: types.DecimalOf(12, 2)},
	{Name: "created", Type: types.Of(types.TimestampTZ)}, {Name: "day", Type: types.Of(types.Date)}, {Name: "paid", Type: types.Of(types.Bool)},
	{Name: "score", Type: types.Of(types.Float64)}, {Name: "status", Type: types.Of(types.String)}, {Name: "note", Type: types.Of(types.String)},
	{Name: "ref", Type: types.Of(types.UUID)},
}

// TestMemory publishes HEADGATE_MEMORY_ROWS rows of ten columns under each write
// mode, onto as many rows, in a process of its own, and prints the peak of its
// memory. It runs only when asked: it takes minutes and gigabytes of disk.
func TestMemory(t *testing.T) {
	rows := os.Getenv("HEADGATE_MEMORY_ROWS")
	if rows == "" {
		rows = "300000"
	}
	for _, write := range []string{"append", "merge", "replace"} {
		t.Run(write, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "HEADGATE_HELPER=memory", "GOMEMLIMIT=100MiB", "HEADGATE_WRITE="+write, "HEADGATE_ROWS="+rows, "HEADGATE_DIR="+t.TempDir())
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			t.Logf("%s", out)
			_, peak, _ := strings.Cut(string(out[strings.LastIndex(string(out), "peak "):]), " ")
			peak, _, _ = strings.Cut(peak, " ")
			if kb, err := strconv.Atoi(peak); err != nil || kb > 450<<10 {
				t.Errorf("the process took %s kB, %v", peak, err)
			}
		})
	}
}

// memoryHelper is the process of TestMemory: it stages rows twice and publishes
// them. The second time half of the keys are new, one in eight rows doubled, and
// a quarter of the old ones changed.
func memoryHelper() error {
	ctx := context.Background()
	n, err := strconv.ParseInt(os.Getenv("HEADGATE_ROWS"), 10, 64)
	if err != nil {
		return err
	}
	d, err := new(Opener).Open(ctx, Spec{Path: filepath.Join(os.Getenv("HEADGATE_DIR"), "w.duckdb"), Threads: 2, MemoryLimit: os.Getenv("HEADGATE_MEMORY_LIMIT")})
	if err != nil {
		return err
	}
	defer d.Close()
	for round := range 2 {
		t := connector.Table{
			Relation: connector.Relation{Address: stream, Schema: "raw", Name: "wide", Build: fmt.Sprint("b", round)},
			Columns:  wideColumns, Write: os.Getenv("HEADGATE_WRITE"), Key: []string{"id"}, Cursor: "created", Fresh: true,
		}
		if round == 1 && t.Write != "replace" {
			t.Build, t.Fresh = "b0", false
		} else if round == 1 {
			t.Previous = "b0"
		}
		if err := stageAndPublish(ctx, d, t, n, int64(round)); err != nil {
			return err
		}
	}
	return nil
}

func stageAndPublish(ctx context.Context, d *Destination, t connector.Table, n, round int64) error {
	if err := d.Claim(ctx, unit, []connector.Relation{t.Relation}); err != nil {
		return err
	}
	s, err := d.OpenStaging(ctx, connector.StagingSpec{Unit: unit, RunID: "r", Streams: map[string]connector.Table{stream: t}})
	if err != nil {
		return err
	}
	defer s.Close()
	start := time.Now()
	first := round * n / 2
	type span struct {
		from, to int64
		salt     uint64
	}
	spans := []span{{first, first + n*7/8, 0}, {first, first + n/8, 0}}
	if round == 1 {
		spans = []span{{first, first + n/4, 1}, {first + n/4, first + n*7/8, 0}, {first, first + n/8, 2}}
	}
	staged := int64(0)
	for _, sp := range spans {
		for at := sp.from; at < sp.to; at += 8192 {
			batch := wideBatch(int(at), int(min(8192, sp.to-at)), sp.salt)
			if err := s.Append(ctx, stream, batch, false); err != nil {
				return err
			}
			if staged += batch.NumRows(); staged >= BatchRows {
				staged = 0
				if err := s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(`"part"`)}); err != nil {
					return err
				}
			}
			batch.Release()
		}
	}
	if err := s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(strconv.FormatInt(round, 10))}); err != nil {
		return err
	}
	if _, err := s.Checksum(ctx, stream); err != nil {
		return err
	}
	fmt.Printf("round %d: staged in %s, %s\n", round, time.Since(start).Round(time.Millisecond), memoryNow())
	start = time.Now()
	unique := connector.Audit{Rule: "key", Severity: "warning", SQL: "select id, count(*) n from {this} where (id) in (select id from {new}) and id is not null group by id having count(*) > 1"}
	res, err := s.Publish(ctx, connector.PublishRequest{Views: []connector.View{view(t)}, Audits: map[string][]connector.Audit{stream: {unique}}})
	if err != nil {
		return err
	}
	fmt.Printf("round %d: published in %s, %s %+v\n", round, time.Since(start).Round(time.Millisecond), memoryNow(), res.Tables[stream])
	return nil
}

func memoryNow() string {
	status, _ := os.ReadFile("/proc/self/status") // empty where there is no /proc
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM") {
			return "peak " + strings.Join(strings.Fields(line)[1:], " ")
		}
	}
	return ""
}

// killRows is the size of the batches of TestKill.
const killRows = 3000

// killHelper is the process that TestKill kills: it loads batch after batch,
// publishes after every third, and goes on from where the destination stands.
func killHelper() error {
	ctx := context.Background()
	d, err := new(Opener).Open(ctx, Spec{Path: filepath.Join(os.Getenv("HEADGATE_DIR"), "w.duckdb"), LockTimeout: 10 * time.Second})
	if err != nil {
		return err
	}
	defer d.Close()
	table := orders(os.Getenv("HEADGATE_WRITE"), "b1", true)
	if err := d.Claim(ctx, unit, []connector.Relation{table.Relation}); err != nil {
		return err
	}
	for {
		st, err := d.Standing(ctx, unit, table.Relation)
		if err != nil {
			return err
		}
		table.Fresh = st.Build == ""
		if err := killSession(ctx, d, table); err != nil {
			return err
		}
	}
}

func killSession(ctx context.Context, d *Destination, table connector.Table) error {
	next, err := killPosition(ctx, d)
	if err != nil {
		return err
	}
	s, err := d.OpenStaging(ctx, connector.StagingSpec{Unit: unit, RunID: "r", Definition: "d", Resume: true, Streams: map[string]connector.Table{stream: table}})
	if err != nil {
		return err
	}
	defer s.Close()
	if cp := s.Resumed(); cp != nil {
		if err := json.Unmarshal(cp.Bookmark, &next); err != nil {
			return err
		}
	}
	// A process that was killed between its third commit and the publication left
	// only that to do.
	for again := s.Resumed() == nil || next%(3*killRows) != 0; again; again = next%(3*killRows) != 0 {
		rows := make([]order, killRows)
		for i := range rows {
			rows[i] = order{next + int64(i), at(1), "row"}
		}
		if err := s.Append(ctx, stream, orderBatch(rows...), false); err != nil {
			return err
		}
		if err := s.Reject(ctx, []connector.Reject{{Stream: stream, Line: next}}); err != nil {
			return err
		}
		next += killRows
		if err := s.Commit(ctx, connector.Checkpoint{Bookmark: json.RawMessage(strconv.FormatInt(next, 10))}); err != nil {
			return err
		}
	}
	_, err = s.Publish(ctx, connector.PublishRequest{Views: []connector.View{view(table)}, Run: connector.RunRecord{RunID: "r"}})
	return err
}

// killPosition is the published bookmark.
func killPosition(ctx context.Context, d *Destination) (next int64, err error) {
	bookmark, err := d.Bookmark(ctx, unit)
	if err == nil && bookmark != nil {
		err = json.Unmarshal(bookmark, &next)
	}
	return next, err
}

// TestKill kills a loading process at random moments. After each kill the rows,
// the rejects and the bookmark in the file must agree.
func TestKill(t *testing.T) {
	for _, write := range []string{"append", "merge"} {
		t.Run(write, func(t *testing.T) {
			dir := t.TempDir()
			for round := range 8 {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), "HEADGATE_HELPER=kill", "HEADGATE_WRITE="+write, "HEADGATE_DIR="+dir)
				must(t, cmd.Start())
				time.Sleep(time.Duration(120+round*97) * time.Millisecond)
				must(t, cmd.Process.Kill())
				_ = cmd.Wait() // it was killed
				checkAfterKill(t, dir)
			}
		})
	}
}

func checkAfterKill(t *testing.T, dir string) {
	t.Helper()
	d, err := new(Opener).Open(context.Background(), Spec{Path: filepath.Join(dir, "w.duckdb")})
	must(t, err)
	defer d.Close()
	want, err := killPosition(context.Background(), d)
	must(t, err)
	published := rows(t, d, "select count(*) n from duckdb_views() where view_name = 'orders'")
	if published[0] == `{"n":0}` {
		if want != 0 {
			t.Errorf("the bookmark stands at %d and nothing is published", want)
		}
		return
	}
	wantRows(t, d, "select count(*) n, count(distinct id) m, coalesce(max(id) + 1, 0) z from raw.orders", fmt.Sprintf(`{"n":%d,"m":%d,"z":%d}`, want, want, want))
	wantRows(t, d, "select count(*) n from headgate_quarantine", fmt.Sprintf(`{"n":%d}`, want/killRows))
	wantRows(t, d, "select count(*) n from headgate_runs", fmt.Sprintf(`{"n":%d}`, want/killRows/3))
}

// TestLockNamesTheHolder opens a file that another process holds.
func TestLockNamesTheHolder(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HEADGATE_HELPER=kill", "HEADGATE_WRITE=append", "HEADGATE_DIR="+dir)
	must(t, cmd.Start())
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	for range 100 { // until the other process has the file
		if _, err := os.Stat(filepath.Join(dir, "w.duckdb.wal")); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	start := time.Now()
	_, err := new(Opener).Open(context.Background(), Spec{Path: filepath.Join(dir, "w.duckdb"), LockTimeout: 300 * time.Millisecond})
	wantCode(t, err, "HG7501")
	if err != nil && !strings.Contains(err.Error(), strconv.Itoa(cmd.Process.Pid)) {
		t.Errorf("the holder %d is not named: %v", cmd.Process.Pid, err)
	}
	if waited := time.Since(start); waited < 300*time.Millisecond {
		t.Errorf("waited %s only", waited)
	}
}

// TestMain lets the test binary be the processes that tests start.
func TestMain(m *testing.M) {
	var err error
	switch os.Getenv("HEADGATE_HELPER") {
	case "memory":
		err = memoryHelper()
	case "kill":
		err = killHelper()
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
