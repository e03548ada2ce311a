package jsonschema

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// space and noSpace are ECMA-262's white space and all else, as parts of a class.
const (
	space   = `\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`
	noSpace = `\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`
)

// categories are the long names of Unicode's general categories.
var categories = map[string]string{
	"Letter": "L", "Lowercase_Letter": "Ll", "Uppercase_Letter": "Lu", "Titlecase_Letter": "Lt", "Cased_Letter": "LC", "Modifier_Letter": "Lm", "Other_Letter": "Lo",
	"Mark": "M", "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc", "Enclosing_Mark": "Me",
	"Number": "N", "Decimal_Number": "Nd", "digit": "Nd", "Letter_Number": "Nl", "Other_Number": "No",
	"Punctuation": "P", "punct": "P", "Connector_Punctuation": "Pc", "Dash_Punctuation": "Pd", "Open_Punctuation": "Ps", "Close_Punctuation": "Pe",
	"Initial_Punctuation": "Pi", "Final_Punctuation": "Pf", "Other_Punctuation": "Po",
	"Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc", "Modifier_Symbol": "Sk", "Other_Symbol": "So",
	"Separator": "Z", "Space_Separator": "Zs", "Line_Separator": "Zl", "Paragraph_Separator": "Zp",
	"Other": "C", "Control": "Cc", "Format": "Cf", "Surrogate": "Cs", "Private_Use": "Co",
}

// RE2 writes a pattern of ECMA-262 as RE2 has it, with the same meaning. The
// error says what RE2 lacks.
func RE2(pattern string) (string, error) {
	t := &translator{in: pattern}
	for t.err == nil && t.at < len(t.in) {
		t.step()
	}
	if t.err != nil {
		return "", t.err
	}
	out := t.out.String()
	if _, err := regexp.Compile(out); err != nil {
		return "", errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return out, nil
}

type translator struct {
	in    string
	at    int
	out   strings.Builder
	class bool // inside [...]
	lax   bool // what RE2 lacks is left out: the result tells the syntax alone
	err   error
}

func (t *translator) fail(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf(format, args...)
	}
}

func (t *translator) step() {
	rest := t.in[t.at:]
	switch c := rest[0]; {
	case c == '\\':
		t.escape()
	case t.class && c == ']':
		t.class = false
		t.copy(1)
	case t.class && c == '[':
		t.put(`\[`, 1)
	case t.class:
		t.copy(1)
	case strings.HasPrefix(rest, "[^]"):
		t.put(`[\x{0}-\x{10ffff}]`, 3)
	case strings.HasPrefix(rest, "[]"):
		t.put(`[^\x{0}-\x{10ffff}]`, 2)
	case c == '[':
		t.class = true
		t.copy(1)
		if strings.HasPrefix(t.in[t.at:], "^") {
			t.copy(1)
		}
	case c == '.':
		t.put(`[^\n\r\x{2028}\x{2029}]`, 1)
	case t.lax && strings.HasPrefix(rest, "(?"):
		t.lookaround(rest)
	case strings.HasPrefix(rest, "(?=") || strings.HasPrefix(rest, "(?!"):
		t.fail("it looks ahead with %s", rest[:3])
	case strings.HasPrefix(rest, "(?<=") || strings.HasPrefix(rest, "(?<!"):
		t.fail("it looks behind with %s", rest[:4])
	default:
		t.copy(1)
	}
}

// lookaround leaves a group's kind out, and refuses those that are not ECMA-262's.
func (t *translator) lookaround(rest string) {
	for _, open := range []string{"(?=", "(?!", "(?<=", "(?<!", "(?:"} {
		if strings.HasPrefix(rest, open) {
			t.put("(?:", len(open))
			return
		}
	}
	if !strings.HasPrefix(rest, "(?<") {
		t.fail("ECMA-262 has no group %.4s", rest)
		return
	}
	t.copy(len("(?<"))
}

func (t *translator) copy(n int) { t.put(t.in[t.at:t.at+n], n) }

// put writes s for the next n bytes of the pattern.
func (t *translator) put(s string, n int) {
	t.out.WriteString(s)
	t.at += n
}

