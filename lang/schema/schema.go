// Package schema describes the language as data, once: which blocks there are,
// which attributes each takes, and what each means. The decoder, the reference
// in docs/ and completion read this description.
package schema

// Kind says how an attribute's expression is to be understood.
type Kind string

// The kinds of attributes.
const (
	Config         Kind = "config"     // evaluated at compile time
	Row            Kind = "row"        // a row expression, typed and compiled
	Reference      Kind = "reference"  // names another block: source.x, contract.x.v2
	TypeExpr       Kind = "type"       // a column type
	TypeConstraint Kind = "constraint" // a variable's type
	Query          Kind = "query"      // a text of SQL
	Guard          Kind = "guard"      // evaluated over a plan or the compiled project
)

// Block describes one type of block.
type Block struct {
	Type    string
	Labels  []string // what each label is: NameLabel, VersionLabel, TypeLabel, or other words for a label that takes any text
	Doc     string   // one paragraph
	Attrs   []Attr
	Blocks  []Block
	Max     int    // how many of it may stand in one place (with the same labels, a type label aside): 0 any number
	AnyAttr bool   // takes any attribute (locals)
	Later   string // not built yet: what the user is told; "" for all else

	// Variants are the shapes that the first label chooses between, where that
	// label is TypeLabel: source "file", source "singer". Each is complete: it holds
	// what all share, too. A block with variants has no Attrs and Blocks of its own.
	Variants []Block
	Variant  string // of a variant: the label that chooses it

	// Inline is the nested block whose body may stand directly in this one where
	// none of its type does: a contract or model without a version block. Attr and
	// Block find its attributes and blocks, too.
	Inline *Block
}

// The labels that the decoder checks.
const (
	NameLabel    = "name"    // an identifier: other blocks refer to it
	VersionLabel = "version" // a positive whole number
	TypeLabel    = "type"    // chooses a variant
)

// Attr describes one attribute.
type Attr struct {
	Name     string
	Kind     Kind
	Type     string // of a config value, in words: "string", "list of strings", "bool", "whole number"
	Required bool
	Default  string   // as printed in the reference
	Enum     []string // the only values it takes
	Doc      string
	Later    string // not built yet: what the user is told
}

// Attr returns the description of an attribute.
func (b *Block) Attr(name string) (*Attr, bool) {
	for i := range b.Attrs {
		if b.Attrs[i].Name == name {
			return &b.Attrs[i], true
		}
	}
	if b.Inline != nil {
		return b.Inline.Attr(name)
	}
	return nil, false
}

// Block returns the description of a nested block.
func (b *Block) Block(typ string) (*Block, bool) {
	for i := range b.Blocks {
		if b.Blocks[i].Type == typ {
			return &b.Blocks[i], true
		}
	}
	if b.Inline != nil {
		return b.Inline.Block(typ)
	}
	return nil, false
}

// Select returns the variant that a first label chooses.
func (b *Block) Select(label string) (*Block, bool) {
	for i := range b.Variants {
		if b.Variants[i].Variant == label {
			return &b.Variants[i], true
		}
	}
	return nil, false
}

// Own reports whether the block itself, not only the one that it may stand in
// for, takes the attribute or nested block of that name.
func (b *Block) Own(name string) bool {
	own := Block{Attrs: b.Attrs, Blocks: b.Blocks}
	_, attr := own.Attr(name)
	_, block := own.Block(name)
	return attr || block
}

// AttrNames returns the names of all attributes, inline ones included, in the
// order of the reference.
func (b *Block) AttrNames() []string {
	var out []string
	for i := range b.Attrs {
		out = append(out, b.Attrs[i].Name)
	}
	if b.Inline != nil {
		out = append(out, b.Inline.AttrNames()...)
	}
	return out
}

// BlockNames returns the types of all nested blocks, inline ones included, in
// the order of the reference.
func (b *Block) BlockNames() []string {
	var out []string
	for i := range b.Blocks {
		out = append(out, b.Blocks[i].Type)
	}
	if b.Inline != nil {
		out = append(out, b.Inline.BlockNames()...)
	}
	return out
}
