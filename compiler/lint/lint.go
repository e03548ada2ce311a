// Package lint finds mistakes in projects that compile. A rule looks at the
// compiled program, at the blocks that it was made of, or at what the queries of
// its models show, and reports findings with places. Rules stand in the rooms
// below, one in a file; package ruleset lists them.
package lint

import (
	"fmt"
	"slices"

	"github.com/headgate-data/headgate/compiler"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// Severity says how much a finding weighs. Greater is worse.
type Severity uint8

// The severities. A rule that is Off is not run.
const (
	Off Severity = iota
	Info
	Warning
	Error
)

// Severities lists the words for severities, in the order of their weight.
func Severities() []string { return []string{"off", "info", "warning", "error"} }

// String returns "off", "info", "warning" or "error".
func (s Severity) String() string { return Severities()[min(int(s), int(Error))] }

// ParseSeverity reads one of the words of Severities.
func ParseSeverity(word string) (Severity, bool) {
	i := slices.Index(Severities(), word)
	return Severity(max(i, 0)), i >= 0
}

// Rule is one rule.
type Rule struct {
	ID       string   // snake_case
	Severity Severity // unless the user sets another one
	Summary  string   // heads every finding: fixed text, one line, no full stop
	Why      string   // what goes wrong, for whom
	Fix      string   // the way out
	Bad      string   // HCL that the rule finds something in
	Good     string   // the same, mended
	// Local rules judge blocks one at a time, so that they can judge the blocks of a
	// document, too, whose references lead nowhere.
	Local bool
	Mends bool // some findings carry edits
	Check func(*Pass)
}

// Finding is a place where a rule is broken.
type Finding struct {
	Rule     string // a rule's ID, or a code of lint itself
	Severity Severity
	Summary  string
	Message  string // what, and the way out
	Address  string // "" for none
	Range    diag.Range
	Related  []diag.Related
	Also     []diag.Range // further places that an ignore comment may stand before
	Edits    []Edit       // mend the finding, all of them together; nil where no edit is safe
	Reason   string       // why it is ignored, "" where it is not
	Hidden   bool         // what stands at Range must not be shown
}

// Edit puts Text in place of the bytes from Start to End of a file. Edits keep
// the meaning of a project.
type Edit struct {
	File       string
	Start, End int
	Text       string
}

// Extra is what something else than a rule of headgate found: a user's own rules.
type Extra struct {
	Rules    []*Rule // their names and words; Check is not called
	Findings []Finding
}

// Producer finds more, in the same project.
type Producer func(m *lang.Module, p *program.Program) (Extra, diag.Diagnostics)

// Input is a project to lint. It compiled without errors, unless Document.
type Input struct {
	Module     *lang.Module
	Program    *program.Program
	Queries    []compiler.Query
	Today      string // YYYY-MM-DD
	Rules      []*Rule
	Severities map[string]Severity // of rules, in place of their own
	Extra      []Extra
	Document   bool // a piece of a document: local rules alone
}

// Result is what was found, in the order of files and places.
type Result struct {
	Findings []Finding
	Ignored  []Finding // silenced by a comment, with its reason
}

// Join puts two results together, in order.
func (r Result) Join(other Result) Result {
	out := Result{slices.Concat(r.Findings, other.Findings), slices.Concat(r.Ignored, other.Ignored)}
	slices.SortStableFunc(out.Findings, compareFindings)
	slices.SortStableFunc(out.Ignored, compareFindings)
	return out
}

// Run runs the rules.
func Run(in Input) Result {
	facts := newFacts(in)
	rules := slices.Clone(in.Rules)
	var all []Finding
	for _, r := range in.Rules {
		p := &Pass{facts: facts, rule: r, severity: in.severity(r)}
		if p.severity == Off || in.Document && !r.Local {
			continue
		}
		r.Check(p)
		all = append(all, p.found...)
	}
	for _, x := range in.Extra {
		rules = append(rules, x.Rules...)
		for _, f := range x.Findings {
			if s, set := in.Severities[f.Rule]; set {
				f.Severity = s
			}
			if f.Severity != Off {
				all = append(all, f)
			}
		}
	}
	return in.silence(distinct(all), rules)
}

func (in Input) severity(r *Rule) Severity {
	if s, set := in.Severities[r.ID]; set {
		return s
	}
	return r.Severity
}

// distinct sorts findings and leaves out those that repeat another: a block under
// for_each or a version that others extend is compiled several times.
func distinct(all []Finding) []Finding {
	slices.SortStableFunc(all, compareFindings)
	return slices.CompactFunc(all, func(a, b Finding) bool {
		return a.Rule == b.Rule && a.Range == b.Range && a.Message == b.Message && !a.Range.IsZero()
	})
}

// Diagnostic is the finding as one that can be drawn with its source lines.
func (f Finding) Diagnostic() *diag.Diagnostic {
	d := &diag.Diagnostic{Code: diag.Code(f.Rule), Summary: f.Summary, Detail: f.Message, Address: f.Address, Related: f.Related}
	switch f.Severity {
	case Warning:
		d.Severity = diag.Warning
	case Info:
		d.Severity = diag.Remark
	}
	if !f.Range.IsZero() {
		d.Subject = &f.Range
	}
	return d
}

// FromDiagnostic makes a finding of a diagnostic.
func FromDiagnostic(d *diag.Diagnostic) Finding {
	f := Finding{Rule: string(d.Code), Severity: Error, Summary: d.Summary, Message: d.Detail, Address: d.Address, Related: d.Related}
	switch d.Severity {
	case diag.Warning:
		f.Severity = Warning
	case diag.Remark:
		f.Severity = Info
	}
	if d.Subject != nil {
		f.Range = *d.Subject
	}
	return f
}

// fault makes a finding about linting itself.
func fault(code diag.Code, at diag.Range, format string, args ...any) Finding {
	info, _ := diag.Lookup(code)
	return Finding{Rule: string(code), Severity: Warning, Summary: info.Summary, Message: fmt.Sprintf(format, args...), Range: at}
}
