package lint

import (
	"slices"

	"github.com/headgate-data/headgate/compiler/types"
)

// LooksPersonal guesses by its name and type whether a column holds data about a
// person. It passes over what is derived from such data: hashes, counts, flags.
func LooksPersonal(name string, t types.Type) bool {
	if t.Kind != types.String && t.Kind != types.Date && t.Kind != types.JSON && !t.IsNested() {
		return false
	}
	words := Words(name)
	if len(words) == 0 || slices.Contains(derived(), words[len(words)-1]) {
		return false
	}
	return HasWord(name, "email", "phone", "ssn", "passport", "surname", "birthday", "birthdate", "dob", "iban", "firstname", "lastname", "fullname") ||
		HasPhrase(name, "e mail", "mobile number", "social security", "first name", "last name", "full name", "middle name", "maiden name", "date of birth",
			"birth date", "credit card", "card number", "ip address", "street address", "home address", "postal address", "tax id", "national id", "license number")
}

// derived are the last words of columns that tell something about personal data
// and not the data itself.
func derived() []string {
	return []string{"hash", "hashed", "sha256", "md5", "domain", "type", "kind", "status", "verified", "count", "masked", "template", "subject",
		"consent", "model", "brand", "provider", "policy", "flag", "token", "format", "source", "campaign", "country", "code"}
}
