package scalar

import (
	"encoding/binary"
	"time"
)

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86400 * microsPerSecond
)

// Clock is a point in time as a text has it.
type Clock struct {
	Wall    int64 // microseconds from 1970-01-01T00:00:00 to what the text's calendar and clock show
	Offset  int64 // microseconds that the zone is ahead of UTC
	Zone    bool  // the text names its offset
	DayOnly bool  // the text is a date
	Short   bool  // the seconds are left out
	Finer   bool  // digits below the microsecond that are not zero were cut off
}

// Date reads YYYY-MM-DD as days since 1970-01-01.
func Date(b []byte) (int32, Fault) {
	if len(b) != 10 {
		return 0, Malformed
	}
	return day(b)
}

// two reads two digits; a result above 99 means that they are none.
func two(b []byte, i int) int {
	hi, lo := b[i]-'0', b[i+1]-'0'
	if hi > 9 || lo > 9 {
		return 1000
	}
	return int(hi)*10 + int(lo)
}

// day reads the first ten bytes of b, which must be that long: eight of them at
// once. What is left of a digit is its value, of a dash nothing; a byte that is
// neither where it should be sets its highest bit.
func day(b []byte) (int32, Fault) {
	dom := uint(two(b, 8))
	x := binary.LittleEndian.Uint64(b) ^ 0x2D_3030_2D_30303030 // YYYY-MM-, from the last byte to the first
	if (x|(x+0x7F_7676_7F_76767676))&0x80_8080_80_80808080 != 0 || dom > 99 {
		return 0, Malformed
	}
	pairs := x*10 + x>>8 // in each byte a digit and the one behind it
	year, month := uint(pairs&0xFF)*100+uint(pairs>>16&0xFF), uint(pairs>>40&0xFF)
	if month < 1 || month > 12 || dom < 1 {
		return 0, Range
	}
	leap, short := uint(0), uint(2) // how many days February is short of 30
	if year&3 == 0 && (year%100 != 0 || year%400 == 0) {
		leap, short = 1, 1
	}
	length := 30 + (month+month>>3)&1
	if month == 2 {
		length -= short
	}
	if dom > length {
		return 0, Range
	}
	doy := (367*month-362)/12 + dom // as if February had 30 days
	if month > 2 {
		doy -= short
	}
	leaps := year/4 - year/100 + year/400 + 1 - leap // years before this one that have a 366th day
	return int32(year*365+leaps+doy) - 719529, OK
}

// Time reads HH:MM:SS[.fraction], or HH:MM with short true, as microseconds of
// the day. A fraction finer than a microsecond is Inexact, cut off.
func Time(b []byte) (micros int64, short bool, f Fault) {
	micros, n, short, finer, f := clock(b)
	switch {
	case f != OK:
		return 0, short, f
	case n != len(b):
		return 0, short, Malformed
	case finer:
		return micros, short, Inexact
	default:
		return micros, short, OK
	}
}

// clock reads a time of day at the beginning of b and returns how many bytes it took.
func clock(b []byte) (micros int64, n int, short, finer bool, f Fault) {
	if len(b) < 5 || b[2] != ':' {
		return 0, 0, false, false, Malformed
	}
	hour, minute, second := two(b, 0), two(b, 3), 0
	n = 5
	if len(b) >= 8 && b[5] == ':' {
		second = two(b, 6)
		n = 8
	} else {
		short = true
	}
	if hour > 99 || minute > 99 || second > 99 {
		return 0, 0, short, false, Malformed
	}
	if hour > 23 || minute > 59 || second > 59 {
		return 0, 0, short, false, Range
	}
	micros = int64(hour*3600+minute*60+second) * microsPerSecond
	if short || n >= len(b) || (b[n] != '.' && b[n] != ',') {
		return micros, n, short, false, OK
	}
	start, scale := n+1, int64(microsPerSecond/10)
	for n = start; n < len(b) && b[n]-'0' <= 9; n++ {
		finer = finer || (scale == 0 && b[n] != '0')
		micros += int64(b[n]-'0') * scale
		scale /= 10
	}
	if n == start {
		return 0, 0, short, false, Malformed
	}
	return micros, n, short, finer, OK
}

// Timestamp reads an RFC 3339 text: YYYY-MM-DDTHH:MM:SS[.fraction][zone], with T,
// t or a space between and Z, z, +HH:MM, +HHMM or +HH as zone. It also reads a
// date alone, and seconds left out, and says so.
func Timestamp(b []byte) (Clock, Fault) {
	if len(b) < 10 {
		return Clock{}, Malformed
	}
	d, f := day(b)
	if f != OK {
		return Clock{}, f
	}
	c := Clock{Wall: int64(d) * microsPerDay}
	if len(b) == 10 {
		c.DayOnly = true
		return c, OK
	}
	if b[10] != 'T' && b[10] != ' ' && b[10] != 't' {
		return Clock{}, Malformed
	}
	micros, n, short, finer, f := clock(b[11:])
	if f != OK {
		return Clock{}, f
	}
	c.Wall += micros
	c.Short, c.Finer = short, finer
	if rest := b[11+n:]; len(rest) > 0 {
		c.Zone = true
		c.Offset, f = zone(rest)
	}
	return c, f
}

// zone reads an offset that ends the text, in microseconds.
func zone(b []byte) (int64, Fault) {
	if b[0]|0x20 == 'z' && len(b) == 1 {
		return 0, OK
	}
	if b[0] != '+' && b[0] != '-' {
		return 0, Malformed
	}
	hour, minute := 1000, 0
	switch {
	case len(b) == 6 && b[3] == ':':
		hour, minute = two(b, 1), two(b, 4)
	case len(b) == 5:
		hour, minute = two(b, 1), two(b, 3)
	case len(b) == 3:
		hour = two(b, 1)
	}
	if hour > 99 || minute > 99 {
		return 0, Malformed
	}
	if hour > 23 || minute > 59 {
		return 0, Range
	}
	off := int64(hour*3600+minute*60) * microsPerSecond
	if b[0] == '-' {
		off = -off
	}
	return off, OK
}

// Instant returns the microseconds since 1970 in UTC of what c shows. loc is the
// zone of a text that names none; nil is UTC.
func (c Clock) Instant(loc *time.Location) int64 {
	if c.Zone || loc == nil || loc == time.UTC {
		return c.Wall - c.Offset
	}
	t := time.UnixMicro(c.Wall).UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc).UnixMicro()
}

// DayOf returns the date that a wall clock shows and the microseconds of its day.
func DayOf(wall int64) (day int32, micros int64) {
	d := wall / microsPerDay
	micros = wall % microsPerDay
	if micros < 0 {
		d--
		micros += microsPerDay
	}
	return int32(d), micros
}
