// Package document reads and writes the texts that other standards describe
// tables in: YAML and JSON, as trees whose members keep their order and whose
// values know where they are written.
package document

import (
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/lang/diag"
)

// Kind is the shape of a value.
type Kind uint8

// The kinds of values. Null is the zero value.
const (
	Null Kind = iota
	Bool
	Number
	String
	List
	Map
)

// Value is a node of a tree. A nil *Value is a value that is not there: every
// method takes it. Trees are not changed once they are part of another.
type Value struct {
	Kind    Kind
	Text    string // of a string; of a number its digits, as JSON has them; of a bool true or false
	Items   []*Value
	Members []Member // in their order, names are unique
	Range   diag.Range
}

// Member is a named part of a map.
type Member struct {
	Name  string
	Value *Value
	Range diag.Range // of the name
}

// Of makes a string.
func Of(s string) *Value { return &Value{Kind: String, Text: s} }

// OfBool makes a bool.
func OfBool(b bool) *Value {
	if b {
		return &Value{Kind: Bool, Text: "true"}
	}
	return &Value{Kind: Bool, Text: "false"}
}

// OfNumber makes a number of its digits, which JSON must take.
func OfNumber(digits string) *Value { return &Value{Kind: Number, Text: digits} }

// ListOf makes a list.
func ListOf(items ...*Value) *Value { return &Value{Kind: List, Items: items} }

// Strings makes a list of strings.
func Strings(items []string) *Value {
	out := ListOf()
	for _, s := range items {
		out.Items = append(out.Items, Of(s))
	}
	return out
}

// NewMap makes an empty map.
func NewMap() *Value { return &Value{Kind: Map} }

// With sets a member and returns the map, for building one in a chain.
func (v *Value) With(name string, value *Value) *Value {
	v.Set(name, value)
	return v
}

// WithText is With for a string that is left out where it is empty.
func (v *Value) WithText(name, text string) *Value {
	if text != "" {
		v.Set(name, Of(text))
	}
	return v
}

// Get returns a member's value, nil where there is none.
func (v *Value) Get(name string) *Value {
	if v == nil {
		return nil
	}
	for i := range v.Members {
		if v.Members[i].Name == name {
			return v.Members[i].Value
		}
	}
	return nil
}

// Set puts a member in place of the one of that name, or behind all others; nil
// takes it out.
func (v *Value) Set(name string, value *Value) {
	for i := range v.Members {
		if v.Members[i].Name != name {
			continue
		}
		if value == nil {
			v.Members = slices.Delete(v.Members, i, i+1)
			return
		}
		v.Members[i].Value = value
		return
	}
	if value != nil {
		v.Members = append(v.Members, Member{Name: name, Value: value})
	}
}

// Str returns the text of a string, "" for every other kind.
func (v *Value) Str() string {
	if v == nil || v.Kind != String {
		return ""
	}
	return v.Text
}

// Scalar returns the text of a string, number or bool.
func (v *Value) Scalar() (string, bool) {
	if v == nil || (v.Kind != String && v.Kind != Number && v.Kind != Bool) {
		return "", false
	}
	return v.Text, true
}

// Is reports whether v is of the kind.
func (v *Value) Is(k Kind) bool { return v != nil && v.Kind == k }

// True reports whether v is the bool true.
func (v *Value) True() bool { return v.Is(Bool) && v.Text == "true" }

// Elements returns the elements of a list, nil for every other kind.
func (v *Value) Elements() []*Value {
	if !v.Is(List) {
		return nil
	}
	return v.Items
}

// At returns where v is written; the zero range where it is not there.
func (v *Value) At() diag.Range {
	if v == nil {
		return diag.Range{}
	}
	return v.Range
}

// Clone copies the tree.
func (v *Value) Clone() *Value {
	if v == nil {
		return nil
	}
	out := *v
	out.Items = nil
	for _, x := range v.Items {
		out.Items = append(out.Items, x.Clone())
	}
	out.Members = slices.Clone(v.Members)
	for i := range out.Members {
		out.Members[i].Value = out.Members[i].Value.Clone()
	}
	return &out
}

// Sort brings members into the given order; those that it does not name stand
// behind, in the order that they had.
func (v *Value) Sort(order []string) {
	place := func(m Member) int {
		if i := slices.Index(order, m.Name); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(v.Members, func(a, b Member) int { return place(a) - place(b) })
}

// Equal reports whether two trees are the same data: members in any order,
// numbers by their value.
func Equal(a, b *Value) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Kind != b.Kind || len(a.Items) != len(b.Items) || len(a.Members) != len(b.Members) {
		return false
	}
	switch a.Kind {
	case Number:
		return sameNumber(a.Text, b.Text)
	case Null:
		return true
	case List:
		for i := range a.Items {
			if !Equal(a.Items[i], b.Items[i]) {
				return false
			}
		}
		return true
	case Map:
		return equalMembers(a, b)
	default:
		return a.Text == b.Text
	}
}

func equalMembers(a, b *Value) bool {
	var byName map[string]*Value
	for i, m := range a.Members {
		if b.Members[i].Name == m.Name { // mostly they stand in one order
			if !Equal(m.Value, b.Members[i].Value) {
				return false
			}
			continue
		}
		if byName == nil {
			byName = map[string]*Value{}
			for _, o := range b.Members {
				byName[o.Name] = o.Value
			}
		}
		other, ok := byName[m.Name]
		if !ok || !Equal(m.Value, other) {
			return false
		}
	}
	return true
}

func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) == 0
}

// Names returns the names of a map's members, sorted.
func (v *Value) Names() []string {
	if v == nil {
		return nil
	}
	names := map[string]bool{}
	for _, m := range v.Members {
		names[m.Name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// canonicalOrder is how members stand in canonical JSON.
func canonicalOrder(members []Member) []Member {
	out := slices.Clone(members)
	slices.SortStableFunc(out, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	return out
}
