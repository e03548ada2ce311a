package compat

import (
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

// limitRules are the limits of a column with the names of what can happen to them.
func limitRules() []struct {
	rule                         string
	added, tight, loose, removed Rule
} {
	return []struct {
		rule                         string
		added, tight, loose, removed Rule
	}{
		{contract.RuleMin, MinAdded, MinRaised, MinLowered, MinRemoved},
		{contract.RuleMax, MaxAdded, MaxLowered, MaxRaised, MaxRemoved},
		{contract.RuleMinLength, MinLengthAdded, MinLengthRaised, MinLengthLowered, MinLengthRemoved},
		{contract.RuleMaxLength, MaxLengthAdded, MaxLengthLowered, MaxLengthRaised, MaxLengthRemoved},
		{contract.RulePattern, PatternAdded, PatternChanged, PatternChanged, PatternRemoved},
		{contract.RuleEnum, EnumAdded, EnumValueRemoved, EnumValueAdded, EnumRemoved},
		{contract.RuleFormat, FormatAdded, FormatChanged, FormatChanged, FormatRemoved},
	}
}

// written is a limit as text, "" where the column has none.
func written(c *contract.Column, rule string) string {
	number := func(n *int) string {
		if n == nil {
			return ""
		}
		return strconv.Itoa(*n)
	}
	switch rule {
	case contract.RuleMin:
		return deref(c.Min)
	case contract.RuleMax:
		return deref(c.Max)
	case contract.RuleMinLength:
		return number(c.MinLength)
	case contract.RuleMaxLength:
		return number(c.MaxLength)
	case contract.RulePattern:
		return c.Pattern
	case contract.RuleEnum:
		return strings.Join(c.Enum, ", ")
	default:
		return c.Format
	}
}

// limits compares the limits of a column.
func (w *work) limits(old, now *contract.Column) {
	for _, r := range limitRules() {
		a, b := limitOf(old, r.rule), limitOf(now, r.rule)
		if a == nil && b == nil || a != nil && b != nil && sameLimit(old, now, r.rule) {
			continue
		}
		ch := Change{Path: now.Name, Rule: r.tight, Old: written(old, r.rule), New: written(now, r.rule)}
		ch.OldRange, ch.NewRange = ranges(old, now, r.rule)
		switch {
		case a == nil:
			ch.Rule = r.added
		case b == nil:
			ch.Rule = r.removed
		case r.rule == contract.RuleEnum:
			ch.Rule = enumRule(old, now)
		case loosened(old, now, r.rule):
			ch.Rule = r.loose
		}
		ch.Text = strings.ToLower(strings.ReplaceAll(string(ch.Rule), "_", " "))
		ch.Text = strings.Replace(strings.Replace(ch.Text, "min length", "min_length", 1), "max length", "max_length", 1)
		at := w.add(ch)
		for _, backward := range []bool{true, false} {
			v, p := w.limitVerdict(backward, now.Name, r.rule)
			at.set(backward, v, p)
		}
	}
}

// sameLimit reports whether a limit says the same, whatever the type.
func sameLimit(old, now *contract.Column, rule string) bool {
	a, b := written(old, rule), written(now, rule)
	switch rule {
	case contract.RuleMin, contract.RuleMax:
		x, okA := boundAt(old, a)
		y, okB := boundAt(now, b)
		return okA && okB && x.Cmp(y) == 0 || a == b && old.Type.Equal(now.Type)
	case contract.RuleEnum:
		return enumRule(old, now) == ""
	default:
		return a == b
	}
}

// enumRule tells apart whether values came, went, or both; "" is neither.
func enumRule(old, now *contract.Column) Rule {
	missing := func(from, in *contract.Column) bool {
		test := listed(in)
		for _, text := range from.Enum {
			if v, ok := constant(from.Type, text); !ok || test(v) != yes {
				return true
			}
		}
		return false
	}
	went, came := missing(old, now), missing(now, old)
	switch {
	case went && came:
		return EnumValuesChanged
	case went:
		return EnumValueRemoved
	case came:
		return EnumValueAdded
	default:
		return ""
	}
}

func loosened(old, now *contract.Column, rule string) bool {
	switch rule {
	case contract.RuleMin, contract.RuleMax:
		x, okA := boundAt(old, written(old, rule))
		y, okB := boundAt(now, written(now, rule))
		return okA && okB && (x.Cmp(y) > 0) == (rule == contract.RuleMin)
	case contract.RuleMinLength:
		return *now.MinLength < *old.MinLength
	case contract.RuleMaxLength:
		return *now.MaxLength > *old.MaxLength
	default:
		return false
	}
}

// limitVerdict says whether what one side lets through can break a limit of the
// other.
func (w *work) limitVerdict(backward bool, name, rule string) (Verdict, *Proof) {
	s, d := w.ends(backward)
	src, _ := s.Column(name)
	dst, _ := d.Column(name)
	test := limitOf(dst, rule)
	if test == nil {
		return OK, nil
	}
	implied, extra := w.implied(s, src, dst, rule, test)
	if implied {
		return OK, nil
	}
	if p := w.search(backward, name, extra, contract.ColumnRule(name, rule)); p != nil {
		return Breaks, p
	}
	if rule == contract.RulePattern || rule == contract.RuleFormat {
		return Breaks, none("it cannot be proved either way: no text was found that one takes and the other refuses, and none that rules it out")
	}
	return Breaks, notFound()
}

// implied reports whether every value that src lets through keeps a limit of dst,
// and else gives samples that may not.
func (w *work) implied(s *side, src, dst *contract.Column, rule string, test func(value) tri) (bool, []string) {
	if list, few := s.finite(src); few {
		var bad []string
		sure := true
		for _, v := range list {
			if t := test(v); t != yes {
				sure = false
				bad = append(bad, render(v))
			}
		}
		return sure, bad
	}
	switch rule {
	case contract.RuleMin, contract.RuleMax:
		at, ok := boundAt(dst, written(dst, rule))
		if !ok || !w.sameReading(src.Name) {
			return false, nil
		}
		op := rowexpr.OpGe
		if rule == contract.RuleMax {
			op = rowexpr.OpLe
		}
		return comparison{op: op, at: at}.impliedBy(s.interval(src)), nil
	case contract.RuleMinLength, contract.RuleMaxLength:
		return w.lengthImplied(src, dst, rule)
	case contract.RulePattern:
		return patternImplied(src, dst)
	case contract.RuleFormat:
		return formatImplies(src.Format, dst.Format), nil
	}
	return false, nil
}

func (w *work) lengthImplied(src, dst *contract.Column, rule string) (bool, []string) {
	upper := rule == contract.RuleMaxLength
	switch {
	case !upper && (*dst.MinLength == 0 || src.MinLength != nil && *src.MinLength >= *dst.MinLength):
		return true, nil
	case upper && src.MaxLength != nil && *src.MaxLength <= *dst.MaxLength:
		return true, nil
	}
	p, ok := newPattern(src.Pattern)
	if src.Pattern == "" || !ok || src.Type.Kind != types.String {
		return false, nil
	}
	b := between{in: p, max: -1, want: 3}
	b.bounds(src)
	if upper {
		b.min = max(b.min, *dst.MaxLength+1)
	} else {
		b.max = *dst.MinLength - 1
	}
	if b.min > 200 || b.max > 200 {
		return false, nil
	}
	found, all := b.texts()
	return all && len(found) == 0, quotedAll(found)
}

// patternImplied searches for a text that one pattern takes and the other does
// not: where there is none at all, the pattern is implied.
func patternImplied(src, dst *contract.Column) (bool, []string) {
	out, ok := newPattern(dst.Pattern)
	if !ok {
		return false, nil
	}
	b := between{out: out, max: -1, want: 8}
	b.bounds(src)
	if src.Pattern != "" {
		if b.in, ok = newPattern(src.Pattern); !ok {
			return false, nil
		}
	}
	found, all := b.texts()
	return all && len(found) == 0, quotedAll(found)
}

func quotedAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quote(s)
	}
	return out
}

