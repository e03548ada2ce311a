// Package evaltest holds the two back ends of row expressions against each
// other: the columnar evaluator and DuckDB running the SQL text.
package evaltest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector/duckdb/duck"
	"github.com/headgate-data/headgate/executor/enforce/eval"
	"github.com/headgate-data/headgate/executor/enforce/vec"
	"github.com/headgate-data/headgate/lang/diag"
)

// bench is a table of rows that both sides compute on.
type bench struct {
	scope rowsyntax.Scope
	cols  []*vec.Vec
	conn  *duck.Conn
	rows  int
}

const rows = 40

func newBench(t *testing.T, r *rand.Rand) *bench {
	t.Helper()
	db, err := duck.Open("", map[string]string{"threads": "1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	b := &bench{rows: rows}
	if b.conn, err = db.Connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.conn.Close)
	values := make([][]string, rows)
	var ddl []string
	for _, c := range columns {
		typ, err := types.Parse(c.typ)
		if err != nil {
			t.Fatal(err)
		}
		b.scope.Columns = append(b.scope.Columns, rowsyntax.Column{Name: c.name, Type: typ, Nullable: true})
		ddl = append(ddl, fmt.Sprintf("%q %s", c.name, typ.DuckDB()))
		col := vec.New(typ)
		for i := range rows {
			values[i] = append(values[i], add(t, col, c.values[r.IntN(len(c.values))]))
		}
		b.cols = append(b.cols, col)
	}
	b.exec(t, "CREATE TABLE t (i_ BIGINT, "+strings.Join(ddl, ", ")+")")
	for i, v := range values {
		b.exec(t, fmt.Sprintf("INSERT INTO t VALUES (%d, %s)", i, strings.Join(v, ", ")))
	}
	return b
}

func (b *bench) exec(t *testing.T, sql string) {
	t.Helper()
	if err := b.conn.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%s\n%s", sql, err)
	}
}

// add appends a value given as text, null for "NULL", and returns its SQL.
func add(t testing.TB, col *vec.Vec, text string) string {
	t.Helper()
	if text == "NULL" {
		col.AppendNull()
		return "NULL"
	}
	if col.Type.Kind == types.List {
		parts := []string{}
		for _, p := range strings.Split(text, "|") {
			parts = append(parts, add(t, col.Elem, p))
		}
		col.EndList()
		return "[" + strings.Join(parts, ", ") + "]"
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
	return rowexpr.LiteralSQL(col.Type, canonical, "duckdb")
}

var now = time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)

// program compiles an expression for the evaluator.
func (b *bench) program(t *testing.T, e *rowexpr.Expr) *eval.Program {
	t.Helper()
	p, err := eval.Compile(e, func(ref *rowexpr.Expr) (int, error) {
		for i, c := range b.scope.Columns {
			if c.Name == ref.Path[0].Name && len(ref.Path) == 1 {
				return i, nil
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

// both computes an expression on every row on both sides, as texts: "!" for a
// failure, "NULL", or the value. ok is false where there is no SQL.
func (b *bench) both(t *testing.T, text string, e *rowexpr.Expr) (ours, theirs []string, sql string, ok bool) {
	t.Helper()
	if k := e.Type.Kind; k != types.String {
		e = &rowexpr.Expr{Op: rowexpr.OpConvert, Type: types.Of(types.String), Nullable: e.Nullable, Args: []*rowexpr.Expr{e}, Range: e.Range}
	}
	sql, err := rowexpr.SQL(e, rowexpr.SQLOptions{
		Dialect: "duckdb", Now: "2024-03-01T12:00:00Z",
		Ref: func(ref *rowexpr.Expr) string { return strconv.Quote(ref.Path[0].Name) },
	})
	if err != nil {
		if d := diag.FromError(err, "", ""); d.Code != diag.RowNotInSQL {
			t.Fatalf("%s: %s", text, err)
		}
		return nil, nil, "", false
	}
	v, fails := b.program(t, e).Run(b.cols, b.rows)
	for i := range b.rows {
		switch {
		case fails != nil && fails[i] != eval.None:
			ours = append(ours, "!")
		case v.IsNull(i):
			ours = append(ours, "NULL")
		default:
			ours = append(ours, string(v.Bytes(i)))
		}
	}
	query := "SELECT coalesce(" + rowexpr.Guarded("coalesce('=' || ("+sql+"), 'NULL')") + ", '!') FROM t ORDER BY i_"
	got, err := b.conn.Texts(context.Background(), query)
	if err != nil {
		t.Fatalf("%s\n%s\n%s", text, query, err)
	}
	for _, row := range got {
		theirs = append(theirs, strings.TrimPrefix(*row[0], "="))
	}
	return ours, theirs, sql, true
}

func TestAgreement(t *testing.T) {
	seed, want := uint64(time.Now().UnixNano()), 400
	if s, err := strconv.ParseUint(os.Getenv("HEADGATE_SEED"), 10, 64); err == nil {
		seed = s
	}
	if n, err := strconv.Atoi(os.Getenv("HEADGATE_EXPRESSIONS")); err == nil {
		want = n
	}
	t.Logf("HEADGATE_SEED=%d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	b := newBench(t, r)
	g := &generator{r: r}
	done, refused, wrong := 0, 0, 0
	for done < want && refused < 20*want {
		text := g.expr(pick(r, kinds), 1+r.IntN(4))
		x, hd := hclsyntax.ParseExpression([]byte(text), "t.hcl", hcl.InitialPos)
		if hd.HasErrors() {
			t.Fatalf("%s: %s", text, hd)
		}
		e, ds := rowsyntax.Parse(x, b.scope)
		if ds.HasErrors() {
			refused++
			continue
		}
		ours, theirs, sql, ok := b.both(t, text, e)
		if !ok {
			refused++
			continue
		}
		done++
		if e.Type.Kind == types.Bool {
			b.violations(t, text, e)
		}
		for i := range ours {
			if ours[i] != theirs[i] {
				t.Errorf("%s\n  row %d: headgate %q, DuckDB %q\n  %s\n  %s", text, i, ours[i], theirs[i], sql, b.row(i))
				wrong++
				break
			}
		}
		if wrong > 8 {
			break
		}
	}
	t.Logf("%d expressions on %d rows each, %d not typed or without SQL", done, rows, refused)
}

// violations holds the rows that break a condition against those that the SQL
// condition finds.
func (b *bench) violations(t *testing.T, text string, e *rowexpr.Expr) {
	t.Helper()
	sql, err := rowexpr.ViolatesSQL(e, rowexpr.SQLOptions{
		Dialect: "duckdb", Now: "2024-03-01T12:00:00Z",
		Ref: func(ref *rowexpr.Expr) string { return strconv.Quote(ref.Path[0].Name) },
	})
	if err != nil {
		t.Fatalf("%s: %s", text, err)
	}
	theirs, err := b.conn.Texts(context.Background(), "SELECT CAST(i_ AS VARCHAR) FROM t WHERE "+sql+" ORDER BY i_")
	if err != nil {
		t.Fatalf("%s\n%s\n%s", text, sql, err)
	}
	found := []string{}
	for _, row := range theirs {
		found = append(found, *row[0])
	}
	set, _ := b.program(t, e).Violated(b.cols, b.rows, nil)
	if ours := set.Indices(b.rows, nil); fmt.Sprint(ours) != fmt.Sprint(found) {
		t.Errorf("%s is broken by the rows\n  %v in headgate,\n  %v in DuckDB\n  %s", text, ours, found, sql)
	}
}

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
