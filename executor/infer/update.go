package infer

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/lang/diag"
)

// maxWidened is how many values an enum may have after it was widened; one that
// would have more is dropped.
const maxWidened = 50

// Update holds records to a contract and finds the contract that takes them all.
type Update struct {
	Sample *Sample
	old    *contract.Contract
	holds  *enforce.Enforcer
}

// NewUpdate begins with a contract. The diagnostics are about one that cannot be
// enforced.
func NewUpdate(old *contract.Contract) (*Update, diag.Diagnostics) {
	kept := *old
	kept.OnViolation = contract.Quarantine
	if kept.UnknownColumns == contract.UnknownFail {
		kept.UnknownColumns = contract.UnknownQuarantine
	}
	e, diags := enforce.New(enforce.Spec{Address: "contract." + old.Name, Contract: &kept, QuarantineRaw: enforce.RawNone})
	return &Update{Sample: NewSample(), old: old, holds: e}, diags
}

// Take looks at the first n records of a batch.
func (u *Update) Take(r *connector.Records, n int64) error {
	u.Sample.Add(r, n)
	part := *r
	part.Start, part.End, part.Line = r.Start[:n], r.End[:n], r.Line[:n]
	b, err := u.holds.Enforce(&part)
	if err != nil {
		return err
	}
	b.Release()
	return nil
}

// needs reports whether the contract cannot do without a column: another promise
// stands on it, or its JSON Schema brings it.
func (u *Update) needs(col *contract.Column) bool {
	return slices.Contains(u.old.Key, col.Name) || u.old.Freshness != nil && u.old.Freshness.Column == col.Name || col.Property != ""
}

// Result returns the contract with every column that the records have, and with
// types, nullability, limits and enums wide enough for them. With tighten it also
// promises what they show. The warnings tell of what stays broken.
func (u *Update) Result(tighten bool) (*contract.Contract, diag.Diagnostics) {
	next := *u.old
	next.Columns = nil
	w := &widening{u: u, broken: map[string]int64{}, seen: map[string]*member{}}
	for _, r := range u.holds.Summary().Rules {
		if r.Severity == string(contract.SeverityError) {
			w.broken[r.Rule] += r.Count
		}
	}
	for _, m := range u.Sample.root.members {
		w.seen[m.name] = m
	}
	proposal := u.Sample.Propose(u.old.Name, "")
	taken := map[string]bool{}
	for _, col := range u.old.Columns {
		taken[strings.ToLower(col.Name)] = true
		m := w.seen[col.Name]
		if m == nil && tighten && u.Sample.Records > 0 && !u.needs(&col) {
			continue
		}
		col = w.widen(col, m)
		if tighten && m != nil {
			col = w.tighten(col, m, proposal)
		}
		next.Columns = append(next.Columns, col)
	}
	for _, col := range proposal.Contract.Columns {
		switch {
		case taken[strings.ToLower(col.Name)]:
		case slices.Contains(u.old.Reserved, col.Name):
			w.note("%q comes in the records, and the contract reserves the name.", col.Name)
		default:
			if !tighten {
				col = contract.Column{Name: col.Name, Type: col.Type, Tags: col.Tags}
			}
			next.Columns = append(next.Columns, col)
		}
	}
	for _, k := range u.old.Checks {
		w.unmended(k.Name, k.Range)
	}
	w.unmended(contract.RecordKey, u.old.Range)
	return &next, w.diags
}

// widening is the work on one contract.
type widening struct {
	u      *Update
	broken map[string]int64 // records that break a rule
	seen   map[string]*member
	diags  diag.Diagnostics
}

func (w *widening) note(format string, args ...any) {
	d := diag.New(diag.NotMended, format, args...)
	d.Severity = diag.Warning
	w.diags.Add(d)
}

func (w *widening) unmended(rule string, at diag.Range) {
	if n := w.broken[rule]; n > 0 {
		w.note("%s: %s it still.", rule, breaks(n))
		w.diags[len(w.diags)-1].At(at)
	}
}

func breaks(n int64) string {
	if n == 1 {
		return "1 record breaks"
	}
	return fmt.Sprintf("%d records break", n)
}