// escape translates what begins with a backslash.
func (t *translator) escape() {
	rest := t.in[t.at:]
	if len(rest) < 2 {
		t.fail("it ends with a backslash")
		return
	}
	switch c := rest[1]; {
	case strings.IndexByte("dDwWtnrfv", c) >= 0, c == 'B' && !t.class:
		t.copy(2)
	case c == 'b' && t.class:
		t.put(`\x08`, 2)
	case c == 'b':
		t.copy(2)
	case c == 's' || c == 'S':
		set := space
		if c == 'S' {
			set = noSpace
		}
		if !t.class {
			set = "[" + set + "]"
		}
		t.put(set, 2)
	case c == 'c' && len(rest) > 2 && (rest[2]|0x20 >= 'a' && rest[2]|0x20 <= 'z'):
		t.put(fmt.Sprintf(`\x%02x`, rest[2]&0x1f), 3)
	case c == 'u' || c == 'x':
		t.code(rest)
	case c == '0' && (len(rest) == 2 || rest[2] < '0' || rest[2] > '9'):
		t.put(`\x00`, 2)
	case t.lax && c >= '1' && c <= '9':
		t.put("", 2)
	case t.lax && strings.HasPrefix(rest, `\k<`) && strings.Contains(rest, ">"):
		t.put("", strings.IndexByte(rest, '>')+1)
	case c >= '0' && c <= '9' || strings.HasPrefix(rest, `\k<`):
		t.fail(`it refers back to a group with \%c`, c)
	case c == 'p' || c == 'P':
		t.property(rest)
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		t.fail(`ECMA-262 has no escape \%c`, c)
	case c >= 0x80 || c == '_':
		t.put(rest[1:2], 2)
	default:
		t.copy(2)
	}
}

// code translates \xHH, \uHHHH, a pair of surrogates and \u{...}.
func (t *translator) code(rest string) {
	digits, size := "", 0
	switch end := strings.IndexByte(rest, '}'); {
	case strings.HasPrefix(rest, `\u{`) && end > 3:
		digits, size = rest[3:end], end+1
	case rest[1] == 'u' && len(rest) >= 6:
		digits, size = rest[2:6], 6
	case rest[1] == 'x' && len(rest) >= 4:
		digits, size = rest[2:4], 4
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || n > 0x10ffff {
		t.fail(`\%c is not followed by the digits of a character`, rest[1])
		return
	}
	if n >= 0xd800 && n < 0xdc00 && len(rest) >= 12 && strings.HasPrefix(rest[6:], `\u`) {
		if low, err := strconv.ParseUint(rest[8:12], 16, 32); err == nil && low >= 0xdc00 && low < 0xe000 {
			n, size = 0x10000+(n-0xd800)<<10+(low-0xdc00), 12
		}
	}
	if n >= 0xd800 && n < 0xe000 {
		t.fail("it names half a surrogate pair, which no text holds")
		return
	}
	t.put(fmt.Sprintf(`\x{%x}`, n), size)
}

// property translates \p{...} and \P{...}.
func (t *translator) property(rest string) {
	end := strings.IndexByte(rest, '}')
	if end < 0 || rest[2] != '{' {
		t.fail(`\%c is not followed by a property in braces`, rest[1])
		return
	}
	name := rest[3:end]
	if key, value, ok := strings.Cut(name, "="); ok {
		switch key {
		case "Script", "sc", "Script_Extensions", "scx", "General_Category", "gc":
			name = value
		default:
			t.fail("RE2 does not know the property %s", name)
			return
		}
	}
	if short, ok := categories[name]; ok {
		name = short
	}
	switch name {
	case "ASCII":
		t.put(map[byte]string{'p': `[\x00-\x7f]`, 'P': `[^\x00-\x7f]`}[rest[1]], end+1)
	case "Any":
		t.put(`[\x{0}-\x{10ffff}]`, end+1)
	default:
		t.put(fmt.Sprintf(`\%c{%s}`, rest[1], name), end+1)
	}
}