// columnChecks and rowChecks compare the checks.
func (w *work) columnChecks(old, now *contract.Column) { w.checks(old.Checks, now.Checks, now.Name) }

func (w *work) rowChecks() { w.checks(w.old.Checks, w.now.Checks, "") }

// checks compares two lists of checks over a column's value or, with "", the row.
func (w *work) checks(old, now []contract.Check, column string) {
	byName := func(list []contract.Check, name string) *contract.Check {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
		return nil
	}
	renamed := map[string]bool{}
	for i := range now {
		k := &now[i]
		was := byName(old, k.Name)
		if was == nil {
			at := slices.IndexFunc(old, func(o contract.Check) bool {
				return byName(now, o.Name) == nil && !renamed[o.Name] && o.Severity == k.Severity && w.sameCondition(&o, k, column)
			})
			if at >= 0 {
				renamed[old[at].Name] = true
				w.checkChange(column, CheckRenamed, "check "+strconv.Quote(old[at].Name)+" is "+strconv.Quote(k.Name)+" now", &old[at], k).describes()
				continue
			}
			w.judged(column, CheckAdded, "check "+strconv.Quote(k.Name)+" added", nil, k)
			continue
		}
		switch {
		case !w.sameCondition(was, k, column):
			w.judged(column, CheckChanged, "check "+strconv.Quote(k.Name)+" changed", was, k)
		case was.Severity != k.Severity:
			w.judged(column, CheckSeverity, "check "+strconv.Quote(k.Name)+": severity "+string(was.Severity)+" became "+string(k.Severity), was, k)
		case was.Message != k.Message:
			w.checkChange(column, CheckMessage, "message of check "+strconv.Quote(k.Name)+" changed", was, k).describes()
		}
	}
	for i := range old {
		if k := &old[i]; byName(now, k.Name) == nil && !renamed[k.Name] {
			w.judged(column, CheckRemoved, "check "+strconv.Quote(k.Name)+" removed", k, nil)
		}
	}
}

