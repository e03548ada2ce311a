package draw

import (
	"strings"
	"testing"
)

// TestDiff: the lines that are kept and removed make the old text, those kept
// and added the new one.
func TestDiff(t *testing.T) {
	before := strings.Split("a b c d e f g h i j", " ")
	after := strings.Split("a b x d e f g h j k", " ")
	var text []string
	for _, l := range diffLines(before, after) {
		text = append(text, l.sign+l.text)
	}
	if got, want := strings.Join(text, " "), " a  b -c +x  d  e ...  g  h -i  j +k"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := diffLines(nil, nil); len(got) != 0 {
		t.Errorf("two empty texts differ: %v", got)
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", -999: "-999"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 5_300_000_000: "5.3 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
	for s, want := range map[float64]string{0.421: "0.42 s", 12.34: "12.3 s", 185.9: "3 m 05 s"} {
		if got := Seconds(s); got != want {
			t.Errorf("Seconds(%v) = %q, want %q", s, got, want)
		}
	}
}

// TestMarkdownIsSafe: text that came from a project or its data cannot become
// markup of the page it is shown on.
func TestMarkdownIsSafe(t *testing.T) {
	got := Cell("a|b\n<img src=x> `c` [d](e) @team *f*")
	for _, bad := range []string{"a|b", "\n", "<img", " `", "[d]", "@", " *"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q is left in %q", bad, got)
		}
	}
}
