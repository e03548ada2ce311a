package compat

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

// record is a JSON record in the making: members in order, values as JSON text.
type record struct {
	names  []string
	values map[string]string
}

func newRecord() record { return record{values: map[string]string{}} }

// with returns the record with a member set; "" takes it out.
func (r record) with(name, raw string) record {
	out := newRecord()
	for _, n := range r.names {
		if n != name || raw != "" {
			out.names = append(out.names, n)
			out.values[n] = r.values[n]
		}
	}
	if raw == "" {
		return out
	}
	if _, ok := out.values[name]; !ok {
		out.names = append(out.names, name)
	}
	out.values[name] = raw
	return out
}

func (r record) String() string {
	var b strings.Builder
	b.WriteByte('{')
	for i, n := range r.names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quote(n) + ": " + r.values[n])
	}
	b.WriteByte('}')
	return b.String()
}

// side is one version with what is asked of it again and again.
type side struct {
	*contract.Contract
	reading reading
	named   map[string]*contract.Column
	key     map[string]bool
	limits  map[string][]limit
	facts   map[string]conjunct // of its checks, by what they mean
	parts   []conjunct          // the same in order
	bounds  map[string]interval
	plain   *record // a record that it accepts, nil where none was found
	tried   bool
}

func newSide(c *contract.Contract) *side {
	s := &side{Contract: c, reading: readingOf(c), named: make(map[string]*contract.Column, len(c.Columns)), key: map[string]bool{}, limits: map[string][]limit{}, bounds: map[string]interval{}}
	for _, k := range c.Key {
		s.key[k] = true
	}
	for i := range c.Columns {
		s.named[c.Columns[i].Name] = &c.Columns[i]
	}
	return s
}

// Column returns the column of that name.
func (s *side) Column(name string) (*contract.Column, bool) {
	c, ok := s.named[name]
	return c, ok
}

// inRow reports whether a check over the row reads a column.
func (s *side) inRow(name string) bool {
	for _, f := range s.conjuncts() {
		if f.value == "" && slices.Contains(f.reads, name) {
			return true
		}
	}
	return false
}

func (s *side) required(c *contract.Column) bool { return c.Required || s.key[c.Name] }

func (s *side) limitsOf(c *contract.Column) []limit {
	l, ok := s.limits[c.Name]
	if !ok {
		l = limitsOf(c)
		s.limits[c.Name] = l
	}
	return l
}

// take reads a member as a column; raw is "" where the record has none. The
// answer is no with the rule that refuses it.
func (s *side) take(c *contract.Column, raw string) (v value, rule string, ok tri) {
	if raw == "" && c.Default != nil {
		var fine bool
		if v, fine = constant(c.Type, *c.Default); !fine {
			return v, "", unsure
		}
	} else {
		var fine bool
		if v, fine = s.reading.read(c.Type, raw); !fine {
			return v, contract.ColumnRule(c.Name, contract.RuleType), no
		}
	}
	rule, ok = s.keeps(c, v)
	return v, rule, ok
}

// keeps holds a value to a column's limits and checks.
func (s *side) keeps(c *contract.Column, v value) (rule string, ok tri) {
	if v.null() && s.required(c) {
		if s.key[c.Name] {
			return contract.RecordKey, no
		}
		return contract.ColumnRule(c.Name, contract.RuleRequired), no
	}
	ok = yes
	if !v.null() {
		for _, l := range s.limitsOf(c) {
			switch t := l.test(v); t {
			case no:
				return contract.ColumnRule(c.Name, l.rule), no
			default:
				ok = ok.and(t)
			}
		}
	}
	for _, k := range c.Checks {
		if k.Severity == contract.SeverityWarning {
			continue
		}
		t := holds(k.Condition, func(path []rowexpr.Step) (value, bool) { return follow(v, path[min(1, len(path)):]) })
		if t == no {
			return contract.ColumnRule(c.Name, k.Name), no
		}
		ok = ok.and(t)
	}
	return "", ok
}

// accept holds a record to the version. The row is complete with yes.
func (s *side) accept(r record) (row map[string]value, rule string, ok tri) {
	row = make(map[string]value, len(s.Columns))
	ok = yes
	for i := range s.Columns {
		c := &s.Columns[i]
		v, rule, t := s.take(c, r.values[c.Name])
		if t == no {
			return nil, rule, no
		}
		ok = ok.and(t)
		row[c.Name] = v
	}
	if rule := s.extras(r); rule != "" {
		return nil, rule, no
	}
	rule, t := s.rowChecks(row)
	return row, rule, ok.and(t)
}

func (s *side) rowChecks(row map[string]value) (rule string, ok tri) {
	ok = yes
	for _, k := range s.Checks {
		if k.Severity == contract.SeverityWarning {
			continue
		}
		t := holds(k.Condition, func(path []rowexpr.Step) (value, bool) {
			if len(path) == 0 {
				return value{}, false
			}
			v, known := row[path[0].Name]
			if !known {
				return value{}, false
			}
			return follow(v, path[1:])
		})
		if t == no {
			return k.Name, no
		}
		ok = ok.and(t)
	}
	return "", ok
}

// extras names the rule by which the version refuses a member that it has no
// column for, "" where it takes them all.
func (s *side) extras(r record) string {
	for _, name := range r.names {
		if _, known := s.Column(name); known {
			continue
		}
		if rule := s.stranger(name, r.values[name]); rule != "" {
			return rule
		}
	}
	return ""
}

// stranger is extras for one member.
func (s *side) stranger(name, raw string) string {
	switch {
	case refusesUnknown(s.UnknownColumns):
		return contract.RecordUnknown
	case s.UnknownColumns != contract.UnknownEvolve || kindOf(raw) == 'n':
		return ""
	case name == "" || strings.ContainsRune(name, 0) || len(name) > 256:
		return contract.RecordUnknown
	}
	for i := range s.Columns {
		if strings.EqualFold(s.Columns[i].Name, name) {
			return contract.RecordUnknown
		}
	}
	if kindOf(raw) == '"' && strings.ContainsRune(unquote(raw), 0) {
		return contract.ColumnRule(name, contract.RuleType)
	}
	return ""
}

// reread reads a value of one version's row as the type of another's column.
func reread(v value, t types.Type) (value, tri) {
	if v.null() || v.kind == t.Kind && (v.kind == types.String || v.kind == types.Bool) {
		return v, yes
	}
	raw := render(v)
	if raw == "" || v.kind == types.JSON {
		return v, unsure
	}
	out, ok := reading{mode: contract.CoerceLossless}.read(t, raw)
	return out, triOf(ok)
}

// valid reports whether a text is JSON; only such texts become proofs.
func valid(raw string) bool { return json.Valid([]byte(raw)) }
