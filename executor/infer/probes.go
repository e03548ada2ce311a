package infer

import (
	"bytes"

	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/executor/enforce/scalar"
	"github.com/headgate-data/headgate/executor/enforce/scan"
)

// probe tells whether a text can be of a sort.
type probe struct {
	is   sorts
	fits func([]byte) bool
}

var probes = []probe{
	{isBool, func(b []byte) bool { _, f := scalar.Bool(b); return f == scalar.OK }},
	{isUUID, func(b []byte) bool { var u [16]byte; return scalar.UUID(b, &u) == scalar.OK }},
	{isDocument, holdsJSON},
	{isEmail, email},
	{isURI, func(b []byte) bool { return bytes.Contains(b, []byte("://")) && enforce.KeepsFormat("uri", b) }},
	{isIPv4, func(b []byte) bool { return enforce.KeepsFormat("ipv4", b) }},
	{isIPv6, func(b []byte) bool { return enforce.KeepsFormat("ipv6", b) }},
	{isIBAN, iban},
	{isCard, card},
	{isSSN, func(b []byte) bool { return shaped(b, "999-99-9999") }},
	{isPhone, phone},
}

func email(b []byte) bool { return enforce.KeepsFormat("email", b) }

func holdsJSON(b []byte) bool {
	if len(b) == 0 || b[0] != '{' && b[0] != '[' {
		return false
	}
	_, _, _, f := scan.Document(b)
	return f == scan.OK
}

// shaped reports whether b looks like shape, in which a 9 stands for a digit.
func shaped(b []byte, shape string) bool {
	if len(b) != len(shape) {
		return false
	}
	for i, c := range b {
		if shape[i] == '9' {
			if c-'0' > 9 {
				return false
			}
		} else if c != shape[i] {
			return false
		}
	}
	return true
}

// iban takes an international bank account number whose check digits are right.
func iban(b []byte) bool {
	var text [34]byte
	n := 0
	for _, c := range b {
		switch {
		case c == ' ':
			continue
		case n == len(text), c-'0' > 9 && c-'A' > 25:
			return false
		}
		text[n] = c
		n++
	}
	if n < 15 || text[0] < 'A' || text[1] < 'A' || text[2] > '9' || text[3] > '9' {
		return false
	}
	rest := 0
	for i := range n {
		c := text[(i+4)%n]
		if c <= '9' {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return rest == 1
}

// card takes the number of a payment card: 13 to 19 digits whose last one checks
// the others (Luhn).
func card(b []byte) bool {
	sum, n := 0, 0
	for i := len(b) - 1; i >= 0; i-- {
		c := b[i]
		if c == ' ' || c == '-' {
			continue
		}
		if c-'0' > 9 {
			return false
		}
		d := int(c - '0')
		if n%2 == 1 {
			d = d*2/10 + d*2%10
		}
		sum += d
		n++
	}
	return n >= 13 && n <= 19 && sum%10 == 0
}

// phone takes a telephone number as people write it: with a plus, parentheses or
// groups of digits.
func phone(b []byte) bool {
	digits, marks, groups := 0, 0, 0
	for i, c := range b {
		switch {
		case c-'0' <= 9:
			digits++
		case c == '+' && i == 0, c == '(', c == ')':
			marks++
		case (c == ' ' || c == '-' || c == '.' || c == '/') && i > 0:
			groups++
		default:
			return false
		}
	}
	return digits >= 7 && digits <= 15 && (marks > 0 || groups >= 2 && digits >= 10 && digits <= 11)
}
