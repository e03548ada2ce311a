package infer

import (
	"bytes"
	"hash/maphash"
	"math/big"
	"strconv"

	"github.com/headgate-data/headgate/executor/enforce/scalar"
	"github.com/headgate-data/headgate/executor/enforce/scan"
)

// value is what was seen of the values in one place. What is null or absent is no
// value.
type value struct {
	nulls, bools, arrays int64
	numbers              numbers
	texts                texts
	object               object
	elem                 *value // of arrays
	lengths              extent // of arrays

	values map[string]int64 // distinct numbers and texts with their counts, while they are few
	many   bool             // they are not few
	unique unique
}

// count returns how many values there were.
func (v *value) count() int64 {
	return v.bools + v.arrays + v.numbers.n + v.texts.n + v.object.count
}

// extent is a least and a greatest count.
type extent struct {
	min, max int
	some     bool
}

func (e *extent) add(n int) {
	if !e.some {
		e.min, e.max, e.some = n, n, true
	}
	e.min, e.max = min(e.min, n), max(e.max, n)
}

func (e *extent) merge(o extent) {
	if o.some {
		e.add(o.min)
		e.add(o.max)
	}
}

// unique tells whether a value stood twice.
type unique struct {
	seen   map[[2]uint64]struct{}
	n      int64 // values that were compared
	twice  bool
	gaveUp bool // there are too many to compare all
}

// distinct notes a value for what needs to tell values apart.
func (s *Sample) distinct(v *value, b []byte) {
	if !v.many {
		if n, ok := v.values[string(b)]; ok {
			v.values[string(b)] = n + 1
		} else if len(v.values) >= maxValues || len(b) > maxValue {
			v.many, v.values = true, nil
		} else {
			if v.values == nil {
				v.values = map[string]int64{}
			}
			v.values[string(b)] = 1
		}
	}
	u := &v.unique
	if u.twice || u.gaveUp {
		return
	}
	key := [2]uint64{maphash.Bytes(s.seeds[0], b), maphash.Bytes(s.seeds[1], b)}
	if _, ok := u.seen[key]; ok {
		s.hashes -= len(u.seen)
		u.twice, u.seen = true, nil
		return
	}
	if s.hashes >= maxHashes {
		u.gaveUp = true
		return
	}
	if u.seen == nil {
		u.seen = map[[2]uint64]struct{}{}
	}
	u.seen[key] = struct{}{}
	u.n++
	s.hashes++
}

// merge takes what o has seen for its own.
func (v *value) merge(o *value) {
	v.nulls += o.nulls
	v.bools += o.bools
	v.arrays += o.arrays
	v.numbers.merge(&o.numbers)
	v.texts.merge(&o.texts)
	v.lengths.merge(o.lengths)
	v.many, v.values = true, nil
	v.unique = unique{twice: true}
	if o.object.count > 0 {
		if v.object.index == nil {
			v.object = newObject()
		}
		v.object.merge(&o.object)
	}
	if o.elem != nil {
		if v.elem == nil {
			v.elem = &value{}
		}
		v.elem.merge(o.elem)
	}
}

func (o *object) merge(p *object) {
	o.count += p.count
	o.twice = o.twice || p.twice
	if p.any != nil && o.any == nil {
		o.crowd()
	}
	for _, m := range p.members {
		at := o.learn([]byte(m.name), maxMembers)
		if at < 0 && o.any == nil {
			o.crowd()
		}
		if o.any != nil {
			o.any.merge(&m.value)
			continue
		}
		o.members[at].value.merge(&m.value)
	}
	if p.any != nil {
		o.any.merge(p.any)
	}
}

// numbers is what was seen of numbers.
type numbers struct {
	n          int64
	fractions  int64 // written with a point or an exponent
	exponents  bool
	whole      int // most digits before the point
	scale      int // most digits behind it that say something
	digits     int // most significant digits
	beyond     bool
	notFloat   bool // one that no float64 takes
	lossy      bool // one whose digits a float64 does not give back
	least      extreme
	greatest   extreme
	twoPlaces  int64 // written with two digits behind the point
	manyPlaces int64 // with more
}

// extreme is the least or greatest number so far.
type extreme struct {
	text  []byte
	value float64
}

