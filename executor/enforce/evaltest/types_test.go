package evaltest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/lang/diag"
)

// ofEachType are a column of each type, and what takes on a type.
var ofEachType = []string{"row.b", "row.i", "row.l", "row.f", "row.d", "row.n", "row.s", "row.raw", "row.day", "row.at", "row.ts", "row.tz", "row.u", "row.j", "row.tags", "row.ns", "row.m", "row.st", "null", "1", "1.5", `"x"`, "true"}

// calls are a valid call of every function; the arguments stand apart.
var calls = map[string][]string{
	"abs": {"row.l"}, "cast": {"row.s", "int64"}, "ceil": {"row.d"}, "coalesce": {"row.l", "row.l"}, "concat": {"row.s", "row.s"}, "contains": {"row.tags", "row.s"},
	"date_diff": {`"day"`, "row.ts", "row.ts"}, "date_trunc": {`"day"`, "row.ts"}, "floor": {"row.d"}, "greatest": {"row.l", "row.l"}, "join": {`","`, "row.tags"},
	"json_get": {"row.j", `"a"`}, "least": {"row.l", "row.l"}, "length": {"row.s"}, "lower": {"row.s"}, "mask": {"row.s", "2"}, "md5": {"row.s"}, "now_at_load": {},
	"parse_timestamp": {"row.s", `"%Y-%m-%d"`}, "regex_match": {"row.s", `"a"`}, "regex_replace": {"row.s", `"a"`, `"b"`}, "replace": {"row.s", "row.s", "row.s"}, "round": {"row.d", "1"},
	"sha256": {"row.s"}, "split": {`","`, "row.s"}, "substr": {"row.s", "row.l", "row.l"}, "trim": {"row.s"}, "try_cast": {"row.s", "int64"}, "upper": {"row.s"},
}

// TestEveryType puts a value of every type at every place of every function and
// operator. What the type checker takes, the evaluator and both engines compute
// to one result; what it refuses, it refuses with one diagnostic about that place.
func TestEveryType(t *testing.T) {
	var texts []string
	for _, f := range rowexpr.Functions() {
		args, ok := calls[f.Name]
		if !ok {
			t.Errorf("%s is not tested", f.Name)
		}
		texts = append(texts, f.Name+"("+strings.Join(args, ", ")+")")
		for i := range args {
			for _, x := range ofEachType {
				other := append(append(append([]string{}, args[:i]...), x), args[i+1:]...)
				texts = append(texts, f.Name+"("+strings.Join(other, ", ")+")")
			}
		}
	}
	for _, x := range ofEachType {
		texts = append(texts, "!"+x, "-"+x, fmt.Sprintf(`"<${%s}>"`, x), "row.b ? "+x+" : null", x+" ? 1 : 2")
		for _, to := range []string{"bool", "int32", "int64", "float64", "decimal(9, 3)", "string", "bytes", "date", "time", "timestamp", "timestamptz", "uuid", "json", "list(string)", "map(int64)"} {
			texts = append(texts, "cast("+x+", \""+to+"\")", "try_cast("+x+", \""+to+"\")")
		}
		for _, y := range ofEachType {
			for _, op := range []string{"+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||"} {
				texts = append(texts, x+" "+op+" "+y)
			}
			texts = append(texts, "row.b ? "+x+" : "+y, "contains(["+x+"], "+y+")")
		}
	}
	engines(t, func(t *testing.T, on engine) {
		b := newBench(t, rand.New(rand.NewPCG(7, 7)), on)
		taken, without := 0, 0
		for _, text := range texts {
			x, hd := hclsyntax.ParseExpression([]byte(text), "t.hcl", hcl.InitialPos)
			if hd.HasErrors() {
				t.Fatalf("%s: %s", text, hd)
			}
			e, ds := rowsyntax.Parse(x, b.scope)
			if ds.HasErrors() {
				if len(ds) != 1 || ds[0].Subject == nil || ds[0].Code == diag.Internal {
					t.Errorf("%s is refused with %v", text, ds)
				}
				continue
			}
			taken++
			b.neverFails(t, text, e)
			if refused, _ := b.compare(t, text, e); refused != "" {
				without++
			}
		}
		t.Logf("%d of %d expressions are typed, %d of them without SQL", taken, len(texts), without)
	})
}

// neverFails holds a call on columns and constants against what the reference
// says of its function.
func (b *bench) neverFails(t *testing.T, text string, e *rowexpr.Expr) {
	t.Helper()
	for _, a := range e.Args {
		if len(a.Args) > 0 {
			return
		}
	}
	for _, f := range rowexpr.Functions() {
		if e.Op == rowexpr.OpCall && f.Name == e.Func && f.Fails == "" {
			if _, fails := b.program(t, e).Run(b.inputs(), b.rows); fails != nil {
				t.Errorf("%s fails, and the reference says that %s never does", text, e.Func)
			}
		}
	}
}

// TestEveryFunctionIsGenerated holds that the random test knows every function.
func TestEveryFunctionIsGenerated(t *testing.T) {
	all := strings.Join(anyForms, " ")
	for _, some := range forms {
		all += " " + strings.Join(some, " ")
	}
	for _, some := range leaves {
		all += " " + strings.Join(some, " ")
	}
	for _, f := range rowexpr.Functions() {
		if !strings.Contains(all, f.Name+"(") {
			t.Errorf("no random expression calls %s", f.Name)
		}
	}
}
