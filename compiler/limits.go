package compiler

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// comparable reports whether equality of values of t is exact and known to every
// destination.
func comparable(t types.Type) bool {
	return !t.IsNested() && t.Kind != types.JSON && t.Kind != types.Float64
}

// bounded reports whether min and max mean something for t.
func bounded(t types.Type) bool { return t.IsNumeric() || t.IsTemporal() }

// measured reports whether values of t have a length.
func measured(t types.Type) bool {
	return t.Kind == types.String || t.Kind == types.Bytes || t.Kind == types.List
}

// column compiles a column block; false where it has no usable type.
func (w *contractWork) column(b body) (contract.Column, bool) {
	a := b.b.Attr("type")
	if a == nil || len(b.b.Labels) == 0 {
		return contract.Column{}, false // reported by lang
	}
	t, d := columnType(a.Expr)
	if d != nil {
		w.c.add(d)
		return contract.Column{}, false
	}
	col := contract.Column{Name: b.b.Labels[0], Type: t, Range: b.b.Range,
		Required: b.boolean("required", false), Unique: b.boolean("unique", false), Tags: b.strings("tags")}
	if col.Name == "" || !utf8.ValidString(col.Name) || strings.ContainsRune(col.Name, 0) {
		w.c.add(diag.New(diag.ReservedName, "A column needs a name of at least one character.").At(labelRange(b.b)))
		return contract.Column{}, false
	}
	col.Description, _ = b.str("description")
	col.Extensions = objectText(b.object("extensions"))
	b.misplaced(t)
	if bounded(t) {
		col.Min, col.Max = b.constantOf("min", t), b.constantOf("max", t)
	}
	if measured(t) {
		col.MinLength, col.MaxLength = b.length("min_length"), b.length("max_length")
	}
	if t.Kind == types.String {
		col.Pattern = b.pattern()
		col.Format, _ = b.str("format")
	}
	if enumerable(t) {
		col.Enum = b.enum(t)
	}
	b.contradictions(&col)
	if col.Default = b.constantOf("default", t); col.Default != nil {
		b.defaultKeeps(&col)
	}
	col.References = b.references(t)
	for name, attr := range b.b.Attrs {
		if col.Rules == nil {
			col.Rules = contract.RuleRanges{}
		}
		col.Rules[name] = attr.Range
	}
	value := rowsyntax.Column{Name: col.Name, Type: t, Nullable: !col.Required}
	col.Checks = w.compileChecks(b.b.Nested("check"), rowsyntax.Scope{Value: &value})
	return col, true
}

// enumerable reports whether a list of allowed values means something for t.
func enumerable(t types.Type) bool { return !t.IsNested() && t.Kind != types.JSON }

// misplaced reports limits that a type cannot have.
func (b body) misplaced(t types.Type) {
	for _, rule := range []struct {
		names []string
		fits  bool
		on    string
	}{
		{[]string{"min", "max"}, bounded(t), "numbers, dates and times"},
		{[]string{"min_length", "max_length"}, measured(t), "string, bytes and list"},
		{[]string{"pattern", "format"}, t.Kind == types.String, "string"},
		{[]string{"enum"}, enumerable(t), "types that are neither nested nor json"},
		{[]string{"unique", "references"}, comparable(t), "types that are neither nested nor json nor float64"},
	} {
		for _, name := range rule.names {
			if a := b.b.Attr(name); a != nil && !rule.fits {
				b.c.add(diag.New(diag.LimitMisplaced, "%s stands on %s, and the column is of type %s.", name, rule.on, t).At(a.Range))
			}
		}
	}
}

// constantOf reads a value of a column's type as canonical text; nil where there
// is none.
func (b body) constantOf(name string, t types.Type) *string {
	v, ok := b.raw(name)
	if !ok {
		return nil
	}
	text, ok, d := canonical(v, t, b.at(name))
	b.c.add(d)
	if !ok {
		return nil
	}
	return &text
}

// canonical writes a config value as the text of a constant of t; false for null
// and where it is no such value.
func canonical(v cty.Value, t types.Type, at diag.Range) (string, bool, *diag.Diagnostic) {
	if _, diags := config.Convert(v, cty.DynamicPseudoType, at); diags.HasErrors() {
		return "", false, diags[0]
	}
	if v.IsNull() {
		return "", false, nil
	}
	text, err := plainText(v, t)
	if err == nil {
		text, err = rowexpr.Canonical(t, text)
	}
	if err != nil {
		return "", false, diag.New(diag.LimitValue, "This is no value of type %s: %s.", t, err).At(at)
	}
	return text, true, nil
}

