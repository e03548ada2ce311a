package rowexpr

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headgate-data/headgate/compiler/types"
)

// maxDigits is how many digits a decimal holds.
const maxDigits = 38

// Canonical reads text as a value of t, as a user writes it, and returns the text
// that a Literal of that type carries. It never changes the value: digits behind
// a decimal's scale, a fraction for an integer, or a sub-microsecond are errors.
func Canonical(t types.Type, text string) (string, error) {
	switch t.Kind {
	case types.Bool:
		if text != "true" && text != "false" {
			return "", fmt.Errorf("%q is not true or false", text)
		}
		return text, nil
	case types.Int32, types.Int64, types.Decimal:
		r, err := parseNumber(text)
		if err != nil {
			return "", err
		}
		return canonicalNumber(t, r, text)
	case types.Float64:
		return canonicalFloat(text)
	case types.Bytes:
		b, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil {
			return "", fmt.Errorf("%q is not base64", text)
		}
		return base64.StdEncoding.EncodeToString(b), nil
	case types.UUID:
		return canonicalUUID(text)
	case types.Date, types.Time, types.Timestamp, types.TimestampTZ:
		return canonicalTime(t.Kind, text)
	case types.JSON, types.List, types.Struct, types.Map:
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var v any
		if !json.Valid([]byte(text)) || d.Decode(&v) != nil {
			return "", fmt.Errorf("%q is not JSON", text)
		}
		if err := fits(t, v); err != nil && t.IsNested() {
			return "", err
		}
		return text, nil
	case types.String:
		if strings.ContainsRune(text, 0) {
			return "", errors.New("no text holds the character U+0000")
		}
		return text, nil
	default:
		return "", fmt.Errorf("there is no constant of type %s", t)
	}
}

// fits reports why a JSON value, numbers kept as text, is no value of t. Parts may
// be null or absent, and a struct may have members that t does not name, as in a
// record.
func fits(t types.Type, v any) error {
	switch t.Kind {
	case types.JSON:
		return nil
	case types.List:
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%s is no list", shown(v))
		}
		for i, x := range list {
			if err := partFits(*t.Elem, x); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return nil
	case types.Struct, types.Map:
		members, ok := v.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is no object", shown(v))
		}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			part := t.Elem
			if t.Kind == types.Struct {
				i := slices.IndexFunc(t.Fields, func(f types.Field) bool { return f.Name == name })
				if i < 0 {
					continue
				}
				part = &t.Fields[i].Type
			}
			if err := partFits(*part, members[name]); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}
	text := shown(v)
	switch x := v.(type) {
	case string:
		text = x
	case []any, map[string]any:
		return fmt.Errorf("%s is no %s", text, t)
	default:
		if t.Kind == types.Bytes { // whose text could be digits or a word
			return fmt.Errorf("%s is no text", text)
		}
	}
	if _, err := Canonical(t, text); err != nil || t.Kind != types.Float64 {
		return err
	}
	r, err := parseNumber(text)
	if err == nil && r.IsInt() {
		if f, _ := r.Float64(); new(big.Rat).SetFloat64(f).Cmp(r) != 0 {
			return fmt.Errorf("a %s would change %s", t, text)
		}
	}
	return err
}

func partFits(t types.Type, v any) error {
	if v == nil {
		return nil
	}
	return fits(t, v)
}

