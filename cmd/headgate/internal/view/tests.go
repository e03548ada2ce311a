package view

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/cmd/headgate/internal/view/draw"
	"github.com/headgate-data/headgate/executor/outcome"
)

// JUnit is the format of test results that CI systems read.
const JUnit Format = "junit"

// Tests is what `headgate test` prints.
type Tests struct {
	FormatVersion string `json:"format_version"`
	outcome.Tests
}

// NewTests makes the view of test results.
func NewTests(t outcome.Tests) Tests {
	t.Percent = math.Round(t.Percent*10) / 10
	return Tests{FormatVersion: FormatVersion, Tests: t}
}

// WriteTests draws test results as text: a line for each test, why those fail, and
// which rules no test breaks.
func WriteTests(w io.Writer, v Tests, style Style) error {
	p := newPainter(w, style)
	width := 0
	for _, t := range v.Tests.Tests {
		width = max(width, len([]rune(t.Name)))
	}
	for _, t := range v.Tests.Tests {
		mark := style.Paint(draw.Green, "ok  ")
		if !t.Passed {
			mark = style.Paint(draw.Red, "FAIL")
		}
		p.Line("%s  %s  %s, %s", mark, draw.Pad(t.Name, width), t.Contract, draw.Plural(int64(len(t.Cases)), "case"))
		for _, c := range t.Cases {
			if !c.Passed {
				for _, l := range caseLines(c) {
					p.Line("      %s", l)
				}
			}
		}
	}
	if len(v.Tests.Tests) == 0 {
		p.Line("There are no tests.")
		return p.Err
	}
	p.Line("")
	p.Line("%s: %d passed, %d failed.", draw.Plural(int64(len(v.Tests.Tests)), "test"), v.Passed, v.Failed)
	p.Line("")
	p.Line("Rules that a test makes fail: %s %%", percent(v.Percent))
	width = 0
	for _, c := range v.Coverage {
		width = max(width, len([]rune(c.Contract)))
	}
	for _, c := range v.Coverage {
		p.Line("    %s  %d of %d", draw.Pad(c.Contract, width), c.Broken, c.Rules)
		if len(c.Missing) > 0 && c.Broken > 0 {
			for _, l := range draw.Wrap("no test breaks "+strings.Join(c.Missing, ", "), 96) {
				p.Line("        %s", l)
			}
		}
		if len(c.NotJudged) > 0 {
			for _, l := range draw.Wrap("not judged by tests, but by a load: "+strings.Join(c.NotJudged, ", "), 96) {
				p.Line("        %s", l)
			}
		}
	}
	return p.Err
}

func percent(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// caseLines explains a case that failed.
func caseLines(c outcome.CaseResult) []string {
	out := []string{fmt.Sprintf("%s at %s:", c.Want, place(&c.Range))}
	for i, row := range c.Rows {
		name := "row"
		if len(c.Rows) > 1 {
			name = "row " + strconv.Itoa(i+1)
		}
		out = append(out, "    "+name+"  "+draw.Cut(row, 400))
	}
	refused := slices.ContainsFunc(c.Broken, func(b outcome.BrokenRule) bool { return !b.Warning })
	if c.Want == "reject" && !refused && len(c.Kept) == 0 {
		out = append(out, "    the contract accepts it")
	}
	for _, k := range c.Kept {
		out = append(out, "  - "+k+"  was to be broken, and is kept")
	}
	for _, b := range c.Broken {
		if b.Expected {
			out = append(out, "    "+b.Rule+"  is broken, as it was to be")
			continue
		}
		text := "  + " + b.Rule + "  is broken"
		if c.Want == "reject" {
			text += ", and was not named"
		}
		if why := strings.TrimSpace(b.Value + " " + b.Message); why != "" {
			text += ": " + why
		}
		if b.Range != nil {
			text += " (" + place(b.Range) + ")"
		}
		out = append(out, text)
	}
	return out
}

// The elements of JUnit's XML.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr"`
		Failure *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",cdata"`
	}
)

// WriteJUnit writes test results as JUnit's XML: a suite for each contract, a case
// for each test.
func WriteJUnit(w io.Writer, v Tests) error {
	all := junitSuites{Tests: len(v.Tests.Tests), Failures: v.Failed}
	at := map[string]int{}
	for _, t := range v.Tests.Tests {
		i, ok := at[t.Contract]
		if !ok {
			i = len(all.Suites)
			at[t.Contract] = i
			all.Suites = append(all.Suites, junitSuite{Name: t.Contract})
		}
		s := &all.Suites[i]
		k := junitCase{Name: t.Name, Class: t.Contract, File: t.Range.Filename, Line: t.Range.Start.Line}
		if !t.Passed {
			s.Failures++
			k.Failure = &junitFailure{}
			var lines []string
			for _, c := range t.Cases {
				if !c.Passed {
					if k.Failure.Message == "" {
						k.Failure.Message = c.Want + " at " + place(&c.Range) + " failed"
					}
					lines = append(lines, caseLines(c)...)
				}
			}
			k.Failure.Text = "\n" + strings.Join(lines, "\n") + "\n"
		}
		s.Tests++
		s.Cases = append(s.Cases, k)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