// add looks at the text of a JSON number.
func (n *numbers) add(b []byte) {
	n.n++
	v, f := scalar.Float64(b)
	n.notFloat = n.notFloat || f != scalar.OK
	whole, fraction, exp := bytes.TrimLeft(b, "-"), []byte(nil), 0
	if i := bytes.IndexAny(whole, "eE"); i >= 0 {
		exp = exponent(whole[i+1:])
		whole = whole[:i]
		n.exponents = true
		n.fractions++
	} else if bytes.IndexByte(whole, '.') >= 0 {
		n.fractions++
	}
	if i := bytes.IndexByte(whole, '.'); i >= 0 {
		whole, fraction = whole[:i], whole[i+1:]
		switch {
		case len(fraction) == 2:
			n.twoPlaces++
		case len(fraction) > 2:
			n.manyPlaces++
		}
	}
	fraction = bytes.TrimRight(fraction, "0")
	whole = bytes.TrimLeft(whole, "0")
	digits := len(bytes.TrimLeft(append(whole[:len(whole):len(whole)], fraction...), "0"))
	n.whole, n.scale = max(n.whole, len(whole)+exp), max(n.scale, len(fraction)-exp)
	n.digits = max(n.digits, digits)
	if digits > safeDigits && !n.lossy {
		back := strconv.FormatFloat(v, 'e', -1, 64)
		n.lossy = exact(b) == nil || exact([]byte(back)) == nil || compare(b, []byte(back)) != 0
	}
	if _, f := scalar.Integer(b); f == scalar.Range {
		n.beyond = true
	}
	if n.n == 1 || below(b, v, &n.least) {
		n.least.set(b, v)
	}
	if n.n == 1 || above(b, v, &n.greatest) {
		n.greatest.set(b, v)
	}
}

// exponent reads the digits behind an e, up to a bound that no type reaches.
func exponent(b []byte) int {
	v, neg := 0, false
	for _, c := range b {
		switch {
		case c == '-':
			neg = true
		case c-'0' <= 9 && v < 1_000_000:
			v = v*10 + int(c-'0')
		}
	}
	if neg {
		return -v
	}
	return v
}

func (e *extreme) set(b []byte, v float64) { e.text, e.value = append(e.text[:0], b...), v }

// below reports whether b, whose nearest float64 is v, is less than e.
func below(b []byte, v float64, e *extreme) bool {
	return v < e.value || v == e.value && len(b) > 15 && compare(b, e.text) < 0
}

func above(b []byte, v float64, e *extreme) bool {
	return v > e.value || v == e.value && len(b) > 15 && compare(b, e.text) > 0
}

// compare compares two numbers exactly; 0 for those whose exponent is too far
// away.
func compare(a, b []byte) int {
	x, y := exact(a), exact(b)
	if x == nil || y == nil {
		return 0
	}
	return x.Cmp(y)
}

func exact(b []byte) *big.Rat {
	if i := bytes.IndexAny(b, "eE"); i >= 0 {
		if e := exponent(b[i+1:]); e > 400 || e < -400 {
			return nil
		}
	}
	if len(b) > 2000 {
		return nil
	}
	r, ok := new(big.Rat).SetString(string(b))
	if !ok {
		return nil
	}
	return r
}

func (n *numbers) merge(o *numbers) {
	if o.n == 0 {
		return
	}
	first := n.n == 0
	n.n += o.n
	n.fractions += o.fractions
	n.exponents = n.exponents || o.exponents
	n.whole, n.scale, n.digits = max(n.whole, o.whole), max(n.scale, o.scale), max(n.digits, o.digits)
	n.beyond, n.notFloat, n.lossy = n.beyond || o.beyond, n.notFloat || o.notFloat, n.lossy || o.lossy
	n.twoPlaces += o.twoPlaces
	n.manyPlaces += o.manyPlaces
	if first || below(o.least.text, o.least.value, &n.least) {
		n.least.set(o.least.text, o.least.value)
	}
	if first || above(o.greatest.text, o.greatest.value, &n.greatest) {
		n.greatest.set(o.greatest.text, o.greatest.value)
	}
}

// sorts is a set of what a text can be.
type sorts uint32

// What every text so far may be.
const (
	isInt    sorts = 1 << iota // a whole number as JSON writes it
	isNumber                   // a number as JSON writes it, without a bare exponent
	isBool
	isDate
	isTime
	isStamp  // date and time, or a date, without a zone
	isStampZ // date, time and zone
	isUUID
	isDocument // a JSON object or array
	isEmail
	isURI
	isIPv4
	isIPv6
	isIBAN
	isCard
	isSSN
	isPhone
	allSorts = 1<<iota - 1
)

