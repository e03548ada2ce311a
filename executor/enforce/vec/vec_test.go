package vec_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

var all = []string{
	"bool", "int32", "int64", "float64", "decimal(20, 4)", "string", "bytes", "date", "time", "timestamp", "timestamptz",
	"uuid", "json", "list(string)", "list(list(int64))", "struct({a = int64, b = list(string)})", "map(decimal(9, 2))",
}

// fill appends n random rows, a quarter of them null.
func fill(r *rand.Rand, v *vec.Vec, n int) {
	for range n {
		if r.IntN(4) == 0 {
			v.AppendNull()
			continue
		}
		switch v.Type.Kind {
		case types.Bool:
			v.AppendBool(r.IntN(2) == 0)
		case types.Int32, types.Date:
			v.AppendI32(int32(r.Uint32()))
		case types.Int64, types.Time, types.Timestamp, types.TimestampTZ:
			v.AppendI64(int64(r.Uint64()))
		case types.Float64:
			v.AppendF64(r.NormFloat64())
		case types.Decimal:
			v.AppendDec(decimal128.FromI64(r.Int64()).Negate())
		case types.UUID:
			v.AppendString(fmt.Sprintf("%016d", r.IntN(1000)))
		case types.Struct:
			for _, f := range v.Fields {
				fill(r, f, 1)
			}
			v.EndStruct()
		case types.List:
			fill(r, v.Elem, r.IntN(4))
			v.EndList()
		case types.Map:
			for range r.IntN(4) {
				v.Keys.AppendString("k")
				fill(r, v.Elem, 1)
			}
			v.EndList()
		default:
			v.AppendString("x" + fmt.Sprint(r.IntN(1000)))
		}
	}
}

func text(v *vec.Vec) string {
	a := v.ToArrow()
	defer a.Release()
	return a.String()
}

func TestArrowRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range all {
		typ, err := types.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		v := vec.New(typ)
		for _, n := range []int{0, 1, 63, 64, 65, 300, 7} {
			v.Reset(typ)
			fill(r, v, n)
			a := v.ToArrow()
			if a.Len() != n || a.NullN() != v.Nulls() {
				t.Errorf("%s: %d rows and %d nulls became %d and %d", name, n, v.Nulls(), a.Len(), a.NullN())
			}
			back, err := vec.FromArrow(typ, a)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := text(back), text(v); got != want {
				t.Errorf("%s: %d rows came back as\n%s, want\n%s", name, n, got, want)
			}
			a.Release()
		}
	}
}

func TestGatherAndTruncate(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, name := range all {
		typ, _ := types.Parse(name)
		v, want, out := vec.New(typ), vec.New(typ), vec.New(typ)
		fill(r, v, 200)
		var rows []int32
		for i := range 200 {
			if r.IntN(3) > 0 {
				rows = append(rows, int32(i))
				want.AppendFrom(v, i)
			}
		}
		v.Gather(rows, out)
		if text(out) != text(want) {
			t.Errorf("%s: gather gives\n%s, want\n%s", name, text(out), text(want))
		}
		short := vec.New(typ)
		for i := range 70 {
			short.AppendFrom(v, i)
		}
		v.Truncate(70)
		if text(v) != text(short) {
			t.Errorf("%s: truncated to\n%s, want\n%s", name, text(v), text(short))
		}
		fill(r, v, 5)
		if v.N != 75 || text(v) == "" {
			t.Errorf("%s: %d rows after truncating to 70 and appending 5", name, v.N)
		}
	}
}

func TestBitmap(t *testing.T) {
	var b vec.Bitmap
	for i := range 130 {
		b = b.Push(i, i%3 == 0)
	}
	if got := b.Count(130); got != 44 {
		t.Errorf("count is %d, want 44", got)
	}
	if got := b.Count(3); got != 1 {
		t.Errorf("count of the first three is %d, want 1", got)
	}
	var seen []int32
	b.Each(130, func(i int) { seen = append(seen, int32(i)) })
	if idx := b.Indices(130, nil); fmt.Sprint(idx) != fmt.Sprint(seen) || len(idx) != 44 || idx[43] != 129 {
		t.Errorf("indices %v, each %v", idx, seen)
	}
	b.Fill(false)
	b.Set(129)
	if b.Any(129) || !b.Any(130) {
		t.Error("a bit behind the end counts, or the last one does not")
	}
}

func TestUndo(t *testing.T) {
	typ, _ := types.Parse("struct({a = int64, b = list(string)})")
	v := vec.New(typ)
	v.Fields[0].AppendI64(1)
	v.Fields[1].Elem.AppendString("half")
	v.Undo()
	v.AppendNull()
	if v.Fields[0].N != 1 || v.Fields[1].Elem.N != 0 {
		t.Errorf("a half-built row left %d values and %d elements", v.Fields[0].N, v.Fields[1].Elem.N)
	}
}

// TestAppendBits compares appending by words with appending bit by bit.
func TestAppendBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	src := make(vec.Bitmap, 40)
	for i := range src {
		src[i] = rng.Uint64()
	}
	for range 500 {
		var fast, slow vec.Bitmap
		n := 0
		for range 6 {
			from := rng.IntN(1000)
			m := rng.IntN(1 + []int{3, 64, 700}[rng.IntN(3)])
			ones := rng.IntN(3) == 0
			if ones {
				fast = fast.AppendOnes(n, m)
			} else {
				fast = fast.Append(n, src, from, m)
			}
			for i := range m {
				slow = slow.Push(n+i, ones || src.Get(from+i))
			}
			n += m
			if len(fast) != vec.Words(n) {
				t.Fatalf("%d words for %d bits", len(fast), n)
			}
		}
		for i := range n {
			if fast.Get(i) != slow.Get(i) {
				t.Fatalf("bit %d of %d differs (seed 3, 9)", i, n)
			}
		}
	}
}
