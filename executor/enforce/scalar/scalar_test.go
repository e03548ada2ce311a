package scalar

import (
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// exact reads a number by arbitrary arithmetic. ok is false where the exponent
// is too far away for that.
func exact(s string) (r *big.Rat, ok bool) {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if e, err := strconv.Atoi(s[i+1:]); err != nil || e > 400 || e < -400 {
			return nil, false
		}
	}
	return new(big.Rat).SetString(s)
}

// roundHalfAway returns r rounded to an integer, and whether it was one.
func roundHalfAway(r *big.Rat) (*big.Int, bool) {
	if r.IsInt() {
		return new(big.Int).Set(r.Num()), true
	}
	half := big.NewRat(int64(r.Sign()), 2)
	sum := new(big.Rat).Add(r, half)
	return new(big.Int).Quo(sum.Num(), sum.Denom()), false
}

// FuzzNumber holds integers, decimals and floats to arbitrary arithmetic.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"0", "-0", "12.340", "-1.505", "1e38", "99999999999999999999999999999999999999.4", "1e-40", "0.000000000000000000000000000000000000005",
		"9223372036854775808", "-9223372036854775808", "9007199254740993", "123456789012345678901", "1.7976931348623159e308", "00.1", "5.", ".5", "-.", "1e+1", "+1"} {
		f.Add(s, uint8(38), uint8(10))
	}
	f.Fuzz(func(t *testing.T, s string, p, sc uint8) {
		precision := 1 + int(p)%38
		scale := int(sc) % (precision + 1)
		d, fault := Decimal([]byte(s), precision, scale)
		i, intFault := Integer([]byte(s))
		v, floatFault := Float64([]byte(s))
		if (fault == Malformed) != (intFault == Malformed) || (fault == Malformed) != (floatFault == Malformed) {
			t.Fatalf("%q is malformed for one type and not for another: %v %v %v", s, fault, intFault, floatFault)
		}
		if fault == Malformed {
			if strings.Trim(s, "0123456789") == "" && s != "" {
				t.Fatalf("%q is malformed", s)
			}
			return
		}
		r, ok := exact(s)
		if !ok {
			return
		}
		up := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
		want, whole := roundHalfAway(new(big.Rat).Mul(r, up))
		checkDecimal(t, s, d, fault, want, whole, precision)
		checkInteger(t, s, i, intFault, r)
		if floatFault == OK || floatFault == Inexact {
			if nearest, _ := strconv.ParseFloat(s, 64); nearest != v || math.Signbit(nearest) != math.Signbit(v) {
				t.Fatalf("%q as float64 is %v, want %v", s, v, nearest)
			}
		}
	})
}

func checkDecimal(t *testing.T, s string, d decimal128.Num, fault Fault, want *big.Int, whole bool, precision int) {
	t.Helper()
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil)
	wantFault := OK
	switch {
	case new(big.Int).Abs(want).Cmp(limit) >= 0:
		wantFault = Range
	case !whole:
		wantFault = Inexact
	}
	if fault != wantFault || (fault != Range && d.BigInt().Cmp(want) != 0) {
		t.Fatalf("%q with %d digits is %v (%v), want %v (%v)", s, precision, d.BigInt(), fault, want, wantFault)
	}
}

func checkInteger(t *testing.T, s string, i int64, fault Fault, r *big.Rat) {
	t.Helper()
	want, whole := roundHalfAway(r)
	wantFault := OK
	switch {
	case !want.IsInt64():
		wantFault = Range
	case !whole:
		wantFault = Inexact
	}
	if fault != wantFault || (fault != Range && i != want.Int64()) {
		t.Fatalf("%q as an integer is %d (%v), want %v (%v)", s, i, fault, want, wantFault)
	}
	if v, f := Int64([]byte(s)); f == OK && (fault != OK || v != i) {
		t.Fatalf("%q is %d one way and %d (%v) the other", s, v, i, fault)
	}
}

