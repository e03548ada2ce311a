package lang_test

import (
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// TestLoad runs each case of testdata/load: the inputs are a project, expected
// diagnostics are comments in it, want/module is the Module's dump and
// want/messages the diagnostics as a user sees them. A case has either or both.
func TestLoad(t *testing.T) {
	golden.Dir(t, "testdata/load/*.txtar", func(t *testing.T, a *golden.Archive) {
		m, ds := lang.Load(a.FS(), ".")
		a.Diagnostics(t, ds)
		if a.Has("want/module") || !ds.HasErrors() {
			a.Compare(t, "want/module", []byte(dump(m)))
		}
		if a.Has("want/messages") {
			a.Compare(t, "want/messages", []byte(messages(ds)))
		}
		for _, d := range ds {
			if info, ok := diag.Lookup(d.Code); !ok || info.Summary != d.Summary {
				t.Errorf("%s has the summary %q, its code says %q", d.Code, d.Summary, info.Summary)
			}
		}
	})
}

func messages(ds diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range ds.Sorted() {
		fmt.Fprintln(&b, d.Error())
		for _, r := range d.Related {
			fmt.Fprintf(&b, "  %s: %s\n", r.Range, r.Message)
		}
	}
	return b.String()
}

// dump writes a Module as text: what stands where.
func dump(m *lang.Module) string {
	var b strings.Builder
	for _, block := range m.Blocks {
		dumpBlock(&b, m, block, "")
	}
	for _, block := range m.Lock {
		b.WriteString("lock ")
		dumpBlock(&b, m, block, "")
	}
	for _, block := range m.LeftOut {
		fmt.Fprintf(&b, "left out %s %q @%s\n", block.Type, block.Labels, block.Range)
	}
	if m.Incomplete {
		b.WriteString("incomplete\n")
	}
	return b.String()
}

func dumpBlock(b *strings.Builder, m *lang.Module, block *lang.Block, indent string) {
	fmt.Fprintf(b, "%s%s %q @%s\n", indent, block.Type, block.Labels, block.Range)
	names := make([]string, 0, len(block.Attrs))
	for name := range block.Attrs {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		a := block.Attrs[name]
		src := m.Files[a.ExprRange.Filename]
		fmt.Fprintf(b, "%s  %s = %s @%d:%d", indent, name, src[a.ExprRange.Start.Byte:a.ExprRange.End.Byte], a.ExprRange.Start.Line, a.ExprRange.Start.Column)
		for _, tr := range a.Expr.Variables() {
			r := tr.SourceRange()
			fmt.Fprintf(b, " {%s}", src[r.Start.Byte:r.End.Byte])
		}
		if call, ok := a.Expr.(*hclsyntax.FunctionCallExpr); ok {
			fmt.Fprintf(b, " call{%s}", src[call.NameRange.Start.Byte:call.NameRange.End.Byte])
		}
		b.WriteString("\n")
	}
	for _, nested := range block.Blocks {
		dumpBlock(b, m, nested, indent+"  ")
	}
}