// plainText writes a config value as a user writes one of type t: json and nested
// types as JSON.
func plainText(v cty.Value, t types.Type) (string, error) {
	if t.IsNested() || t.Kind == types.JSON {
		b, err := ctyjson.Marshal(v, v.Type())
		return string(b), err
	}
	switch {
	case v.Type() == cty.Number && (t.IsNumeric() || t.Kind == types.String):
		return config.Number(v.AsBigFloat()), nil
	case v.Type() == cty.Bool && t.Kind == types.Bool, v.Type() == cty.String:
		s, err := convert.Convert(v, cty.String)
		if err != nil {
			return "", err
		}
		return s.AsString(), nil
	}
	return "", fmt.Errorf("it is a %s", v.Type().FriendlyName())
}

// maxLength bounds lengths, far beyond what a value can have.
const maxLength = 1 << 40

func (b body) length(name string) *int {
	n, ok := b.whole(name, 0)
	if !ok {
		return nil
	}
	n = min(n, maxLength)
	i := int(n)
	return &i
}

func (b body) pattern() string {
	s, ok := b.str("pattern")
	if !ok {
		return ""
	}
	if _, err := regexp.Compile(s); err != nil {
		b.c.add(diag.New(diag.BadPattern, "%s.", err).At(b.at("pattern")))
		return ""
	}
	return s
}

func (b body) enum(t types.Type) []string {
	v, ok := b.raw("enum")
	if !ok || (!config.HasSecret(v) && v.IsNull()) {
		return nil
	}
	at := b.at("enum")
	if ty := v.Type(); v.IsMarked() || (!ty.IsTupleType() && !ty.IsListType() && !ty.IsSetType()) {
		b.c.add(diag.New(diag.WrongValue, "enum takes a list of values.").At(at))
		return nil
	}
	var out []string
	for i, x := range v.AsValueSlice() {
		at := b.elementAt("enum", i)
		text, ok, d := canonical(x, t, at)
		b.c.add(d)
		switch {
		case d == nil && !ok:
			b.c.add(diag.New(diag.LimitValue, "null is no value of an enum; an optional column may be null anyway.").At(at))
		case ok && slices.Contains(out, text):
			b.c.add(diag.New(diag.LimitContradicts, "%s stands twice in the enum.", text).At(at))
		case ok:
			out = append(out, text)
		}
	}
	if v.LengthInt() == 0 {
		b.c.add(diag.New(diag.LimitContradicts, "The enum is empty, so no value could keep it.").At(at))
	}
	return out
}

// contradictions reports limits that no value can keep together.
func (b body) contradictions(col *contract.Column) {
	if col.Min != nil && col.Max != nil && order(col.Type, *col.Min, *col.Max) > 0 {
		b.c.add(diag.New(diag.LimitContradicts, "min is %s and max is %s: no value can keep both.", *col.Min, *col.Max).At(b.at("min")))
	}
	if col.MinLength != nil && col.MaxLength != nil && *col.MinLength > *col.MaxLength {
		b.c.add(diag.New(diag.LimitContradicts, "min_length is %d and max_length is %d: no value can keep both.", *col.MinLength, *col.MaxLength).At(b.at("min_length")))
	}
}

// defaultKeeps reports a default that breaks a limit of its own column.
func (b body) defaultKeeps(col *contract.Column) {
	v := *col.Default
	breaks := func(rule string) {
		b.c.add(diag.New(diag.DefaultBreaks, "The default %s breaks %s.%s.", v, col.Name, rule).At(b.at("default")))
	}
	if col.Min != nil && order(col.Type, v, *col.Min) < 0 {
		breaks(contract.RuleMin)
	}
	if col.Max != nil && order(col.Type, v, *col.Max) > 0 {
		breaks(contract.RuleMax)
	}
	if len(col.Enum) > 0 && !slices.Contains(col.Enum, v) {
		breaks(contract.RuleEnum)
	}
	if n, ok := lengthOf(col.Type, v); !ok {
		return
	} else if col.MinLength != nil && n < *col.MinLength {
		breaks(contract.RuleMinLength)
	} else if col.MaxLength != nil && n > *col.MaxLength {
		breaks(contract.RuleMaxLength)
	}
	if col.Pattern != "" && !regexp.MustCompile(col.Pattern).MatchString(v) {
		breaks(contract.RulePattern)
	}
}

// lengthOf is the length of a constant of a type that has one.
func lengthOf(t types.Type, text string) (int, bool) {
	switch t.Kind {
	case types.String:
		return utf8.RuneCountInString(text), true
	case types.Bytes:
		b, err := base64.StdEncoding.DecodeString(text)
		return len(b), err == nil
	case types.List:
		var list []json.RawMessage
		err := json.Unmarshal([]byte(text), &list)
		return len(list), err == nil
	default:
		return 0, false
	}
}

// order compares two canonical texts of a bounded type.
func order(t types.Type, a, b string) int {
	if t.IsNumeric() {
		x, okA := new(big.Rat).SetString(a)
		y, okB := new(big.Rat).SetString(b)
		if !okA || !okB {
			return 0
		}
		return x.Cmp(y)
	}
	// A fraction of a second sorts behind its whole second, the zone's Z aside.
	return strings.Compare(strings.TrimSuffix(a, "Z"), strings.TrimSuffix(b, "Z"))
}
