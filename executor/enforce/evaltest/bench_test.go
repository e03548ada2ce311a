// Package evaltest holds the three meanings of row expressions against each
// other: the columnar evaluator, DuckDB running its SQL text, and Postgres
// running its own.
package evaltest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/jackc/pgx/v5"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/executor/enforce/eval"
	"github.com/headgate-data/headgate/executor/enforce/vec"
	"github.com/headgate-data/headgate/internal/pgtest"
)

// engine is a database that computes on the bench's table.
type engine struct {
	name, dialect string
	query         func(sql string) ([]string, error) // the first column, as text
	declare       func(t types.Type) string
}

// bench is a table of rows that the evaluator and an engine compute on.
type bench struct {
	engine
	scope rowsyntax.Scope
	cols  []*vec.Vec
	rows  int
	first *vec.Vec // row.tags[0]; nil where there is no such column
}

func openDuckDB(t *testing.T) engine {
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
	if err := conn.Exec(context.Background(), "SET TimeZone = 'America/Sao_Paulo'"); err != nil {
		t.Fatal(err)
	}
	return engine{name: "DuckDB", dialect: "duckdb", declare: types.Type.DuckDB, query: func(sql string) ([]string, error) {
		got, err := conn.Texts(context.Background(), sql)
		out := make([]string, len(got))
		for i, row := range got {
			if len(row) > 0 && row[0] != nil {
				out[i] = *row[0]
			}
		}
		return out, err
	}}
}

// openPostgres opens a session whose settings are none of headgate's, so that
// what depends on them shows.
func openPostgres(t *testing.T) engine {
	t.Helper()
	conn := pgtest.Connect(t)
	ctx := context.Background()
	for _, set := range []string{"TimeZone = 'America/Sao_Paulo'", "DateStyle = 'German, DMY'", "IntervalStyle = 'sql_standard'", "bytea_output = 'escape'"} {
		if _, err := conn.Exec(ctx, "SET "+set); err != nil {
			t.Fatal(err)
		}
	}
	collated := types.Type.Postgres
	var linguistic bool
	if err := conn.QueryRow(ctx, "SELECT count(*) > 0 FROM pg_collation WHERE collname = 'en-x-icu'").Scan(&linguistic); err != nil {
		t.Fatal(err)
	}
	if linguistic { // a column with an order of its own
		collated = func(t types.Type) string {
			if t.Kind == types.String {
				return `text COLLATE "en-x-icu"`
			}
			return t.Postgres()
		}
	}
	return engine{name: "Postgres", dialect: "postgres", declare: collated, query: func(sql string) ([]string, error) {
		got, err := conn.Query(ctx, sql, pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			return nil, err
		}
		defer got.Close()
		var out []string
		for got.Next() {
			out = append(out, string(got.RawValues()[0]))
		}
		return out, got.Err()
	}}
}

// newBench makes the table of columns, 40 rows of random values.
func newBench(t *testing.T, r *rand.Rand, e engine) *bench {
	t.Helper()
	return newTable(t, e, columns, 40, func(c column, _ int) string { return pick(r, c.values) })
}

// newTable makes a table of n rows; value gives that of a column in a row.
func newTable(t *testing.T, e engine, columns []column, n int, value func(c column, row int) string) *bench {
	t.Helper()
	b := &bench{engine: e, rows: n}
	values := make([][]string, n)
	for i := range values {
		values[i] = []string{strconv.Itoa(i)}
	}
	var ddl []string
	for _, c := range columns {
		typ, err := types.Parse(c.typ)
		if err != nil {
			t.Fatal(err)
		}
		b.scope.Columns = append(b.scope.Columns, rowsyntax.Column{Name: c.name, Type: typ, Nullable: true})
		ddl = append(ddl, fmt.Sprintf("%q %s", c.name, e.declare(typ)))
		col := vec.New(typ)
		for i := range n {
			values[i] = append(values[i], add(t, col, value(c, i), e.dialect))
		}
		b.cols = append(b.cols, col)
		if c.name == "tags" {
			b.first = firsts(col)
		}
	}
	b.exec(t, "CREATE TEMPORARY TABLE t (i_ BIGINT, "+strings.Join(ddl, ", ")+")")
	for chunk := range slices.Chunk(values, 200) {
		tuples := make([]string, len(chunk))
		for i, v := range chunk {
			tuples[i] = fmt.Sprintf("(%s)", strings.Join(v, ", "))
		}
		b.exec(t, "INSERT INTO t VALUES "+strings.Join(tuples, ", "))
	}
	return b
}

// firsts is the first element of each list.
func firsts(lists *vec.Vec) *vec.Vec {
	out := vec.New(*lists.Type.Elem)
	for i := range lists.N {
		if at := int(lists.Offs[i]); !lists.IsNull(i) && int(lists.Offs[i+1]) > at {
			out.AppendFrom(lists.Elem, at)
		} else {
			out.AppendNull()
		}
	}
	return out
}

