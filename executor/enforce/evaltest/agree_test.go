package evaltest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/eval"
	"github.com/headgate-data/headgate/lang/diag"
)

// TestAgreement computes random expressions on random rows on both sides: the
// values, the rows that fail and the rows that break a condition are the same.
// HEADGATE_SEED repeats a run, HEADGATE_EXPRESSIONS makes it longer.
func TestAgreement(t *testing.T) {
	t.Run("duckdb", func(t *testing.T) { agree(t, openDuckDB(t), 500) })
	t.Run("postgres", func(t *testing.T) { agree(t, openPostgres(t), 250) })
}

func agree(t *testing.T, on engine, want int) {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("HEADGATE_SEED"), 10, 64); err == nil {
		seed = s
	}
	if n, err := strconv.Atoi(os.Getenv("HEADGATE_EXPRESSIONS")); err == nil {
		want = n
	}
	t.Logf("HEADGATE_SEED=%d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	b := newBench(t, r, on)
	g := &generator{r: r}
	done, untyped, refused, wrong := 0, 0, map[string]int{}, 0
	for tried := 0; done < want && wrong < 9; tried++ {
		if tried > 20*want+1000 {
			t.Fatalf("only %d of %d expressions have SQL", done, tried)
		}
		text := g.expr(pick(r, kinds), 1+r.IntN(4))
		e := parse(t, text, b.scope)
		if e == nil {
			untyped++
			continue
		}
		why, ok := b.compare(t, text, e)
		switch {
		case why != "":
			refused[why]++
			continue
		case !ok:
			wrong++
		}
		done++
	}
	t.Logf("%d expressions on %d rows each; %d not typed; without SQL: %v", done, b.rows, untyped, refused)
}

// compare computes an expression on both sides. refused says why there is no SQL.
func (b *bench) compare(t *testing.T, text string, e *rowexpr.Expr) (refused string, ok bool) {
	t.Helper()
	if e.Type.Kind == types.Bool && !b.violations(t, text, e) {
		return "", false
	}
	ours, theirs, sql, refused := b.both(t, text, e)
	for i := range ours {
		if ours[i] != theirs[i] {
			t.Errorf("%s\n  row %d: headgate %q, %s %q\n  %s\n  %s", text, i, ours[i], b.name, theirs[i], sql, b.row(i))
			return "", false
		}
	}
	return refused, true
}

// both computes an expression on every row on both sides, as texts: "!" for a
// failure, "NULL", or the value. refused says why there is no SQL.
func (b *bench) both(t *testing.T, text string, e *rowexpr.Expr) (ours, theirs []string, sql, refused string) {
	t.Helper()
	e = asText(e)
	sql, err := rowexpr.SQL(e, b.options())
	if err != nil {
		d := diag.FromError(err, "", "")
		if d.Code != diag.RowNotInSQL {
			t.Fatalf("%s: %s", text, err)
		}
		return nil, nil, "", strings.Map(dropDigits, d.Detail)
	}
	v, fails := b.program(t, e).Run(b.inputs(), b.rows)
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
	query := "SELECT " + b.guarded(t, e, "coalesce('=' || ("+sql+"), 'NULL')") + " FROM t ORDER BY t.i_"
	if theirs, err = b.query(query); err != nil {
		t.Fatalf("%s\n%s\n%s", text, query, err)
	}
	for i := range theirs {
		theirs[i] = strings.TrimPrefix(theirs[i], "=")
	}
	return ours, theirs, sql, ""
}

// dropDigits leaves the numbers out of a message, so that it can be counted.
func dropDigits(r rune) rune {
	if r >= '0' && r <= '9' {
		return -1
	}
	return r
}

// asText is the value of an expression as a text that shows all of it.
func asText(e *rowexpr.Expr) *rowexpr.Expr {
	switch e.Type.Kind {
	case types.String:
		return e
	case types.Bytes, types.JSON, types.Map, types.List, types.Struct:
		return is(rowexpr.OpConvert, types.String, is(rowexpr.OpIsNull, types.Bool, e))
	default:
		return is(rowexpr.OpConvert, types.String, e)
	}
}

func is(op rowexpr.Op, k types.Kind, args ...*rowexpr.Expr) *rowexpr.Expr {
	return &rowexpr.Expr{Op: op, Type: types.Of(k), Nullable: true, Args: args, Range: args[0].Range}
}

// guarded gives "!" in place of sql for rows for which e fails. In Postgres the
// rows are those that break both `e is null` and `e is not null`: that it knows
// without an error is part of what is tested.
func (b *bench) guarded(t *testing.T, e *rowexpr.Expr, sql string) string {
	t.Helper()
	if b.dialect == "duckdb" {
		return "coalesce(" + rowexpr.Guarded(sql) + ", '!')"
	}
	cond := ""
	for i, op := range []rowexpr.Op{rowexpr.OpIsNull, rowexpr.OpNotNull} {
		c, err := rowexpr.ViolatesSQL(is(op, types.Bool, e), b.options())
		if err != nil {
			t.Fatal(err)
		}
		cond += []string{"", " AND "}[i] + c
	}
	return "CASE WHEN " + cond + " THEN '!' ELSE " + sql + " END"
}

// violations holds the rows that break a condition against those that the SQL
// condition finds.
func (b *bench) violations(t *testing.T, text string, e *rowexpr.Expr) bool {
	t.Helper()
	sql, err := rowexpr.ViolatesSQL(e, b.options())
	if err != nil {
		return true // both says why
	}
	theirs, err := b.query("SELECT CAST(i_ AS VARCHAR) FROM t WHERE " + sql + " ORDER BY t.i_")
	if err != nil {
		t.Fatalf("%s\n%s\n%s", text, sql, err)
	}
	set, _ := b.program(t, e).Violated(b.inputs(), b.rows, nil)
	ours := set.Indices(b.rows, nil)
	if fmt.Sprint(ours) == fmt.Sprint(theirs) {
		return true
	}
	t.Errorf("%s is broken by the rows\n  %v in headgate,\n  %v in %s\n  %s", text, ours, theirs, b.name, sql)
	return false
}

// mended are expressions for which an engine once gave another result.
var mended = []string{
	`date_trunc("quarter", row.ts) == "2024-03-01T12:00:00"`, `date_trunc("quarter", row.day) != "2024-03-02"`, `row.l + 1 > 0`, `cast(row.l, int32) > 0`,
	`join("+", row.tags)`, `try_cast(row.f, decimal(3, 3))`, `try_cast(row.num, decimal(10, 1))`, `try_cast(row.num, decimal(38, 0))`, `try_cast(row.num, float64)`, `try_cast(row.when, date)`,
	`try_cast(row.when, timestamp)`, `try_cast(row.when, timestamptz)`, `parse_timestamp(row.stamp, "%Y-%m-%d")`, `try_cast(row.s, bool)`, `json_get(row.j, "[0][0]") == null`, `row.n / row.f`, `cast(row.f, string)`,
	`regex_match(row.s, "$$")`, `regex_match(row.s, "^^a")`, `least(row.p, 0)`, `row.p == 0`, `abs(try_cast("2024-02-29", float64))`,
}

func TestMended(t *testing.T) {
	engines(t, func(t *testing.T, on engine) {
		b := newTable(t, on, columns, 60, func(c column, row int) string { return c.values[row%len(c.values)] })
		for _, text := range mended {
			e := parse(t, text, b.scope)
			if e == nil {
				t.Errorf("%s has no type", text)
			} else if refused, _ := b.compare(t, text, e); refused != "" {
				t.Errorf("%s: %s", text, refused)
			}
		}
	})
}
