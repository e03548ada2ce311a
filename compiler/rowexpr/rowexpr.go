// Package rowexpr is the typed form of row expressions: the conditions, filters
// and map values that are evaluated for every record. A tree is plain data: it
// serialises, and knows neither HCL nor a database. Its two back ends, SQL text
// (here) and the columnar evaluator (executor/enforce), give it one meaning.
package rowexpr

import (
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// Op is the kind of a node.
type Op string

// The operations. Unless said otherwise a null operand gives null.
const (
	OpLit     Op = "lit" // Lit
	OpRef     Op = "ref" // Path into the record (row.a.b[0]), or a column's own value (Path empty: `value`)
	OpNot     Op = "!"   // bool
	OpNeg     Op = "neg" // number
	OpAdd     Op = "+"   // numbers; integers overflow is a failure, not a wrap
	OpSub     Op = "-"
	OpMul     Op = "*"
	OpDiv     Op = "/" // by zero is a failure
	OpMod     Op = "%"
	OpEq      Op = "=="
	OpNe      Op = "!="
	OpLt      Op = "<"
	OpLe      Op = "<="
	OpGt      Op = ">"
	OpGe      Op = ">="
	OpAnd     Op = "&&"      // three-valued
	OpOr      Op = "||"      // three-valued
	OpIf      Op = "?:"      // Args: condition, then, else; a null condition takes else
	OpConcat  Op = "concat"  // a template: strings joined; null if any part is null
	OpIsNull  Op = "isnull"  // x == null; never null
	OpNotNull Op = "notnull" // x != null; never null
	OpCall    Op = "call"    // Func with Args
	OpConvert Op = "convert" // Args[0] to Type, implicit widening, cannot fail
)

// Step is one step of a path into a record: a member's name or a list index.
type Step struct {
	Name  string `json:"name,omitempty"`
	Index int    `json:"index,omitempty"`
	IsIdx bool   `json:"is_index,omitempty"`
}

// Literal is a constant. Text is canonical for the type: true/false, decimal
// digits, the string itself, YYYY-MM-DD, HH:MM:SS[.ffffff],
// YYYY-MM-DDTHH:MM:SS[.ffffff][Z], base64 for bytes, lower-case UUIDs, JSON text
// for json and nested types.
type Literal struct {
	Null bool   `json:"null,omitempty"`
	Text string `json:"text,omitempty"`
}

// Expr is a node of the tree. Type is the type of its value, never Any after
// type-checking. Nullable says whether the value can be null.
type Expr struct {
	Op       Op         `json:"op"`
	Type     types.Type `json:"type"`
	Nullable bool       `json:"nullable,omitempty"`
	Args     []*Expr    `json:"args,omitempty"`
	Func     string     `json:"func,omitempty"`
	Path     []Step     `json:"path,omitempty"`
	Lit      *Literal   `json:"lit,omitempty"`
	Range    diag.Range `json:"range,omitzero"`
}

// Walk calls f for e and every node below it, parents first.
func (e *Expr) Walk(f func(*Expr)) {
	if e == nil {
		return
	}
	f(e)
	for _, a := range e.Args {
		a.Walk(f)
	}
}

// Refs returns the distinct references in e, in order of first use.
func (e *Expr) Refs() []*Expr {
	var out []*Expr
	seen := map[string]bool{}
	e.Walk(func(n *Expr) {
		if n.Op != OpRef {
			return
		}
		key := PathString(n.Path) + "\x00" + n.Type.String()
		if !seen[key] {
			seen[key] = true
			out = append(out, n)
		}
	})
	return out
}