// widen loosens what the records break of a column. m is nil where they never have
// it.
func (w *widening) widen(col contract.Column, m *member) contract.Column {
	broken := func(rule string) bool { return w.broken[contract.ColumnRule(col.Name, rule)] > 0 }
	if broken(contract.RuleRequired) {
		col.Required = false
	}
	if m == nil {
		return col
	}
	v := &m.value
	if broken(contract.RuleType) {
		t := join(col.Type, v.beside(col.Type, v.conclude(col.Name, w.u.Sample.untyped).typ))
		keyed := slices.Contains(w.u.old.Key, col.Name) && (t.IsNested() || t.Kind == types.JSON || t.Kind == types.Float64)
		if t.Equal(col.Type) || keyed || !types.Widens(col.Type, t) && w.u.reads(col) {
			w.unmended(contract.ColumnRule(col.Name, contract.RuleType), col.Range)
		} else {
			w.retype(&col, t)
		}
	}
	w.bounds(&col, v)
	if broken(contract.RuleMinLength) || broken(contract.RuleMaxLength) {
		w.lengths(&col, v)
	}
	if len(col.Enum) > 0 && (broken(contract.RuleEnum) || broken(contract.RuleType)) {
		w.enum(&col, v)
	}
	if broken(contract.RulePattern) {
		col.Pattern = ""
	}
	if broken(contract.RuleFormat) {
		col.Format = ""
	}
	for _, k := range col.Checks {
		w.unmended(contract.ColumnRule(col.Name, k.Name), k.Range)
	}
	return col
}

// beside is the type of the values, seen, as one to be joined with old: beside
// whole numbers and decimals, which are exact, fractions are decimals, too.
func (v *value) beside(old, seen types.Type) types.Type {
	n := v.numbers
	n.merge(&v.texts.numbers)
	whole, scale := max(n.whole, 0), max(n.scale, 0)
	if _, _, exact := digits(old); exact && seen.Kind == types.Float64 && whole+scale > 0 && whole+scale <= 38 {
		return types.DecimalOf(whole+scale, scale)
	}
	return seen
}

// reads reports whether a condition of the contract reads the column: it was
// written for the column's type.
func (u *Update) reads(col contract.Column) bool {
	if len(col.Checks) > 0 {
		return true
	}
	for _, k := range u.old.Checks {
		for _, ref := range k.Condition.Refs() {
			if len(ref.Path) > 0 && ref.Path[0].Name == col.Name {
				return true
			}
		}
	}
	return false
}

// retype gives a column another type, and drops the limits that have no meaning
// for it.
func (w *widening) retype(col *contract.Column, t types.Type) {
	col.Type = t
	again := func(v **string, fits bool) {
		if *v == nil {
			return
		}
		text, err := rowexpr.Canonical(t, **v)
		if err != nil || !fits {
			*v = nil
			return
		}
		*v = &text
	}
	bounded := t.IsNumeric() || t.IsTemporal()
	again(&col.Min, bounded)
	again(&col.Max, bounded)
	again(&col.Default, true)
	if t.Kind != types.String {
		col.Pattern, col.Format = "", ""
	}
	if t.Kind != types.String && t.Kind != types.Bytes && t.Kind != types.List {
		col.MinLength, col.MaxLength = nil, nil
	}
	if t.IsNested() || t.Kind == types.JSON {
		col.Enum, col.Unique = nil, false
	}
	if t.Kind == types.Float64 {
		col.Unique = false
	}
	for i, v := range col.Enum {
		text, err := rowexpr.Canonical(t, v)
		if err != nil {
			col.Enum = nil
			break
		}
		if i == 0 {
			col.Enum = slices.Clone(col.Enum)
		}
		col.Enum[i] = text
	}
}

// bounds moves min and max outward to what was seen.
func (w *widening) bounds(col *contract.Column, v *value) {
	var least, greatest string
	n := v.numbers
	n.merge(&v.texts.numbers)
	switch {
	case col.Type.IsNumeric() && n.n > 0:
		least, greatest = string(n.least.text), string(n.greatest.text)
	case col.Type.IsTemporal() && v.texts.timed:
		least, greatest = moment(col.Type, v.texts.from), moment(col.Type, v.texts.to)
	default:
		return
	}
	if col.Min != nil && w.broken[contract.ColumnRule(col.Name, contract.RuleMin)] > 0 {
		col.Min = outward(col.Type, least)
	}
	if col.Max != nil && w.broken[contract.ColumnRule(col.Name, contract.RuleMax)] > 0 {
		col.Max = outward(col.Type, greatest)
	}
}

