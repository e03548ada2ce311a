package impact_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate-data/headgate/executor/connector/duckdb"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/executor/impact"
	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/planner/plan"
)

// hold is the variable that makes this program hold a database open instead of
// testing.
const hold = "HEADGATE_TEST_HOLD"

func TestMain(m *testing.M) {
	if path := os.Getenv(hold); path != "" {
		db, err := duck.Open(path, nil)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("held")
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test is done with it
		db.Close()
		return
	}
	os.Exit(m.Run())
}

// TestLocked finds the database in the hands of another process, and then free.
func TestLocked(t *testing.T) {
	w := stock(t, "create schema raw", "create table raw.t (a bigint)")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), hold+"="+w.path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "held\n" {
		t.Fatalf("%q %v", line, err)
	}
	open := func() error {
		c, err := duckdb.OpenCounter(context.Background(), duckdb.Spec{Address: "destination.w", Path: w.path})
		if err == nil {
			err = c.Close()
		}
		return err
	}
	var d *diag.Diagnostic
	if err := open(); !errors.As(err, &d) || d.Code != diag.DuckDBLocked {
		t.Errorf("locked: %v", err)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := open(); err != nil {
		t.Errorf("free: %v", err)
	}
}

// TestMissing finds no database, and makes none; and no table.
func TestMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "w.duckdb")
	var d *diag.Diagnostic
	if _, err := duckdb.OpenCounter(context.Background(), duckdb.Spec{Path: path}); !errors.As(err, &d) || d.Code != diag.ImpactNoTable {
		t.Errorf("no database: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(path)); err == nil {
		t.Error("looking made a folder")
	}
	w := stock(t, "create schema raw")
	_, err := impact.Answer(context.Background(), twoRules(t), w, noAudits, now, impact.Options{})
	if !errors.As(err, &d) || d.Code != diag.ImpactNoTable {
		t.Errorf("no table: %v", err)
	}
}

