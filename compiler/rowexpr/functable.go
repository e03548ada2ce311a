package rowexpr

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// Signature prints name(param, [optional], repeated...).
func (f Function) Signature() string {
	parts := make([]string, len(f.Params))
	for i, p := range f.Params {
		parts[i] = p.Name
		if i >= len(f.Params)-f.Optional {
			parts[i] = "[" + p.Name + "]"
		}
	}
	if f.Variadic {
		parts[len(parts)-1] += "..."
	}
	return f.Name + "(" + strings.Join(parts, ", ") + ")"
}

func howMany(least, most int, variadic bool) string {
	switch {
	case variadic:
		return fmt.Sprintf("at least %d arguments", least)
	case least != most:
		return fmt.Sprintf("%d to %d arguments", least, most)
	case least == 1:
		return "1 argument"
	default:
		return fmt.Sprintf("%d arguments", least)
	}
}

func textFunctions() []Function {
	s := Param{"text", aText, ""}
	pattern := Param{"pattern", aTextConst, "an RE2 pattern"}
	return []Function{
		{Name: "lower", Params: []Param{s}, Result: "string", Doc: "Each code point in lower case, by Unicode's simple mapping.", typ: gives("lower", stringType)},
		{Name: "upper", Params: []Param{s}, Result: "string", Doc: "Each code point in upper case, by Unicode's simple mapping (ß becomes ẞ).", typ: gives("upper", stringType)},
		{Name: "trim", Params: []Param{s}, Result: "string", Doc: "Without spaces, tabs, line feeds, vertical tabs, form feeds and carriage returns at either end.", typ: gives("trim", stringType)},
		{Name: "length", Params: []Param{{"x", aSized, ""}}, Result: "int64", Doc: "Code points of a string, bytes of bytes, elements of a list, entries of a map.", typ: gives("length", int64Type)},
		{Name: "substr", Params: []Param{s, {"offset", aWhole, ""}, {"count", aWhole, ""}}, Optional: 1, Result: "string", Doc: "count code points from offset on, which counts from 0; a negative offset counts from the end, but not beyond the beginning. Without count, or with a negative one, all of the rest. Beyond the end there is the empty string.", typ: gives("substr", stringType)},
		{Name: "replace", Params: []Param{s, {"old", aText, ""}, {"new", aText, ""}}, Result: "string", Doc: "Every occurrence of old replaced by new, from left to right; an empty old changes nothing.", typ: gives("replace", stringType)},
		{Name: "regex_match", Params: []Param{s, pattern}, Result: "bool", Doc: "Whether the pattern is found anywhere in text. Anchor it with ^ and $ for the whole.", Flight: "\\b, a class of over 100 ranges (\\p{L}), a repeated anchor, over 255 repeats in Postgres", typ: withPattern("regex_match", types.Of(types.Bool))},
		{Name: "regex_replace", Params: []Param{s, pattern, {"new", aTextConst, "$1 to $9 stand for groups, $0 for the whole, $$ for a dollar sign"}}, Result: "string", Doc: "Every match replaced by new.", Flight: "always in Postgres", typ: withPattern("regex_replace", stringType)},
		{Name: "split", Params: []Param{{"separator", aTextConst, "not empty"}, s}, Result: "list(string)", Doc: "The pieces between separators; one piece where there is none.", typ: typeSplit},
		{Name: "join", Params: []Param{{"separator", aTextConst, ""}, {"list", aList, "of strings"}}, Result: "string", Doc: "The elements with separator between; null elements are left out.", Null: "the list is null", typ: typeJoin},
		{Name: "concat", Params: []Param{{"part", anything, ""}}, Variadic: true, Result: "string", Doc: "The parts one after the other, as in a template.", typ: func(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) { return Template(args, rng) }},
		{Name: "sha256", Params: []Param{{"x", aBinary, ""}}, Result: "string", Doc: "The SHA-256 of the bytes (of a string: of its UTF-8), as 64 lower-case hexadecimal digits.", typ: gives("sha256", stringType)},
		{Name: "md5", Params: []Param{{"x", aBinary, ""}}, Result: "string", Doc: "The MD5 of the bytes, as 32 lower-case hexadecimal digits.", typ: gives("md5", stringType)},
		{Name: "mask", Params: []Param{s, {"keep", aWholeConst, "at least 0"}}, Optional: 1, Result: "string", Doc: "Every code point replaced by *, but the last keep ones (default 0). A text of keep code points or fewer is masked whole.", typ: typeMask},
	}
}

// withPattern is the rule of functions whose second argument is a pattern.
func withPattern(name string, t types.Type) func([]*Expr, diag.Range) (*Expr, *diag.Diagnostic) {
	return func(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
		re, err := regexp.Compile(args[1].Lit.Text)
		if err != nil {
			return nil, fault(diag.RowPattern, args[1].Range, "%s.", err)
		}
		if len(args) == 3 {
			if _, err := Replacement(args[2].Lit.Text, re.NumSubexp()); err != nil {
				return nil, fault(diag.RowArgument, args[2].Range, "%s.", err)
			}
		}
		return call(name, t, args, rng), nil
	}
}

// Piece is a part of a replacement: literal text, or the group to put there.
type Piece struct {
	Text  string
	Group int // meant when Text is ""
}

// Replacement reads the third argument of regex_replace for a pattern of so many
// groups.
func Replacement(text string, groups int) ([]Piece, error) {
	var out []Piece
	for text != "" {
		plain, rest, found := strings.Cut(text, "$")
		if plain != "" {
			out = append(out, Piece{Text: plain})
		}
		if !found {
			return out, nil
		}
		switch {
		case rest != "" && rest[0] == '$':
			out = append(out, Piece{Text: "$"})
		case rest == "" || rest[0] < '0' || rest[0] > '9':
			return nil, fmt.Errorf("%q holds a $ that names no group: write $1, or $$ for the sign itself", text)
		case int(rest[0]-'0') > groups:
			return nil, fmt.Errorf("the pattern has %d groups, and $%c is another", groups, rest[0])
		default:
			out = append(out, Piece{Group: int(rest[0] - '0')})
		}
		text = rest[1:]
	}
	return out, nil
}

func typeSplit(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	if args[0].Lit.Text == "" {
		return nil, fault(diag.RowArgument, args[0].Range, "The separator of split must not be empty.")
	}
	return call("split", types.ListOf(stringType), args, rng), nil
}

func typeJoin(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	settleElems(args[1], stringType)
	if args[1].Type.Elem.Kind != types.String {
		return nil, fault(diag.RowArgument, args[1].Range, "join takes a list of strings, and %s is %s.", describe(args[1]), args[1].Type)
	}
	e := call("join", stringType, args, rng)
	e.Nullable = args[1].Nullable
	return e, nil
}

// settleElems gives a list written with brackets the element type t where its
// elements told none.
func settleElems(list *Expr, t types.Type) {
	if list.Type.Elem.Kind != types.Any {
		return
	}
	list.Type = types.ListOf(t)
	for _, a := range list.Args {
		settle(a, t)
	}
}

func typeMask(args []*Expr, rng diag.Range) (*Expr, *diag.Diagnostic) {
	if len(args) == 1 {
		args = append(args, literal(int64Type, "0", rng))
	}
	if strings.HasPrefix(args[1].Lit.Text, "-") {
		return nil, fault(diag.RowArgument, args[1].Range, "mask cannot keep fewer than 0 code points.")
	}
	return call("mask", stringType, args, rng), nil
}
