package schemadiff

import (
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/lang/diag"
)

// The bounds of a search for a proof.
const (
	maxSamples = 60   // of one schema
	maxDepth   = 5    // of a document
	maxText    = 4096 // characters of a text
	maxLength  = 20   // elements of an array
	maxSample  = 8192 // bytes of a document inside another
)

// Proof looks for a document that the old schema accepts and the new one refuses:
// what breaks, in the flesh. It tries documents at the limits of both schemas;
// accepted tells what each schema makes of one. The second result is false where
// none was found, which proves nothing.
func Proof(oldName string, oldText []byte, newName string, newText []byte, accepted func(doc []byte) (older, newer bool)) (json.RawMessage, bool, diag.Diagnostics) {
	older, ds := load(oldName, oldText)
	newer, more := load(newName, newText)
	if ds = append(ds, more...); ds.HasErrors() {
		return nil, false, ds
	}
	seen := map[string]bool{}
	s := sampler{}
	for _, n := range []*node{older, newer} {
		for _, doc := range append(s.samples(n, 0), plain...) {
			if seen[doc] {
				continue
			}
			seen[doc] = true
			if was, is := accepted([]byte(doc)); was && !is {
				return json.RawMessage(doc), true, ds
			}
		}
	}
	return nil, false, ds
}

// plain are values of every type.
var plain = []string{`null`, `"x"`, `0`, `1.5`, `true`, `[]`, `{}`}

// sampler holds the samples that were made, by schema and depth: references let
// many places share a schema.
type sampler map[sampled][]string

type sampled struct {
	node  *node
	depth int
}

// samples returns documents, as JSON text, at and around the limits of a schema;
// the first one is the best guess at one that the schema accepts.
func (s sampler) samples(n *node, depth int) []string {
	n = n.resolve()
	if depth > maxDepth || n == nil {
		return plain
	}
	key := sampled{n, depth}
	out, done := s[key]
	if !done {
		out = s.make(n, depth)
		s[key] = out
	}
	return out
}

func (s sampler) make(n *node, depth int) []string {
	var out []string
	switch n.kind {
	case text:
		out = texts(n)
	case number:
		out = numbers(n)
	case boolean:
		out = []string{`true`, `false`}
	case null:
		out = []string{`null`}
	case enumeration, constant:
		out = n.values
	case array:
		out = s.arrays(n, depth)
	case object:
		out = s.objects(n, depth)
	case combined:
		for _, p := range n.parts {
			out = append(out, s.samples(p, depth+1)...)
		}
	case negation:
		out = append(slices.Clone(plain), s.samples(n.inner, depth+1)...)
	default:
		return plain
	}
	if depth > 0 {
		out = slices.DeleteFunc(slices.Clone(out), func(doc string) bool { return len(doc) > maxSample })
		return out[:min(len(out), maxSamples)]
	}
	return out
}

func texts(n *node) []string {
	least, most := 0, 1
	if v := n.limits["minLength"]; v != nil {
		least = small(v, maxText)
		most = max(least, 1)
	}
	if v := n.limits["maxLength"]; v != nil {
		most = small(v, maxText)
	}
	var list []string
	if n.pattern != nil {
		list = append(list, matching(*n.pattern)...)
	}
	for _, length := range []int{max(least, min(most, 1)), least, most, least - 1, most + 1} {
		if length >= 0 {
			list = append(list, strings.Repeat("x", length))
		}
	}
	list = append(list, "2024-02-29", "2024-02-29T10:00:00Z", "a@example.com", "00000000-0000-4000-8000-000000000000", "red")
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = canonical(s)
	}
	return out
}

func small(v *big.Rat, most int) int {
	f, _ := v.Float64()
	return int(max(0, min(f, float64(most))))
}

func numbers(n *node) []string {
	one := big.NewRat(1, 1)
	list := []*big.Rat{}
	step := one
	if n.multiple != nil && n.multiple.Sign() > 0 {
		step = n.multiple
		list = append(list, step, new(big.Rat).Add(step, step), new(big.Rat).Mul(step, big.NewRat(3, 1)))
	}
	for _, key := range []string{"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"} {
		if v := n.limits[key]; v != nil {
			list = append(list, v, new(big.Rat).Add(v, one), new(big.Rat).Sub(v, one))
		}
	}
	list = append(list, new(big.Rat), one, big.NewRat(-1, 1), big.NewRat(1, 2), big.NewRat(1000003, 1), big.NewRat(-1000003, 1))
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = decimal(v)
	}
	return out
}