func (b *bench) exec(t *testing.T, sql string) {
	t.Helper()
	if _, err := b.query(sql); err != nil {
		t.Fatalf("%s\n%s", sql, err)
	}
}

// add appends a value given as text, null for "NULL", and returns its SQL.
func add(t testing.TB, col *vec.Vec, text, dialect string) string {
	t.Helper()
	if text == "NULL" {
		col.AppendNull()
		return "NULL"
	}
	switch col.Type.Kind {
	case types.List:
		parts := []string{}
		for _, p := range strings.Split(text, "|") {
			if p != "-" { // "-" is the empty list
				parts = append(parts, add(t, col.Elem, p, dialect))
			}
		}
		col.EndList()
		if dialect == "postgres" {
			return "CAST(ARRAY[" + strings.Join(parts, ", ") + "] AS " + col.Type.Postgres() + ")"
		}
		return "CAST([" + strings.Join(parts, ", ") + "] AS " + col.Type.DuckDB() + ")"
	case types.Map:
		return addMap(t, col, text, dialect)
	case types.Struct: // of one whole number
		n := add(t, col.Fields[0], text, dialect)
		col.EndStruct()
		if dialect == "postgres" {
			return fmt.Sprintf(`'{"n": %s}'`, strings.ToLower(text))
		}
		return "CAST({'n': " + n + "} AS " + col.Type.DuckDB() + ")"
	}
	canonical, err := rowexpr.Canonical(col.Type, text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := eval.Compile(&rowexpr.Expr{Op: rowexpr.OpLit, Type: col.Type, Lit: &rowexpr.Literal{Text: canonical}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, _ := p.Run(nil, 1)
	col.AppendFrom(v, 0)
	return rowexpr.LiteralSQL(col.Type, canonical, dialect)
}

// addMap appends a map of whole numbers, k=1|l=2.
func addMap(t testing.TB, col *vec.Vec, text, dialect string) string {
	t.Helper()
	var duckdb, postgres []string
	for _, p := range strings.Split(text, "|") {
		if k, v, ok := strings.Cut(p, "="); ok {
			col.Keys.AppendString(k)
			add(t, col.Elem, v, dialect)
			duckdb = append(duckdb, fmt.Sprintf("'%s': %s", k, v))
			postgres = append(postgres, fmt.Sprintf("%q: %s", k, v))
		}
	}
	col.EndList()
	if dialect == "postgres" {
		return "'{" + strings.Join(postgres, ", ") + "}'"
	}
	return "CAST(MAP {" + strings.Join(duckdb, ", ") + "} AS " + col.Type.DuckDB() + ")"
}

var now = time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)

// options are how the bench's columns are named in SQL.
func (b *bench) options() rowexpr.SQLOptions {
	return rowexpr.SQLOptions{Dialect: b.dialect, Now: "2024-03-01T12:00:00Z", Ref: func(ref *rowexpr.Expr) string {
		out := strconv.Quote(ref.Path[0].Name)
		for _, s := range ref.Path[1:] {
			out += "[" + strconv.Itoa(s.Index+1) + "]"
		}
		return out
	}}
}

// parse types an expression; nil where it does not type-check.
func parse(t testing.TB, text string, scope rowsyntax.Scope) *rowexpr.Expr {
	t.Helper()
	x, hd := hclsyntax.ParseExpression([]byte(text), "t.hcl", hcl.InitialPos)
	if hd.HasErrors() {
		t.Fatalf("%s: %s", text, hd)
	}
	e, _ := rowsyntax.Parse(x, scope)
	return e
}

// program compiles an expression for the evaluator.
func (b *bench) program(t *testing.T, e *rowexpr.Expr) *eval.Program {
	t.Helper()
	p, err := eval.Compile(e, func(ref *rowexpr.Expr) (int, error) {
		for i, c := range b.scope.Columns {
			switch {
			case c.Name != ref.Path[0].Name:
			case len(ref.Path) == 1:
				return i, nil
			case c.Name == "tags" && ref.Path[1].Index == 0:
				return len(b.cols), nil
			}
		}
		return 0, fmt.Errorf("no column for %s", rowexpr.PathString(ref.Path))
	})
	if err != nil {
		t.Fatal(err)
	}
	p.SetNow(now)
	return p
}

// inputs are the columns that a program is bound to.
func (b *bench) inputs() []*vec.Vec { return append(b.cols[:len(b.cols):len(b.cols)], b.first) }

// row prints a row's values.
func (b *bench) row(i int) string {
	var out []string
	for k, c := range b.cols {
		a := c.ToArrow()
		out = append(out, b.scope.Columns[k].Name+"="+a.ValueStr(i))
		a.Release()
	}
	return strings.Join(out, " ")
}
