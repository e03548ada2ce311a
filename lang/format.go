package lang

import (
	"bytes"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/headgate-data/headgate/lang/diag"
)

// canonical maps the SQL names of column types to the names that headgate prints.
// It knows spelling alone; what the types are, package types knows, and a test
// holds the two against each other.
var canonical = map[string]string{
	"boolean": "bool", "smallint": "int32", "integer": "int32", "int": "int32", "bigint": "int64", "double": "float64",
	"varchar": "string", "text": "string", "numeric": "decimal",
}

// Format returns src, a file of HCL's native syntax, in canonical form: indents,
// aligned equals signs, one final newline, and column types under their canonical
// names. Comments and meaning stay, and formatting twice changes nothing more.
// What does not parse is returned as it is, with the errors, which name no file;
// nil src is an empty file.
func Format(src []byte) ([]byte, diag.Diagnostics) {
	text := bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if fault := notText("", text); fault != nil {
		return src, diag.Diagnostics{fault}
	}
	body, ds := parseNative("", text)
	if ds.HasErrors() {
		return src, ds
	}
	out := src
	ds.Add(guarded("formatting", func() { out = settle(canonicalTypes(text, body)) }))
	if ds.HasErrors() {
		return src, ds
	}
	return out, ds
}

// settle lays a text out until laying it out changes nothing: the writer moves
// comments of some odd shapes in a second pass only.
func settle(text []byte) []byte {
	for range maxPasses {
		next := bytes.TrimRight(hclwrite.Format(text), " \t\r\n")
		if len(next) > 0 {
			next = append(next, '\n')
		}
		if bytes.Equal(next, text) {
			break
		}
		text = next
	}
	return text
}

// maxPasses bounds settle.
const maxPasses = 5

// replacement puts other text in place of src[start:end].
type replacement struct {
	start, end int
	text       string
}

// canonicalTypes replaces the SQL names of types in the type attributes of columns
// and settings.
func canonicalTypes(src []byte, body *hclsyntax.Body) []byte {
	var found []replacement
	collectTypes(body, "", &found)
	slices.SortFunc(found, func(a, b replacement) int { return a.start - b.start })
	var out []byte
	done := 0
	for _, r := range found {
		out = append(append(out, src[done:r.start]...), r.text...)
		done = r.end
	}
	return append(out, src[done:]...)
}

func collectTypes(body *hclsyntax.Body, blockType string, found *[]replacement) {
	if a := body.Attributes["type"]; a != nil && (blockType == "column" || blockType == "setting") {
		// The walk never fails: its callback returns no diagnostics.
		_ = hclsyntax.VisitAll(a.Expr, func(n hclsyntax.Node) hcl.Diagnostics {
			name, at := "", a.NameRange
			switch n := n.(type) {
			case *hclsyntax.ScopeTraversalExpr:
				if len(n.Traversal) == 1 {
					name, at = n.Traversal.RootName(), n.SrcRange
				}
			case *hclsyntax.FunctionCallExpr:
				name, at = n.Name, n.NameRange
			}
			if to := canonical[name]; to != "" {
				*found = append(*found, replacement{at.Start.Byte, at.End.Byte, to})
			}
			return nil
		})
	}
	for _, b := range body.Blocks {
		collectTypes(b.Body, b.Type, found)
	}
}
