package jsonschema

import (
	"net/url"
	"regexp"
	"strings"

	engine "github.com/santhosh-tekuri/jsonschema/v5"
)

// own are the formats that the engine does not have or takes too much for. Each
// judges a string.
func own() map[string]func(string) bool {
	template := regexp.MustCompile("^(?:[^\\x00-\\x20\"%<>\\\\^`{|}\\x7f]|%[0-9A-Fa-f]{2}|" +
		"\\{[+#./;?&=,!@|]?" + varspec + "(?:," + varspec + ")*\\})*$")
	octet := `(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`
	ipv4 := regexp.MustCompile(`^` + octet + `(?:\.` + octet + `){3}$`)
	return map[string]func(string) bool{
		"regex":         isRegex,
		"ipv4":          ipv4.MatchString,
		"ip-address":    ipv4.MatchString,
		"uri":           func(s string) bool { return isReference(s) && absolute(s) },
		"uri-reference": isReference,
		"uriref":        isReference,
		"uri-template":  template.MatchString,
		"hostname":      isHostname,
		"idn-email":     isIDNEmail,
	}
}

// varspec is a variable of a URI template (RFC 6570) with its modifier.
const varspec = `(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:\.?(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*(?::[1-9]\d{0,3}|\*)?`

// formats tells the engine what formats are worth. It asserts them in the drafts
// up to 7 by itself; without AssertFormat each of them takes everything.
func (c *compilation) formats(e *engine.Compiler) {
	for name := range engine.Formats {
		e.Formats[name] = func(any) bool { return true }
	}
	if !c.opts.AssertFormat {
		return
	}
	for name, f := range engine.Formats {
		e.Formats[name] = f
	}
	for name, f := range own() {
		e.Formats[name] = func(v any) bool {
			s, ok := v.(string)
			return !ok || f(s)
		}
	}
}

// known reports whether a format is one that can be broken.
func known(format string) bool {
	_, theirs := engine.Formats[format]
	return theirs || format == "idn-email"
}

// isRegex takes what ECMA-262 takes, look-around and references back included,
// which are left out to parse the rest.
func isRegex(s string) bool {
	t := &translator{in: s, lax: true}
	for t.err == nil && t.at < len(t.in) {
		t.step()
	}
	if t.err != nil {
		return false
	}
	_, err := regexp.Compile(t.out.String())
	return err == nil
}

// isReference takes a URI or a relative reference, as RFC 3986 has it.
func isReference(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return false
		}
	}
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	rest := s
	if _, after, ok := strings.Cut(s, "//"); ok && u.Host != "" {
		end := strings.IndexAny(after, "/?#")
		if end < 0 {
			end = len(after)
		}
		if strings.Count(after[:end], "@") > 1 {
			return false
		}
		rest = after[end:]
	}
	return !strings.ContainsAny(rest, "[]")
}

func absolute(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.IsAbs()
}

// isHostname takes the labels of RFC 1123. Of an A-label (xn--) it checks the
// characters, not what they stand for.
func isHostname(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for _, label := range strings.Split(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; c-'0' > 9 && c|0x20-'a' > 25 && c != '-' {
				return false
			}
		}
	}
	return true
}

// isIDNEmail takes an address whose parts may hold characters beyond ASCII.
func isIDNEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && !strings.ContainsAny(s, " \t\r\n")
}
