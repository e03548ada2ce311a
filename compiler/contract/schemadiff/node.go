package schemadiff

import (
	"math/big"
	"regexp"
)

// kind is the shape of a node. Two nodes of different kinds differ in type.
type kind uint8

const (
	anything kind = iota // true, {} and schemas that only describe
	nothing              // false
	text
	number
	boolean
	null
	array
	object
	combined
	negation
	enumeration
	constant
	conditional
	reference
)

// node is a schema as the comparison sees it: keywords of one type together, and
// keywords of several in an allOf of nodes. Limits that are not set are nil.
type node struct {
	kind kind
	body string // the schema's canonical JSON: nodes of one kind and body are one

	id, title, description string
	fallback               *string // default, canonical JSON
	bytes                  bool    // connect.type is "bytes"

	typed     bool // `type` says so, not only the keywords
	limits    map[string]*big.Rat
	exclusive string // draft 4: which limits are exclusive
	format    string
	pattern   *string
	multiple  *big.Rat
	integer   bool

	items       *node // for every element
	tuple       []*node
	unique      bool
	contains    *node
	properties  map[string]*node
	required    map[string]bool
	patterns    []patternProperty // by pattern
	names       *node
	needs       map[string]map[string]bool // dependent names
	needsSchema map[string]*node
	closed      bool  // nothing else is allowed
	rest        *node // else what else must be; nil for anything
	unevaluated *node

	criterion string // allOf, anyOf or oneOf
	parts     []*node
	inner     *node // of a negation
	values    []string
	to        *node // of a reference, set once everything is read
}

// patternProperty is an entry of patternProperties. match is nil where RE2 does
// not know the expression; it then covers no name.
type patternProperty struct {
	text  string
	match *regexp.Regexp
	of    *node
}

// resolve follows references; nil stays nil. A reference that leads to itself
// alone is anything.
func (n *node) resolve() *node {
	for i := 0; n != nil && n.kind == reference; i++ {
		if n = n.to; i > 1000 {
			return &node{kind: anything}
		}
	}
	return n
}

// open reports whether an object may have any other property, or an array any
// other element.
func (n *node) open() bool {
	return !n.closed && n.rest == nil && len(n.patterns) == 0 && (n.unevaluated == nil || n.unevaluated.resolve().kind == anything)
}

// covers returns the schema that a property of that name must keep though
// `properties` does not list it; nil where there is none.
func (n *node) covers(name string) *node {
	for _, p := range n.patterns {
		if p.match != nil && p.match.MatchString(name) {
			return p.of
		}
	}
	if n.rest != nil {
		return n.rest
	}
	if u := n.unevaluated.resolve(); !n.closed && u != nil && u.kind != nothing && u.kind != anything {
		return n.unevaluated
	}
	return nil
}
