package sqlcheck

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang/diag"
)

// literals checks the text literals among operands against the type that they
// stand beside.
func (c *checker) literals(beside types.Type, operands ...*expr) {
	for _, e := range operands {
		if e == nil || e.Class != "CONSTANT" {
			continue
		}
		text, ok := e.Value.text()
		if !ok || converts(text, beside) {
			continue
		}
		start, end := 0, 0
		if e.Loc != noPlace && e.Loc < uint64(len(c.sql)) {
			start = int(e.Loc)
			l := lexer{in: c.sql, pos: start}
			if tok, ok := l.next(); ok {
				end = tok.end
			}
		}
		c.problems = append(c.problems, Problem{
			Code: diag.LiteralMix, Summary: "A text literal meets a value that it cannot be converted to",
			Detail: fmt.Sprintf("%s is no %s. The query would parse, and fail when it runs.", quoteText(text), beside),
			Start:  start, End: max(end, start+1),
		})
	}
}

func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// dayForms and timeForms are the spellings that DuckDB takes for dates and times.
var (
	dayForm   = regexp.MustCompile(`^\s*(-?\d+-\d{1,2}-\d{1,2}|-?\d+/\d{1,2}/\d{1,2})`)
	clockForm = regexp.MustCompile(`^\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?$`)
	zoneForm  = regexp.MustCompile(`\s*(Z|UTC|[+-]\d{1,2}(:?\d{2}){0,2})$`)
	uuidForm  = regexp.MustCompile(`^\{?[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\}?$`)
)

// converts reports whether DuckDB can cast the text to the type. Types that are
// not followed here count as if it could.
func converts(text string, t types.Type) bool {
	s := strings.TrimSpace(text)
	lower := strings.ToLower(s)
	switch t.Kind {
	case types.Int32, types.Int64, types.Float64, types.Decimal:
		plain := strings.ReplaceAll(s, "_", "")
		_, err := strconv.ParseFloat(plain, 64)
		if t.Kind != types.Float64 && slices.Contains([]string{"nan", "inf", "infinity", "-inf", "+inf"}, lower) {
			return false
		}
		return err == nil || isRange(err)
	case types.Bool:
		return slices.Contains([]string{"true", "false", "t", "f", "1", "0", "yes", "no", "y", "n"}, lower)
	case types.Date, types.Timestamp, types.TimestampTZ:
		return isSpecialDay(lower) || isMoment(s)
	case types.Time:
		return clockForm.MatchString(zoneForm.ReplaceAllString(s, ""))
	case types.UUID:
		return uuidForm.MatchString(s)
	default:
		return true
	}
}

func isRange(err error) bool {
	ne, ok := err.(*strconv.NumError)
	return ok && ne.Err == strconv.ErrRange
}

func isSpecialDay(s string) bool {
	return slices.Contains([]string{"epoch", "infinity", "-infinity", "now", "today"}, s)
}

// isMoment reports whether the text is a real day, with a time behind it or not.
func isMoment(s string) bool {
	day := dayForm.FindString(s)
	if day == "" {
		return false
	}
	parts := strings.FieldsFunc(strings.TrimPrefix(strings.TrimSpace(day), "-"), func(r rune) bool { return r == '-' || r == '/' })
	m, _ := strconv.Atoi(parts[1])
	d, _ := strconv.Atoi(parts[2])
	y, err := strconv.Atoi(parts[0])
	if err != nil || m < 1 || m > 12 || d < 1 || d > time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day() {
		return false
	}
	rest := strings.TrimSpace(strings.TrimPrefix(zoneForm.ReplaceAllString(s[len(day):], ""), "T"))
	return rest == "" || clockForm.MatchString(strings.TrimPrefix(rest, "T"))
}
