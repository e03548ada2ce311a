package infer

import "slices"

// personalNames are names of columns that hold personal data: all words of one
// line stand in the name.
var personalNames = []struct {
	words []string
	what  string
}{
	{[]string{"email"}, "an e-mail address"}, {[]string{"e", "mail"}, "an e-mail address"},
	{[]string{"phone"}, "a telephone number"}, {[]string{"telephone"}, "a telephone number"}, {[]string{"mobile"}, "a telephone number"}, {[]string{"fax"}, "a telephone number"},
	{[]string{"first", "name"}, "a name"}, {[]string{"last", "name"}, "a name"}, {[]string{"full", "name"}, "a name"}, {[]string{"middle", "name"}, "a name"},
	{[]string{"given", "name"}, "a name"}, {[]string{"family", "name"}, "a name"}, {[]string{"user", "name"}, "a name"}, {[]string{"customer", "name"}, "a name"},
	{[]string{"contact", "name"}, "a name"}, {[]string{"employee", "name"}, "a name"}, {[]string{"patient", "name"}, "a name"}, {[]string{"maiden", "name"}, "a name"},
	{[]string{"surname"}, "a name"}, {[]string{"firstname"}, "a name"}, {[]string{"lastname"}, "a name"}, {[]string{"fullname"}, "a name"}, {[]string{"username"}, "a name"}, {[]string{"forename"}, "a name"},
	{[]string{"birth"}, "a date of birth"}, {[]string{"birthday"}, "a date of birth"}, {[]string{"birthdate"}, "a date of birth"}, {[]string{"dob"}, "a date of birth"},
	{[]string{"street"}, "an address"}, {[]string{"home", "address"}, "an address"}, {[]string{"shipping", "address"}, "an address"}, {[]string{"billing", "address"}, "an address"},
	{[]string{"postal", "address"}, "an address"}, {[]string{"address", "line"}, "an address"}, {[]string{"zip"}, "an address"}, {[]string{"zipcode"}, "an address"}, {[]string{"postcode"}, "an address"}, {[]string{"postal", "code"}, "an address"},
	{[]string{"ip"}, "a network address"}, {[]string{"ip", "address"}, "a network address"}, {[]string{"ipaddress"}, "a network address"}, {[]string{"mac", "address"}, "a network address"},
	{[]string{"ssn"}, "a number that the state gave"}, {[]string{"social", "security"}, "a number that the state gave"}, {[]string{"passport"}, "a number that the state gave"},
	{[]string{"national", "id"}, "a number that the state gave"}, {[]string{"tax", "id"}, "a number that the state gave"}, {[]string{"driver", "license"}, "a number that the state gave"},
	{[]string{"iban"}, "a bank account"}, {[]string{"account", "number"}, "a bank account"}, {[]string{"card", "number"}, "a payment card"}, {[]string{"credit", "card"}, "a payment card"}, {[]string{"password"}, "a password"},
	{[]string{"address"}, "an address"}, {[]string{"latitude"}, ""}, {[]string{"longitude"}, ""},
}

// personal says in words which personal data the values probably are, "" where
// they look like none. What they look like counts first, then their name.
func (v *value) personal(name string) string {
	t := &v.texts
	if v.object.count > 0 {
		for _, m := range v.object.members {
			if what := m.value.personal(m.name); what != "" {
				return what + ", in " + m.name
			}
		}
	}
	if v.elem != nil {
		if what := v.elem.personal(name); what != "" {
			return what
		}
	}
	is := func(s sorts) bool { return t.n > 0 && t.may&s != 0 }
	switch {
	case v.count() == 0 || v.count() == v.bools:
	case is(isEmail), t.emails*5 > t.n && t.n > 0:
		return "an e-mail address"
	case is(isIBAN):
		return "a bank account (the check digits are right)"
	case is(isCard) && t.n >= 5:
		return "a payment card (the check digits are right)"
	case is(isSSN):
		return "a number that the state gave"
	case is(isIPv4), is(isIPv6):
		return "a network address"
	case is(isPhone) && t.may&(isDate|isNumber) == 0:
		return "a telephone number"
	}
	return personalName(v, words(name))
}

// personalName looks at the name alone. A whole record under such a name, a
// number that counts, or a yes or no is not what the name says.
func personalName(v *value, in []string) string {
	if v.count() > 0 && v.texts.n == 0 && v.numbers.n == 0 || v.numbers.fractions > 0 {
		return ""
	}
	if len(in) > 0 && slices.Contains([]string{"id", "count", "type", "at", "sent", "verified", "confirmed", "hash", "status", "domain"}, in[len(in)-1]) && !slices.Contains(in, "tax") && !slices.Contains(in, "national") {
		return ""
	}
	for _, p := range personalNames {
		all := true
		for _, w := range p.words {
			all = all && slices.Contains(in, w)
		}
		if all {
			return p.what
		}
	}
	return ""
}
