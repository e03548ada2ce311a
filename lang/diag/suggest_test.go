package diag

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	for _, c := range []struct {
		name  string
		among []string
		want  string
	}{
		{"ordres", []string{"customers", "orders"}, "orders"},
		{"wharehouse", []string{"lake", "warehouse"}, "warehouse"},
		{"x", []string{"orders"}, ""},
		{"ab", []string{"ac", "ad"}, "ac"},
		{"orders", []string{"orders"}, ""},
		{"", nil, ""},
		{"größe", []string{"grösse", "größen"}, "größen"},
	} {
		if got, _ := Nearest(c.name, c.among); got != c.want {
			t.Errorf("Nearest(%q, %q) = %q, want %q", c.name, c.among, got, c.want)
		}
	}
}

// TestNearestIsBounded compares two names of a megabyte, which would take minutes.
func TestNearestIsBounded(t *testing.T) {
	long := strings.Repeat("a", 1<<20)
	if got, ok := Nearest(long+"b", []string{long}); ok {
		t.Errorf("a name of %d letters is suggested", len(got))
	}
}
