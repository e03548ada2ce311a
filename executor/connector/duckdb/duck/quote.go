package duck

import "strings"

// QuoteIdent returns name as a quoted identifier.
func QuoteIdent(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// QuoteIdents returns names as a comma-separated list of quoted identifiers,
// each with prefix in front.
func QuoteIdents(prefix string, names []string) string {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = prefix + QuoteIdent(n)
	}
	return strings.Join(parts, ", ")
}

// QuoteLiteral returns text as a string literal. NUL bytes, which a text of SQL
// cannot hold, become chr(0).
func QuoteLiteral(text string) string {
	quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	if strings.IndexByte(text, 0) < 0 {
		return quoted
	}
	return "(" + strings.ReplaceAll(quoted, "\x00", "' || chr(0) || '") + ")"
}

// QuoteNullable returns a string literal, or null for the empty text.
func QuoteNullable(text string) string {
	if text == "" {
		return "null"
	}
	return QuoteLiteral(text)
}
