package document

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// The most that a number may have: what a configuration keeps without loss.
const (
	maxDigits   = 150
	maxExponent = 400
)

var decimal = regexp.MustCompile(`^([-+]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([-+]?[0-9]+))?$`)

// number brings a number of YAML into the form that JSON has; the second result
// says what is wrong with it.
func number(text string) (digits, fault string) {
	plain := strings.ReplaceAll(text, "_", "")
	switch strings.ToLower(strings.TrimLeft(plain, "+-")) {
	case ".inf", ".nan":
		return "", "no number that JSON has: write it as text"
	}
	m := decimal.FindStringSubmatch(plain)
	if m == nil || m[2]+m[3] == "" || octal(m) {
		n, ok := new(big.Int).SetString(plain, 0)
		if !ok {
			return "", "no number that can be read"
		}
		return n.String(), tooLong(n.String())
	}
	whole := strings.TrimLeft(m[2], "0")
	if whole == "" {
		whole = "0"
	}
	out := whole
	if m[1] == "-" {
		out = "-" + out
	}
	if m[3] != "" {
		out += "." + m[3]
	}
	if m[4] != "" {
		e, err := strconv.Atoi(m[4])
		if err != nil || e > maxExponent || e < -maxExponent {
			return "", "beyond what a configuration holds: write it as text"
		}
		out += "e" + strconv.Itoa(e)
	}
	return out, tooLong(whole + m[3])
}

// octal reports whether a whole number begins with a zero, as octal ones do.
func octal(m []string) bool {
	return len(m[2]) > 1 && m[2][0] == '0' && m[3] == "" && m[4] == "" && strings.Trim(m[2], "01234567") == ""
}

func tooLong(digits string) string {
	if len(digits) > maxDigits {
		return "of more digits than a configuration keeps: write it as text"
	}
	return ""
}
