package compat

import (
	"math/big"
	"strings"

	"github.com/headgate-data/headgate/compiler/types"
)

// tri is an answer that may be missing.
type tri uint8

const (
	no tri = iota
	yes
	unsure
)

func triOf(b bool) tri {
	if b {
		return yes
	}
	return no
}

// and is no where one is, else unsure where one is.
func (a tri) and(b tri) tri {
	switch {
	case a == no || b == no:
		return no
	case a == unsure || b == unsure:
		return unsure
	default:
		return yes
	}
}

// value is a value of a column; the zero value is null.
type value struct {
	kind  types.Kind
	num   *big.Rat // integers, decimals, float64 (exactly what it is)
	b     bool
	s     string // string, bytes as they are, a UUID in lower case, JSON text
	t     int64  // days of a date, microseconds of the other times
	items []value
	names []string // of items: a struct's fields or a map's keys
}

func (v value) null() bool { return v.kind == types.Invalid }

// order compares two values of an ordered kind.
func order(a, b value) (int, bool) {
	switch {
	case a.num != nil && b.num != nil:
		return a.num.Cmp(b.num), true
	case a.kind != b.kind:
		return 0, false
	case a.kind == types.String || a.kind == types.Bytes || a.kind == types.UUID:
		return strings.Compare(a.s, b.s), true
	case a.kind == types.Bool:
		x, y := 0, 0
		if a.b {
			x = 1
		}
		if b.b {
			y = 1
		}
		return x - y, true
	case types.Of(a.kind).IsTemporal():
		switch {
		case a.t < b.t:
			return -1, true
		case a.t > b.t:
			return 1, true
		}
		return 0, true
	default:
		return 0, false
	}
}

const microsPerDay = 86400 * 1000000

// as reads a value as a type that holds it; false where that is no reading
// without loss.
func (v value) as(t types.Type) (value, bool) {
	switch {
	case v.null() || v.kind == t.Kind && !t.IsNested():
		return v, true
	case v.num != nil && t.IsNumeric():
		v.kind = t.Kind
		return v, true
	case v.kind == types.Date && t.Kind == types.Timestamp:
		return value{kind: types.Timestamp, t: v.t * microsPerDay}, true
	case v.kind == t.Kind:
		return v, true
	default:
		return v, false
	}
}

// steps are the parts of a number that a type tells apart.
func step(t types.Type) *big.Rat {
	switch {
	case t.IsInteger():
		return big.NewRat(1, 1)
	case t.Kind == types.Decimal:
		return new(big.Rat).SetFrac(big.NewInt(1), pow10(t.Scale))
	default:
		return nil
	}
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// extremes are the least and the greatest number of a type; nil for float64.
func extremes(t types.Type) (lo, hi *big.Rat) {
	switch t.Kind {
	case types.Int32:
		return big.NewRat(-1<<31, 1), big.NewRat(1<<31-1, 1)
	case types.Int64:
		return big.NewRat(-1<<63, 1), big.NewRat(1<<63-1, 1)
	case types.Decimal:
		top := new(big.Int).Sub(pow10(t.Precision), big.NewInt(1))
		hi = new(big.Rat).SetFrac(top, pow10(t.Scale))
		return new(big.Rat).Neg(hi), hi
	default:
		return nil, nil
	}
}
