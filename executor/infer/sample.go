// Package infer proposes a contract for records that it looks at: columns, types,
// nullability, limits, a key, personal data.
//
// A Sample keeps facts about values, not values: counts, extremes, what every text
// so far was. Distinct values are kept up to a bound, so memory is bounded, too,
// however many records there are.
package infer

import (
	"fmt"
	"hash/maphash"

	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce/scan"
)

const (
	maxColumns = 10_000  // members of records that are told apart
	maxMembers = 256     // members of nested objects that are told apart
	maxDepth   = 24      // nested deeper, a value is JSON
	maxValues  = 64      // distinct values of a column that are kept, with their counts
	maxValue   = 100     // bytes of such a value
	maxHashes  = 2 << 20 // hashes of values kept to find one that stands twice, in all columns
)

// Sample gathers what records show. Its methods may be called from one goroutine
// at a time.
type Sample struct {
	Records int64 // that were looked at and that a contract can take
	// Refused counts records that no contract takes: no JSON, no object, a member
	// twice. FirstRefused tells of the first of them.
	Refused      int64
	FirstRefused string
	// Crowded counts members of records beyond those that are told apart.
	Crowded int64

	root    object
	seq     uint64
	hashes  int
	seeds   [2]maphash.Seed
	untyped bool
	spans   []span
	scratch []byte
}

// span is a member of the record in hand.
type span struct {
	at         int
	start, end int
	kind       scan.Kind
}

// NewSample makes an empty sample.
func NewSample() *Sample {
	return &Sample{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, root: newObject()}
}

// Add looks at the first limit records of a batch, all of them where limit is
// negative. It keeps nothing of r.
func (s *Sample) Add(r *connector.Records, limit int64) {
	s.untyped = r.Untyped
	n := r.Len()
	if limit >= 0 && int64(n) > limit {
		n = int(limit)
	}
	for i := range n {
		b := r.Data[r.Start[i]:r.End[i]]
		if why := s.record(b); why != "" {
			s.Refused++
			if s.FirstRefused == "" {
				s.FirstRefused = fmt.Sprintf("%s:%d: %s", r.Origin, r.Line[i], why)
			}
			continue
		}
		s.Records++
	}
}

// Take is Add as Read calls it.
func (s *Sample) Take(r *connector.Records, n int64) error {
	s.Add(r, n)
	return nil
}

// record looks at one record. It returns why none of it counts, or "".
func (s *Sample) record(b []byte) string {
	p := scan.Space(b, 0)
	if p >= len(b) || b[p] != '{' {
		return "not a JSON object"
	}
	s.seq++
	s.spans = s.spans[:0]
	end, why := s.members(b, p+1)
	if why != "" {
		return why
	}
	if scan.Space(b, end) != len(b) {
		return scan.Trailing.String()
	}
	s.root.count++
	for _, m := range s.spans {
		if m.at < 0 {
			s.Crowded++
			continue
		}
		s.value(&s.root.members[m.at].value, b, m.start, m.end, m.kind, 1)
	}
	return ""
}

// members scans the members of the record and notes where their values stand.
func (s *Sample) members(b []byte, p int) (int, string) {
	if p = scan.Space(b, p); p < len(b) && b[p] == '}' {
		return p + 1, ""
	}
	guess := 0
	for more := true; more; {
		at, value, f := s.name(b, p, &s.root, guess, maxColumns)
		if f != scan.OK {
			return value, f.String()
		}
		if at >= 0 {
			m := s.root.members[at]
			if m.seen == s.seq {
				return p, fmt.Sprintf("the member %q stands twice", m.name)
			}
			m.seen, guess = s.seq, at+1
		}
		end, kind, f := scan.Value(b, value, 1)
		if f != scan.OK {
			return end, f.String()
		}
		s.spans = append(s.spans, span{at, value, end, kind})
		if p, more, f = scan.Next(b, end, '}'); f != scan.OK {
			return p, f.String()
		}
	}
	return p, ""
}

