package evaltest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/eval"
	"github.com/headgate-data/headgate/executor/enforce/vec"
	"github.com/headgate-data/headgate/lang/diag"
)

// FuzzParse reads any text as an expression, types it, writes it as SQL and
// evaluates it twice on a fixed batch: nothing panics, no type stays open, both
// runs agree.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`row.l > 0 && row.s == "x"`, `"${row.s}-${row.l + 1}"`, `contains(["a", null], row.s)`, `cast(row.s, decimal(10, 2)) / row.d`,
		`date_diff("week", row.day, row.ts)`, `regex_replace(row.s, "(a+)", "$1$$")`, `row.tags[0] == null ? -row.i : round(row.f, 2)`,
		`join(",", split("a", row.s))`, `parse_timestamp(row.s, "%Y-%m-%d %z")`, `coalesce(row.e, 1e-5, null)`, `substr(row.s, -3, 99999999999)`,
		`row.day >= "2024-01-01"`, `1 / 3 * 2.50`, `least(row.l, row.i, 2)`, `mask(row.s, 3)`, `row["s"]`, `[for x in row : x]`, `cast(row.j.a.b, int64)`, `json_get(row.j, "a[\"b\"]")`,
	} {
		f.Add(s)
	}
	var scope rowsyntax.Scope
	var cols []*vec.Vec
	const rows = 70
	for _, c := range columns {
		typ, err := types.Parse(c.typ)
		if err != nil {
			f.Fatal(err)
		}
		scope.Columns = append(scope.Columns, rowsyntax.Column{Name: c.name, Type: typ, Nullable: true})
		col := vec.New(typ)
		for i := range rows {
			add(f, col, c.values[i%len(c.values)], "duckdb")
		}
		cols = append(cols, col)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, hd := hclsyntax.ParseExpression([]byte(text), "t.hcl", hcl.InitialPos)
		if x == nil {
			return
		}
		e, ds := rowsyntax.Parse(x, scope)
		if (e == nil) != ds.HasErrors() {
			t.Fatalf("%q gives a tree %v and the diagnostics %v", text, e != nil, ds)
		}
		if e == nil || hd.HasErrors() {
			return
		}
		e.Walk(func(n *rowexpr.Expr) {
			if n.Type.Kind == types.Any || n.Type.IsZero() {
				t.Fatalf("%q leaves a part without a type", text)
			}
		})
		checkTree(t, text, e)
		if first, second := run(e, scope, cols, rows), run(e, scope, cols, rows); first != second {
			t.Fatalf("%q gives\n%s\nand then\n%s", text, first, second)
		}
	})
}

// checkTree writes a tree as JSON and back, which changes nothing, and as the SQL
// of each dialect, which has a text or a reason why not.
func checkTree(t *testing.T, text string, e *rowexpr.Expr) {
	t.Helper()
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatalf("%q: %s", text, err)
	}
	var back rowexpr.Expr
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatalf("%q: %s", text, err)
	}
	again, err := json.Marshal(&back)
	if err != nil || string(again) != string(data) {
		t.Fatalf("%q becomes\n%s\nand then\n%s %v", text, data, again, err)
	}
	for _, dialect := range []string{"duckdb", "postgres"} {
		opt := rowexpr.SQLOptions{Dialect: dialect, Ref: func(*rowexpr.Expr) string { return "x" }}
		first, err := rowexpr.SQL(e, opt)
		if second, other := rowexpr.SQL(&back, opt); first != second || fmt.Sprint(err) != fmt.Sprint(other) {
			t.Fatalf("%q has the SQL\n%s %v\nand, read back,\n%s %v", text, first, err, second, other)
		}
		if err != nil && diag.FromError(err, "", "").Code != diag.RowNotInSQL {
			t.Fatalf("%q: %s", text, err)
		}
	}
}

// TestRandomText gives the parser texts that are made of the pieces of
// expressions, most of which are none.
func TestRandomText(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 4))
	var scope rowsyntax.Scope
	var pieces []string
	for _, c := range columns {
		typ, err := types.Parse(c.typ)
		if err != nil {
			t.Fatal(err)
		}
		scope.Columns = append(scope.Columns, rowsyntax.Column{Name: c.name, Type: typ, Nullable: true})
		pieces = append(pieces, "row."+c.name)
	}
	for _, f := range rowexpr.Functions() {
		pieces = append(pieces, f.Name, f.Name+"(")
	}
	pieces = append(pieces, strings.Split(`( ) ( ) , , [ ] { } . + - * / % ! == != < <= && || ? : " "${ } null true 0 1 -1 1.5 1e400 "" "a" "day" row value var.x int64 "decimal(5,2)" [*] [0] [-1] ["s"] for x in : => ... %{if %{endif} <<E \ # // é`, " ")...)
	typed := 0
	for range 30000 {
		var text string
		if r.IntN(2) == 0 {
			g := &generator{r: r}
			whole := g.expr(pick(r, kinds), 3)
			at := r.IntN(len(whole) + 1)
			text = whole[:at] + pick(r, pieces) + whole[min(len(whole), at+r.IntN(4)):]
		} else {
			for range 1 + r.IntN(9) {
				text += pick(r, pieces) + pick(r, []string{"", " "})
			}
		}
		x, hd := hclsyntax.ParseExpression([]byte(text), "t.hcl", hcl.InitialPos)
		if x == nil {
			continue
		}
		e, ds := rowsyntax.Parse(x, scope)
		if (e == nil) != ds.HasErrors() {
			t.Fatalf("%q gives a tree %v and the diagnostics %v", text, e != nil, ds)
		}
		if e != nil && !hd.HasErrors() {
			typed++
			checkTree(t, text, e)
		}
	}
	t.Logf("%d have a type", typed)
}

// run evaluates an expression as text; an expression that the evaluator refuses
// gives the refusal.
func run(e *rowexpr.Expr, scope rowsyntax.Scope, cols []*vec.Vec, rows int) string {
	p, err := eval.Compile(e, func(ref *rowexpr.Expr) (int, error) {
		for i, c := range scope.Columns {
			if len(ref.Path) == 1 && c.Name == ref.Path[0].Name && reflect.DeepEqual(c.Type, ref.Type) {
				return i, nil
			}
		}
		return 0, fmt.Errorf("no column")
	})
	if err != nil {
		return err.Error()
	}
	out := vec.New(e.Type)
	fails := p.RunInto(cols, rows, out)
	a := out.ToArrow()
	defer a.Release()
	return fmt.Sprint(a, fails)
}
