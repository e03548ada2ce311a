package config

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang/diag"
)

// Convert turns a value into one of the type that an attribute takes. Null stays
// null. A value that a secret reached is refused.
func Convert(v cty.Value, want cty.Type, at diag.Range) (cty.Value, diag.Diagnostics) {
	if !v.IsWhollyKnown() {
		return cty.DynamicVal, diag.Diagnostics{Unparsed}
	}
	if HasSecret(v) {
		return cty.DynamicVal, diag.Diagnostics{diag.New(diag.SecretMisplaced, "A secret reaches this value, which headgate must know before it runs.").At(at)}
	}
	if holdsReference(v) {
		return cty.DynamicVal, diag.Diagnostics{wrongReference(at)}
	}
	out, err := convert.Convert(settled(v), want)
	if err != nil {
		return cty.DynamicVal, diag.Diagnostics{diag.New(diag.WrongValue, "The value is %s, and %s is needed: %s.", describe(v), want.FriendlyName(), err).At(at)}
	}
	return out, nil
}

// holdsReference reports whether v is, or holds, a reference to a block.
func holdsReference(v cty.Value) bool {
	found := false
	_ = cty.Walk(v, func(_ cty.Path, x cty.Value) (bool, error) {
		found = found || x.Type().IsCapsuleType()
		return !found, nil
	})
	return found
}

func wrongReference(at diag.Range) *diag.Diagnostic {
	return diag.New(diag.WrongReference, "A reference to a block is no value: it stands in from, to, destination, contract and depends_on.").At(at)
}

// describe names the kind of a value for a message.
func describe(v cty.Value) string {
	switch ty := v.Type(); {
	case v.IsNull():
		return "null"
	case ty.IsTupleType():
		return "a list"
	case ty.IsObjectType():
		return "an object"
	default:
		return "a " + ty.FriendlyName()
	}
}

// Text turns a value into a string that may hold secrets. Null is the empty text.
func (e *Evaluator) Text(v cty.Value, at diag.Range) (program.Text, diag.Diagnostics) {
	plain, marks := v.Unmark()
	if holdsReference(plain) {
		return nil, diag.Diagnostics{wrongReference(at)}
	}
	s, err := convert.Convert(plain, cty.String)
	switch {
	case err != nil:
		return nil, diag.Diagnostics{diag.New(diag.WrongValue, "The value is %s, and a string is needed.", describe(plain)).At(at)}
	case s.IsNull():
		return nil, nil
	}
	out, ok := e.split(s.WithMarks(marks))
	if !ok {
		return nil, diag.Diagnostics{diag.New(diag.SecretMisplaced, "The value was chosen by looking at a secret, which has no value before the moment of use.").At(at)}
	}
	return out, nil
}

// Value turns a value into the JSON-like tree of a program.
func (e *Evaluator) Value(v cty.Value, at diag.Range) (program.Value, diag.Diagnostics) {
	plain, marks := v.Unmark()
	ty := plain.Type()
	switch {
	case ty == cty.String && !plain.IsNull():
		text, diags := e.Text(v, at)
		return program.Value{Text: &text}, diags
	case len(marks) > 0:
		return program.Value{}, diag.Diagnostics{diag.New(diag.SecretMisplaced, "The value was made by looking at a secret, which has no value before the moment of use.").At(at)}
	case plain.IsNull():
		return program.Value{}, nil
	case ty == cty.Bool:
		b := plain.True()
		return program.Value{Bool: &b}, nil
	case ty == cty.Number:
		return program.Value{Num: Number(plain.AsBigFloat())}, nil
	case ty.IsTupleType() || ty.IsListType() || ty.IsSetType():
		return e.list(plain, at)
	case ty.IsObjectType() || ty.IsMapType():
		return e.object(plain, at)
	}
	return program.Value{}, diag.Diagnostics{wrongReference(at)}
}

func (e *Evaluator) list(v cty.Value, at diag.Range) (program.Value, diag.Diagnostics) {
	var diags diag.Diagnostics
	out := []program.Value{}
	for it := v.ElementIterator(); it.Next(); {
		_, x := it.Element()
		m, ds := e.Value(x, at)
		diags = append(diags, ds...)
		out = append(out, m)
	}
	return program.Value{List: &out}, diags
}

func (e *Evaluator) object(v cty.Value, at diag.Range) (program.Value, diag.Diagnostics) {
	var diags diag.Diagnostics
	out := map[string]program.Value{}
	for it := v.ElementIterator(); it.Next(); {
		k, x := it.Element()
		m, ds := e.Value(x, at)
		diags = append(diags, ds...)
		out[k.AsString()] = m
	}
	return program.Value{Map: &out}, diags
}

// exponentLimit is the size of an exponent beyond which a number is written with
// one: its digits in full could fill the memory.
const exponentLimit = 400

// Number writes a number with every digit, as JSON takes it.
func Number(f *big.Float) string {
	if f.IsInf() {
		return fmt.Sprint(f)
	}
	if exp := f.MantExp(nil); exp > exponentLimit || exp < -exponentLimit {
		return f.Text('g', -1)
	}
	return f.Text('f', -1)
}

// Strings returns the elements of a list or set of strings, in its order.
func Strings(v cty.Value, at diag.Range) ([]string, diag.Diagnostics) {
	if !HasSecret(v) && v.Type().IsSetType() {
		v = cty.TupleVal(v.AsValueSlice())
	}
	l, diags := Convert(v, cty.List(cty.String), at)
	if diags.HasErrors() || l.IsNull() {
		return nil, diags
	}
	out := make([]string, 0, l.LengthInt())
	for i, x := range l.AsValueSlice() {
		if x.IsNull() {
			return nil, diag.Diagnostics{diag.New(diag.WrongValue, "Element %d of the list is null, and a string is needed.", i).At(at)}
		}
		out = append(out, x.AsString())
	}
	return out, nil
}

// SortedKeys returns the keys of a map, sorted.
func SortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
