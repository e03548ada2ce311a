package draw

import "strings"

// Cell makes text safe inside a markdown table: what could be markup is escaped.
func Cell(s string) string {
	return strings.NewReplacer("\\", "\\\\", "|", "\\|", "\n", " ", "<", "&lt;", ">", "&gt;", "`", "\\`", "*", "\\*", "_", "\\_",
		"[", "\\[", "]", "\\]", "@", "&#64;").Replace(s)
}

// Code sets a name in a code span; what would end the span or the cell is
// replaced.
func Code(s string) string {
	return "`" + strings.NewReplacer("`", "'", "|", "\\|", "\n", " ").Replace(s) + "`"
}

// OrEmpty makes a nil list one that JSON writes as [].
func OrEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
