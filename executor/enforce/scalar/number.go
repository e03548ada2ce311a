// Package scalar reads typed values from text: the numbers of JSON, dates and
// times, UUIDs, base64. No integer and no decimal passes through a float. The
// functions never keep the text and allocate nothing on their common paths.
package scalar

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// Fault says why a text is not a value of a type.
type Fault uint8

// The faults. Inexact comes with the nearest value: a caller that may round
// takes it.
const (
	OK        Fault = iota
	Malformed       // not a text of that type
	Range           // outside of what the type holds
	Inexact         // the type would change the value
)

// Int64 reads an integer of JSON: an optional minus and digits.
func Int64(b []byte) (int64, Fault) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, Malformed
	}
	if len(b) > 18 {
		return longInt(b, neg)
	}
	var v int64
	for _, c := range b {
		if c-'0' > 9 {
			return 0, Malformed
		}
		v = v*10 + int64(c-'0')
	}
	if neg {
		v = -v
	}
	return v, OK
}

// longInt reads the digits of an integer that may not fit.
func longInt(b []byte, neg bool) (int64, Fault) {
	var v uint64
	over := false
	for _, c := range b {
		if c-'0' > 9 {
			return 0, Malformed
		}
		hi, lo := bits.Mul64(v, 10)
		sum, carry := bits.Add64(lo, uint64(c-'0'), 0)
		over = over || hi != 0 || carry != 0
		v = sum
	}
	switch {
	case over:
		return 0, Range
	case neg && v <= 1<<63:
		return int64(-v), OK
	case !neg && v < 1<<63:
		return int64(v), OK
	default:
		return 0, Range
	}
}

// Integer reads any JSON number as an integer. A fraction that is not zero is
// Inexact, with the value rounded half away from zero.
func Integer(b []byte) (int64, Fault) {
	n, f := Decimal(b, 38, 0)
	if f == Malformed || f == Range {
		return 0, f
	}
	hi, lo := n.HighBits(), n.LowBits()
	if hi != int64(lo)>>63 {
		return 0, Range
	}
	return int64(lo), f
}

// digitsKept is how many significant digits parts keeps: more than a decimal holds.
const digitsKept = 40

// parts is a number taken apart: 0.d1d2d3... times 10^point.
type parts struct {
	neg    bool
	d      [digitsKept]byte // significant digits as '0'..'9', no leading zero
	n      int              // how many digits there are, those not kept included
	point  int
	beyond bool // a digit that is not zero stands behind those kept
}

// split takes a number apart: sign, digits with an optional point, exponent.
// Leading zeros, and digits missing on one side of the point, are fine.
func split(b []byte) (parts, bool) {
	var p parts
	i := 0
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		p.neg = b[i] == '-'
		i++
	}
	seen, point := false, false
	for ; i < len(b); i++ {
		c := b[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c-'0' > 9 {
			break
		}
		seen = true
		p.digit(c, point)
	}
	if !seen {
		return p, false
	}
	if i == len(b) {
		return p, true
	}
	exp, ok := exponent(b[i:])
	p.point += exp
	return p, ok
}

func (p *parts) digit(c byte, point bool) {
	if c == '0' && p.n == 0 {
		if point {
			p.point--
		}
		return
	}
	if p.n < digitsKept {
		p.d[p.n] = c
	} else if c != '0' {
		p.beyond = true
	}
	p.n++
	if !point {
		p.point++
	}
}

