// Package lang turns a folder of HCL files into a Module: blocks whose shape was
// checked against the description of the language (package schema), with source
// ranges, and with every expression still unevaluated.
package lang

import (
	"bytes"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/headgate-data/headgate/lang/diag"
	"github.com/headgate-data/headgate/lang/schema"
)

// Module is a project as text says it. Blocks stand in the order of file name
// and place; that order carries no meaning. What was reported as an error is left
// out of it, so that nobody reports it again; a block that lacks a required
// attribute is there, without it.
type Module struct {
	Blocks []*Block
	// Lock holds the source blocks of sources.lock.hcl, in written order.
	Lock []*Block
	// LeftOut holds the type and labels of top-level blocks that were reported and
	// are not in Blocks: a reference to one of them needs no message of its own. A
	// misspelt type stands as the type that was probably meant.
	LeftOut []*Block
	// Incomplete says that a file did not parse: blocks may be missing whose names
	// nobody knows.
	Incomplete bool
	// Broken names the files that did not parse, sorted.
	Broken []string
	// Files holds the bytes of every file read, by name relative to the root, for
	// printing source lines. The compiler adds the .sql files that it reads.
	Files map[string][]byte
}

// MayDeclare reports whether a block of that name may have been lost: a file that
// did not parse, or could not be read, holds the name or makes names of its own.
func (m *Module) MayDeclare(name string) bool {
	return slices.ContainsFunc(m.Broken, func(file string) bool {
		text := m.Files[file]
		return len(text) == 0 || bytes.Contains(text, []byte(name)) || bytes.Contains(text, []byte("${"))
	})
}

// Block is one block. Attrs and Blocks hold what Spec allows only; unknown
// names were reported and left out.
type Block struct {
	Spec        *schema.Block
	Type        string
	Labels      []string
	LabelRanges []diag.Range
	Attrs       map[string]*Attr
	Blocks      []*Block
	Range       diag.Range // the header: type and labels
	Body        diag.Range // the whole block
}

// Attr is one attribute. Row expressions of JSON files were parsed already.
type Attr struct {
	Spec      *schema.Attr // nil where the block takes any name (locals, variables)
	Name      string
	Expr      hcl.Expression
	Range     diag.Range // name, equals sign and expression
	NameRange diag.Range
	ExprRange diag.Range
}

// Attr returns the attribute of that name, or nil.
func (b *Block) Attr(name string) *Attr { return b.Attrs[name] }

// Nested returns the nested blocks of that type, in written order.
func (b *Block) Nested(typ string) []*Block {
	var out []*Block
	for _, n := range b.Blocks {
		if n.Type == typ {
			out = append(out, n)
		}
	}
	return out
}

// One returns the only nested block of that type, or nil.
func (b *Block) One(typ string) *Block {
	for _, n := range b.Blocks {
		if n.Type == typ {
			return n
		}
	}
	return nil
}
