package rowexpr

import (
	"fmt"
	"strconv"
	"strings"
)

// TimeFormat is a strptime format taken apart.
type TimeFormat struct {
	Parts []TimePart
	Zone  bool // the format has %z
}

// TimePart is a directive (Y, m, d, H, M, S, f, y, b, B, p, I, j or z), or
// literal text where Directive is 0.
type TimePart struct {
	Directive byte
	Text      string
}

// ParseTimeFormat reads a format of parse_timestamp. A format without a year, a
// day, or a month where the day is one of a month, is an error: it would make up
// a date.
func ParseTimeFormat(format string) (TimeFormat, error) {
	var f TimeFormat
	seen := map[byte]bool{}
	for rest := format; rest != ""; {
		plain, next, found := strings.Cut(rest, "%")
		if plain != "" {
			f.Parts = append(f.Parts, TimePart{Text: plain})
		}
		if !found {
			break
		}
		if next == "" {
			return f, fmt.Errorf("the format %q ends in a %%", format)
		}
		c := next[0]
		switch {
		case c == '%':
			f.Parts = append(f.Parts, TimePart{Text: "%"})
		case strings.IndexByte("YmdHMSfybBpIjz", c) < 0:
			return f, fmt.Errorf("the format %q holds %%%c, which is none of %%Y %%m %%d %%H %%M %%S %%f %%y %%b %%B %%p %%I %%j %%z", format, c)
		case seen[c]:
			return f, fmt.Errorf("the format %q holds %%%c twice", format, c)
		default:
			seen[c] = true
			f.Parts = append(f.Parts, TimePart{Directive: c})
		}
		rest = next[1:]
	}
	f.Zone = seen['z']
	month := seen['m'] || seen['b'] || seen['B']
	if !(seen['Y'] || seen['y']) || !(seen['j'] || (month && seen['d'])) {
		return f, fmt.Errorf("the format %q names no full date: it needs a year, a month and a day", format)
	}
	if seen['I'] != seen['p'] {
		return f, fmt.Errorf("in the format %q %%I and %%p belong together", format)
	}
	return f, nil
}

// ParsePath reads a path of json_get: names parted by dots, [n] for the element
// n of a list (from 0), ["any name"] for other names.
func ParsePath(text string) ([]Step, error) {
	var out []Step
	rest := text
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, `["`):
			q, err := strconv.QuotedPrefix(rest[1:])
			if err != nil || !strings.HasPrefix(rest[1+len(q):], "]") {
				return nil, fmt.Errorf("the path %q holds a bracket that is not closed", text)
			}
			name, _ := strconv.Unquote(q)
			out = append(out, Step{Name: name})
			rest = rest[len(q)+2:]
		case rest[0] == '[':
			digits, next, ok := strings.Cut(rest[1:], "]")
			n, err := strconv.ParseUint(digits, 10, 31)
			if !ok || err != nil {
				return nil, fmt.Errorf("the path %q holds no whole number between brackets", text)
			}
			out = append(out, Step{Index: int(n), IsIdx: true})
			rest = next
		default:
			rest = strings.TrimPrefix(rest, ".")
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			if end == 0 {
				return nil, fmt.Errorf("the path %q lacks a name", text)
			}
			out = append(out, Step{Name: rest[:end]})
			rest = rest[end:]
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the path is empty")
	}
	return out, nil
}
