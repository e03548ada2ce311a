package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
)

// TestCheckParquet holds a Parquet file to a contract: its types are those of the
// file, and a broken file is an error.
func TestCheckParquet(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "c.gate.hcl", `contract "c" {
  key = ["id"]
  column "id" {
    type = int64
  }
  column "total" {
    type = decimal(38, 2)
    min  = 0
  }
  column "at" {
    type = timestamptz
  }
  column "list" {
    type = list(int64)
  }
}
`)
	db, err := duck.Open(":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	query := "copy (select i // 2 * 2 as id, (i - 1)::decimal(38, 2) as total, timestamptz '2024-01-01 00:00:00+00' as at, [i] as list from range(4) r(i)) to " +
		duck.QuoteLiteral(filepath.Join(dir, "c.parquet")) + " (format parquet)"
	if err := c.Exec(context.Background(), query); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "broken.parquet", "PAR1")
	for _, x := range []struct {
		args string
		code int
		want []string
	}{
		{"c.parquet", 3, []string{"4 read = 3 accepted + 1 quarantined", "c.parquet:1  -1.00", "c.parquet:4  2  stands first at c.parquet:3"}},
		{"broken.parquet", 1, []string{"too small to be a Parquet file"}},
	} {
		out, err := headgate(dir, "contract", "check", x.args, "--contract", "c.gate.hcl").CombinedOutput()
		code := 0
		if err != nil {
			code = map[string]int{"exit status 1": 1, "exit status 3": 3}[err.Error()]
		}
		if code != x.code {
			t.Errorf("%s: exit code %d (%v), want %d", x.args, code, err, x.code)
		}
		for _, want := range x.want {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s: no %q in\n%s", x.args, want, out)
			}
		}
	}
}
