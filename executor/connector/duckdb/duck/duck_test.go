package duck

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func open(t testing.TB) *Conn {
	t.Helper()
	db, err := Open(":memory:", map[string]string{"threads": "1"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); c.Close(); db.Close(); db.Close() })
	return c
}

func TestQuoting(t *testing.T) {
	c := open(t)
	for _, s := range []string{"", "it's", `say "x"`, "a\x00b\x00", "\\n", "é😀", "'; drop table x; --", "\x00"} {
		rows, err := c.Texts(context.Background(), "select "+QuoteLiteral(s)+" as "+QuoteIdent("c"+strings.ReplaceAll(s, "\x00", "")))
		if err != nil || *rows[0][0] != s {
			t.Errorf("%q: %v %v", s, rows, err)
		}
	}
	if QuoteNullable("") != "null" || QuoteIdents("t.", []string{"a", `b"`}) != `t."a", t."b"""` {
		t.Error("lists and nulls are quoted otherwise")
	}
}

// TestCommitAfterAFault holds DuckDB to what it does not promise: it reports
// success for the commit of a transaction that a fault has ended.
func TestCommitAfterAFault(t *testing.T) {
	c := open(t)
	ctx := context.Background()
	if err := c.Exec(ctx, "create table t (a int)"); err != nil {
		t.Fatal(err)
	}
	for name, fault := range map[string]func() error{
		"exec":  func() error { return c.Exec(ctx, "insert into nothing values (1)") },
		"query": func() error { _, err := c.Query(ctx, "select * from nothing"); return err },
		"rows":  func() error { _, err := c.Texts(ctx, "select error('x') from t"); return err },
		"nul":   func() error { return c.Exec(ctx, "select 1\x00") },
	} {
		err := c.Tx(ctx, func() error {
			if err := c.Exec(ctx, "insert into t values (1)"); err != nil {
				return err
			}
			if err := fault(); err == nil {
				t.Errorf("%s: no fault", name)
			}
			return nil // as a caller would that overlooks it
		})
		n, _ := c.Int(ctx, "select count(*) from t")
		if name == "nul" { // refused before DuckDB saw it: the transaction is whole
			if err != nil || n != 1 {
				t.Errorf("%s: %v, %d rows", name, err, n)
			}
			_ = c.Exec(ctx, "delete from t")
			continue
		}
		if err == nil || n != 0 {
			t.Errorf("%s: commit returned %v, %d rows", name, err, n)
		}
	}
	if err := c.Commit(ctx); err == nil {
		t.Error("a commit without a transaction succeeded")
	}
}

func TestQueryTakesOneStatement(t *testing.T) {
	c := open(t)
	ctx := context.Background()
	if err := c.Exec(ctx, "create table t (a int); insert into t values (1), (null)"); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"drop table t; select 1", "", "select", "select 1; select 2"} {
		if rows, err := c.Query(ctx, sql); err == nil {
			rows.Close()
			t.Errorf("%q ran", sql)
		}
	}
	rows, err := c.Texts(ctx, "select a::varchar from t order by a nulls first")
	if err != nil || len(rows) != 2 || rows[0][0] != nil || *rows[1][0] != "1" {
		t.Errorf("%v %v", rows, err)
	}
}

func TestFaultInTheMiddleOfRows(t *testing.T) {
	c := open(t)
	rows, err := c.Query(context.Background(), "select case when i = 500000 then error('stop here') else i::varchar end x from range(1000000) r(i)")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		n += rows.Len()
	}
	var e *Error
	if !errors.As(rows.Err(), &e) || !strings.Contains(e.Message, "stop here") || n == 0 {
		t.Errorf("%d rows, then %v", n, rows.Err())
	}
}

func TestCancelInterrupts(t *testing.T) {
	c := open(t)
	endless := "select count(*) from range(10000000000) a, range(1000000000) b where a.range + b.range = 3"
	for _, run := range []func(ctx context.Context) error{
		func(ctx context.Context) error { return c.Exec(ctx, endless) },
		func(ctx context.Context) error { _, err := c.Texts(ctx, endless); return err },
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		start := time.Now()
		if err := run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended with %v", err)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("took %s to stop", took)
		}
		cancel()
		if n, err := c.Int(context.Background(), "select 7::bigint"); n != 7 || err != nil {
			t.Errorf("the connection is of no use afterwards: %d %v", n, err)
		}
	}
}

func TestErrors(t *testing.T) {
	c := open(t)
	for sql, want := range map[string]string{
		"select a": "Binder", "select * from nope": "Catalog", "selec 1": "Parser", "select 'x'::int": "Conversion",
	} {
		var e *Error
		if err := c.Exec(context.Background(), sql); !errors.As(err, &e) || e.Type != want || e.Message == "" {
			t.Errorf("%q: %+v, want %s", sql, err, want)
		}
	}
	if _, err := Open(":memory:", map[string]string{"no_such_setting": "1"}); err == nil {
		t.Error("an unknown setting was taken")
	}
	if program, pid, ok := LockHolder(&Error{Type: "IO", Message: `Could not set lock on file "x": Conflicting lock is held in /usr/bin/duckdb (PID 42) by user me. See also`}); !ok || pid != "42" || program != "/usr/bin/duckdb" {
		t.Errorf("%q %q %v", program, pid, ok)
	}
	if _, _, ok := LockHolder(fmt.Errorf("else")); ok {
		t.Error("any error is a lock")
	}
}