// outward is a seen value as a bound; nil, no bound, where it cannot be written as
// a constant of the type.
func outward(t types.Type, seen string) *string {
	text, err := rowexpr.Canonical(t, seen)
	if err != nil {
		return nil
	}
	return &text
}

func (w *widening) lengths(col *contract.Column, v *value) {
	e := v.texts.lengths
	switch {
	case col.Type.Kind == types.List:
		e = v.lengths
	case col.Type.Kind != types.String || v.texts.n != v.count():
		col.MinLength, col.MaxLength = nil, nil
		return
	}
	if col.MinLength != nil {
		col.MinLength = ptr(min(*col.MinLength, e.min))
	}
	if col.MaxLength != nil {
		col.MaxLength = ptr(max(*col.MaxLength, e.max))
	}
}

func ptr[T any](v T) *T { return &v }

// enum adds the values that were seen, sorted, behind those there are.
func (w *widening) enum(col *contract.Column, v *value) {
	if v.many || v.texts.wide || v.bools > 0 {
		col.Enum = nil
		return
	}
	var more []string
	for text := range v.values {
		c, err := rowexpr.Canonical(col.Type, text)
		if err != nil {
			col.Enum = nil
			return
		}
		if !slices.Contains(col.Enum, c) && !slices.Contains(more, c) {
			more = append(more, c)
		}
	}
	slices.Sort(more)
	col.Enum = append(slices.Clone(col.Enum), more...)
	if len(col.Enum) > maxWidened {
		col.Enum = nil
	}
}

// tighten promises what the records show beyond what the contract does.
func (w *widening) tighten(col contract.Column, m *member, p *Proposal) contract.Column {
	seen, ok := p.Contract.Column(col.Name)
	if !ok {
		return col
	}
	col.Required = col.Required || seen.Required
	if !seen.Type.Equal(col.Type) {
		return col
	}
	if len(col.Enum) == 0 && col.Pattern == "" && col.Format == "" {
		col.Enum, col.Format = seen.Enum, seen.Format
	}
	if col.Min == nil && (col.Max == nil || !below([]byte(*col.Max), number(*col.Max), &extreme{[]byte("0"), 0})) {
		col.Min = seen.Min
	}
	for _, tag := range seen.Tags {
		if !col.HasTag(tag) {
			col.Tags = append(slices.Clone(col.Tags), tag)
		}
	}
	return col
}

func number(text string) float64 {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0
	}
	f, _ := r.Float64()
	return f
}

// join is the narrowest type that takes the values of both and changes none.
func join(a, b types.Type) types.Type {
	switch {
	case types.Widens(a, b):
		return b
	case types.Widens(b, a):
		return a
	case a.Kind == types.List && b.Kind == types.List:
		return types.ListOf(join(*a.Elem, *b.Elem))
	case a.Kind == types.Map && b.Kind == types.Map:
		return types.MapOf(join(*a.Elem, *b.Elem))
	case a.Kind == types.Struct && b.Kind == types.Struct:
		return joinFields(a, b)
	}
	aw, as, okA := digits(a)
	bw, bs, okB := digits(b)
	if w, s := max(aw, bw), max(as, bs); okA && okB && w+s <= 38 {
		return types.DecimalOf(max(w+s, 1), s)
	}
	if !a.IsNested() && !b.IsNested() && a.Kind != types.JSON && b.Kind != types.JSON {
		return stringType
	}
	return jsonType
}

// digits returns how many digits a type has before and behind the point.
func digits(t types.Type) (whole, scale int, ok bool) {
	switch t.Kind {
	case types.Int32:
		return 10, 0, true
	case types.Int64:
		return 19, 0, true
	case types.Decimal:
		return t.Precision - t.Scale, t.Scale, true
	default:
		return 0, 0, false
	}
}

func joinFields(a, b types.Type) types.Type {
	fields := slices.Clone(a.Fields)
	for _, f := range b.Fields {
		at := slices.IndexFunc(fields, func(g types.Field) bool { return g.Name == f.Name })
		if at < 0 {
			fields = append(fields, f)
			continue
		}
		fields[at].Type = join(fields[at].Type, f.Type)
	}
	return types.StructOf(fields...)
}
