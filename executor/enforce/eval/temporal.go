package eval

import (
	"fmt"
	"slices"
	"time"

	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/vec"
)

// fixed holds the units of time that always last as long, in microseconds.
var fixed = map[string]int64{"second": 1_000_000, "minute": 60_000_000, "hour": 3600_000_000, "day": microsPerDay, "week": 7 * microsPerDay}

// monday is how far the first Monday, 1969-12-29, lies before 1970, so that weeks
// begin on Mondays.
const monday = 3 * microsPerDay

// unitOf numbers the units of time: unit k of an instant is the one that it lies
// in, and begins at start(k).
type unitOf struct {
	number func(us int64) int64
	start  func(k int64) int64
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// unit makes the numbering of a unit by name.
func unit(name string) unitOf {
	if length, ok := fixed[name]; ok {
		var shift int64
		if name == "week" {
			shift = monday
		}
		return unitOf{
			number: func(us int64) int64 { return floorDiv(us+shift, length) },
			start:  func(k int64) int64 { return k*length - shift },
		}
	}
	months := map[string]int64{"month": 1, "quarter": 3, "year": 12}[name]
	return unitOf{
		number: func(us int64) int64 {
			t := time.UnixMicro(us).UTC()
			return floorDiv(int64(t.Year())*12+int64(t.Month())-1, months)
		},
		start: func(k int64) int64 {
			return time.Date(int(floorDiv(k*months, 12)), time.Month(1+k*months-12*floorDiv(k*months, 12)), 1, 0, 0, 0, 0, time.UTC).UnixMicro()
		},
	}
}

// unitArgument reads the unit that a call names, and checks that its other
// arguments are moments.
func unitArgument(n *node) (unitOf, error) {
	name, err := n.constant(0)
	if err != nil {
		return unitOf{}, err
	}
	if !slices.Contains(rowexpr.Units(), name) {
		return unitOf{}, fmt.Errorf("%q is no unit of time", name)
	}
	for _, a := range n.expr.Args[1:] {
		if !a.Type.IsTemporal() || a.Type.Kind == types.Time || !a.Type.Equal(n.expr.Args[1].Type) {
			return unitOf{}, fmt.Errorf("%s does not take %s", n.expr.Func, a.Type)
		}
	}
	return unit(name), nil
}

func makeTrunc(n *node) (func(*node, int), error) {
	u, err := unitArgument(n)
	if err == nil && !n.expr.Type.Equal(n.expr.Args[1].Type) {
		err = fmt.Errorf("date_trunc keeps the type of its argument")
	}
	kind := n.expr.Type.Kind
	return rowwise(func(n *node, i int, out *vec.Vec) Reason {
		us := u.start(u.number(microsOf(n.args[1].out, n.args[1].at(i), kind)))
		if kind == types.Date {
			out.AppendI32(int32(floorDiv(us, microsPerDay)))
		} else {
			out.AppendI64(us)
		}
		return None
	}), err
}

func makeDiff(n *node) (func(*node, int), error) {
	u, err := unitArgument(n)
	kind := n.expr.Args[1].Type.Kind
	return rowwise(func(n *node, i int, out *vec.Vec) Reason {
		from, to := n.args[1], n.args[2]
		out.AppendI64(u.number(microsOf(to.out, to.at(i), kind)) - u.number(microsOf(from.out, from.at(i), kind)))
		return None
	}), err
}

func makeParse(n *node) (func(*node, int), error) {
	text, err := n.constant(1)
	if err != nil {
		return nil, err
	}
	format, err := rowexpr.ParseTimeFormat(text)
	if err != nil {
		return nil, err
	}
	if k := n.expr.Type.Kind; k != types.Timestamp && k != types.TimestampTZ {
		return nil, fmt.Errorf("parse_timestamp does not give %s", n.expr.Type)
	}
	return rowwise(func(n *node, i int, out *vec.Vec) Reason {
		us, ok := strptime(format, n.bytesOf(0, i))
		if !ok {
			return BadCast
		}
		out.AppendI64(us)
		return None
	}), nil
}

// fields is what the directives of a format have read.
type fields struct {
	year, month, day, yday, hour, minute, second, micro int
	half                                                int // 0 without %p, 1 AM, 2 PM
	offset                                              int // minutes ahead of UTC
}

// strptime reads the whole of text by a format, as microseconds since 1970.
func strptime(format rowexpr.TimeFormat, text []byte) (int64, bool) {
	f := fields{month: 1, day: 1}
	for _, p := range format.Parts {
		var ok bool
		if p.Directive == 0 {
			if len(text) < len(p.Text) || string(text[:len(p.Text)]) != p.Text {
				return 0, false
			}
			text = text[len(p.Text):]
			continue
		}
		if text, ok = f.read(p.Directive, text); !ok {
			return 0, false
		}
	}
	return f.instant(len(text) == 0)
}

// instant puts the fields together; false where there is no such time.
func (f *fields) instant(complete bool) (int64, bool) {
	if f.half > 0 {
		if f.hour < 1 || f.hour > 12 {
			return 0, false
		}
		f.hour = f.hour%12 + 12*(f.half-1)
	}
	if f.yday > 0 {
		f.month, f.day = 1, f.yday
	}
	t := time.Date(f.year, time.Month(f.month), f.day, f.hour, f.minute, f.second, f.micro*1000, time.UTC)
	same := t.Year() == f.year && f.hour < 24 && f.minute < 60 && f.second < 60
	if f.yday == 0 {
		same = same && int(t.Month()) == f.month && t.Day() == f.day
	}
	us := t.UnixMicro() - int64(f.offset)*60_000_000
	return us, complete && same && inCalendar(us)
}

// read takes what a directive stands for off text.
func (f *fields) read(directive byte, text []byte) ([]byte, bool) {
	switch directive {
	case 'Y':
		return digits(text, 4, 4, &f.year)
	case 'y':
		rest, ok := digits(text, 2, 2, &f.year)
		f.year += 1900
		if f.year < 1969 {
			f.year += 100
		}
		return rest, ok
	case 'm':
		return digits(text, 1, 2, &f.month)
	case 'd':
		return digits(text, 1, 2, &f.day)
	case 'j':
		rest, ok := digits(text, 3, 3, &f.yday)
		return rest, ok && f.yday > 0
	case 'H', 'I':
		return digits(text, 1, 2, &f.hour)
	case 'M':
		return digits(text, 1, 2, &f.minute)
	case 'S':
		return digits(text, 1, 2, &f.second)
	case 'f':
		rest, ok := digits(text, 1, 6, &f.micro)
		for range 6 - (len(text) - len(rest)) {
			f.micro *= 10
		}
		return rest, ok
	case 'p':
		return word(text, &f.half, 2, "AM", "PM")
	case 'b':
		return word(text, &f.month, 3, months[:]...)
	case 'B':
		return word(text, &f.month, 0, months[:]...)
	default:
		return f.zone(text)
	}
}

var months = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

// digits reads a number of least to most digits.
func digits(text []byte, least, most int, into *int) ([]byte, bool) {
	v, k := 0, 0
	for k < most && k < len(text) && text[k] >= '0' && text[k] <= '9' {
		v = v*10 + int(text[k]-'0')
		k++
	}
	*into = v
	return text[k:], k >= least
}

// word reads one of names in any case, cut to short letters unless that is 0,
// and sets into to its place, from 1.
func word(text []byte, into *int, short int, names ...string) ([]byte, bool) {
	for i, name := range names {
		if short > 0 {
			name = name[:short]
		}
		if len(text) >= len(name) && equalFold(text[:len(name)], name) {
			*into = i + 1
			return text[len(name):], true
		}
	}
	return text, false
}

func equalFold(text []byte, name string) bool {
	for i, c := range text {
		if c|0x20 != name[i]|0x20 {
			return false
		}
	}
	return true
}

// zone reads Z, +HH:MM, +HHMM or +HH.
func (f *fields) zone(text []byte) ([]byte, bool) {
	if len(text) > 0 && text[0] == 'Z' {
		return text[1:], true
	}
	if len(text) == 0 || (text[0] != '+' && text[0] != '-') {
		return text, false
	}
	var hour, minute int
	rest, ok := digits(text[1:], 2, 2, &hour)
	if !ok {
		return text, false
	}
	if tail, colon := rest, len(rest) > 0 && rest[0] == ':'; colon || (len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9') {
		if colon {
			tail = rest[1:]
		}
		if rest, ok = digits(tail, 2, 2, &minute); !ok {
			return text, false
		}
	}
	f.offset = hour*60 + minute
	if text[0] == '-' {
		f.offset = -f.offset
	}
	return rest, hour < 24 && minute < 60
}