// sameCondition reports whether two checks mean the same for both versions.
func (w *work) sameCondition(a, b *contract.Check, column string) bool {
	x, y := conjunctsOf(a, column), conjunctsOf(b, column)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i].key != y[i].key || x[i].types != y[i].types && !(comparesOnly(x[i].expr) && comparesOnly(y[i].expr)) && !widened(x[i].expr, y[i].expr) {
			return false
		}
	}
	return true
}

// widened reports whether an expression is the same sum or product over types that
// only got wider: then it fails for fewer rows.
func widened(a, b *rowexpr.Expr) bool {
	if a.Op == rowexpr.OpConvert {
		return widened(a.Args[0], b)
	}
	if b.Op == rowexpr.OpConvert {
		return widened(a, b.Args[0])
	}
	switch a.Op {
	case rowexpr.OpLit:
		return true
	case rowexpr.OpRef:
		return types.Widens(a.Type, b.Type)
	case rowexpr.OpAdd, rowexpr.OpSub, rowexpr.OpMul, rowexpr.OpNeg:
		if b.Type.Kind == types.Float64 || b.Type.Kind == types.Decimal && b.Type.Precision == 38 {
			return false
		}
	case rowexpr.OpNot, rowexpr.OpEq, rowexpr.OpNe, rowexpr.OpLt, rowexpr.OpLe, rowexpr.OpGt, rowexpr.OpGe, rowexpr.OpAnd, rowexpr.OpOr,
		rowexpr.OpIsNull, rowexpr.OpNotNull:
	default:
		return false
	}
	if a.Op != b.Op || len(a.Args) != len(b.Args) {
		return false
	}
	for i := range a.Args {
		if !widened(a.Args[i], b.Args[i]) {
			return false
		}
	}
	return true
}

func (w *work) checkChange(column string, rule Rule, text string, old, now *contract.Check) *Change {
	ch := Change{Path: column, Rule: rule, Text: text}
	if old != nil {
		ch.Old, ch.OldRange = strings.TrimSpace(old.Source), shown(old.Range)
	}
	if now != nil {
		ch.New, ch.NewRange = strings.TrimSpace(now.Source), shown(now.Range)
	}
	if ch.Old == ch.New && rule == CheckChanged { // what it reads of the configuration changed
		ch.Old, ch.New = folded(old, column), folded(now, column)
	}
	return w.add(ch)
}