func (s sampler) arrays(n *node, depth int) []string {
	element := func(i int) []string {
		switch {
		case i < len(n.tuple):
			return s.samples(n.tuple[i], depth+1)
		case n.items != nil:
			return s.samples(n.items, depth+1)
		case n.rest != nil:
			return s.samples(n.rest, depth+1)
		case n.contains != nil:
			return s.samples(n.contains, depth+1)
		}
		return plain
	}
	of := func(length, vary int, by string) string {
		parts := make([]string, length)
		for i := range parts {
			choices := element(i)
			if parts[i] = by; i != vary && len(choices) > 0 {
				parts[i] = choices[i%len(choices)]
			}
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	least, most := len(n.tuple), len(n.tuple)+1
	if v := n.limits["minItems"]; v != nil {
		least = small(v, maxLength)
	}
	if v := n.limits["maxItems"]; v != nil {
		most = small(v, maxLength)
	}
	var out []string
	for _, length := range []int{least, most, least + 1, most + 1, least - 1, 0, 1, 2} {
		if length >= 0 {
			out = append(out, of(length, -1, ""))
		}
	}
	for i := range max(len(n.tuple), 1) {
		for _, by := range append(slices.Clone(plain), element(i)...) {
			out = append(out, of(max(i+1, least), i, by))
		}
	}
	return append(out, `["x","x"]`, `[0,0]`)
}

// objects returns an object with every property, one with the required ones
// alone, and the latter with a property changed, left out or added.
func (s sampler) objects(n *node, depth int) []string {
	names := named(n)
	first := map[string]string{}
	choices := make([][]string, len(names))
	for i, name := range names {
		first[name] = `"x"`
		choices[i] = plain
		if p := n.properties[name]; p != nil {
			list := s.samples(p, depth+1)
			if len(list) > 0 {
				first[name] = list[0]
			}
			choices[i] = append(slices.Clone(list), plain...)
		}
	}
	out := []string{compose(names, first, "", ""), compose(union(n.required, nil), first, "", ""), "{}"}
	for _, name := range names {
		out = append(out, compose(names, first, name, ""))
	}
	for k, more := 0, true; more; k++ { // in turn, so that a cut leaves some of each
		more = false
		for i, name := range names {
			if k < len(choices[i]) {
				more = true
				out = append(out, compose(union(n.required, nil), first, name, choices[i][k]))
			}
		}
	}
	for _, name := range append(others(n), "other") {
		for _, v := range plain {
			out = append(out, compose(names, first, name, v))
		}
	}
	for i := range names {
		out = append(out, compose(names[:i+1], first, "", ""))
	}
	return append(out, counted(n)...)
}

// named returns the names that an object speaks of, sorted but for required ones
// that `properties` does not list.
func named(n *node) []string {
	all := map[string]bool{}
	add := func(names ...string) {
		for _, name := range names {
			all[name] = true
		}
	}
	add(union(n.properties, nil)...)
	add(union(n.required, nil)...)
	for _, name := range union(n.needs, nil) {
		add(name)
		add(union(n.needs[name], nil)...)
	}
	add(union(n.needsSchema, nil)...)
	return union(all, nil)
}

// compose writes an object with the names' first values, and to in place of
// change's; "" leaves that out.
func compose(names []string, first map[string]string, change, to string) string {
	var parts []string
	for _, name := range names {
		if name != change {
			parts = append(parts, canonical(name)+":"+first[name])
		}
	}
	if to != "" {
		parts = append(parts, canonical(change)+":"+to)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// others returns names that fit the patterns of an object.
func others(n *node) (out []string) {
	for _, p := range n.patterns {
		if list := matching(p.text); len(list) > 0 {
			out = append(out, list[0])
		}
	}
	return out
}

// counted returns objects with so many properties as the limits name, one fewer
// and one more.
func counted(n *node) (out []string) {
	for _, key := range []string{"minProperties", "maxProperties"} {
		if v := n.limits[key]; v != nil {
			most := small(v, maxLength)
			for length := max(most-1, 0); length <= most+1; length++ {
				parts := make([]string, length)
				for i := range parts {
					parts[i] = canonical("p"+strconv.Itoa(i)) + ":0"
				}
				out = append(out, "{"+strings.Join(parts, ",")+"}")
			}
		}
	}
	return out
}
