package config

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// mark is on every value that a secret reached. n is the place of the secret in
// Evaluator.secrets.
type mark struct{ n int }

// Placeholders stand between these two characters.
const (
	placeholderOpen  = "\x02"
	placeholderClose = "\x03"
	secretPrefix     = placeholderOpen + "secret:"
)

// Secret returns a string that stands for a secret or a sensitive variable: a
// placeholder, marked so that whatever is made of it
// is known.
func (e *Evaluator) Secret(p program.Part) cty.Value {
	n := len(e.secrets)
	e.secrets = append(e.secrets, p)
	return cty.StringVal(secretPrefix + strconv.Itoa(n) + placeholderClose).Mark(mark{n})
}

// HasSecret reports whether a secret reached any part of v.
func HasSecret(v cty.Value) bool { return v.ContainsMarked() }

// split cuts a string into literal text and references. It is false where a
// secret reached the string without standing in it whole, as a condition does.
func (e *Evaluator) split(v cty.Value) (program.Text, bool) {
	plain, marks := v.Unmark()
	if plain.Type() != cty.String {
		return nil, false
	}
	seen := map[int]bool{}
	var out program.Text
	rest := plain.AsString()
	for {
		before, after, found := rest, "", false
		if len(marks) > 0 { // without a mark the text only looks like a placeholder
			before, after, found = strings.Cut(rest, secretPrefix)
		}
		for i, lit := range strings.Split(before, rootToken) {
			if i > 0 {
				out = append(out, program.Part{Var: program.PathRoot})
			}
			if lit != "" {
				out = append(out, program.Part{Lit: lit})
			}
		}
		if !found {
			break
		}
		number, tail, closed := strings.Cut(after, placeholderClose)
		n, err := strconv.Atoi(number)
		if !closed || err != nil || n < 0 || n >= len(e.secrets) {
			return nil, false
		}
		if _, reached := marks[mark{n}]; !reached {
			return nil, false
		}
		seen[n] = true
		out = append(out, e.secrets[n])
		rest = tail
	}
	for m := range marks {
		if m, ok := m.(mark); !ok || !seen[m.n] {
			return nil, false
		}
	}
	return out, true
}

// hiddenUses finds the conditions and comparisons inside an expression that a
// secret reaches. A result can hold the whole secret and still have been chosen
// by looking at it (local.token != "" ? local.token : "none"); the marks alone do
// not tell.
func (e *Evaluator) hiddenUses(expr hcl.Expression, ctx *hcl.EvalContext) diag.Diagnostics {
	root, ok := expr.(hclsyntax.Node)
	if !ok {
		return nil
	}
	var found []diag.Range
	inFor := 0
	look := func(part hclsyntax.Expression) {
		// Inside a for expression the loop's names have no value here: what cannot be
		// evaluated there may be the secret.
		v, bad := part.Value(ctx)
		if (bad.HasErrors() && inFor > 0) || (!bad.HasErrors() && v.ContainsMarked()) {
			found = append(found, lang.Range(part.Range()))
		}
	}
	_ = hclsyntax.Walk(root, &walker{
		enter: func(n hclsyntax.Node) {
			switch n := n.(type) {
			case *hclsyntax.ForExpr:
				inFor++
				if n.CondExpr != nil {
					look(n.CondExpr)
				}
			case *hclsyntax.ConditionalExpr:
				look(n.Condition)
			case *hclsyntax.BinaryOpExpr:
				look(n.LHS)
				look(n.RHS)
			case *hclsyntax.UnaryOpExpr:
				look(n.Val)
			}
		},
		exit: func(n hclsyntax.Node) {
			if _, ok := n.(*hclsyntax.ForExpr); ok {
				inFor--
			}
		},
	})
	var diags diag.Diagnostics
	for i, r := range found {
		inner := func(o diag.Range) bool {
			return o != r && r.Filename == o.Filename && r.Start.Byte <= o.Start.Byte && o.End.Byte <= r.End.Byte
		}
		if !slices.ContainsFunc(found, inner) && !slices.Contains(found[:i], r) {
			diags.Add(diag.New(diag.SecretMisplaced, "A secret reaches this condition or operator. It has no value before the moment of use.").At(r))
		}
	}
	return diags
}

// walker calls enter before and exit after a node's children.
type walker struct {
	enter, exit func(hclsyntax.Node)
}

// Enter implements hclsyntax.Walker.
func (w *walker) Enter(n hclsyntax.Node) hcl.Diagnostics { w.enter(n); return nil }

// Exit implements hclsyntax.Walker.
func (w *walker) Exit(n hclsyntax.Node) hcl.Diagnostics { w.exit(n); return nil }
