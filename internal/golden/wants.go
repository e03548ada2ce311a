package golden

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headgate-data/headgate/lang/diag"
)

// DiagnosticsSection names the section that lists expected diagnostics which no
// comment can hold (in JSON, or without a place): one "file:line CODE" or
// "- CODE" a line.
const DiagnosticsSection = "want/diagnostics"

// wantComment is an expected diagnostic in a comment of HCL, SQL or Go:
// "# want HG1203", "-- want HG4001 HG4002"; "# want-1 HG1001" speaks of the line
// before, "# want+2 HG1001" of the second line after.
var wantComment = regexp.MustCompile(`(?:#|//|--)[ \t]*want([+-]\d+)?((?:[ \t]+HG\d{4})+)`)

// Wants returns the diagnostics that comments in files expect, each as
// "file:line CODE", sorted; one that is expected twice stands twice.
func Wants(files map[string][]byte) []string {
	var out []string
	for name, data := range files {
		for i, line := range bytes.Split(data, []byte("\n")) {
			for _, m := range wantComment.FindAllSubmatch(line, -1) {
				offset := 0
				if len(m[1]) > 0 {
					offset, _ = strconv.Atoi(string(m[1])) // the pattern takes numbers alone
				}
				for _, code := range strings.Fields(string(m[2])) {
					out = append(out, fmt.Sprintf("%s:%d %s", name, i+1+offset, code))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// Places returns diagnostics in the form of Wants: "file:line CODE", or "- CODE"
// without a place; sorted, exact repeats of one diagnostic once.
func Places(ds diag.Diagnostics) []string {
	var out []string
	for _, d := range ds.Sorted() {
		place := "-"
		if d.Subject != nil {
			place = fmt.Sprintf("%s:%d", d.Subject.Filename, d.Subject.Start.Line)
		}
		out = append(out, place+" "+string(d.Code))
	}
	slices.Sort(out)
	return out
}

// Diagnostics fails the test unless got are exactly the diagnostics that the
// inputs' comments and the section want/diagnostics expect: missing and
// unexpected ones both fail. Summaries and details are not looked at.
func (a *Archive) Diagnostics(t *testing.T, got diag.Diagnostics) {
	t.Helper()
	want := Wants(a.Inputs())
	if a.Has(DiagnosticsSection) {
		a.used[DiagnosticsSection] = true
		for _, line := range strings.Split(string(a.Bytes(t, DiagnosticsSection)), "\n") {
			if line = strings.TrimSpace(line); line != "" {
				want = append(want, line)
			}
		}
	}
	slices.Sort(want)
	if d := mismatch(want, Places(got)); d != "" {
		t.Errorf("%s: the diagnostics are not those expected (-want +got):\n%s\nall of them:\n%s", a.Path, d, describe(got))
	}
}

// mismatch compares two sorted lists; "" where they are equal.
func mismatch(want, got []string) string {
	if slices.Equal(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}

// describe lists diagnostics for the reader of a failed test.
func describe(ds diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range ds.Sorted() {
		fmt.Fprintf(&b, "  %s: %s\n", d.Severity, d.Error())
	}
	return b.String()
}