// folded writes a condition as it was compiled.
func folded(k *contract.Check, column string) string {
	var parts []string
	for _, f := range conjunctsOf(k, column) {
		parts = append(parts, f.key)
	}
	return strings.Join(parts, " && ")
}

// judged lists a check that came, went or changed, with what that does.
func (w *work) judged(column string, rule Rule, text string, old, now *contract.Check) {
	type found struct {
		v Verdict
		p *Proof
	}
	back, forth := found{v: OK}, found{v: OK}
	back.v, back.p = w.checkVerdict(true, now, column)
	forth.v, forth.p = w.checkVerdict(false, old, column)
	ch := w.checkChange(column, rule, text, old, now)
	ch.set(true, back.v, back.p)
	ch.set(false, forth.v, forth.p)
}

// checkVerdict says whether what one side lets through can break a check of the
// other; k is nil where that side has none.
func (w *work) checkVerdict(backward bool, k *contract.Check, column string) (Verdict, *Proof) {
	if k == nil || k.Severity == contract.SeverityWarning {
		return OK, nil
	}
	s, _ := w.ends(backward)
	verdict := OK
	why := "it cannot be proved either way: no record was found that shows it, and none that rules it out"
	for _, f := range conjunctsOf(k, column) {
		if w.implies(s, f) {
			continue
		}
		verdict = Breaks
		for _, name := range f.reads {
			if !backward && !w.has(s, name) {
				why = "it reads the column " + name + ", which is gone"
			}
		}
		if p := w.conjunctSearch(backward, f); p != nil {
			return Breaks, p
		}
	}
	if verdict == OK {
		return OK, nil
	}
	return Breaks, none("%s", why)
}

// conjunctSearch looks for a record that the source accepts and that breaks a part
// of the other side's check.
func (w *work) conjunctSearch(backward bool, f conjunct) *Proof {
	s, d := w.ends(backward)
	base, ok := w.plainRecord(s)
	if !ok {
		base = newRecord()
	}
	name := f.check.Name
	if f.value != "" {
		name = contract.ColumnRule(f.value, f.check.Name)
	}
	var found *Proof
	w.product(s, f.reads, base, func(try record) bool {
		row, _, t := s.accept(try)
		if t != yes {
			return false
		}
		values := map[string]value{}
		for _, read := range f.reads {
			c, ok := d.Column(read)
			if !ok {
				return false
			}
			v, t := row[read], yes
			if backward {
				v, _, t = d.take(c, try.values[read])
				if f.value != "" && t == no { // the check itself may be what refuses it
					v, t = w.bareRead(d, c, try.values[read])
				}
			} else if was, ok := s.Column(read); ok && !was.Type.Equal(c.Type) {
				v, t = reread(v, c.Type)
			}
			if t != yes {
				return false
			}
			values[read] = v
		}
		if rowTest(f, values) == no {
			found = w.shows(backward, name, try)
		}
		return found != nil
	})
	return found
}

// bareRead reads a member without holding it to limits and checks.
func (w *work) bareRead(s *side, c *contract.Column, raw string) (value, tri) {
	if raw == "" && c.Default != nil {
		v, ok := constant(c.Type, *c.Default)
		return v, triOf(ok)
	}
	v, ok := s.reading.read(c.Type, raw)
	return v, triOf(ok)
}

// recordSearch looks for a record, varied in some columns, that breaks a check of
// the row on the other side.
func (w *work) recordSearch(backward bool, names []string, base record) *Proof {
	s, d := w.ends(backward)
	var found *Proof
	w.product(s, names, base, func(try record) bool {
		row, _, t := s.accept(try)
		if t != yes {
			return false
		}
		for i := range d.Columns {
			c := &d.Columns[i]
			v, t := w.bareRead(d, c, try.values[c.Name])
			if t != yes {
				return false
			}
			row[c.Name] = v
		}
		if rule, t := d.rowChecks(row); t == no {
			found = w.shows(backward, rule, try)
		}
		return found != nil
	})
	return found
}
