package lintview

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/headgate-data/headgate/lang/diag"
)

// hostile is a report whose texts hold what each format has to escape.
func hostile() Report {
	at := &diag.Range{Filename: "a b/ö,1:%.hcl", Start: diag.Pos{Line: 2, Column: 3, Byte: 9}, End: diag.Pos{Line: 4, Column: 1, Byte: 20}}
	r := Report{FormatVersion: "1.0", Valid: true, FailOn: "warning", Files: 1, Prefix: "x/", Findings: []Finding{
		{Rule: "r_1", Severity: "warning", Fails: true, Summary: "One | two", Message: "100% <b>@all</b>\nnext ::error::line \x00\x1b[31m `code`", Range: at},
		{Rule: "r_2", Severity: "info", Summary: "No place", Address: "pipeline.p"},
	}, Ignored: []Finding{{Rule: "r_1", Severity: "error", Summary: "Silent", Reason: "it \"is\" so", Range: at}}}
	r.Count()
	return r
}

func TestGitHubEscapes(t *testing.T) {
	var b bytes.Buffer
	if err := WriteGitHub(&b, hostile()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	want := "::warning file=x/a b/ö%2C1%3A%25.hcl,line=2,endLine=4,title=r_1::One | two. 100%25 <b>@all</b>%0Anext ::error::line [31m `code`"
	if lines[0] != want {
		t.Errorf("got  %q\nwant %q", lines[0], want)
	}
	if len(lines) != 4 || lines[1] != "::notice title=r_2::No place." {
		t.Errorf("a message has opened a line of its own: %q", lines)
	}
}

func TestJUnitEscapes(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJUnit(&b, hostile()); err != nil {
		t.Fatal(err)
	}
	var suites junitSuites
	if err := xml.Unmarshal(b.Bytes(), &suites); err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if suites.Tests != 3 || suites.Failures != 1 || suites.Skipped != 1 || suites.Suites[0].Cases[0].Failure == nil || suites.Suites[0].Cases[1].Failure != nil {
		t.Errorf("%s", b.String())
	}
	b.Reset()
	if err := WriteJUnit(&b, Report{Valid: true}); err != nil || !strings.Contains(b.String(), `tests="1" failures="0"`) {
		t.Errorf("a report without findings has one test that passed (%v):\n%s", err, b.String())
	}
}

func TestSARIF(t *testing.T) {
	var b bytes.Buffer
	if err := WriteSARIF(&b, hostile()); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	got := log.Runs[0].Results
	if len(got) != 3 || got[0].Locations[0].Physical.Artifact.URI != "x/a%20b/%C3%B6%2C1%3A%25.hcl" || got[1].Level != "note" || got[2].Suppressions[0].Justification != `it "is" so` {
		t.Errorf("%s", b.String())
	}
}

func TestMarkdownEscapes(t *testing.T) {
	var b bytes.Buffer
	if err := WriteMarkdown(&b, hostile()); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(b.String(), "\n") {
		if n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"); n != 0 && n != 5 {
			t.Errorf("a row has %d bars: %s", n, line)
		}
		if strings.Contains(line, "<b>") || strings.Contains(line, "@all") {
			t.Errorf("HTML or a mention passes: %s", line)
		}
	}
}

func TestSecretsAreMasked(t *testing.T) {
	text := []byte("a = \"swordfish\"\nb = 1\n")
	r := Report{Findings: []Finding{{Hidden: true, Range: &diag.Range{Filename: "f", Start: diag.Pos{Byte: 4}, End: diag.Pos{Byte: 15}}}}}
	if got := string(r.masked(map[string][]byte{"f": text})["f"]); got != "a = \"*********\"\nb = 1\n" || string(text[5:9]) != "swor" {
		t.Errorf("got %q", got)
	}
}
