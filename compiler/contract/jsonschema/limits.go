package jsonschema

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

// work turns the keywords of one schema into a column.
type work struct {
	m       *mapper
	d       *document
	n       *Node
	pointer string
	out     *shape
	done    map[string]bool // keywords that the column says in full
}

// ignored are the keywords that say nothing of a value of a type.
var ignored = map[string][]string{
	"integer": {"minLength", "maxLength", "pattern", "contentEncoding"},
	"string":  {"multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
	"boolean": {"minLength", "maxLength", "pattern", "contentEncoding", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
	"array":   {"minLength", "maxLength", "pattern", "contentEncoding", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
	"object":  {"minLength", "maxLength", "pattern", "contentEncoding", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
}

// ofObjects and ofArrays say nothing of a scalar.
var (
	ofObjects = []string{"properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties", "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties"}
	ofArrays  = []string{"items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains", "unevaluatedItems"}
)

func (w *work) ignore(names []string) {
	for _, name := range names {
		w.done[name] = true
	}
}

// as makes the column for values of one JSON type.
func (w *work) as(kind string) {
	if kind != "object" {
		w.ignore(ofObjects)
	}
	if kind != "array" {
		w.ignore(ofArrays)
	}
	switch kind {
	case "integer", "number":
		w.ignore(ignored["integer"])
	default:
		w.ignore(ignored[kind])
	}
	c := &w.out.col
	switch kind {
	case "integer":
		c.Type = types.Of(types.Int64)
		w.done["format"] = true
		if r := w.rat("multipleOf"); r != nil && r.IsInt() && r.Num().IsInt64() && r.Num().Int64() == 1 {
			w.done["multipleOf"] = true
		}
		w.bounds(0)
	case "number":
		w.done["format"] = true
		w.number()
	case "boolean":
		c.Type = types.Of(types.Bool)
		w.done["format"] = true
	case "string":
		w.text()
	case "array":
		w.list()
	case "object":
		w.object()
	default: // null alone
		c.Type = types.Of(types.JSON)
		w.out.leave(w.pointer + "/type")
	}
	w.enum()
}

// leaveRest leaves to the schema what the column did not say.
func (w *work) leaveRest() {
	for _, k := range w.n.Members {
		if asserting[k.Name] && !w.done[k.Name] && w.m.keyword(w.n, k.Name) != nil {
			w.out.leave(w.pointer + "/" + escape(k.Name))
		}
	}
}

// said notes that a column says a keyword, as the limit of that name.
func (w *work) said(keyword, limit string) {
	w.done[keyword] = true
	w.out.limited = true
	if w.out.col.Rules == nil {
		w.out.col.Rules = contract.RuleRanges{}
	}
	w.out.col.Rules[limit] = w.n.Get(keyword).Range
}

// rat returns a keyword's number, nil where it is none.
func (w *work) rat(name string) *big.Rat {
	v := w.n.Get(name)
	if v == nil || v.Kind != Number {
		return nil
	}
	r, ok := new(big.Rat).SetString(v.Text)
	if !ok {
		return nil
	}
	return r
}

// number is decimal where multipleOf is a power of ten, else float64.
func (w *work) number() {
	c := &w.out.col
	c.Type = types.Of(types.Float64)
	if step := w.rat("multipleOf"); step != nil {
		for scale := range 19 {
			if step.Cmp(power(-scale)) == 0 {
				c.Type = types.DecimalOf(38, scale)
				w.done["multipleOf"] = true
				w.bounds(scale)
				return
			}
		}
	}
	w.floatBounds()
}

// power returns ten to the power of n.
func power(n int) *big.Rat {
	p := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil))
	if n < 0 {
		p.Inv(p)
	}
	return p
}

// limit is one bound as a schema states it.
type limit struct {
	keyword   string
	at        *big.Rat
	exclusive bool
}

// limitsOf returns the lower or upper bounds of a schema. In draft 4
// exclusiveMinimum is true or false, and sharpens minimum.
func (w *work) limitsOf(plain, exclusive string) []limit {
	var out []limit
	sharp := false
	if e := w.n.Get(exclusive); e != nil && e.Kind == Bool {
		sharp = e.Text == "true"
		w.done[exclusive] = true
	}
	if r := w.rat(plain); r != nil {
		out = append(out, limit{plain, r, sharp})
	}
	if r := w.rat(exclusive); r != nil {
		out = append(out, limit{exclusive, r, true})
	}
	return out
}

// bounds sets min and max of an integer or of a decimal of the scale: values
// whose bounds are exact, so that an exclusive one is the next value.
func (w *work) bounds(scale int) {
	set := func(list []limit, upper bool, name string, to **string) {
		var best *big.Int
		from := ""
		for _, l := range list {
			v := new(big.Rat).Mul(l.at, power(scale))
			i := new(big.Int).Quo(v.Num(), v.Denom()) // towards zero
			if !v.IsInt() && v.Sign() < 0 {
				i.Sub(i, big.NewInt(1))
			}
			// i is the floor
			switch {
			case upper && l.exclusive && v.IsInt():
				i.Sub(i, big.NewInt(1))
			case !upper && (!v.IsInt() || l.exclusive):
				i.Add(i, big.NewInt(1))
			}
			if best == nil || upper && i.Cmp(best) < 0 || !upper && i.Cmp(best) > 0 {
				best, from = i, l.keyword
			}
		}
		if best == nil {
			return
		}
		text := new(big.Rat).Quo(new(big.Rat).SetInt(best), power(scale)).FloatString(scale)
		text, err := rowexpr.Canonical(w.out.col.Type, text)
		if err != nil { // beyond the type: it holds of every value, or of none, which the schema finds
			if (best.Sign() > 0) == upper {
				w.ignore(keywordsOf(list))
			}
			return
		}
		*to = &text
		w.said(from, name)
		w.ignore(keywordsOf(list))
	}
	set(w.limitsOf("minimum", "exclusiveMinimum"), false, contract.RuleMin, &w.out.col.Min)
	set(w.limitsOf("maximum", "exclusiveMaximum"), true, contract.RuleMax, &w.out.col.Max)
}

func keywordsOf(list []limit) []string {
	var out []string
	for _, l := range list {
		out = append(out, l.keyword)
	}
	return out
}

// exclusive are the names of the checks that exclusive bounds become.
var exclusive = map[rowexpr.Op]string{rowexpr.OpGt: "exclusiveMinimum", rowexpr.OpLt: "exclusiveMaximum"}

// floatBounds sets min and max of a float64; an exclusive bound is a check.
func (w *work) floatBounds() {
	set := func(l limit, op rowexpr.Op, name string, to **string) {
		f, _ := l.at.Float64()
		if math.IsInf(f, 0) {
			return
		}
		text := strconv.FormatFloat(f, 'g', -1, 64)
		if !l.exclusive {
			if text, err := rowexpr.Canonical(types.Of(types.Float64), text); err == nil {
				*to = &text
				w.said(l.keyword, name)
			}
			return
		}
		rng := w.n.Get(l.keyword).Range
		bound, d := rowexpr.Const(types.Of(types.Float64), text, rng)
		if d != nil {
			return
		}
		cond, d := rowexpr.Binary(op, rowexpr.Ref(nil, types.Of(types.Float64), true, rng), bound, rng)
		if d != nil {
			return
		}
		w.out.col.Checks = append(w.out.col.Checks, contract.Check{Name: exclusive[op], Condition: cond, Source: fmt.Sprintf("value %s %s", op, w.n.Get(l.keyword).Text),
			Severity: contract.SeverityError, Range: rng})
		w.done[l.keyword] = true
		w.out.limited = true
	}
	for _, l := range w.limitsOf("minimum", "exclusiveMinimum") {
		set(l, rowexpr.OpGt, contract.RuleMin, &w.out.col.Min)
	}
	for _, l := range w.limitsOf("maximum", "exclusiveMaximum") {
		set(l, rowexpr.OpLt, contract.RuleMax, &w.out.col.Max)
	}
}

// length reads a keyword that counts.
func (w *work) length(keyword, limit string, to **int) {
	r := w.rat(keyword)
	if r == nil || !r.IsInt() || !r.Num().IsInt64() || r.Num().Int64() > 1<<40 {
		return
	}
	n := int(r.Num().Int64())
	*to = &n
	w.said(keyword, limit)
}

// typed are the formats that have a column type of their own.
var typed = map[string]types.Kind{"date": types.Date, "date-time": types.TimestampTZ, "uuid": types.UUID}

// checked are the formats that a string column can check.
var checked = []string{"email", "uri", "ipv4", "ipv6", "hostname"}

func (w *work) text() {
	c := &w.out.col
	c.Type = types.Of(types.String)
	format := ""
	if f := w.n.Get("format"); f != nil {
		format = f.Text
		w.done["format"] = !known(format)
	}
	plain := w.n.Get("minLength") == nil && w.n.Get("maxLength") == nil && w.n.Get("pattern") == nil && w.n.Get("enum") == nil && w.n.Get("const") == nil
	if kind, ok := typed[format]; ok && plain {
		c.Type = types.Of(kind)
		w.done["format"] = true
		return
	}
	if e := w.m.keyword(w.n, "contentEncoding"); e != nil && e.Text == "base64" && plain {
		c.Type = types.Of(types.Bytes)
		w.done["contentEncoding"] = true
		return
	}
	w.done["contentEncoding"] = w.m.schema.Draft != "7" // there it can be broken
	w.length("minLength", contract.RuleMinLength, &c.MinLength)
	w.length("maxLength", contract.RuleMaxLength, &c.MaxLength)
	if p := w.n.Get("pattern"); p != nil {
		if re, err := RE2(p.Text); err == nil && re != "" {
			c.Pattern = re
			w.said("pattern", contract.RulePattern)
		}
	}
	if slices.Contains(checked, format) {
		c.Format = format
		w.said("format", contract.RuleFormat)
	}
}

// enum sets the values that the column takes.
func (w *work) enum() {
	c := &w.out.col
	keyword := "enum"
	if w.n.Get(keyword) == nil {
		keyword = "const"
	}
	values := w.m.values(w.n)
	if values == nil || c.Type.IsNested() || c.Type.Kind == types.JSON || typedText(c.Type) {
		return
	}
	null := false
	for _, v := range values {
		text, ok := constant(v, c.Type)
		null = null || v.Kind == Null
		if ok && !slices.Contains(c.Enum, text) {
			c.Enum = append(c.Enum, text)
		}
	}
	if len(c.Enum) == 0 {
		return
	}
	w.out.null = w.out.null && null
	w.said(keyword, contract.RuleEnum)
}

func typedText(t types.Type) bool {
	return t.IsTemporal() || t.Kind == types.UUID || t.Kind == types.Bytes
}

// constant writes a value of a schema as the canonical text of a type; false
// where no value of the type equals it.
func constant(v *Node, t types.Type) (string, bool) {
	fits := map[types.Kind]Kind{types.Bool: Bool, types.String: String, types.Int64: Number, types.Float64: Number, types.Decimal: Number}
	if want, ok := fits[t.Kind]; !ok || want != v.Kind {
		return "", false
	}
	text, err := rowexpr.Canonical(t, v.Text)
	if t.Kind == types.Float64 && err == nil && strings.HasPrefix(text, "-0") && len(text) == 2 {
		text = "0"
	}
	return text, err == nil
}

// element makes the type of what stands inside a list, map or struct, with what
// it says of its parts. What it does not say is left to the schema; false where
// something is.
func (w *work) element(n *Node, pointer string) (types.Type, contract.Inner, bool) {
	s := w.m.shape(w.d, n, pointer)
	in := contract.Inner{NoNull: !s.null}
	if s.col.Inner != nil {
		in.Closed, in.Elem, in.Fields = s.col.Inner.Closed, s.col.Inner.Elem, s.col.Inner.Fields
	}
	if s.limited {
		w.out.leave(pointer)
		return s.col.Type, in, false
	}
	w.out.rest = append(w.out.rest, s.rest...)
	return s.col.Type, in, len(s.rest) == 0
}

func (w *work) list() {
	c := &w.out.col
	elem := types.Of(types.JSON)
	items := w.n.Get("items")
	if w.n.Get("prefixItems") == nil && (items == nil || items.Kind == Object || items.Kind == Bool && items.Text == "true") {
		w.done["additionalItems"] = true // it speaks where items is a list alone
		w.done["items"] = true
		if items != nil {
			var in contract.Inner
			elem, in, _ = w.element(items, w.pointer+"/items")
			c.Inner = &contract.Inner{Elem: &in}
		}
	}
	c.Type = types.ListOf(elem)
	w.length("minItems", contract.RuleMinLength, &c.MinLength)
	w.length("maxItems", contract.RuleMaxLength, &c.MaxLength)
	if u := w.n.Get("uniqueItems"); u != nil && u.Text == "false" {
		w.done["uniqueItems"] = true
	}
}

func (w *work) object() {
	c := &w.out.col
	c.Type = types.Of(types.JSON)
	w.done["type"] = false
	more := w.n.Get("additionalProperties")
	patterned := w.n.Get("patternProperties") != nil
	if p := w.n.Get("properties"); p != nil && len(p.Members) > 0 {
		w.structure(p, more, patterned || more != nil && more.Kind == Object)
		return
	}
	if more != nil && more.Kind == Object && !patterned {
		elem, in, _ := w.element(more, w.pointer+"/additionalProperties")
		c.Type, c.Inner = types.MapOf(elem), &contract.Inner{Elem: &in}
		w.ignore([]string{"type", "additionalProperties", "properties"})
	}
}

// structure makes a struct. open says that members which it does not name have
// schemas of their own.
func (w *work) structure(p, more *Node, open bool) {
	c := &w.out.col
	closed := more != nil && more.Kind == Bool && more.Text == "false" && !open
	if w.m.strict && !closed || !distinct(p) {
		return
	}
	inner := &contract.Inner{Closed: closed}
	var fields []types.Field
	for _, m := range p.Members {
		t, in, _ := w.element(m.Value, w.pointer+"/properties/"+escape(m.Name))
		fields = append(fields, types.Field{Name: m.Name, Type: t})
		inner.Fields = append(inner.Fields, in)
	}
	w.done["required"] = true
	if r := w.n.Get("required"); r != nil {
		for _, e := range r.Elems {
			i := slices.IndexFunc(fields, func(f types.Field) bool { return f.Name == e.Text })
			if i < 0 {
				w.done["required"] = false
				continue
			}
			inner.Fields[i].Present = true
		}
	}
	c.Type, c.Inner = types.StructOf(fields...), inner
	w.ignore([]string{"type", "properties"})
	w.done["additionalProperties"] = closed || more != nil && more.Text == "true"
}

// distinct reports whether members can be fields of a struct: named, in UTF-8
// without NUL, and not alike but for case.
func distinct(p *Node) bool {
	seen := map[string]bool{}
	for _, m := range p.Members {
		low := strings.ToLower(m.Name)
		if m.Name == "" || seen[low] || strings.ContainsRune(m.Name, 0) || !utf8.ValidString(m.Name) {
			return false
		}
		seen[low] = true
	}
	return true
}
