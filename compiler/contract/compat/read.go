package compat

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
)

// reading is how one version reads JSON values: SEMANTICS' coercion modes.
type reading struct {
	mode   contract.Coerce
	strict bool // a struct may have no member that its type does not name
}

func readingOf(c *contract.Contract) reading {
	return reading{mode: c.Coerce, strict: refusesUnknown(c.UnknownColumns)}
}

func refusesUnknown(u contract.UnknownColumns) bool {
	return u == contract.UnknownFail || u == contract.UnknownQuarantine
}

func (r reading) texts() bool   { return r.mode != contract.CoerceNone }
func (r reading) lenient() bool { return r.mode == contract.CoerceLenient }

// kindOf is the first byte of a JSON value: one of n t f " [ { or 0 for a number.
func kindOf(raw string) byte {
	if raw == "" {
		return 'n'
	}
	switch raw[0] {
	case 'n', 't', 'f', '"', '[', '{':
		return raw[0]
	default:
		return 0
	}
}

// read reads a JSON value as a type. null is read as null by every type.
func (r reading) read(t types.Type, raw string) (value, bool) {
	if kindOf(raw) == 'n' {
		return value{}, true
	}
	switch t.Kind {
	case types.Bool:
		return r.boolean(raw)
	case types.Int32, types.Int64, types.Decimal, types.Float64:
		return r.number(t, raw)
	case types.String:
		return r.text(raw)
	case types.JSON:
		return value{kind: types.JSON, s: raw}, true
	case types.List, types.Map, types.Struct:
		return r.nested(t, raw)
	}
	if kindOf(raw) != '"' || !r.texts() {
		return value{}, false
	}
	text := r.inner(raw)
	switch t.Kind {
	case types.Date, types.Time, types.Timestamp, types.TimestampTZ:
		return r.temporal(t.Kind, text)
	case types.UUID:
		return r.uuid(text)
	case types.Bytes:
		return r.binary(text)
	default:
		return value{}, false
	}
}

// inner is what a JSON string stands for, trimmed under lenient.
func (r reading) inner(raw string) string {
	s := unquote(raw)
	if r.lenient() {
		s = strings.TrimSpace(s)
	}
	return s
}

func unquote(raw string) string {
	var s string
	if json.Unmarshal([]byte(raw), &s) != nil {
		return ""
	}
	return s
}

func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(s) != nil {
		return `""`
	}
	return strings.TrimRight(b.String(), "\n")
}

func (r reading) boolean(raw string) (value, bool) {
	truth := func(b bool) (value, bool) { return value{kind: types.Bool, b: b}, true }
	switch k := kindOf(raw); {
	case k == 't' || k == 'f':
		return truth(k == 't')
	case k == '"' && r.texts():
		low := strings.ToLower(r.inner(raw))
		switch {
		case low == "true" || low == "false":
			return truth(low == "true")
		case !r.lenient():
		case low == "t" || low == "yes" || low == "y" || low == "on" || low == "1":
			return truth(true)
		case low == "f" || low == "no" || low == "n" || low == "off" || low == "0":
			return truth(false)
		}
	case k == 0 && r.lenient() && (raw == "0" || raw == "1" || raw == "-0"):
		return truth(raw == "1")
	}
	return value{}, false
}

var (
	numberText = regexp.MustCompile(`^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?$`)
	wholeText  = regexp.MustCompile(`^-?[0-9]+$`)
)

// farExponent is beyond what any type holds.
const farExponent = 400

// exact reads the text of a number. far is 1 or -1 where its exponent is out of
// every type's reach, upwards or downwards.
func exact(text string) (r *big.Rat, far int, ok bool) {
	m := numberText.FindStringSubmatch(text)
	if m == nil || len(text) > 2000 {
		return nil, 0, false
	}
	if m[1] != "" {
		mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
		if strings.Trim(mantissa, "+-0.") == "" {
			return new(big.Rat), 0, true
		}
		e, err := strconv.Atoi(m[1])
		switch {
		case (err != nil && m[1][0] != '-') || e > farExponent:
			return nil, 1, true
		case err != nil || e < -farExponent:
			return nil, -1, true
		}
	}
	r, ok = new(big.Rat).SetString(strings.TrimPrefix(text, "+"))
	return r, 0, ok
}

