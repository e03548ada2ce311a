package infer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

const (
	maxEnum     = 12 // values of an enum
	enumRecords = 20 // how often a value of an enum stands in the mean, at least
	keyRecords  = 20 // records that make a column without the name of an identifier a key
	maxRequired = 0  // nulls and absences of a required column
	personalTag = "pii"
)

// Proposal is a contract that takes every record of a sample.
type Proposal struct {
	Contract *contract.Contract
	Header   []string            // what was looked at, in lines
	Comments map[string][]string // by column: what was seen and is not safe to promise
	Skipped  []Skipped           // members that cannot be columns, in the order of their coming
}

// Skipped is a member that is no column, and why.
type Skipped struct{ Name, Why string }

// Propose concludes from what the sample has seen. name is the contract's, origin
// says in a few words what was looked at.
func (s *Sample) Propose(name, origin string) *Proposal {
	p := &Proposal{Comments: map[string][]string{}, Contract: &contract.Contract{Name: name, Version: 1, Latest: true, Compatibility: "auto",
		OnViolation: contract.Quarantine, UnknownColumns: contract.UnknownDrop, Coerce: contract.CoerceLossless}}
	p.Header = []string{fmt.Sprintf("Inferred from %s of %s. Comments say what was seen and", plural(s.Records, "record"), origin),
		"what the next record may well break; attributes are promises."}
	taken := map[string]bool{}
	for _, m := range s.root.members {
		low := strings.ToLower(m.name)
		switch {
		case m.name == "" || strings.ContainsRune(m.name, 0):
			p.Skipped = append(p.Skipped, Skipped{m.name, "it is no name for a column"})
			continue
		case strings.HasPrefix(low, "_headgate"):
			p.Skipped = append(p.Skipped, Skipped{m.name, "headgate itself uses the name"})
			continue
		case taken[low]:
			p.Skipped = append(p.Skipped, Skipped{m.name, "it differs from another name in case alone"})
			continue
		}
		taken[low] = true
		col, notes := s.column(m)
		p.Contract.Columns = append(p.Contract.Columns, col)
		p.Comments[col.Name] = notes
	}
	s.key(p)
	return p
}

// column concludes what a column is and what it keeps.
func (s *Sample) column(m *member) (contract.Column, []string) {
	v := &m.value
	c := v.conclude(m.name, s.untyped)
	missing := s.Records - v.count()
	col := contract.Column{Name: m.name, Type: c.typ, Required: missing <= maxRequired && s.Records > 0}
	var facts []string
	if missing > 0 && v.count() > 0 {
		facts = append(facts, fmt.Sprintf("null or absent in %d of %d", missing, s.Records))
	}
	personal := v.personal(m.name)
	if personal != "" {
		col.Tags = []string{personalTag}
	}
	s.limits(v, &col)
	facts = append(facts, s.seen(v, &col, personal != "")...)
	var out []string
	if len(facts) > 0 {
		out = append(out, strings.Join(facts, "; "))
	}
	out = append(out, c.notes...)
	if personal != "" {
		out = append(out, "likely personal data: "+personal)
	}
	return col, wrap(out)
}

// limits sets what is safe to promise.
func (s *Sample) limits(v *value, col *contract.Column) {
	t := &v.texts
	switch {
	case col.Type.IsNumeric():
		n := v.numbers
		n.merge(&t.numbers)
		if n.n > 0 && n.least.value >= 0 && (hasWord(col.Name, countWords) || hasWord(col.Name, moneyWords)) && !hasWord(col.Name, []string{"balance", "net"}) {
			if zero, err := rowexpr.Canonical(col.Type, "0"); err == nil {
				col.Min = &zero
			}
		}
	case col.Type.Kind == types.String && t.n > 0 && t.n == v.count():
		for _, f := range []struct {
			is   sorts
			name string
		}{{isEmail, "email"}, {isIPv4, "ipv4"}, {isIPv6, "ipv6"}, {isURI, "uri"}} {
			if t.may&f.is != 0 {
				col.Format = f.name
				return
			}
		}
		if dates[string(t.shape)] == "" && len(col.Tags) == 0 && !hasWord(col.Name, codeWords) && t.may&isNumber == 0 && t.empty == 0 {
			col.Enum = v.enum()
		}
	}
}