// TestReadOnly cannot change anything, and reaches no other file.
func TestReadOnly(t *testing.T) {
	w := stock(t, "create schema raw", "create table raw.t (a bigint, b varchar)", "insert into raw.t values (1, 'x')")
	other := filepath.Join(t.TempDir(), "other.csv")
	if err := os.WriteFile(other, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	q := twoRules(t)
	for _, sql := range []string{"(select count(*) from read_csv('" + other + "')) > 0", "(select count(*) from read_text('/etc/hostname')) > 0"} {
		_, err := w.Count(context.Background(), countOf(q, sql))
		if err == nil || !strings.Contains(err.Error(), "disabled") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// twoRules is the question of a column a with a least value and a column b that
// has to be there.
func twoRules(t *testing.T) *plan.AskRefused {
	t.Helper()
	q := ask(t, `  column "a" {
    type = int64
  }
  column "b" {
    type = string
  }`, `  column "a" {
    type = int64
    min  = 100
  }
  column "b" {
    type     = string
    required = true
  }`)
	if got := rules(q); got != "a.min limit, b.required required" {
		t.Fatal(got)
	}
	return q
}

// many is a table of which 1% of a is below 100, and b is never null.
var many = []string{"create schema raw", "create table raw.t as select case when i % 100 = 0 then i % 7 else 100 + i end::bigint as a, 'x' || i as b from range(60000) t(i)"}

// TestSample takes the same sample each time, and its interval holds the truth.
func TestSample(t *testing.T) {
	q := twoRules(t)
	o := impact.Options{Limit: 6000, Sample: 6000, Examples: impact.ExamplesFull}
	w := stock(t, many...)
	first := answer(t, q, w, o)
	if first.Rows != 60000 || first.Sampled < 5000 || first.Sampled > 7000 || len(first.Examples) != impact.Examples {
		t.Errorf("%+v", first)
	}
	for range 3 {
		if d := cmp.Diff(first, answer(t, q, stock(t, many...), o)); d != "" {
			t.Errorf("another sample:\n%s", d)
		}
	}
	i := plan.NewImpact(q, first)
	if i.Refused.Low >= 600 || i.Refused.High <= 600 || i.Refused.High-i.Refused.Low > 500 {
		t.Errorf("600 of 60000 are refused: %+v", i.Refused)
	}
	all := answer(t, q, w, impact.Options{Examples: impact.ExamplesNone})
	if all.Sampled != 0 || all.Refused != 600 || len(all.Examples) != 0 {
		t.Errorf("%+v", all)
	}
}

// TestFirstExamples shows the same rows each time, though several threads look and
// nothing orders them.
func TestFirstExamples(t *testing.T) {
	w := stock(t, "create schema raw", "create table raw.t as select i::bigint as a, 'x' || i as b from range(300000) t(i) order by hash(i)")
	c, err := duckdb.OpenCounter(context.Background(), duckdb.Spec{Path: w.path, Threads: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	q := twoRules(t)
	first := answer(t, q, c, impact.Options{Examples: impact.ExamplesFull})
	for range 4 {
		if d := cmp.Diff(first, answer(t, q, c, impact.Options{Examples: impact.ExamplesFull})); d != "" {
			t.Fatalf("other rows:\n%s", d)
		}
	}
}

// TestTinySample looks at every row where a sample came out empty.
func TestTinySample(t *testing.T) {
	for rows := 2; rows < 12; rows++ {
		w := stock(t, "create schema raw", fmt.Sprintf("create table raw.t as select 1::bigint as a, null::varchar as b from range(%d)", rows))
		a := answer(t, twoRules(t), w, impact.Options{Limit: 1, Sample: 1})
		looked := a.Sampled
		if looked == 0 {
			looked = int64(rows)
		}
		if a.Refused != looked {
			t.Errorf("%d rows: %+v", rows, a)
		}
		q := ask(t, "  column \"b\" {\n    type = string\n  }\n  column \"a\" {\n    type = int64\n  }",
			"  column \"b\" {\n    type = string\n    format = \"email\"\n  }\n  column \"a\" {\n    type = int64\n    max = 0\n  }")
		a = answer(t, q, w, impact.Options{Limit: 1, Sample: 1})
		if looked = a.Sampled; looked == 0 {
			looked = int64(rows)
		}
		if a.Refused != looked {
			t.Errorf("%d rows, read: %+v", rows, a)
		}
	}
}

// TestSampleIsRead takes the same sample where rows are read.
func TestSampleIsRead(t *testing.T) {
	q := ask(t, `  column "b" {
    type = string
  }`, `  column "b" {
    type   = string
    format = "email"
  }`)
	o := impact.Options{Limit: 30000, Sample: 6000} // rows that are read are sampled past a tenth of it
	w := stock(t, many...)
	first := answer(t, q, w, o)
	if w.read != 1 || first.Sampled == 0 || first.Refused != first.Sampled {
		t.Errorf("read %d: %+v", w.read, first)
	}
	if d := cmp.Diff(first, answer(t, q, stock(t, many...), o)); d != "" {
		t.Errorf("another sample:\n%s", d)
	}
}

// TestExamples shows keys, or rows, and never personal data.
func TestExamples(t *testing.T) {
	old := `  key = ["id", "email"]
  column "id" {
    type = int64
  }
  column "email" {
    type = string
    tags = ["pii"]
  }
  column "n" {
    type = decimal(5, 2)
  }`
	w := stock(t, "create schema raw", "create table raw.t (id bigint, email varchar, n decimal(5, 2))",
		"insert into raw.t values (2, 'b', 1.50), (1, 'a', 2.25), (9007199254740993, 'c', 0), (4, null, 1)")
	for _, how := range []string{"min = 1", "format = \"email\""} { // by SQL, and by reading
		at := `type = decimal(5, 2)`
		if how != "min = 1" {
			at = "tags = [\"pii\"]"
		}
		q := ask(t, old, strings.Replace(old, at, at+"\n    "+how, 1))
		for _, c := range []struct{ examples, want string }{
			{impact.ExamplesNone, ""},
			{"", `{"id":9007199254740993,"email":"***"}`},
			{impact.ExamplesKeys, `{"id":9007199254740993,"email":"***"}`},
			{impact.ExamplesFull, `{"id":9007199254740993,"email":"***","n":0.00}`},
		} {
			a := answer(t, q, w, impact.Options{Examples: c.examples})
			last := ""
			for _, x := range a.Examples {
				last = x.Row
			}
			if last != c.want {
				t.Errorf("%s, %s: %s", how, c.examples, last)
			}
		}
	}
}

// TestNotTold says what a table cannot tell.
func TestNotTold(t *testing.T) {
	q := twoRules(t)
	w := stock(t, "create schema raw", "create table raw.t (b varchar)", "insert into raw.t values ('x'), (null)")
	a := answer(t, q, w, impact.Options{})
	if len(a.NotCounted) != 1 || a.NotCounted[0].Rule != "a.min" || a.Refused != 1 {
		t.Errorf("%+v", a)
	}
	if len(a.Examples) != 1 || a.Examples[0].Row != "" || strings.Join(a.Examples[0].Rules, " ") != "b.required" {
		t.Errorf("without a key an example is its rules: %+v", a.Examples)
	}
}