// FuzzTimestamp holds the reader of times to the standard library's.
func FuzzTimestamp(f *testing.F) {
	for _, s := range []string{"2024-02-29T10:11:12Z", "0000-01-01T00:00:00.1-23:59", "9999-12-31T23:59:59.999999999+23:59", "1900-02-29T00:00:00Z", "2024-02-29t10:11:12z", "2024-02-29"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, fault := Timestamp([]byte(s))
		if day, dayFault := Date([]byte(s)); (dayFault == OK) != (fault == OK && c.DayOnly) || dayFault == OK && int64(day)*microsPerDay != c.Wall {
			t.Fatalf("%q is day %d (%v) and time %+v (%v)", s, day, dayFault, c, fault)
		}
		want, err := time.Parse("2006-01-02T15:04:05.999999999Z07:00", s)
		if err == nil && len(s) >= 20 && s[11] >= '0' && s[13] == ':' && !strings.Contains(s, ",") { // Parse takes one digit for the hour
			if end := s[len(s)-5:]; fault != OK && end[:2] != "24" && end[3:] != "60" { // Parse takes these offsets, RFC 3339 does not
				t.Fatalf("%q is refused (%v)", s, fault)
			}
		}
		if err == nil && fault == OK && c.Instant(nil) != want.UnixMicro() {
			t.Fatalf("%q is %d, want %d", s, c.Instant(nil), want.UnixMicro())
		}
		if fault == OK {
			day, micros := DayOf(c.Wall)
			if int64(day)*microsPerDay+micros != c.Wall || micros < 0 || micros >= microsPerDay {
				t.Fatalf("%q: day %d and %d µs do not make %d", s, day, micros, c.Wall)
			}
		}
	})
}

// TestEveryDay walks through ten thousand years.
func TestEveryDay(t *testing.T) {
	at := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	for ; at.Year() < 10000; at = at.AddDate(0, 0, 1) {
		text := at.Format("2006-01-02")
		if day, f := Date([]byte(text)); f != OK || int64(day) != at.Unix()/86400 {
			t.Fatalf("%s is day %d (%v), want %d", text, day, f, at.Unix()/86400)
		}
	}
}

// TestZoneOfTextsWithout reads times that name no zone in one that changes its clocks.
func TestZoneOfTextsWithout(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here")
	}
	for text, want := range map[string]string{
		"2024-01-01T12:00:00": "2024-01-01T11:00:00Z", "2024-07-01T12:00:00.000001": "2024-07-01T10:00:00.000001Z", "2024-07-01T12:00:00Z": "2024-07-01T12:00:00Z",
		"1969-12-31T23:59:59.5": "1969-12-31T22:59:59.5Z",
	} {
		c, f := Timestamp([]byte(text))
		if got := time.UnixMicro(c.Instant(berlin)).UTC().Format(time.RFC3339Nano); f != OK || got != want {
			t.Errorf("%s is %s (%v), want %s", text, got, f, want)
		}
	}
}

func FuzzUUID(f *testing.F) {
	f.Add("00112233-4455-6677-8899-aabbccddeeff")
	f.Add("{00112233445566778899AABBCCDDEEFF}")
	f.Fuzz(func(t *testing.T, s string) {
		var u, loose [16]byte
		strict := UUID([]byte(s), &u)
		plain, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
		want := len(s) == 36 && err == nil && len(plain) == 16 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-'
		if (strict == OK) != want {
			t.Fatalf("%q: %v, want it taken: %v", s, strict, want)
		}
		if strict == OK && (LooseUUID([]byte(s), &loose) != OK || loose != u || string(AppendUUID(nil, u[:])) != strings.ToLower(s)) {
			t.Fatalf("%q reads as %x, loosely as %x", s, u, loose)
		}
		if LooseUUID([]byte(s), &loose) == OK && UUID(AppendUUID(nil, loose[:]), &u) != OK {
			t.Fatalf("%q does not survive", s)
		}
	})
}