// exponent reads e+12; beyond a billion it stays there.
func exponent(b []byte) (int, bool) {
	if len(b) < 2 || b[0]|0x20 != 'e' {
		return 0, false
	}
	b = b[1:]
	neg := b[0] == '-'
	if neg || b[0] == '+' {
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	v := 0
	for _, c := range b {
		if c-'0' > 9 {
			return 0, false
		}
		if v < 1_000_000_000 {
			v = v*10 + int(c-'0')
		}
	}
	if neg {
		v = -v
	}
	return v, true
}

// Decimal reads a number as the unscaled value of decimal(precision, scale).
// Digits behind the scale that are not zero are Inexact, with the value rounded
// half away from zero.
func Decimal(b []byte, precision, scale int) (decimal128.Num, Fault) {
	if n, ok := shortDecimal(b, precision, scale); ok {
		return n, OK
	}
	p, ok := split(b)
	if !ok {
		return decimal128.Num{}, Malformed
	}
	keep := p.point + scale // digits of the unscaled value
	switch {
	case p.n == 0:
		return decimal128.Num{}, OK
	case keep > precision:
		return decimal128.Num{}, Range
	case keep < 0:
		return decimal128.Num{}, Inexact
	}
	var hi, lo uint64
	for i := range keep {
		hi, lo = mul10(hi, lo)
		if i < min(p.n, digitsKept) {
			var carry uint64
			lo, carry = bits.Add64(lo, uint64(p.d[i]-'0'), 0)
			hi += carry
		}
	}
	fault := OK
	if p.inexact(keep) {
		fault = Inexact
		if p.d[keep] >= '5' {
			var carry uint64
			lo, carry = bits.Add64(lo, 1, 0)
			hi += carry
		}
	}
	n := decimal128.New(int64(hi), lo)
	if !n.FitsInPrecision(int32(precision)) {
		return decimal128.Num{}, Range
	}
	if p.neg {
		n = n.Negate()
	}
	return n, fault
}

// inexact reports whether a digit that is not zero stands behind the first keep.
func (p *parts) inexact(keep int) bool {
	for i := keep; i < min(p.n, digitsKept); i++ {
		if p.d[i] != '0' {
			return true
		}
	}
	return p.beyond
}

func mul10(hi, lo uint64) (uint64, uint64) {
	h, l := bits.Mul64(lo, 10)
	return hi*10 + h, l
}

// pow10 holds the powers of ten that a uint64 holds.
var pow10 = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// shortDecimal is Decimal for at most 18 digits, as digits[.digits], that need
// no rounding. Whatever else is left to the long way.
func shortDecimal(b []byte, precision, scale int) (decimal128.Num, bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 18 {
		return decimal128.Num{}, false
	}
	var v uint64
	frac := -1
	for _, c := range b {
		if c-'0' <= 9 {
			v = v*10 + uint64(c-'0')
			if frac >= 0 {
				frac++
			}
		} else if c == '.' && frac < 0 {
			frac = 0
		} else {
			return decimal128.Num{}, false
		}
	}
	up := scale - max(frac, 0)
	if up < 0 || up > 19 || len(b) == 1 && frac == 0 {
		return decimal128.Num{}, false
	}
	hi, lo := bits.Mul64(v, pow10[up])
	if hi != 0 || (precision < len(pow10) && lo >= pow10[precision]) {
		return decimal128.Num{}, false
	}
	n := decimal128.FromU64(lo)
	if neg {
		n = n.Negate()
	}
	return n, true
}

// floatPow10 holds the powers of ten that a float64 holds exactly.
var floatPow10 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// Float64 reads a number as the nearest float64. Beyond the largest it is Range.
// A number written as an integer that no float64 equals is Inexact, and so is one
// so small that it becomes 0.
func Float64(b []byte) (float64, Fault) {
	if v, ok := shortFloat(b); ok {
		return v, OK
	}
	p, ok := split(b)
	if !ok {
		return 0, Malformed
	}
	v, err := strconv.ParseFloat(unsafe.String(&b[0], len(b)), 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, Range
	}
	if isIntegerText(b) && !sameInteger(b, p, v) || v == 0 && !isZeroText(b) {
		return v, Inexact
	}
	return v, OK
}

// isZeroText reports whether a number's digits before the exponent are all zero.
func isZeroText(b []byte) bool {
	for _, c := range b {
		if c|0x20 == 'e' {
			break
		}
		if c-'1' < 9 {
			return false
		}
	}
	return true
}

// shortFloat reads digits[.digits] whose digits make an integer below 2^53.
func shortFloat(b []byte) (float64, bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 16 {
		return 0, false
	}
	var m uint64
	frac := -1
	for _, c := range b {
		if c-'0' <= 9 {
			m = m*10 + uint64(c-'0')
			if frac >= 0 {
				frac++
			}
		} else if c == '.' && frac < 0 {
			frac = 0
		} else {
			return 0, false
		}
	}
	if m > 1<<53 || len(b) == 1 && frac == 0 {
		return 0, false
	}
	v := float64(m)
	if frac > 0 {
		v /= floatPow10[frac]
	}
	if neg {
		v = -v
	}
	return v, true
}

func isIntegerText(b []byte) bool {
	for i, c := range b {
		if c-'0' > 9 && (i > 0 || (c != '-' && c != '+')) {
			return false
		}
	}
	return true
}

// sameInteger reports whether the integer text b, taken apart as p, equals v.
func sameInteger(b []byte, p parts, v float64) bool {
	if p.n <= 15 {
		return true
	}
	want, ok := new(big.Int).SetString(string(b), 10)
	if !ok {
		return false
	}
	got, _ := new(big.Float).SetFloat64(v).Int(nil)
	return got.Cmp(want) == 0
}
