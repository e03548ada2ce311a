package enforce

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/eval"
	"github.com/headgate-data/headgate/executor/enforce/scan"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// limit finds the rows of a column that break it and appends them to bad, in
// order. Null rows may be among them: the caller passes over those.
type limit func(v *vec.Vec, bad []int32) []int32

// literal reads a constant of the contract, canonical text of its type, as a
// column of one row.
func literal(t types.Type, text string) (*vec.Vec, error) {
	quoted := scan.Quote(nil, []byte(text))
	d := newDecoder(t, &contract.Contract{Coerce: contract.CoerceLossless}, nil)
	d.setUntyped(true)
	_, kind, _ := scan.Text(quoted, 1)
	out := vec.New(t)
	if c := d.add(quoted, span{0, uint32(len(quoted)), kind}, out); c != fine {
		return nil, fmt.Errorf("%q is no value of type %s", text, t)
	}
	return out, nil
}

// boundLimit is min (upper false) or max.
func boundLimit(t types.Type, text string, upper bool) (limit, error) {
	at, err := literal(t, text)
	if err != nil {
		return nil, err
	}
	switch t.Kind {
	case types.Int32, types.Date:
		return ordered(at.I32[0], upper, func(v *vec.Vec) []int32 { return v.I32 }), nil
	case types.Int64, types.Time, types.Timestamp, types.TimestampTZ:
		return ordered(at.I64[0], upper, func(v *vec.Vec) []int64 { return v.I64 }), nil
	case types.Float64:
		return ordered(at.F64[0], upper, func(v *vec.Vec) []float64 { return v.F64 }), nil
	case types.Decimal:
		return decimalBound(at, upper), nil
	case types.String:
		edge := bytes.Clone(at.Bytes(0))
		return byBytes(func(b []byte) bool {
			c := bytes.Compare(b, edge)
			return upper && c > 0 || !upper && c < 0
		}), nil
	default:
		return nil, fmt.Errorf("values of type %s have no order", t)
	}
}

// ordered is a bound on numbers. Not-a-number breaks every bound.
func ordered[T cmp.Ordered](edge T, upper bool, values func(*vec.Vec) []T) limit {
	if upper {
		return func(v *vec.Vec, bad []int32) []int32 {
			for i, x := range values(v) {
				if !(x <= edge) {
					bad = append(bad, int32(i))
				}
			}
			return bad
		}
	}
	return func(v *vec.Vec, bad []int32) []int32 {
		for i, x := range values(v) {
			if !(x >= edge) {
				bad = append(bad, int32(i))
			}
		}
		return bad
	}
}

func decimalBound(at *vec.Vec, upper bool) limit {
	hi, lo := at.Dec[0].HighBits(), at.Dec[0].LowBits()
	return func(v *vec.Vec, bad []int32) []int32 {
		for i := range v.Dec {
			h, l := v.Dec[i].HighBits(), v.Dec[i].LowBits()
			less := h < hi || h == hi && l < lo
			more := h > hi || h == hi && l > lo
			if upper && more || !upper && less {
				bad = append(bad, int32(i))
			}
		}
		return bad
	}
}

// byBytes is a limit on each text.
func byBytes(breaks breaksText) limit {
	return func(v *vec.Vec, bad []int32) []int32 { return breaks.among(v, 0, v.N, bad) }
}

// breaksText reports whether a text breaks a limit.
type breaksText func(b []byte) bool

// among appends those of the rows [from, to) whose text breaks the limit.
func (breaks breaksText) among(v *vec.Vec, from, to int, bad []int32) []int32 {
	for i := from; i < to; i++ {
		if !v.IsNull(i) && breaks(v.Bytes(i)) {
			bad = append(bad, int32(i))
		}
	}
	return bad
}

// lengthLimit is min_length (upper false) or max_length: of text in code points,
// of bytes in bytes, of a list or map in elements.
func lengthLimit(t types.Type, n int, upper bool) (limit, error) {
	breaks := func(l int) bool { return upper && l > n || !upper && l < n }
	switch {
	case t.IsText() && upper:
		return func(v *vec.Vec, bad []int32) []int32 {
			for i := range v.N {
				if size := int(v.Offs[i+1] - v.Offs[i]); size > n && utf8.RuneCount(v.Bytes(i)) > n && !v.IsNull(i) {
					bad = append(bad, int32(i))
				}
			}
			return bad
		}, nil
	case t.IsText():
		return byBytes(func(b []byte) bool { return len(b) < n*utf8.UTFMax && utf8.RuneCount(b) < n }), nil
	case t.Kind == types.Bytes:
		return byBytes(func(b []byte) bool { return breaks(len(b)) }), nil
	case t.Kind == types.List || t.Kind == types.Map:
		return func(v *vec.Vec, bad []int32) []int32 {
			for i := range v.N {
				if breaks(int(v.Offs[i+1] - v.Offs[i])) {
					bad = append(bad, int32(i))
				}
			}
			return bad
		}, nil
	default:
		return nil, fmt.Errorf("values of type %s have no length", t)
	}
}