func (r reading) number(t types.Type, raw string) (value, bool) {
	text, whole := raw, false
	switch k := kindOf(raw); {
	case k == 0:
		whole = !wholeText.MatchString(raw) && !r.texts() // none: an integer is written as one
	case k == '"' && r.texts():
		text = r.inner(raw)
	case (k == 't' || k == 'f') && r.lenient() && t.IsInteger():
		text = map[byte]string{'t': "1", 'f': "0"}[k]
	default:
		return value{}, false
	}
	if whole && t.IsInteger() {
		return value{}, false
	}
	if t.Kind == types.Float64 {
		return r.float(text)
	}
	n, far, ok := exact(text)
	switch {
	case !ok || far > 0 || (far < 0 && !r.lenient()):
		return value{}, false
	case far < 0:
		n = new(big.Rat)
	}
	return r.fit(t, n)
}

// fit puts a number into an integer or decimal type, rounded half away from zero
// under lenient.
func (r reading) fit(t types.Type, n *big.Rat) (value, bool) {
	scale := big.NewRat(1, 1)
	if t.Kind == types.Decimal {
		scale.SetInt(pow10(t.Scale))
	}
	scaled := new(big.Rat).Mul(n, scale)
	if !scaled.IsInt() {
		if !r.lenient() {
			return value{}, false
		}
		half := big.NewRat(int64(scaled.Sign()), 2)
		sum := half.Add(half, scaled)
		scaled = new(big.Rat).SetInt(new(big.Int).Quo(sum.Num(), sum.Denom()))
	}
	n = scaled.Quo(scaled, scale)
	lo, hi := extremes(t)
	if n.Cmp(lo) < 0 || n.Cmp(hi) > 0 {
		return value{}, false
	}
	return value{kind: t.Kind, num: n}, true
}

func (r reading) float(text string) (value, bool) {
	if !numberText.MatchString(text) {
		return value{}, false
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return value{}, false
	}
	n := new(big.Rat).SetFloat64(f)
	if f == 0 && strings.ContainsAny(strings.SplitN(strings.ToLower(text), "e", 2)[0], "123456789") && !r.lenient() {
		return value{}, false // so small that it would become 0
	}
	if wholeText.MatchString(strings.TrimPrefix(text, "+")) && !r.lenient() {
		if whole, _, ok := exact(text); !ok || whole == nil || whole.Cmp(n) != 0 {
			return value{}, false
		}
	}
	return value{kind: types.Float64, num: n}, true
}

func (r reading) text(raw string) (value, bool) {
	switch k := kindOf(raw); {
	case k == '"':
		s := unquote(raw)
		return value{kind: types.String, s: s}, strings.IndexByte(s, 0) < 0
	case !r.texts() || (!r.lenient() && (k == '[' || k == '{')):
		return value{}, false
	}
	return value{kind: types.String, s: raw}, utf8.ValidString(raw)
}

var stampText = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?$`)

var clockText = regexp.MustCompile(`^([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?$`)

// clockOf makes microseconds of a day's parts.
func clockOf(h, m, s, fraction string) (micros int64, short, finer, ok bool) {
	hour, _ := strconv.Atoi(h)
	minute, _ := strconv.Atoi(m)
	second, _ := strconv.Atoi("0" + s)
	if hour > 23 || minute > 59 || second > 59 {
		return 0, false, false, false
	}
	finer = len(fraction) > 6 && strings.Trim(fraction[6:], "0") != ""
	sixth, _ := strconv.Atoi((fraction + "000000")[:6])
	return int64(hour*3600+minute*60+second)*1000000 + int64(sixth), s == "", finer, true
}

func (r reading) temporal(k types.Kind, text string) (value, bool) {
	if k == types.Time {
		m := clockText.FindStringSubmatch(text)
		if m == nil {
			return value{}, false
		}
		micros, short, finer, ok := clockOf(m[1], m[2], m[3], m[4])
		return value{kind: k, t: micros}, ok && (r.lenient() || !short && !finer)
	}
	m := stampText.FindStringSubmatch(text)
	if m == nil {
		return value{}, false
	}
	day, err := time.Parse(time.DateOnly, m[1])
	if err != nil {
		return value{}, false
	}
	days := day.Unix() / 86400
	if m[2] == "" { // the date alone
		if k == types.Date {
			return value{kind: k, t: days}, true
		}
		return value{kind: k, t: days * microsPerDay}, true
	}
	micros, short, finer, ok := clockOf(m[2], m[3], m[4], m[5])
	offset, inRange := offsetOf(m[6])
	if !ok || !inRange {
		return value{}, false
	}
	switch {
	case k == types.Date:
		return value{kind: k, t: days}, r.lenient() || micros == 0 && !finer && offset == 0
	case (short || finer) && !r.lenient():
		return value{}, false
	case k == types.Timestamp && offset != 0 && !r.lenient():
		return value{}, false
	}
	return value{kind: k, t: days*microsPerDay + micros - offset}, true
}

// offsetOf reads a zone as microseconds ahead of UTC.
func offsetOf(zone string) (int64, bool) {
	if zone == "" || zone == "Z" || zone == "z" {
		return 0, true
	}
	digits := strings.ReplaceAll(zone[1:], ":", "") + "00"
	h, _ := strconv.Atoi(digits[:2])
	m, _ := strconv.Atoi(digits[2:4])
	if h > 23 || m > 59 {
		return 0, false
	}
	off := int64(h*3600+m*60) * 1000000
	if zone[0] == '-' {
		off = -off
	}
	return off, true
}

var (
	uuidText  = regexp.MustCompile(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$`)
	looseUUID = regexp.MustCompile(`^(?i:urn:uuid:)?\{?([0-9A-Fa-f]{32}|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\}?$`)
)

