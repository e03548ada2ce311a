package evaltest

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

// TestFloats computes on floats of every size, those next to the edges of
// float64 above all.
func TestFloats(t *testing.T) {
	engines(t, func(t *testing.T, on engine) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 3))
		b := newTable(t, on, []column{{"f", "float64", nil}, {"g", "float64", nil}}, 600, func(c column, row int) string {
			return strconv.FormatFloat(randomFloat(r, row), 'g', -1, 64)
		})
		for _, text := range []string{
			"row.f", "row.f + row.g", "row.f - row.g", "row.f * row.g", "row.f / row.g", "-row.f", "round(row.f)", "round(row.f, 2)", "round(row.f, 38)", "floor(row.f)",
			"try_cast(row.f, int64)", "try_cast(row.f, int32)", "try_cast(row.f, decimal(38, 10))", "try_cast(row.f, decimal(3, 3))", "try_cast(cast(row.f, string), float64) == row.f", "row.f * 2.5", "row.f / 3",
		} {
			if refused, _ := b.compare(t, text, parse(t, text, b.scope)); refused != "" {
				t.Errorf("%s: %s", text, refused)
			}
		}
	})
}

// TestPowersOfTwo writes every power of two, whose neighbours are not equally far.
func TestPowersOfTwo(t *testing.T) {
	engines(t, func(t *testing.T, on engine) {
		const least, most = -1074, 1023
		b := newTable(t, on, []column{{"f", "float64", nil}}, most-least+1, func(_ column, row int) string {
			return strconv.FormatFloat(math.Ldexp(1, row+least), 'g', -1, 64)
		})
		for _, text := range []string{"row.f", "-row.f", "try_cast(row.f, decimal(38, 10))"} {
			b.compare(t, text, parse(t, text, b.scope))
		}
	})
}

// randomFloat draws a finite float64: one of every size, a small whole or decimal
// number, one whose product or quotient with others is next to an edge, or one
// next to a power of two or of ten.
func randomFloat(r *rand.Rand, row int) float64 {
	sign := float64(1 - 2*r.IntN(2))
	switch row % 5 {
	case 0:
		for {
			if x := math.Float64frombits(r.Uint64()); !math.IsNaN(x) && !math.IsInf(x, 0) {
				return x
			}
		}
	case 1:
		return sign * float64(r.IntN(2000)) / 8
	case 2:
		return sign * math.Ldexp(1+r.Float64(), pick(r, []int{1022, 1023, 512, 511, -537, -538, -1074, -1073, -1022, -1, 0, 1}))
	case 3:
		x := math.Ldexp(1, r.IntN(2097)-1073)
		return sign * pick(r, []float64{x, math.Nextafter(x, 0), math.Nextafter(x, math.MaxFloat64)})
	default:
		x := math.Pow10(r.IntN(600) - 300)
		return sign * pick(r, []float64{x, math.Nextafter(x, 0), math.Nextafter(x, math.MaxFloat64), x * 9, 5 * x})
	}
}
