package contractsql_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/contract/contractsql"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/lang"
)

// statement compiles a text with one contract and writes it for a dialect.
func statement(t *testing.T, text, dialect string) string {
	t.Helper()
	fsys := fstest.MapFS{"main.gate.hcl": {Data: []byte(text)}}
	m, diags := lang.Load(fsys, ".")
	p, more := compiler.Compile(context.Background(), m, compiler.Inputs{FS: fsys, FolderName: "t", Today: "2026-06-01"})
	if err := append(diags, more...).Err(); err != nil {
		t.Fatal(err)
	}
	for _, n := range p.Nodes {
		if n.Contract != nil && n.Contract.Latest {
			return string(contractsql.Table(n.Contract, dialect))
		}
	}
	t.Fatal("there is no contract")
	return ""
}

func connect(t *testing.T) *duck.Conn {
	t.Helper()
	db, err := duck.Open("", map[string]string{"threads": "1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	conn, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

// TestDuckDB runs the statement of the golden contract, which has every kind of
// column, and of one whose limits are then tried one by one.
func TestDuckDB(t *testing.T) {
	ctx := context.Background()
	conn := connect(t)
	src, err := os.ReadFile("../formats/testdata/export/orders.txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, in, _ := strings.Cut(string(src), "-- in.gate.hcl --\n")
	in, _, _ = strings.Cut(in, "\n-- ")
	if err := conn.Exec(ctx, statement(t, in, contractsql.DuckDB)); err != nil {
		t.Fatal(err)
	}
	text := `
contract "a-b" {
  description = "it's"
  key         = ["id"]
  column "id" {
    type = int64
  }
  column "n" {
    type = decimal(5, 2)
    min  = 0
    max  = 9.5
  }
  column "s" {
    type       = string
    min_length = 2
    max_length = 3
    pattern    = "^[a-zé]+$"
  }
  column "e" {
    type   = date
    enum   = ["2024-01-31", "2024-02-01"]
    unique = true
  }
  column "l" {
    type       = list(int32)
    max_length = 2
  }
  column "b" {
    type       = bytes
    min_length = 2
  }
  column "r" {
    type     = string
    required = true
    default  = "it's"
    check "short" {
      condition = lower(value) == value && value != "no"
    }
  }
  check "pair" {
    condition = row.id < 100 || row.n != null
  }
}`
	if err := conn.Exec(ctx, statement(t, text, contractsql.DuckDB)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		values string
		ok     bool
	}{
		{`id = 1`, true}, {`id = 1`, false}, {`n = 2`, false}, // the key: again, and none
		{`id = 2, n = 0`, true}, {`id = 3, n = -0.01`, false}, {`id = 3, n = 9.5`, true}, {`id = 4, n = 9.51`, false},
		{`id = 4, s = 'aé'`, true}, {`id = 5, s = 'a'`, false}, {`id = 5, s = 'éééé'`, false}, {`id = 5, s = 'A1'`, false},
		{`id = 5, e = DATE '2024-01-31'`, true}, {`id = 6, e = DATE '2024-01-30'`, false}, {`id = 6, e = DATE '2024-01-31'`, false},
		{`id = 6, l = [1, 2]`, true}, {`id = 7, l = [1, 2, 3]`, false}, {`id = 7, b = '\x00\x01'::BLOB`, true}, {`id = 8, b = 'a'::BLOB`, false},
		{`id = 8, r = NULL`, false}, {`id = 8, r = 'no'`, false}, {`id = 8, r = 'UP'`, false}, {`id = 8, r = 'up'`, true},
		{`id = 100`, false}, {`id = 100, n = 1`, true},
	} {
		var names, values []string
		for _, pair := range strings.Split(c.values, ", ") {
			if name, value, ok := strings.Cut(pair, " = "); ok {
				names, values = append(names, name), append(values, value)
				continue
			}
			values[len(values)-1] += ", " + pair
		}
		err := conn.Exec(ctx, `INSERT INTO "a-b" (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(values, ", ")+`)`)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.values, err)
		}
	}
	rows, err := conn.Texts(ctx, `SELECT comment FROM duckdb_tables() WHERE table_name = 'a-b' UNION ALL SELECT r FROM "a-b" WHERE id = 1`)
	if err != nil || len(rows) != 2 || *rows[0][0] != "it's" || *rows[1][0] != "it's" {
		t.Errorf("the comment and the default: %v %v", rows, err)
	}
}
