package enforce

import (
	"bytes"
	"net/netip"
	"net/url"

	"github.com/headgate-data/headgate/executor/enforce/scalar"
)

// formats are the named formats of text that a contract can ask for.
var formats = map[string]func([]byte) bool{
	"email": isEmail,
	"uri":   isURI,
	"uuid":  func(b []byte) bool { var u [16]byte; return scalar.UUID(b, &u) == scalar.OK },
	"ipv4":  func(b []byte) bool { a, err := netip.ParseAddr(string(b)); return err == nil && a.Is4() },
	"ipv6": func(b []byte) bool {
		a, err := netip.ParseAddr(string(b))
		return err == nil && a.Is6() && a.Zone() == ""
	},
	"date":      func(b []byte) bool { _, f := scalar.Date(b); return f == scalar.OK },
	"date-time": isDateTime,
	"hostname":  isHostname,
}

// KeepsFormat reports whether a text is of a named format, as the format of a
// column asks for it. An unknown name takes nothing.
func KeepsFormat(name string, text []byte) bool {
	keeps, ok := formats[name]
	return ok && keeps(text)
}

func isDateTime(b []byte) bool {
	c, f := scalar.Timestamp(b)
	return f == scalar.OK && c.Zone && !c.Short && !c.DayOnly
}

// isEmail takes local@domain: a dot-atom of at most 64 bytes and a host name.
func isEmail(b []byte) bool {
	at := bytes.LastIndexByte(b, '@')
	if at < 1 || at > 64 || len(b) > 254 {
		return false
	}
	local := b[:at]
	if local[0] == '.' || local[at-1] == '.' || bytes.Contains(local, []byte("..")) {
		return false
	}
	for _, c := range local {
		if !isLetterOrDigit(c) && bytes.IndexByte([]byte("!#$%&'*+-/=?^_`{|}~."), c) < 0 && c < 0x80 {
			return false
		}
	}
	return isHostname(b[at+1:])
}

// isHostname takes the labels of RFC 1123, 253 bytes in all.
func isHostname(b []byte) bool {
	if len(b) == 0 || len(b) > 253 {
		return false
	}
	for len(b) > 0 {
		label, rest, dot := bytes.Cut(b, []byte("."))
		if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || (dot && len(rest) == 0) {
			return false
		}
		for _, c := range label {
			if !isLetterOrDigit(c) && c != '-' {
				return false
			}
		}
		b = rest
	}
	return true
}

func isLetterOrDigit(c byte) bool {
	return c-'0' <= 9 || (c|0x20)-'a' < 26
}

// isURI takes an absolute URI: a scheme and something behind it.
func isURI(b []byte) bool {
	if bytes.ContainsAny(b, " <>\"{}|\\^`") {
		return false
	}
	u, err := url.Parse(string(b))
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "" || u.Path != "")
}
