package lang

import (
	"bytes"
	"strconv"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/lang/diag"
)

const (
	maxNesting  = 1000     // brackets, templates and operators that stand inside one another
	maxExponent = 500      // of a number, and its digits
	maxFileSize = 16 << 20 // bytes
)

// checkTokens looks for what the recursive parser must not see: nesting beyond
// maxNesting, and numbers that would unfold to gigabytes. It returns nil or the
// first fault.
//
// The parser goes one level deeper for each bracket, template and operator, so
// the weight of a place is the number of open brackets plus the operators on each
// level since the expression there began.
func checkTokens(tokens hclsyntax.Tokens) *diag.Diagnostic {
	levels := []level{{}}
	operators := 0 // over all levels
	for i := range tokens {
		t := &tokens[i]
		top := &levels[len(levels)-1]
		switch t.Type {
		case hclsyntax.TokenOBrack, hclsyntax.TokenTemplateControl:
			top.operators++
			operators++
			levels = append(levels, level{open: t.Type})
		case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp:
			levels = append(levels, level{open: t.Type})
		case hclsyntax.TokenCBrace, hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			if len(levels) > 1 {
				operators -= top.operators
				levels = levels[:len(levels)-1]
			}
		case hclsyntax.TokenNewline:
			if top.open == hclsyntax.TokenOParen || top.open == hclsyntax.TokenOBrack {
				break // a line break does not end an expression here
			}
			operators -= top.operators
			top.operators = 0
		case hclsyntax.TokenComment:
			if top.open == hclsyntax.TokenOParen || top.open == hclsyntax.TokenOBrack || !bytes.HasSuffix(t.Bytes, []byte("\n")) {
				break // the line break is part of a comment that ends its line
			}
			operators -= top.operators
			top.operators = 0
		case hclsyntax.TokenComma:
			operators -= top.operators
			top.operators = 0
		case hclsyntax.TokenNumberLit:
			if numberTooGreat(t.Bytes) {
				return diag.New(diag.NumberRange, "This number has more than %d characters or an exponent beyond %d.", maxExponent, maxExponent).At(Range(t.Range))
			}
		default:
			if isOperator(t.Type) {
				top.operators++
				operators++
			}
		}
		if len(levels)+operators > maxNesting {
			return diag.New(diag.TooDeep, "More than %d brackets, templates and operators stand inside one another here. Split the expression with locals.", maxNesting).At(Range(t.Range))
		}
	}
	return nil
}

// level is one open bracket and the operators seen in it since its current
// expression began.
type level struct {
	open      hclsyntax.TokenType
	operators int
}

func isOperator(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenStar, hclsyntax.TokenSlash, hclsyntax.TokenPlus, hclsyntax.TokenMinus, hclsyntax.TokenPercent,
		hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq,
		hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq, hclsyntax.TokenAnd, hclsyntax.TokenOr,
		hclsyntax.TokenBang, hclsyntax.TokenQuestion:
		return true
	}
	return false
}

// numberTooGreat reports whether a number's text is longer, or its exponent
// greater, than any column type could use.
func numberTooGreat(text []byte) bool {
	if len(text) > maxExponent {
		return true
	}
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		exp, err := strconv.Atoi(string(text[i+1:]))
		return err != nil || exp > maxExponent || exp < -maxExponent
	}
	return false
}