// texts is what was seen of strings.
type texts struct {
	n       int64
	may     sorts
	empty   int64
	lengths extent // in characters
	numbers numbers
	nul     bool
	wide    bool // a character that composing could change
	emails  int64
	from    int64 // the least point in time, in microseconds
	to      int64
	timed   bool // from and to are set
	dayOnly int64
	shape   []byte // of all texts so far, nil where they differ: 9 for a digit, a for a letter
}

// text looks at a string without its quotes and escapes.
func (s *Sample) text(v *value, b []byte) {
	t := &v.texts
	if t.n == 0 {
		t.may = allSorts
	}
	t.n++
	if len(b) == 0 {
		t.empty++
	}
	t.reshape(b)
	n := 0
	for _, r := range string(b) { // does not allocate: b is not kept
		n++
		t.nul = t.nul || r == 0
		t.wide = t.wide || r >= 0x300
	}
	t.lengths.add(n)
	if t.may != 0 {
		t.may &= t.sort(b)
	}
	if t.may&isEmail == 0 && bytes.IndexByte(b, '@') > 0 && email(b) {
		t.emails++
	}
	s.distinct(v, b)
}

// maxShape bounds the texts whose shape is kept.
const maxShape = 24

// reshape compares the shape of a text with that of those before it.
func (t *texts) reshape(b []byte) {
	if t.n == 1 && len(b) <= maxShape {
		for _, c := range b {
			t.shape = append(t.shape, shapeOf(c))
		}
		return
	}
	if len(b) != len(t.shape) {
		t.shape = nil
		return
	}
	for i, c := range b {
		if shapeOf(c) != t.shape[i] {
			t.shape = nil
			return
		}
	}
}

func shapeOf(c byte) byte {
	switch {
	case c-'0' <= 9:
		return '9'
	case (c|0x20)-'a' < 26:
		return 'a'
	default:
		return c
	}
}

// sort returns what b may be, of what all texts before it may be.
func (t *texts) sort(b []byte) sorts {
	may := t.may
	if may&isNumber != 0 {
		if end, kind, f := scan.Digits(b, 0); !bareFraction(b) && (f != scan.OK || end != len(b) || kind == scan.Number && bytes.IndexByte(b, '.') < 0) {
			may &^= isNumber | isInt
		} else {
			t.numbers.add(b)
			if kind != scan.Int {
				may &^= isInt
			}
		}
	}
	for _, p := range probes {
		if may&p.is != 0 && !p.fits(b) {
			may &^= p.is
		}
	}
	if may&(isDate|isStamp|isStampZ|isTime) != 0 {
		may = t.temporal(b, may)
	}
	return may
}

// bareFraction reports whether b is a number that begins with its point: .097.
func bareFraction(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("-"))
	if len(b) < 2 || b[0] != '.' {
		return false
	}
	for _, c := range b[1:] {
		if c-'0' > 9 {
			return false
		}
	}
	return true
}

// temporal looks at what may be a date or a time.
func (t *texts) temporal(b []byte, may sorts) sorts {
	if _, f := scalar.Date(b); f != scalar.OK {
		may &^= isDate
	}
	if micros, short, f := scalar.Time(b); f != scalar.OK || short {
		may &^= isTime
	} else {
		t.moment(micros)
		return may & isTime
	}
	c, f := scalar.Timestamp(b)
	if f != scalar.OK || c.Short || c.Finer {
		return may &^ (isDate | isStamp | isStampZ)
	}
	if c.Zone {
		may &^= isStamp
	} else {
		may &^= isStampZ
	}
	if c.DayOnly {
		t.dayOnly++
	}
	t.moment(c.Wall - c.Offset)
	return may
}

func (t *texts) moment(micros int64) {
	if !t.timed {
		t.from, t.to, t.timed = micros, micros, true
	}
	t.from, t.to = min(t.from, micros), max(t.to, micros)
}

func (t *texts) merge(o *texts) {
	if o.n == 0 {
		return
	}
	if t.n == 0 {
		t.may = allSorts
	}
	t.n += o.n
	t.may &= o.may
	t.empty += o.empty
	t.lengths.merge(o.lengths)
	t.numbers.merge(&o.numbers)
	t.nul, t.wide = t.nul || o.nul, t.wide || o.wide
	t.emails += o.emails
	t.dayOnly += o.dayOnly
	t.shape = nil
	if o.timed {
		t.moment(o.from)
		t.moment(o.to)
	}
}
