package eval_test

import (
	"fmt"
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
)

// one builds a column of one row from a text, null for "null", through cast.
func one(t testing.TB, typ types.Type, text string) *vec.Vec {
	t.Helper()
	v := vec.New(typ)
	switch {
	case text == "null":
		v.AppendNull()
	case typ.Kind == types.List:
		for _, e := range strings.Split(text, "|") {
			if e == "null" {
				v.Elem.AppendNull()
			} else {
				v.Elem.AppendString(e)
			}
		}
		v.EndList()
	case typ.Kind == types.Bytes:
		v.AppendString(text)
	default:
		lit, d := rowexpr.Const(typ, text, rowexpr.Text("", rowexpr.Null(rowexpr.Expr{}.Range).Range).Range)
		if d != nil {
			t.Fatal(d)
		}
		p, err := eval.Compile(lit, nil)
		if err != nil {
			t.Fatal(err)
		}
		p.RunInto(nil, 1, v)
	}
	return v
}

// columns are what the cases read: name, type and the value of the only row.
var columns = []struct{ name, typ, text string }{
	{"yes", "bool", "true"}, {"no", "bool", "false"}, {"nb", "bool", "null"},
	{"i", "int32", "7"}, {"imax", "int32", "2147483647"}, {"imin", "int32", "-2147483648"},
	{"l", "int64", "-7"}, {"lmax", "int64", "9223372036854775807"}, {"lmin", "int64", "-9223372036854775808"}, {"zero", "int64", "0"}, {"nl", "int64", "null"},
	{"f", "float64", "2.5"}, {"huge", "float64", "1e308"},
	{"d", "decimal(12, 2)", "12.35"}, {"neg", "decimal(12, 2)", "-12.35"}, {"nd", "decimal(12, 2)", "null"},
	{"big", "decimal(38, 0)", "99999999999999999999999999999999999999"}, {"d18", "decimal(18, 4)", "99999999999999.9999"},
	{"s", "string", "Grüße, Welt"}, {"e", "string", ""}, {"num", "string", "42"}, {"ns", "string", "null"}, {"pad", "string", "\t x y \n"},
	{"raw", "bytes", "ab"}, {"day", "date", "2024-02-29"}, {"at", "time", "23:59:59.5"},
	{"ts", "timestamp", "2024-02-29T13:14:15.123456"}, {"tz", "timestamptz", "2023-12-31T23:59:59Z"},
	{"u", "uuid", "deadbeef-0000-0000-0000-000000000001"}, {"j", "json", `{"a": {"b": [1, "x\u00e9", null, 2.5]}, "t": true}`},
	{"tags", "list(string)", "a|null|c"}, {"nt", "list(string)", "null"},
}

func scopeAndRow(t testing.TB) (rowsyntax.Scope, []*vec.Vec) {
	var s rowsyntax.Scope
	var cols []*vec.Vec
	for _, c := range columns {
		typ, err := types.Parse(c.typ)
		if err != nil {
			t.Fatal(err)
		}
		s.Columns = append(s.Columns, rowsyntax.Column{Name: c.name, Type: typ, Nullable: true})
		cols = append(cols, one(t, typ, c.text))
	}
	return s, cols
}

func compile(t testing.TB, s rowsyntax.Scope, text string) *eval.Program {
	t.Helper()
	x, hd := hclsyntax.ParseExpression([]byte(text), "t.hcl", hcl.InitialPos)
	if hd.HasErrors() {
		t.Fatalf("%s: %s", text, hd)
	}
	e, ds := rowsyntax.Parse(x, s)
	if ds.HasErrors() {
		t.Fatalf("%s: %s", text, ds.Err())
	}
	p, err := eval.Compile(e, func(ref *rowexpr.Expr) (int, error) {
		for i, c := range s.Columns {
			if len(ref.Path) == 1 && c.Name == ref.Path[0].Name {
				return i, nil
			}
		}
		return 0, fmt.Errorf("no column %s", rowexpr.PathString(ref.Path))
	})
	if err != nil {
		t.Fatalf("%s: %s", text, err)
	}
	p.SetNow(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC))
	return p
}

// text is the value of a one-row result: null, !reason for a failure, else what
// Arrow prints.
func text(v *vec.Vec, fails []eval.Reason) string {
	if fails != nil && fails[0] != eval.None {
		return "!" + fails[0].String()
	}
	if v.IsNull(0) {
		return "null"
	}
	if v.Type.Kind == types.Decimal {
		return v.Dec[0].ToString(int32(v.Type.Scale))
	}
	a := v.ToArrow()
	defer a.Release()
	return a.ValueStr(0)
}

func TestValues(t *testing.T) {
	s, cols := scopeAndRow(t)
	out := vec.New(types.Of(types.Bool))
	for _, c := range cases {
		p := compile(t, s, c[0])
		fails := p.RunInto(cols, 1, out)
		if got := text(out, fails); got != c[1] {
			t.Errorf("%s is %s, want %s", c[0], got, c[1])
		}
	}
}

const (
	div  = "!division by zero"
	over = "!the result is out of range"
	bad  = "!the value cannot be converted"
)