// enum returns the few values that stand again and again, sorted; nil where there
// are too many, or one so rare that others must be expected.
func (v *value) enum() []string {
	if v.many || v.texts.wide || len(v.values) < 2 || len(v.values) > maxEnum || v.texts.n < int64(len(v.values)*enumRecords) {
		return nil
	}
	var out []string
	for text, n := range v.values {
		if n < 2 || len(text) > 60 {
			return nil
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

// seen tells of extremes, in words.
func (s *Sample) seen(v *value, col *contract.Column, personal bool) []string {
	var out []string
	n := v.numbers
	n.merge(&v.texts.numbers)
	switch {
	case col.Type.IsNumeric() && n.n > 0 && !personal:
		out = append(out, between(short(n.least.text), short(n.greatest.text)))
	case col.Type.IsTemporal() && v.texts.timed && !personal:
		out = append(out, between(moment(col.Type, v.texts.from), moment(col.Type, v.texts.to)))
	case col.Type.Kind == types.String && v.texts.n > 0 && len(col.Enum) == 0:
		out = append(out, span2(v.texts.lengths, "character"))
	case col.Type.Kind == types.List && v.lengths.some:
		out = append(out, span2(v.lengths, "element"))
	}
	scalar := !col.Type.IsNested() && col.Type.Kind != types.JSON && col.Type.Kind != types.Bool
	switch {
	case scalar && v.unique.n > 1 && !v.unique.twice && v.unique.gaveUp:
		out = append(out, fmt.Sprintf("no value twice among the first %d", v.unique.n))
	case scalar && v.unique.n > 1 && !v.unique.twice:
		out = append(out, "no value twice")
	case scalar && !v.many && len(v.values) > 0 && v.count() > 1 && len(col.Enum) == 0:
		out = append(out, plural(int64(len(v.values)), "value"))
	}
	return out
}

func between(a, b string) string {
	if a == b {
		return "always " + a
	}
	return a + " to " + b
}

func span2(e extent, unit string) string {
	if e.min == e.max {
		return plural(int64(e.min), unit)
	}
	return fmt.Sprintf("%d to %s", e.min, plural(int64(e.max), unit))
}

func plural(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.FormatInt(n, 10) + " " + unit + "s"
}

// short cuts the text of a number that nobody would read to its end.
func short(b []byte) string {
	if len(b) > 40 {
		return string(b[:40]) + "..."
	}
	return string(b)
}

// moment writes a point in time as a column of that type has it.
func moment(t types.Type, micros int64) string {
	at := time.UnixMicro(micros).UTC()
	switch t.Kind {
	case types.Date:
		return at.Format(time.DateOnly)
	case types.Time:
		return at.Format("15:04:05.999999")
	case types.Timestamp:
		return at.Format("2006-01-02T15:04:05.999999")
	default:
		return at.Format("2006-01-02T15:04:05.999999Z")
	}
}

// key sets the key where a column tells records apart and has the name for it,
// the best name first; a column of another name is one only in many records.
func (s *Sample) key(p *Proposal) {
	best, rank := -1, 0
	for i := range p.Contract.Columns {
		col := &p.Contract.Columns[i]
		v := &s.root.members[s.root.index[col.Name]].value
		if r := s.keyRank(p.Contract.Name, col, v); r > rank {
			best, rank = i, r
		}
	}
	if best >= 0 {
		p.Contract.Key = []string{p.Contract.Columns[best].Name}
	}
}

// keyRank tells how well a column would do as the key; 0 is not at all.
func (s *Sample) keyRank(name string, col *contract.Column, v *value) int {
	k := col.Type.Kind
	plainName := !strings.ContainsFunc(col.Name, func(r rune) bool { return r >= 0x300 })
	if !col.Required || v.unique.twice || v.unique.n == 0 || col.Type.IsTemporal() || !plainName ||
		k != types.Int32 && k != types.Int64 && k != types.String && k != types.UUID || k == types.String && v.texts.n != v.count() ||
		k.String() != "string" && v.numbers.fractions+v.texts.numbers.fractions > 0 {
		return 0
	}
	w := words(col.Name)
	switch {
	case len(w) == 1 && (w[0] == "id" || w[0] == "uuid" || w[0] == "guid" || w[0] == "key"):
		return 5
	case isIdentifier(col.Name) && len(w) > 1 && strings.HasPrefix(strings.ToLower(name), w[0]):
		return 4
	case isIdentifier(col.Name) && s.Records >= 2:
		return 3
	case k == types.UUID && s.Records >= keyRecords:
		return 2
	default:
		return 0
	}
}

// wrap breaks lines of comment that are long.
func wrap(lines []string) []string {
	var out []string
	for _, l := range lines {
		for len(l) > 110 {
			at := strings.LastIndexByte(l[:110], ' ')
			if at <= 0 {
				break
			}
			out = append(out, l[:at])
			l = l[at+1:]
		}
		out = append(out, l)
	}
	return out
}
