package lint_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/lint"
	"github.com/headgate-data/headgate/compiler/lint/ruleset"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector/duckdb/typer"
	"github.com/headgate-data/headgate/internal/golden"
	"github.com/headgate-data/headgate/lang"
)

const today = "2026-06-01"

func lines(r lint.Result) []byte {
	var out strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&out, "%s %s %s: %s\n", f.Range, f.Severity, f.Rule, f.Message)
	}
	for _, f := range r.Ignored {
		fmt.Fprintf(&out, "ignored %s %s: %s\n", f.Range, f.Rule, f.Reason)
	}
	return []byte(out.String())
}

// TestIgnore runs a few rules over files full of comments, and then takes out what
// is to be taken out.
func TestIgnore(t *testing.T) {
	golden.Dir(t, "testdata/ignore/*.txtar", func(t *testing.T, a *golden.Archive) {
		engine := typer.New()
		defer engine.Close()
		m, diags := lang.Load(a.FS(), ".")
		in := lint.Input{Module: m, Today: today, Rules: ruleset.All(), Severities: map[string]lint.Severity{
			"undocumented_contract": lint.Off, "model_without_contract": lint.Off, "HG2606": lint.Info}}
		p, more := compiler.Compile(context.Background(), m, compiler.Inputs{Today: today, FS: a.FS(), FolderName: "shop", Typer: engine,
			OnQuery: func(q compiler.Query) { in.Queries = append(in.Queries, q) }})
		if diags = append(diags, more...); diags.HasErrors() {
			t.Fatal(diags.Err())
		}
		in.Program = p
		found := lint.Run(in)
		a.Compare(t, "want/findings", lines(found))
		mended := lint.Fix(m.Files, found.Findings)
		var out strings.Builder
		for _, name := range []string{"file.sql", "project.gate.hcl"} {
			for _, line := range strings.SplitAfter(string(mended.Files[name]), "\n") {
				if strings.Contains(line, "headgate:ignore") {
					out.WriteString(name + ": " + line)
				}
			}
		}
		a.Compare(t, "want/left", []byte(out.String()))
	})
}

// TestDocuments lints Markdown documents, and applies the fixes.
func TestDocuments(t *testing.T) {
	golden.Dir(t, "testdata/documents/*.txtar", func(t *testing.T, a *golden.Archive) {
		d := lint.Documents{Today: today, Rules: ruleset.All()}
		var out strings.Builder
		for _, name := range []string{"guide.md", "empty.md"} {
			src := a.Bytes(t, name)
			found := d.Lint(context.Background(), name, src)
			out.Write(lines(found))
			mended := lint.Fix(map[string][]byte{name: src}, found.Findings)
			if text, changed := mended.Files[name]; changed {
				src = text
			}
			after := d.Lint(context.Background(), name, src)
			if slices.ContainsFunc(after.Findings, func(f lint.Finding) bool { return len(f.Edits) > 0 }) {
				t.Errorf("fixes are left after the fix: %s", lines(after))
			}
			if len(mended.Files) > 0 {
				a.Compare(t, "want/"+name, mended.Files[name])
			}
		}
		a.Compare(t, "want/findings", []byte(out.String()))
	})
}

func TestFixLeavesOverlaps(t *testing.T) {
	files := map[string][]byte{"a.sql": []byte("0123456789")}
	edit := func(from, to int, text string) lint.Finding {
		return lint.Finding{Edits: []lint.Edit{{File: "a.sql", Start: from, End: to, Text: text}}}
	}
	got := lint.Fix(files, []lint.Finding{edit(2, 4, "x"), edit(3, 5, "y"), edit(4, 4, "z"), edit(6, 7, ""), edit(8, 99, "outside"), {}})
	if text := string(got.Files["a.sql"]); text != "01x45789" || len(got.Fixed) != 2 {
		t.Errorf("got %q, %d fixed", text, len(got.Fixed))
	}
	if string(files["a.sql"]) != "0123456789" {
		t.Error("the text that was given has changed")
	}
}

func TestWords(t *testing.T) {
	for name, want := range map[string]string{"order_id": "order id", "orderID": "order id", "HTTPServer": "http server", "eMail": "e mail", "a--b C": "a b c", "": "", "x2Y": "x2y", "ÄÖ_ü": "äö ü"} {
		if got := strings.Join(lint.Words(name), " "); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestLooksPersonal(t *testing.T) {
	text := types.Of(types.String)
	for name, want := range map[string]bool{"email": true, "customerEmail": true, "e_mail": true, "email_domain": false, "email_subject": false, "phone_model": false,
		"ip_address": true, "address": false, "first_name": true, "name": false, "product_name": false, "date_of_birth": true, "dob": true, "birth_rate": false} {
		if got := lint.LooksPersonal(name, text); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if lint.LooksPersonal("emails", types.Of(types.Int64)) || lint.LooksPersonal("email", types.Of(types.Bool)) {
		t.Error("a number or a flag is no personal data")
	}
}

// TestExtra runs a producer's findings through severities and comments, as if they
// were those of a rule.
func TestExtra(t *testing.T) {
	src := "# headgate:ignore owner_set it is a copy\npipeline \"a\" {\n}\npipeline \"b\" {\n}\n"
	m, diags := lang.LoadText("p.gate.hcl", []byte(src))
	p, _ := compiler.Compile(context.Background(), m, compiler.Inputs{Today: today, FolderName: "shop"})
	if len(m.Blocks) != 2 {
		t.Fatal(diags)
	}
	extra := lint.Extra{Rules: []*lint.Rule{{ID: "owner_set"}}}
	for _, b := range m.Blocks {
		extra.Findings = append(extra.Findings, lint.Finding{Rule: "owner_set", Severity: lint.Warning, Summary: "A rule of the project", Message: b.Labels[0], Range: b.Range})
	}
	for severity, want := range map[lint.Severity]string{lint.Error: "p.gate.hcl:4,1-13 error owner_set: b\nignored p.gate.hcl:2,1-13 owner_set: it is a copy\n", lint.Off: ""} {
		r := lint.Run(lint.Input{Module: m, Program: p, Today: today, Extra: []lint.Extra{extra}, Severities: map[string]lint.Severity{"owner_set": severity}})
		if got := string(lines(r)); got != want {
			t.Errorf("%s: %q, want %q", severity, got, want)
		}
	}
	r := lint.Run(lint.Input{Module: m, Program: p, Today: today})
	if len(r.Findings) != 1 || r.Findings[0].Rule != "HG2602" {
		t.Errorf("a rule that nobody brings is not known: %s", lines(r))
	}
}

// TestLineBreaks mends a file with the line breaks of Windows, and keeps them.
func TestLineBreaks(t *testing.T) {
	src := strings.ReplaceAll("pipeline \"a\" {\n  schedule = \"@daily\" # every night\n  timeout  = \"1h\"\n}\n", "\n", "\r\n")
	m, _ := lang.LoadText("p.gate.hcl", []byte(src))
	p, _ := compiler.Compile(context.Background(), m, compiler.Inputs{Today: today, FolderName: "shop"})
	r := lint.Run(lint.Input{Module: m, Program: p, Today: today, Rules: ruleset.All(), Document: true})
	got := string(lint.Fix(m.Files, r.Findings).Files["p.gate.hcl"])
	if want := strings.Replace(src, "  timeout", "  timezone = \"UTC\"\r\n  timeout", 1); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