// shown writes a value that was read from JSON as JSON.
func shown(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// parseNumber reads decimal digits with an optional sign, fraction and exponent.
func parseNumber(text string) (*big.Rat, error) {
	mantissa, exp, hasExp := strings.Cut(strings.ToLower(text), "e")
	if hasExp {
		if n, err := strconv.Atoi(exp); err != nil || n > 400 || n < -400 {
			return nil, fmt.Errorf("%s is out of every type's range", text)
		}
	}
	digits := strings.TrimLeft(mantissa, "+-")
	if digits == "" || strings.Trim(digits, "0123456789.") != "" || len(mantissa)-len(digits) > 1 || len(digits) > 800 {
		return nil, fmt.Errorf("%q is not a number", text)
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, fmt.Errorf("%q is not a number", text)
	}
	return r, nil
}

func canonicalNumber(t types.Type, r *big.Rat, text string) (string, error) {
	if t.Kind == types.Decimal {
		p, s, ok := digitsOf(r)
		if !ok || s > t.Scale || (p-s > t.Precision-t.Scale && r.Sign() != 0) {
			return "", fmt.Errorf("%s does not fit %s", text, t)
		}
		return r.FloatString(t.Scale), nil
	}
	if !r.IsInt() {
		return "", fmt.Errorf("%s is not a whole number", text)
	}
	lo, hi := int64(math.MinInt64), int64(math.MaxInt64)
	if t.Kind == types.Int32 {
		lo, hi = math.MinInt32, math.MaxInt32
	}
	if n := r.Num(); !n.IsInt64() || n.Int64() < lo || n.Int64() > hi {
		return "", fmt.Errorf("%s does not fit %s", text, t)
	}
	return r.Num().String(), nil
}

// digitsOf returns the precision and scale of the smallest decimal that holds r;
// false where no decimal of 38 digits does.
func digitsOf(r *big.Rat) (precision, scale int, ok bool) {
	scale = 0
	for v := new(big.Rat).Set(r); !v.IsInt(); scale++ {
		if scale == maxDigits {
			return 0, 0, false
		}
		v.Mul(v, big.NewRat(10, 1))
	}
	digits := strings.TrimLeft(strings.Replace(r.FloatString(scale), ".", "", 1), "-0")
	precision = max(len(digits), scale, 1)
	return precision, scale, precision <= maxDigits
}

func canonicalFloat(text string) (string, error) {
	if _, err := parseNumber(text); err != nil {
		return "", err
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return "", fmt.Errorf("%s is out of float64's range", text)
	}
	return strconv.FormatFloat(f, 'g', -1, 64), nil
}

func canonicalUUID(text string) (string, error) {
	low := strings.ToLower(text)
	ok := len(low) == 36
	for i := 0; ok && i < len(low); i++ {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			ok = low[i] == '-'
		} else {
			ok = strings.IndexByte("0123456789abcdef", low[i]) >= 0
		}
	}
	if !ok {
		return "", fmt.Errorf("%q is not a UUID", text)
	}
	return low, nil
}

// layouts are what a text of each temporal type may look like. Go's parser takes
// a fraction of seconds behind any of them.
var layouts = map[types.Kind][]string{
	types.Date:        {"2006-01-02"},
	types.Time:        {"15:04:05"},
	types.Timestamp:   {"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"},
	types.TimestampTZ: {"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00"},
}

var shapes = map[types.Kind]string{
	types.Date: "2006-01-02", types.Time: "15:04:05", types.Timestamp: "2006-01-02T15:04:05",
	types.TimestampTZ: "2006-01-02T15:04:05Z",
}

func canonicalTime(k types.Kind, text string) (string, error) {
	for _, layout := range layouts[k] {
		v, err := time.Parse(layout, text)
		if err != nil || strings.Contains(text, ",") {
			continue
		}
		if v = v.UTC(); v.Nanosecond()%1000 != 0 || (v.Year() < 1 && k != types.Time) || v.Year() > 9999 || (k == types.Date && len(text) != 10) {
			continue
		}
		switch k {
		case types.Date:
			return v.Format("2006-01-02"), nil
		case types.Time:
			return v.Format("15:04:05.999999"), nil
		case types.Timestamp:
			return v.Format("2006-01-02T15:04:05.999999"), nil
		default:
			return v.Format("2006-01-02T15:04:05.999999Z"), nil
		}
	}
	return "", fmt.Errorf("%q is not a %s: write it like %s", text, k, shapes[k])
}