func (r reading) uuid(text string) (value, bool) {
	ok := uuidText.MatchString(text)
	if m := looseUUID.FindStringSubmatch(text); !ok && m != nil && r.lenient() {
		text, ok = m[1], strings.Contains(text, "{") == strings.Contains(text, "}")
	}
	return value{kind: types.UUID, s: strings.ReplaceAll(strings.ToLower(text), "-", "")}, ok
}

func (r reading) binary(text string) (value, bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	ok := err == nil && !strings.ContainsAny(text, "\r\n")
	if !ok && r.lenient() {
		enc := base64.RawStdEncoding
		if strings.ContainsAny(text, "-_") {
			enc = base64.RawURLEncoding
		}
		b, err = enc.DecodeString(strings.TrimRight(text, "="))
		ok = err == nil
	}
	return value{kind: types.Bytes, s: string(b)}, ok
}

// nested reads a list, map or struct. Under lenient a string may hold its JSON.
func (r reading) nested(t types.Type, raw string) (value, bool) {
	if kindOf(raw) == '"' && r.lenient() {
		raw = strings.TrimSpace(unquote(raw))
		if !json.Valid([]byte(raw)) {
			return value{}, false
		}
		if kindOf(raw) == 'n' {
			return value{}, true
		}
	}
	switch {
	case t.Kind == types.List && kindOf(raw) == '[':
		var items []json.RawMessage
		if json.Unmarshal([]byte(raw), &items) != nil {
			return value{}, false
		}
		out := value{kind: types.List}
		for _, x := range items {
			v, ok := r.read(*t.Elem, string(x))
			if !ok {
				return value{}, false
			}
			out.items = append(out.items, v)
		}
		return out, true
	case t.Kind == types.Map && kindOf(raw) == '{':
		names, items, ok := members(raw)
		out := value{kind: types.Map, names: names}
		for i := range names {
			v, fine := r.read(*t.Elem, items[i])
			ok = ok && fine && strings.IndexByte(names[i], 0) < 0
			out.items = append(out.items, v)
		}
		return out, ok
	case t.Kind == types.Struct && kindOf(raw) == '{':
		return r.structure(t, raw)
	default:
		return value{}, false
	}
}

func (r reading) structure(t types.Type, raw string) (value, bool) {
	names, items, ok := members(raw)
	found := map[string]string{}
	for i, name := range names {
		found[name] = items[i]
	}
	out := value{kind: types.Struct}
	for _, f := range t.Fields {
		v, fine := r.read(f.Type, found[f.Name])
		ok = ok && fine
		out.names, out.items = append(out.names, f.Name), append(out.items, v)
		delete(found, f.Name)
	}
	return out, ok && (len(found) == 0 || !r.strict)
}

// members takes an object apart, in order; false where a name stands twice.
func members(raw string) (names, items []string, ok bool) {
	d := json.NewDecoder(strings.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, false
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		name, isName := t.(string)
		var item json.RawMessage
		if err != nil || !isName || seen[name] || d.Decode(&item) != nil {
			return nil, nil, false
		}
		seen[name] = true
		names, items = append(names, name), append(items, string(item))
	}
	return names, items, true
}

// constant reads canonical text of a type, as defaults and limits carry it.
func constant(t types.Type, text string) (value, bool) {
	r := reading{mode: contract.CoerceLossless}
	switch {
	case t.Kind == types.JSON || t.IsNested():
		return r.read(t, text)
	default:
		return r.read(t, quote(text))
	}
}