func patternLimit(t types.Type, pattern string) (limit, error) {
	if !t.IsText() {
		return nil, fmt.Errorf("values of type %s are no text", t)
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	m := eval.NewMatcher(re)
	rest := breaksText(func(b []byte) bool { return !m.Match(b) })
	return func(v *vec.Vec, bad []int32) []int32 {
		for i := 0; i < v.N; i += 4 {
			if i+4 <= v.N && m.Four(v.Bytes(i), v.Bytes(i+1), v.Bytes(i+2), v.Bytes(i+3)) {
				continue
			}
			bad = rest.among(v, i, min(i+4, v.N), bad)
		}
		return bad
	}, nil
}

func formatLimit(t types.Type, format string) (limit, error) {
	holds, ok := formats[format]
	if !ok {
		return nil, fmt.Errorf("there is no format %q", format)
	}
	if !t.IsText() {
		return nil, fmt.Errorf("values of type %s are no text", t)
	}
	return byBytes(func(b []byte) bool { return !holds(b) }), nil
}

// enumLimit takes the values that are listed.
func enumLimit(t types.Type, texts []string) (limit, error) {
	all := vec.New(t)
	for _, text := range texts {
		one, err := literal(t, text)
		if err != nil {
			return nil, err
		}
		all.AppendFrom(one, 0)
	}
	switch t.Kind {
	case types.Int32, types.Date:
		return among(all.I32, func(v *vec.Vec) []int32 { return v.I32 }), nil
	case types.Int64, types.Time, types.Timestamp, types.TimestampTZ:
		return among(all.I64, func(v *vec.Vec) []int64 { return v.I64 }), nil
	case types.Float64:
		return among(all.F64, func(v *vec.Vec) []float64 { return v.F64 }), nil
	case types.Decimal:
		return amongDecimals(all), nil
	case types.Bool:
		return func(v *vec.Vec, bad []int32) []int32 {
			for i := range v.N {
				if len(texts) == 1 && v.Bool.Get(i) != all.Bool.Get(0) {
					bad = append(bad, int32(i))
				}
			}
			return bad
		}, nil
	case types.String, types.Bytes, types.UUID, types.JSON:
		return amongTexts(all), nil
	default:
		return nil, fmt.Errorf("values of type %s cannot be listed", t)
	}
}

func among[T comparable](list []T, values func(*vec.Vec) []T) limit {
	set := make(map[T]bool, len(list))
	for _, x := range list {
		set[x] = true
	}
	return func(v *vec.Vec, bad []int32) []int32 {
		for i, x := range values(v) {
			if !set[x] {
				bad = append(bad, int32(i))
			}
		}
		return bad
	}
}

func amongDecimals(all *vec.Vec) limit {
	return func(v *vec.Vec, bad []int32) []int32 {
	rows:
		for i, x := range v.Dec {
			for _, y := range all.Dec {
				if x == y {
					continue rows
				}
			}
			bad = append(bad, int32(i))
		}
		return bad
	}
}

// fewValues is up to how many values a search one by one is the fastest.
const fewValues = 12

func amongTexts(all *vec.Vec) limit {
	list, set := make([]string, all.N), make(map[string]bool, all.N)
	for i := range list {
		list[i] = string(all.Bytes(i))
		set[list[i]] = true
	}
	if len(list) > fewValues {
		return byBytes(func(b []byte) bool { return !set[string(b)] })
	}
	return byBytes(func(b []byte) bool {
		for _, s := range list {
			if string(b) == s {
				return false
			}
		}
		return true
	})
}

// namedLimit is a limit with the rule that it is.
type namedLimit struct {
	rule    string
	message string
	find    limit
	err     error
}

// limitsOf compiles the limits of a column, in the order in which their
// violations are listed.
func limitsOf(c *contract.Column) []namedLimit {
	var out []namedLimit
	add := func(rule, message string, find limit, err error) {
		out = append(out, namedLimit{rule, message, find, err})
	}
	if c.Min != nil {
		find, err := boundLimit(c.Type, *c.Min, false)
		add(contract.RuleMin, "is less than "+*c.Min, find, err)
	}
	if c.Max != nil {
		find, err := boundLimit(c.Type, *c.Max, true)
		add(contract.RuleMax, "is more than "+*c.Max, find, err)
	}
	if c.MinLength != nil {
		find, err := lengthLimit(c.Type, *c.MinLength, false)
		add(contract.RuleMinLength, fmt.Sprintf("is shorter than %d", *c.MinLength), find, err)
	}
	if c.MaxLength != nil {
		find, err := lengthLimit(c.Type, *c.MaxLength, true)
		add(contract.RuleMaxLength, fmt.Sprintf("is longer than %d", *c.MaxLength), find, err)
	}
	if c.Pattern != "" {
		find, err := patternLimit(c.Type, c.Pattern)
		add(contract.RulePattern, "does not match "+c.Pattern, find, err)
	}
	if len(c.Enum) > 0 {
		find, err := enumLimit(c.Type, c.Enum)
		add(contract.RuleEnum, "is none of "+strings.Join(c.Enum, ", "), find, err)
	}
	if c.Format != "" {
		find, err := formatLimit(c.Type, c.Format)
		add(contract.RuleFormat, "is not of the format "+c.Format, find, err)
	}
	return out
}
