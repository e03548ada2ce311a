package lintview

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view"
	"github.com/headgate-data/headgate/lang/diag"
)

// WriteGitHub writes a workflow command for each finding, which GitHub shows at
// the line in a pull request, and the sum as a line of the log.
func WriteGitHub(w io.Writer, r Report) error {
	var b strings.Builder
	for _, f := range r.Findings {
		command := map[string]string{"error": "error", "warning": "warning"}[f.Severity]
		if command == "" {
			command = "notice"
		}
		var props []string
		if at := f.Range; at != nil {
			props = append(props, "file="+property(r.Prefix+at.Filename), fmt.Sprintf("line=%d", at.Start.Line), fmt.Sprintf("endLine=%d", at.End.Line))
			if at.Start.Line == at.End.Line { // GitHub takes columns within one line only
				props = append(props, fmt.Sprintf("col=%d", at.Start.Column), fmt.Sprintf("endColumn=%d", at.End.Column))
			}
		}
		props = append(props, "title="+property(f.Rule))
		fmt.Fprintf(&b, "::%s %s::%s\n", command, strings.Join(props, ","), data(f.message()))
	}
	b.WriteString(r.sentence() + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// data escapes the text of a workflow command.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// property escapes the value of a property of a workflow command.
func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}

// The elements of JUnit's XML, as far as they are used.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Line    int           `xml:"line,attr,omitempty"`
		Failure *junitFailure `xml:"failure"`
		Skipped *junitSkipped `xml:"skipped"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
)

// WriteJUnit writes a test case for each finding: failed where it fails the
// command, passed with a note where it does not, skipped where a comment ignores
// it. Without any there is one case that passed.
func WriteJUnit(w io.Writer, r Report) error {
	suite := junitSuite{Name: "headgate lint"}
	for _, f := range r.Findings {
		c := r.junit(f)
		if f.Fails || !r.Valid {
			c.Failure = &junitFailure{Type: f.Severity, Message: xmlText(f.Summary), Text: xmlText(f.message())}
			suite.Failures++
		} else {
			c.Out = xmlText(f.Severity + ": " + f.message())
		}
		suite.Cases = append(suite.Cases, c)
	}
	for _, f := range r.Ignored {
		c := r.junit(f)
		c.Skipped = &junitSkipped{Message: xmlText("ignored: " + f.Reason)}
		suite.Skipped++
		suite.Cases = append(suite.Cases, c)
	}
	if len(suite.Cases) == 0 {
		suite.Cases = []junitCase{{Class: "headgate lint", Name: "no findings"}}
	}
	suite.Tests = len(suite.Cases)
	all := junitSuites{Name: "headgate", Tests: suite.Tests, Failures: suite.Failures, Skipped: suite.Skipped, Suites: []junitSuite{suite}}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(text)+"\n")
	return err
}

// junit is the head of a finding's test case.
func (r Report) junit(f Finding) junitCase {
	c := junitCase{Class: "headgate lint", Name: f.Rule}
	if f.Range != nil {
		c.File, c.Line = xmlText(r.Prefix+f.Range.Filename), f.Range.Start.Line
		c.Class = c.File
		c.Name = fmt.Sprintf("%s:%d %s", c.File, c.Line, f.Rule)
	}
	return c
}

// xmlText leaves out the characters that XML 1.0 cannot hold.
func xmlText(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 {
			return r
		}
		return -1
	}, s)
}

// The objects of SARIF 2.1.0, as far as they are used.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		ColumnKind  string            `json:"columnKind"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"semanticVersion,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifInvocation struct {
		Successful bool `json:"executionSuccessful"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifRule struct {
		ID      string      `json:"id"`
		Short   sarifText   `json:"shortDescription"`
		Full    sarifText   `json:"fullDescription"`
		Help    sarifText   `json:"help"`
		Default sarifConfig `json:"defaultConfiguration"`
	}
	sarifConfig struct {
		Level   string `json:"level"`
		Enabled bool   `json:"enabled"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    *int               `json:"ruleIndex,omitempty"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations,omitempty"`
		Related      []sarifLocation    `json:"relatedLocations,omitempty"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
		Message  *sarifText     `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region sarifRegion `json:"region"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
)

// sarif makes the log of a report.
func (r Report) sarif() sarifLog {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Invocations: []sarifInvocation{{Successful: r.Valid}}, Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "headgate", Version: r.Tool.Version, Rules: []sarifRule{}}
	index := map[string]int{}
	for i, rule := range r.Tool.Rules {
		index[rule.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{ID: rule.ID, Short: sarifText{Text: rule.Summary + "."}, Full: sarifText{Text: rule.Why},
			Help:    sarifText{Text: rule.Fix, Markdown: rule.Fix + "\n\nBad:\n\n```hcl\n" + rule.Bad + "```\n\nGood:\n\n```hcl\n" + rule.Good + "```\n"},
			Default: sarifConfig{Level: level(rule.Severity), Enabled: rule.Severity != "off"}})
	}
	for _, list := range [][]Finding{r.Findings, r.Ignored} {
		for _, f := range list {
			run.Results = append(run.Results, r.sarifResult(f, index))
		}
	}
	return sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}

func (r Report) sarifResult(f Finding, index map[string]int) sarifResult {
	out := sarifResult{RuleID: f.Rule, Level: level(f.Severity), Message: sarifText{Text: f.message()}}
	if i, ok := index[f.Rule]; ok {
		out.RuleIndex = &i
	}
	var at sarifLocation
	if f.Range != nil {
		at.Physical = r.physical(*f.Range)
	}
	if f.Address != "" {
		at.Logical = []sarifLogical{{Name: f.Address, Kind: "resource"}}
	}
	if at.Physical != nil || at.Logical != nil {
		out.Locations = []sarifLocation{at}
	}
	for _, other := range f.Related {
		out.Related = append(out.Related, sarifLocation{Physical: r.physical(other.Range), Message: &sarifText{Text: other.Message}})
	}
	if f.Reason != "" {
		out.Suppressions = []sarifSuppression{{Kind: "inSource", Justification: f.Reason}}
	}
	return out
}

func (r Report) physical(at diag.Range) *sarifPhysical {
	out := &sarifPhysical{Region: sarifRegion{StartLine: max(at.Start.Line, 1), StartColumn: max(at.Start.Column, 1),
		EndLine: max(at.End.Line, at.Start.Line, 1), EndColumn: max(at.End.Column, 1)}}
	out.Artifact.URI = uri(r.Prefix + at.Filename)
	return out
}

// uri writes a relative path as a URI.
func uri(path string) string {
	var b strings.Builder
	for _, c := range []byte(path) {
		if c == '/' || c == '.' || c == '-' || c == '_' || c == '~' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// level is SARIF's word for a severity.
func level(severity string) string {
	switch severity {
	case "error", "warning":
		return severity
	case "off":
		return "none"
	}
	return "note"
}

// WriteSARIF writes a report as SARIF 2.1.0. Findings that a comment ignores are
// there, suppressed, with the reason.
func WriteSARIF(w io.Writer, r Report) error { return view.WriteJSON(w, r.sarif()) }
