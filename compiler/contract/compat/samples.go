package compat

import (
	"math/big"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

// samples collects JSON texts without repeats.
type samples struct {
	list []string
	seen map[string]bool
}

func (s *samples) add(raws ...string) {
	for _, raw := range raws {
		if raw != "" && !s.seen[raw] && valid(raw) {
			s.seen[raw] = true
			s.list = append(s.list, raw)
		}
	}
}

// maxText bounds the texts that are made up to break a length.
const maxText = 2000

// samplesOf lists values of a column worth trying, the plain ones first: those of
// both types, those beside each bound and each constant, and values of other
// kinds of JSON. Some are of neither type.
func (w *work) samplesOf(name string) []string {
	if list, ok := w.samples[name]; ok {
		return list
	}
	out := &samples{seen: map[string]bool{}}
	var cols []*contract.Column
	var sides []*side
	for _, s := range []*side{w.old, w.now} {
		if c, ok := s.Column(name); ok {
			cols, sides = append(cols, c), append(sides, s)
		}
	}
	for _, c := range cols {
		for _, text := range c.Enum {
			if v, ok := constant(c.Type, text); ok {
				out.add(render(v))
			}
		}
		if c.Default != nil {
			if v, ok := constant(c.Type, *c.Default); ok {
				out.add(render(v))
			}
		}
	}
	for _, c := range cols {
		out.add(plain(c.Type, 0)...)
	}
	var ends []func()
	for i, c := range cols {
		ends = append(ends, w.beside(out, sides[i], c))
	}
	for _, add := range ends {
		add()
	}
	for _, c := range cols {
		if c.Type.Kind == types.String {
			w.strings(out, cols, sides)
			break
		}
	}
	for _, c := range cols {
		w.sized(out, c)
		out.add(odd(c.Type)...)
	}
	out.add("null", `"x"`, `""`, "12", `"12"`, "1.5", "12.0", "true", `"true"`, "{}", "[]", `"\u0000"`, "1e400", `" a "`)
	w.samples[name] = out.list
	return out.list
}

// plain are values of a type that nothing is special about. Inside of nested types
// there are fewer.
func plain(t types.Type, depth int) []string {
	switch t.Kind {
	case types.Bool:
		return []string{"true", "false"}
	case types.Int32, types.Int64, types.Float64, types.Decimal:
		return []string{"1", "0", "2", "10", "100", "-1"}
	case types.String:
		return []string{`"a"`, `"b"`, `"abc"`, `"A"`, `"0"`, `"é"`}
	case types.Bytes:
		return []string{`"aGk="`, `"aGk"`}
	case types.Date, types.Time, types.Timestamp, types.TimestampTZ:
		return []string{`"2024-01-15"`, `"2024-01-15T12:00:00Z"`, `"2024-01-15T12:00:00"`, `"12:00:00"`, `"2024-01-15T00:00:00Z"`}
	case types.UUID:
		return []string{`"00112233-4455-6677-8899-aabbccddeeff"`}
	case types.JSON:
		return []string{`{"a": 1}`, "1", `"a"`, "[1]"}
	}
	if depth > 4 {
		return nil
	}
	var out []string
	switch t.Kind {
	case types.List:
		out = append(out, "[]")
		for _, x := range few(*t.Elem, depth) {
			out = append(out, "["+x+"]")
		}
	case types.Map:
		out = append(out, "{}")
		for _, x := range few(*t.Elem, depth) {
			out = append(out, `{"k": `+x+"}")
		}
	case types.Struct:
		out = append(out, "{}", `{"not_a_field": 1}`)
		for _, f := range t.Fields {
			for _, x := range few(f.Type, depth) {
				out = append(out, "{"+quote(f.Name)+": "+x+"}")
			}
		}
	}
	return out
}

// few are values for the inside of a nested type, of wrong kinds too.
func few(t types.Type, depth int) []string {
	out := append(plain(t, depth+1), odd(t)...)
	return append(out[:min(len(out), 14)], `"x"`, "12", "12.0", `"12"`, "1.5", "true", "{}", "[]", "null", `"\u0000"`)
}

// odd are texts that the coercion modes, or the neighbours of a type, read
// differently.
func odd(t types.Type) []string {
	switch t.Kind {
	case types.Bool:
		return []string{`"yes"`, "1"}
	case types.Int32, types.Int64, types.Decimal:
		out := []string{"2147483648", "1.5", "1.0", `"1"`, `" 1"`, "true", "9223372036854775808", "0.005"}
		lo, hi := extremes(t)
		out = append(out, ratText(hi), ratText(lo), ratText(new(big.Rat).Add(hi, step(t))))
		if t.Kind == types.Decimal && t.Scale > 0 {
			out = append(out, ratText(step(t)), ratText(new(big.Rat).Quo(step(t), big.NewRat(2, 1))))
		}
		return out
	case types.Float64:
		return []string{"1.5", `"1"`, `" 1"`, "9007199254740993", "1e400"}
	case types.String:
		return []string{"1", "true", `{"a": 1}`, "[1]"}
	case types.Bytes:
		return []string{`"aGk"`, `"_w=="`}
	case types.Date, types.Timestamp, types.TimestampTZ, types.Time:
		return []string{`"2024-01-15T00:00"`, `"2024-01-15T00:00:00+02:00"`, `"2024-01-15T12:00:00.1234567Z"`, `"2024-01-15T12:00:00+02:00"`, `"12:00"`, `" 2024-01-15"`}
	case types.UUID:
		return []string{`"00112233445566778899aabbccddeeff"`}
	case types.List:
		return []string{`"[]"`, "[null]"}
	case types.Map, types.Struct:
		return []string{`"{}"`}
	default:
		return nil
	}
}

// beside adds the values next to every bound and constant. What it returns adds
// those at the ends of the type, the least likely ones.
func (w *work) beside(out *samples, s *side, c *contract.Column) (ends func()) {
	line, texts := s.constantsOf(c.Name)
	if c.Type.IsNested() {
		s.inside(out, c.Name)
		return func() {}
	}
	for _, text := range texts {
		out.add(quote(text), quote(text+"x"))
	}
	iv := s.interval(c)
	lo, hi := extremes(c.Type)
	var last []*big.Rat
	for _, x := range []*big.Rat{iv.lo, iv.hi} {
		switch {
		case x == nil:
		case lo != nil && (x.Cmp(lo) == 0 || x.Cmp(hi) == 0):
			last = append(last, x)
		default:
			line = append(line, x)
		}
	}
	s.near(out, c, line)
	return func() { s.near(out, c, last) }
}

// near adds the values at and around places on the line.
func (s *side) near(out *samples, c *contract.Column, line []*big.Rat) {
	by := lineStep(c.Type)
	if by == nil {
		by = big.NewRat(1, 2)
	}
	part := new(big.Rat).Mul(by, big.NewRat(2, 5))
	for _, x := range line {
		for _, at := range []*big.Rat{x, new(big.Rat).Add(x, by), new(big.Rat).Sub(x, by)} {
			if v, ok := unscalar(c.Type, at); ok {
				out.add(render(v))
			}
		}
		if c.Type.IsNumeric() && s.reading.lenient() {
			out.add(ratText(new(big.Rat).Add(x, part)), ratText(new(big.Rat).Sub(x, part)))
		}
		if c.Type.IsNumeric() {
			out.add(ratText(new(big.Rat).Add(x, big.NewRat(1, 1))), ratText(new(big.Rat).Sub(x, big.NewRat(1, 1))))
		}
	}
}

// inside adds values of a nested column around the constants of checks that read
// a part of it.
func (s *side) inside(out *samples, column string) {
	for _, f := range s.conjuncts() {
		if f.column != column {
			continue
		}
		var paths [][]rowexpr.Step
		var leaves []string
		f.expr.Walk(func(n *rowexpr.Expr) {
			switch {
			case n.Op == rowexpr.OpRef && len(n.Path) > 1:
				paths = append(paths, n.Path[1:])
			case n.Op == rowexpr.OpLit && !n.Lit.Null:
				if v, ok := constant(n.Type, n.Lit.Text); ok {
					leaves = append(leaves, render(v))
					if v.num != nil {
						leaves = append(leaves, ratText(new(big.Rat).Add(v.num, big.NewRat(1, 1))), ratText(new(big.Rat).Sub(v.num, big.NewRat(1, 1))))
					}
				}
			}
		})
		for _, path := range paths {
			for _, raw := range leaves {
				for i := len(path) - 1; i >= 0; i-- {
					if path[i].IsIdx {
						raw = "[" + strings.Repeat("null, ", min(path[i].Index, 20)) + raw + "]"
					} else {
						raw = "{" + quote(path[i].Name) + ": " + raw + "}"
					}
				}
				out.add(raw)
			}
		}
	}
}

// strings adds texts around lengths, formats and patterns.
func (w *work) strings(out *samples, cols []*contract.Column, sides []*side) {
	for _, c := range cols {
		for _, text := range formatTexts(c.Format) {
			out.add(quote(text))
		}
	}
	patterns := make([]*pattern, len(cols))
	for i, c := range cols {
		if c.Pattern != "" {
			patterns[i], _ = newPattern(c.Pattern)
		}
	}
	for i, c := range cols {
		b := between{in: patterns[i], min: 0, max: -1, want: 3}
		b.bounds(c)
		if b.in != nil {
			found, _ := b.texts()
			b.want = 2
			for j := range patterns {
				if j != i && patterns[j] != nil {
					b.out = patterns[j]
					more, _ := b.texts()
					found = append(found, more...)
				}
			}
			for _, s := range found {
				out.add(quote(s))
			}
		}
	}
	for _, f := range []string{"email", "uri", "uuid", "ipv4", "ipv6", "date", "date-time", "hostname"} {
		out.add(quote(formatTexts(f)[0]))
	}
}

// bounds takes a column's lengths over, as far as they are short.
func (b *between) bounds(c *contract.Column) {
	if c.MinLength != nil && *c.MinLength <= 200 {
		b.min = *c.MinLength
	}
	if c.MaxLength != nil && *c.MaxLength <= 200 {
		b.max = *c.MaxLength
	}
}

// sized adds texts, bytes and lists of the lengths around the limits.
func (w *work) sized(out *samples, c *contract.Column) {
	var around []int
	for _, n := range []*int{c.MinLength, c.MaxLength} {
		if n != nil && *n <= maxText {
			around = append(around, *n, *n+1, max(*n-1, 0))
		}
	}
	slices.Sort(around)
	for _, n := range slices.Compact(around) {
		switch c.Type.Kind {
		case types.String:
			out.add(quote(strings.Repeat("a", n)))
		case types.Bytes:
			out.add(render(value{kind: types.Bytes, s: strings.Repeat("a", n)}))
		case types.List:
			item := "null"
			if inner := plain(*c.Type.Elem, 1); len(inner) > 0 {
				item = inner[0]
			}
			out.add("[" + strings.TrimSuffix(strings.Repeat(item+", ", n), ", ") + "]")
		}
	}
}
