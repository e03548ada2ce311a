package rowexpr

import (
	"strconv"
	"strings"
)

// PathString prints a path as it is written after `row.`: user.email, tags[0],
// ["odd name"].x; "" for the empty path.
func PathString(path []Step) string {
	var b strings.Builder
	for i, s := range path {
		switch {
		case s.IsIdx:
			b.WriteString("[" + strconv.Itoa(s.Index) + "]")
		case isIdent(s.Name):
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.Name)
		default:
			b.WriteString("[" + strconv.Quote(s.Name) + "]")
		}
	}
	return b.String()
}

func isIdent(s string) bool {
	for i, r := range s {
		letter := r == '_' || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')
		if !letter && (i == 0 || (r != '-' && (r < '0' || r > '9'))) {
			return false
		}
	}
	return s != ""
}

// PathSQL is a reference as DuckDB's SQL, value standing for `value`. ident quotes
// a name.
func PathSQL(ref *Expr, value string, ident func(string) string) string {
	if len(ref.Path) == 0 {
		return ident(value)
	}
	out := ident(ref.Path[0].Name)
	for _, s := range ref.Path[1:] {
		if s.IsIdx {
			out += "[" + strconv.Itoa(s.Index+1) + "]"
		} else {
			out += "." + ident(s.Name)
		}
	}
	return out
}
