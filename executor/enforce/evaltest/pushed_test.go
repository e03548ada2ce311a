package evaltest

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/lang/diag"
)

// notPushed is what has no SQL: an expression, and what each dialect says of it;
// "" where it has. The reference tells users the same.
var notPushed = []struct{ text, duckdb, postgres string }{
	{`regex_replace(row.s, "a", "b")`, "", "regex_replace has no form"},
	{`regex_match(row.s, "\\bpad\\b")`, "", "its words are those of the locale"},
	{`regex_match(row.s, "a{300}")`, "", "repeats more than 255 times"},
	{`regex_match(row.s, "(^a)*")`, "", "repeats an anchor"},
	{`regex_match(row.s, "[^\\x00-\\x{10FFFF}]")`, "", "matches nothing"},
	{`regex_match(row.s, "\\p{L}")`, "", "more than 100 ranges"},
	{`regex_match(row.s, "(a{200}b{200}){3}")`, "", "more than 1000 steps"},
	{`row.f % 2 > 1`, "", "no remainder of float64"},
	{`cast(row.j, string) == "x"`, "other texts", "a form of its own"},
	{`row.j.a > 1`, "other texts", "a form of its own"},
	{`cast(row.s, json) == null`, "", "a form of its own"},
	{`"a${cast(row.p, decimal(38, 38))}" == "x"`, "no zero before the point", ""},
	{`json_get(row.j, "[\"a\\\"b\"]") == null`, "cannot hold the name", ""},
	{`parse_timestamp(row.s, "%Y%m%d") == null`, "", "must not have digits behind it"},
	{`parse_timestamp(row.s, "%H:%M %Y-%m-%d") == null`, "", ""},
	{`parse_timestamp(row.s, "%I %p %Y-%m-%d") == null`, "", ""},
	{`parse_timestamp(row.s, "%Y-%m-%d %b") == null`, "", "exclude each other"},
	{`parse_timestamp(row.s, "%y%m%d") == null`, "must not have digits behind it", "must not have digits behind it"},
	{`parse_timestamp(row.s, "%Y-%m-%d %z:") == null`, "must not have digits behind it", "must not have digits behind it"},
	{`try_cast("x", int64) + row.l % row.l2 > 0`, "beside a constant null", ""},
	{`row.s == "` + "\x00" + `"`, "", "texts cannot hold a nul"},
	{`contains([row.s], "a")`, "", ""}, {`length(row.m) > 0`, "", ""}, {`row.tags[0] == "a"`, "", ""}, {`now_at_load() > row.tz`, "", ""},
}

func TestNotPushed(t *testing.T) {
	b := newTable(t, openDuckDB(t), columns, 0, nil)
	for _, c := range notPushed {
		e := parse(t, c.text, b.scope)
		if e == nil {
			t.Errorf("%s has no type", c.text)
			continue
		}
		for dialect, want := range map[string]string{"duckdb": c.duckdb, "postgres": c.postgres} {
			opt := b.options()
			opt.Dialect = dialect
			for what, write := range map[string]func(*rowexpr.Expr, rowexpr.SQLOptions) (string, error){"SQL": rowexpr.SQL, "ViolatesSQL": rowexpr.ViolatesSQL} {
				sql, err := write(e, opt)
				switch {
				case want == "" && err != nil:
					t.Errorf("%s of %s in %s: %v", what, c.text, dialect, err)
				case want == "":
				case err == nil:
					t.Errorf("%s of %s in %s is %s, want none", what, c.text, dialect, sql)
				default:
					if d := diag.FromError(err, "", ""); d.Code != diag.RowNotInSQL || !strings.Contains(strings.ToLower(d.Detail), strings.ToLower(want)) {
						t.Errorf("%s of %s in %s: %s %s, want %q", what, c.text, dialect, d.Code, d.Detail, want)
					}
				}
			}
		}
	}
}

// TestFailureFails holds that the SQL of a value fails where a row does, and that
// the SQL of what breaks a rule never does: not even for what the engine can
// compute when it plans.
func TestFailureFails(t *testing.T) {
	engines(t, func(t *testing.T, on engine) {
		b := newBench(t, rand.New(rand.NewPCG(9, 9)), on)
		for _, text := range []string{
			`row.l % 1 + cast("x", int64) > 0`, `cast("x", int64) > 0`, `cast("2024-02-30", date) == row.day`, `cast("1e999", float64) > 1`, `parse_timestamp("x", "%Y-%m-%d") == row.ts`,
			`row.lmax + 1 > 0`, `row.zero / row.zero > 0`, `abs(row.lmin) > 0`, `-row.lmin > 0`, `row.lmax % row.zero == 0`, `cast(row.big, decimal(3, 0)) > 0`, `row.big * row.big > 0`, `cast(row.lmax, int32) > 0`,
			`cast("12:60:00", time) == row.at`, `cast("{}", uuid) == row.u`, `cast("yes", bool)`, `round(cast(row.nines, decimal(3, 2)), 1) > 0 && row.huge * 10 > 1`,
		} {
			text = strings.NewReplacer("row.lmax", "(row.l == null ? 9223372036854775807 : 9223372036854775807)", "row.lmin", "(row.l == null ? -9223372036854775808 : -9223372036854775808)",
				"row.zero", "(row.l == null ? 0 : 0)", "row.big", "(row.l == null ? 99999999999999999999999999999999999999 : 99999999999999999999999999999999999999)",
				"row.nines", `(row.b ? "9.99" : "9.99")`, "row.huge", `cast((row.b ? "1e308" : "1e308"), float64)`).Replace(text)
			e := parse(t, text, b.scope)
			if e == nil {
				t.Errorf("%s has no type", text)
				continue
			}
			b.violations(t, text, e)
			sql, err := rowexpr.SQL(e, b.options())
			if err != nil {
				t.Fatal(err)
			}
			if got, err := b.query("SELECT CAST(count(" + sql + ") AS VARCHAR) FROM t"); err == nil {
				t.Errorf("%s gives %v in %s, want an error", text, got, b.name)
			}
		}
	})
}
