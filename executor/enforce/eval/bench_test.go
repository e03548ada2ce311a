package eval_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/eval"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

const benchRows = 8192

// batch is a batch of every type, a tenth of the nullable columns null.
func batch(tb testing.TB) (rowsyntax.Scope, []*vec.Vec) {
	r := rand.New(rand.NewPCG(1, 2))
	var s rowsyntax.Scope
	var cols []*vec.Vec
	for _, c := range []struct{ name, typ string }{{"l", "int64"}, {"nl", "int64"}, {"i", "int32"}, {"f", "float64"}, {"d", "decimal(12, 2)"}, {"e", "decimal(12, 2)"}, {"ts", "timestamptz"}, {"s", "string"}, {"code", "string"}} {
		typ, err := types.Parse(c.typ)
		if err != nil {
			tb.Fatal(err)
		}
		v := vec.New(typ)
		for range benchRows {
			switch {
			case c.name == "nl" && r.IntN(10) == 0:
				v.AppendNull()
			case c.name == "code":
				v.AppendString(fmt.Sprintf("ABC-%d", r.IntN(1e6)))
			case typ.Kind == types.String:
				v.AppendString([]string{"open", "shipped", "cancelled"}[r.IntN(3)])
			case typ.Kind == types.Int32:
				v.AppendI32(r.Int32N(1000))
			case typ.Kind == types.Float64:
				v.AppendF64(r.Float64())
			case typ.Kind == types.Decimal:
				v.AppendDec(decimal128.FromI64(r.Int64N(1e9)))
			default:
				v.AppendI64(r.Int64N(1e15))
			}
		}
		s.Columns = append(s.Columns, rowsyntax.Column{Name: c.name, Type: typ, Nullable: true})
		cols = append(cols, v)
	}
	return s, cols
}

var benchCases = []string{
	`row.l > 500000`, `row.nl > 500000`, `row.d >= 0`, `row.ts >= "2001-01-01T00:00:00Z"`, `row.f < 0.5`, `row.l + row.l > 5`, `row.d * 2 > row.e`,
	`row.d == row.e - row.d`, `row.l > 5 && row.d < 100`, `row.s == "open"`, `row.s != "test"`, `contains(["open", "shipped"], row.s)`, `length(row.s) > 3`,
	`regex_match(row.code, "^[A-Z]{3}-\\d+$")`, `regex_match(row.code, "BC-.*1")`, `row.l / row.i > 2`, `cast(row.d, float64) > 1`, `row.nl == null`, `coalesce(row.nl, 0) > 1`,
	`lower(row.s) == "open"`, `sha256(row.s) != ""`, `row.l > 5 ? row.l : row.nl`,
}

func BenchmarkRun(b *testing.B) {
	s, cols := batch(b)
	for _, text := range benchCases {
		b.Run(text, func(b *testing.B) {
			p := compile(b, s, text)
			p.Run(cols, benchRows)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				p.Run(cols, benchRows)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
}

// TestNoAllocations holds that a program that has run once allocates nothing more.
func TestNoAllocations(t *testing.T) {
	s, cols := batch(t)
	for _, text := range benchCases {
		p := compile(t, s, text)
		var bits vec.Bitmap
		run := func() {
			if p.Type().Kind == types.Bool {
				bits, _ = p.Violated(cols, benchRows, bits)
			} else {
				p.Run(cols, benchRows)
			}
		}
		run()
		if n := testing.AllocsPerRun(3, run); n > 0 {
			t.Errorf("%s allocates %v times a batch", text, n)
		}
	}
}

func TestMatcher(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct {
		pattern string
		fast    bool
	}{
		{`^[A-Z]{3}-\d+$`, true}, {`^a*b?c+$`, true}, {`^a*a$`, true}, {`^[ab]{2,4}c?$`, true}, {`^(ab)[0-9]$`, true}, {`^$`, true}, {`^\d{4}-\d{2}-\d{2}$`, true}, {`^(a?b?)$`, true}, {`^a?a?a?aaa$`, true},
		{`a`, false}, {`^a`, false}, {`^(a|bc)$`, false}, {`^.+$`, false}, {`(?i)^ab$`, false}, {`^ä$`, false}, {`^(ab)*$`, false}, {`^[^a]$`, false}, {`(?m)^a$`, false}, {`^(a?b)?$`, false},
	} {
		re := regexp.MustCompile(c.pattern)
		m := eval.NewMatcher(re)
		if m.Fast() != c.fast {
			t.Errorf("%s runs as a table: %v, want %v", c.pattern, m.Fast(), c.fast)
		}
		var last [][]byte
		for range 3000 {
			text := make([]byte, r.IntN(9))
			for i := range text {
				text[i] = "aaabbbccABZ-0129ä\n"[r.IntN(18)]
			}
			if m.Match(text) != re.Match(text) {
				t.Fatalf("%s and %q: the table says %v", c.pattern, text, m.Match(text))
			}
			last = append(last, text)
			if four := last[max(0, len(last)-4):]; len(four) == 4 {
				if m.Match(four[r.IntN(4)]) { // else four that match are too rare
					last = append(last, text, text, text)
					four = last[len(last)-4:]
				}
				want := re.Match(four[0]) && re.Match(four[1]) && re.Match(four[2]) && re.Match(four[3])
				if got := m.Four(four[0], four[1], four[2], four[3]); got != want {
					t.Fatalf("%s and %q: %v", c.pattern, four, got)
				}
			}
		}
	}
}
