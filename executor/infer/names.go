package infer

import (
	"strings"
	"unicode"
)

// Words that names of columns are made of.
var (
	idWords    = []string{"id", "uuid", "guid", "key", "uid", "number", "no", "nr", "code"}
	moneyWords = []string{"amount", "price", "cost", "fee", "tax", "balance", "revenue", "salary", "gross", "net", "paid", "payment", "charge", "budget", "turnover", "subtotal", "refund", "discount"}
	// Quantities that are never below zero.
	countWords = []string{"count", "quantity", "qty", "age", "size", "length", "width", "height", "weight", "duration", "distance", "votes", "views", "clicks", "stock", "attempts", "retries", "seconds", "minutes", "hours", "bytes", "population", "price", "horsepower", "cylinders", "displacement", "mileage", "wages"}
	// Codes whose digits are no number.
	codeWords = []string{"zip", "zipcode", "postal", "postcode", "plz", "phone", "tel", "mobile", "fax", "ssn", "iban", "bic", "ean", "isbn", "gtin", "upc", "sku", "card", "account", "passport", "vat", "siren", "siret"}
)

// words splits a name into its words, in lower case: orderID, order_id and
// "Order ID" are order and id.
func words(name string) []string {
	var out []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			out = append(out, word.String())
			word.Reset()
		}
	}
	prev := ' '
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		case unicode.IsUpper(r) && unicode.IsLower(prev):
			flush()
			word.WriteRune(unicode.ToLower(r))
		default:
			word.WriteRune(unicode.ToLower(r))
		}
		prev = r
	}
	flush()
	return out
}

// hasWord reports whether one of the words, or a plural, stands in the name.
func hasWord(name string, list []string) bool {
	for _, w := range words(name) {
		for _, l := range list {
			if w == l || w == l+"s" {
				return true
			}
		}
	}
	return false
}

// isIdentifier reports whether a name is that of an identifier: its last word
// says so.
func isIdentifier(name string) bool {
	w := words(name)
	if len(w) == 0 {
		return false
	}
	last := w[len(w)-1]
	for _, l := range idWords {
		if last == l {
			return true
		}
	}
	return len(w) == 1 && len(last) > 3 && strings.HasSuffix(last, "id") && !strings.HasSuffix(last, "aid") && !strings.HasSuffix(last, "oid")
}
