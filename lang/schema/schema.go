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
)

// Block describes one type of block.
type Block struct {
	Type    string
	Labels  []string // what each label is: "name", or "type", "name"
	Doc     string   // one paragraph
	Attrs   []Attr
	Blocks  []Block
	Max     int    // how many of it may stand in one place (with the same labels): 0 any number
	AnyAttr bool   // takes any attribute (locals)
	Later   string // not built yet: what the user is told; "" for all else
}

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
	return nil, false
}

// Block returns the description of a nested block.
func (b *Block) Block(typ string) (*Block, bool) {
	for i := range b.Blocks {
		if b.Blocks[i].Type == typ {
			return &b.Blocks[i], true
		}
	}
	return nil, false
}
