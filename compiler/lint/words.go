package lint

import (
	"slices"
	"strings"
	"unicode"
)

// Words cuts a name into its words in lower case: order_id and orderID are both
// order, id.
func Words(name string) []string {
	var out []string
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			out = append(out, strings.ToLower(word.String()))
			word.Reset()
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			end()
			continue
		}
		lowerBefore := i > 0 && unicode.IsLower(runes[i-1])
		lowerBehind := i+1 < len(runes) && unicode.IsLower(runes[i+1])
		if unicode.IsUpper(r) && (lowerBefore || i > 0 && unicode.IsUpper(runes[i-1]) && lowerBehind) {
			end()
		}
		word.WriteRune(r)
	}
	end()
	return out
}

// HasWord reports whether one of the words of a name is among some.
func HasWord(name string, among ...string) bool {
	return slices.ContainsFunc(Words(name), func(w string) bool { return slices.Contains(among, w) })
}

// HasPhrase reports whether words stand in a name one behind the other: "first
// name" in customer_first_name.
func HasPhrase(name string, phrases ...string) bool {
	joined := " " + strings.Join(Words(name), " ") + " "
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(joined, " "+p+" ") })
}