// name scans a member's name and returns which member of o it is, -1 beyond limit,
// and where its value starts. guess is the member that probably comes.
func (s *Sample) name(b []byte, p int, o *object, guess, limit int) (int, int, scan.Fault) {
	if guess < len(o.members) {
		name := o.members[guess].name
		if end := p + 2 + len(name); end < len(b) && b[p] == '"' && b[end-1] == '"' && b[end] == ':' && string(b[p+1:end-1]) == name && isPlain(name) {
			return guess, scan.Space(b, end+1), scan.OK
		}
	}
	end, kind, value, f := scan.Name(b, p)
	if f != scan.OK {
		return -1, value, f
	}
	text := b[p+1 : end-1]
	if kind == scan.Escaped {
		s.scratch = scan.Unquote(s.scratch[:0], text)
		text = s.scratch
	}
	return o.learn(text, limit), value, scan.OK
}

// isPlain reports whether a name stands in JSON as it is.
func isPlain(name string) bool {
	for i := range len(name) {
		if name[i] == '\\' || name[i] == '"' {
			return false
		}
	}
	return true
}

// object is what was seen of JSON objects in one place.
type object struct {
	count   int64
	members []*member // in the order of their first coming
	index   map[string]int
	twice   bool   // a name stood twice in one of them
	any     *value // not nil: too many names; all members are this one
}

type member struct {
	name  string
	seen  uint64
	value value
}

func newObject() object { return object{index: map[string]int{}} }

func (o *object) learn(name []byte, limit int) int {
	if at, ok := o.index[string(name)]; ok {
		return at
	}
	if len(o.members) >= limit {
		return -1
	}
	m := &member{name: string(name)}
	o.index[m.name] = len(o.members)
	o.members = append(o.members, m)
	return len(o.members) - 1
}

// value looks at a value that was scanned already.
func (s *Sample) value(v *value, b []byte, start, end int, kind scan.Kind, depth int) {
	switch kind {
	case scan.Null:
		v.nulls++
	case scan.True, scan.False:
		v.bools++
	case scan.Int, scan.Number:
		v.numbers.add(b[start:end])
		s.distinct(v, b[start:end])
	case scan.String:
		s.text(v, b[start+1:end-1])
	case scan.Escaped:
		s.scratch = scan.Unquote(s.scratch[:0], b[start+1:end-1])
		s.text(v, s.scratch)
	case scan.Object:
		if v.object.index == nil {
			v.object = newObject()
		}
		v.object.count++
		if depth < maxDepth {
			s.nested(&v.object, b, start+1, depth)
		}
	case scan.Array:
		v.arrays++
		if v.elem == nil {
			v.elem = &value{}
		}
		if depth < maxDepth {
			n := s.elements(v.elem, b, start+1, depth)
			v.lengths.add(n)
		}
	}
}

// nested looks at the members of an object that was scanned already.
func (s *Sample) nested(o *object, b []byte, p, depth int) {
	if p = scan.Space(b, p); b[p] == '}' {
		return
	}
	s.seq++
	seq, guess := s.seq, 0
	for more := true; more; {
		at, start, _ := s.name(b, p, o, guess, maxMembers)
		if at < 0 && o.any == nil {
			o.crowd()
		}
		end, kind, _ := scan.Value(b, start, depth)
		if at >= 0 {
			m := o.members[at]
			o.twice = o.twice || m.seen == seq
			m.seen, guess = seq, at+1
		}
		if o.any != nil {
			s.value(o.any, b, start, end, kind, depth+1)
		} else {
			s.value(&o.members[at].value, b, start, end, kind, depth+1)
		}
		p, more, _ = scan.Next(b, end, '}')
	}
}

// crowd takes all members for one from now on.
func (o *object) crowd() {
	o.any = &value{}
	for _, m := range o.members {
		o.any.merge(&m.value)
	}
}

// elements looks at the elements of an array and returns how many there are.
func (s *Sample) elements(v *value, b []byte, p, depth int) int {
	if p = scan.Space(b, p); b[p] == ']' {
		return 0
	}
	n := 0
	for more := true; more; n++ {
		end, kind, _ := scan.Value(b, p, depth)
		s.value(v, b, p, end, kind, depth+1)
		p, more, _ = scan.Next(b, end, ']')
	}
	return n
}
