package compat

import (
	"encoding/base64"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

// interval is what a version says of a number or a moment: nil is no bound.
type interval struct {
	lo, hi         *big.Rat
	loOpen, hiOpen bool
}

// scalar is a number or a moment on one line: days count in microseconds.
func scalar(v value) (*big.Rat, bool) {
	switch {
	case v.num != nil:
		return v.num, true
	case v.kind == types.Date:
		return new(big.Rat).SetInt64(v.t * microsPerDay), true
	case types.Of(v.kind).IsTemporal():
		return new(big.Rat).SetInt64(v.t), true
	default:
		return nil, false
	}
}

// unscalar is the value of a type at a place on that line.
func unscalar(t types.Type, at *big.Rat) (value, bool) {
	if t.IsNumeric() {
		if t.Kind == types.Float64 {
			f, _ := at.Float64()
			return value{kind: t.Kind, num: new(big.Rat).SetFloat64(f)}, true
		}
		return (reading{}).fit(t, at)
	}
	if !at.IsInt() || !at.Num().IsInt64() {
		return value{}, false
	}
	n := at.Num().Int64()
	if t.Kind == types.Date {
		return value{kind: t.Kind, t: n / microsPerDay}, n%microsPerDay == 0
	}
	return value{kind: t.Kind, t: n}, true
}

// lineStep is the distance of neighbours on that line, nil for float64.
func lineStep(t types.Type) *big.Rat {
	switch {
	case t.Kind == types.Date:
		return big.NewRat(microsPerDay, 1)
	case t.IsTemporal():
		return big.NewRat(1, 1)
	default:
		return step(t)
	}
}

func (iv *interval) atLeast(x *big.Rat, open bool) {
	if c := cmpOr(x, iv.lo, 1); c > 0 || c == 0 && open {
		iv.lo, iv.loOpen = x, open
	}
}

func (iv *interval) atMost(x *big.Rat, open bool) {
	if c := cmpOr(x, iv.hi, -1); c < 0 || c == 0 && open {
		iv.hi, iv.hiOpen = x, open
	}
}

func cmpOr(x, y *big.Rat, otherwise int) int {
	if y == nil {
		return otherwise
	}
	return x.Cmp(y)
}

// close puts open bounds of a type with neighbours onto the neighbour.
func (iv *interval) close(t types.Type) {
	s := lineStep(t)
	if s == nil {
		return
	}
	if iv.lo != nil {
		iv.lo, iv.loOpen = snap(iv.lo, s, iv.loOpen, 1), false
	}
	if iv.hi != nil {
		iv.hi, iv.hiOpen = snap(iv.hi, s, iv.hiOpen, -1), false
	}
}

// snap returns the multiple of s next to x in the direction, x itself where it is
// one and not left out.
func snap(x, s *big.Rat, open bool, direction int64) *big.Rat {
	q := new(big.Rat).Quo(x, s)
	if q.IsInt() {
		if open {
			q.Add(q, big.NewRat(direction, 1))
		}
		return q.Mul(q, s)
	}
	floor := new(big.Int).Div(q.Num(), q.Denom()) // Euclidean: downwards, the denominator is positive
	out := new(big.Rat).SetInt(floor)
	if direction > 0 {
		out.Add(out, big.NewRat(1, 1))
	}
	return out.Mul(out, s)
}

// interval returns what type, min, max and plain comparisons in checks say of a
// column.
func (s *side) interval(c *contract.Column) interval {
	if iv, ok := s.bounds[c.Name]; ok {
		return iv
	}
	var iv interval
	iv.lo, iv.hi = extremes(c.Type)
	for _, text := range []*string{c.Min, c.Max} {
		if text == nil {
			continue
		}
		if v, ok := constant(c.Type, *text); ok {
			if x, ok := scalar(v); ok && text == c.Min {
				iv.atLeast(x, false)
			} else if ok {
				iv.atMost(x, false)
			}
		}
	}
	for _, f := range s.conjuncts() {
		if b, ok := boundOf(f); ok && f.column == c.Name {
			b.onto(&iv)
		}
	}
	iv.close(c.Type)
	s.bounds[c.Name] = iv
	return iv
}

// enumerable is up to how many values are gone through one by one.
const enumerable = 512

// finite lists the values of a column, without null, where they are few. Those
// that the version surely refuses are left out.
func (s *side) finite(c *contract.Column) (list []value, ok bool) {
	switch {
	case len(c.Enum) > 0:
		for _, text := range c.Enum {
			v, fine := constant(c.Type, text)
			if !fine {
				return nil, false
			}
			list = append(list, v)
		}
	case c.Type.Kind == types.Bool:
		list = []value{{kind: types.Bool}, {kind: types.Bool, b: true}}
	default:
		iv, by := s.interval(c), lineStep(c.Type)
		if by == nil || iv.lo == nil || iv.hi == nil {
			return nil, false
		}
		span := new(big.Rat).Quo(new(big.Rat).Sub(iv.hi, iv.lo), by)
		if span.Cmp(big.NewRat(enumerable, 1)) > 0 {
			return nil, false
		}
		for x := new(big.Rat).Set(iv.lo); x.Cmp(iv.hi) <= 0; x = new(big.Rat).Add(x, by) {
			v, fine := unscalar(c.Type, x)
			if !fine {
				return nil, false
			}
			list = append(list, v)
		}
	}
	kept := list[:0]
	for _, v := range list {
		if _, t := s.keeps(c, v); t != no {
			kept = append(kept, v)
		}
	}
	return kept, true
}

// comparison is a conjunct that bounds a column by a constant.
type comparison struct {
	op rowexpr.Op // < <= > >=
	at *big.Rat
}

func (b comparison) onto(iv *interval) {
	switch b.op {
	case rowexpr.OpGt, rowexpr.OpGe:
		iv.atLeast(b.at, b.op == rowexpr.OpGt)
	default:
		iv.atMost(b.at, b.op == rowexpr.OpLt)
	}
}

// impliedBy reports whether every value of an interval keeps the bound.
func (b comparison) impliedBy(iv interval) bool {
	switch b.op {
	case rowexpr.OpGt, rowexpr.OpGe:
		c := cmpOr(b.at, iv.lo, 1)
		return iv.lo != nil && (c < 0 || c == 0 && (b.op == rowexpr.OpGe || iv.loOpen))
	default:
		c := cmpOr(b.at, iv.hi, -1)
		return iv.hi != nil && (c > 0 || c == 0 && (b.op == rowexpr.OpLe || iv.hiOpen))
	}
}

// render writes a value as the JSON text that a record carries; "" where this
// package does not write such values.
func render(v value) string {
	switch v.kind {
	case types.Invalid:
		return "null"
	case types.Bool:
		return strconv.FormatBool(v.b)
	case types.String:
		return quote(v.s)
	case types.JSON:
		return v.s
	case types.Bytes:
		return quote(base64.StdEncoding.EncodeToString([]byte(v.s)))
	case types.UUID:
		return quote(v.s[:8] + "-" + v.s[8:12] + "-" + v.s[12:16] + "-" + v.s[16:20] + "-" + v.s[20:])
	case types.Date:
		return quote(time.Unix(v.t*86400, 0).UTC().Format(time.DateOnly))
	case types.Time:
		return quote(time.UnixMicro(v.t).UTC().Format("15:04:05.999999"))
	case types.Timestamp:
		return quote(time.UnixMicro(v.t).UTC().Format("2006-01-02T15:04:05.999999"))
	case types.TimestampTZ:
		return quote(time.UnixMicro(v.t).UTC().Format("2006-01-02T15:04:05.999999Z"))
	case types.Float64:
		f, _ := v.num.Float64()
		return strconv.FormatFloat(f, 'g', -1, 64)
	case types.Int32, types.Int64, types.Decimal:
		return ratText(v.num)
	default:
		return ""
	}
}

// ratText writes a number that has an end, with as many digits as it needs.
func ratText(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(40), "0")
}
