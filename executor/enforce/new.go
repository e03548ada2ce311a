package enforce

import (
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/vec"
	"github.com/headgate-data/headgate/lang/diag"
)

const personal = "pii" // the tag of personal data

// New makes the enforcer of a stream. The diagnostics are about a contract or
// map that cannot be enforced; with an error among them the enforcer is nil.
func New(spec Spec) (*Enforcer, diag.Diagnostics) {
	e := &Enforcer{spec: spec, raw: spec.QuarantineRaw, named: map[string]*column{}, folded: map[string]bool{}, masks: &maskNode{members: map[string]*maskNode{}}}
	e.slots = slots{root: newNode(), paths: map[string]int32{}}
	e.reader.root = e.slots.root
	e.reader.collect = spec.Map == nil || !spec.Map.Only
	if e.raw == "" {
		e.raw = RawFull
		if spec.personal() {
			e.raw = RawMasked
		}
	}
	mode := spec.Contract.OnViolation
	e.jsonRule = e.addRule(rule{name: contract.RecordJSON, at: -1, action: actionFor(mode, ofRecord, false)})
	e.filterRule = e.addRule(rule{name: contract.RecordFilter, at: -1, action: actionFor(mode, ofRecord, false)})
	unknown := actQuarantine
	if spec.Contract.UnknownColumns == contract.UnknownFail {
		unknown = actFail
	}
	e.unknownRule = e.addRule(rule{name: contract.RecordUnknown, at: -1, action: unknown})

	var ds diag.Diagnostics
	for i := range spec.Contract.Columns {
		c := e.newColumn(spec.Contract.Columns[i])
		ds = append(ds, e.addLimits(c)...)
	}
	for _, c := range spec.Evolved {
		e.addEvolved(c)
	}
	e.added = nil
	if spec.Contract.UnknownColumns == contract.UnknownKeepJSON {
		e.keep = vec.New(types.Of(types.JSON))
		e.folded[contract.ExtraColumn] = true
	}
	ds = append(ds, e.addMap(spec.Map)...)
	ds = append(ds, e.addChecks()...)
	if ds.HasErrors() {
		return nil, ds
	}
	e.reader.resize(e.slots.count, chunkRows(len(e.columns)))
	return e, ds
}

// personal reports whether the stream handles data that is tagged as personal.
func (s *Spec) personal() bool {
	return s.Contract.HasPII() || s.Map != nil && slices.ContainsFunc(s.Map.Columns, func(m program.MapColumn) bool { return m.PII })
}

// mapColumn returns the map's column of that name, nil where there is none.
func (s *Spec) mapColumn(name string) *program.MapColumn {
	if s.Map == nil {
		return nil
	}
	for i := range s.Map.Columns {
		if s.Map.Columns[i].Name == name {
			return &s.Map.Columns[i]
		}
	}
	return nil
}

// newColumn adds a column of the rows with its rules about type and nulls. Where
// no map yields it, it is read from the member of its name.
func (e *Enforcer) newColumn(cc contract.Column) *column {
	c := &column{Column: cc, at: len(e.columns), slot: -1, dec: newDecoder(cc.Type, e.spec.Contract, e.spec.Timezone),
		values: vec.New(cc.Type), patched: vec.New(cc.Type)}
	key := slices.Contains(e.spec.Contract.Key, cc.Name)
	c.required = cc.Required || key
	m := e.spec.Map
	mapped := e.spec.mapColumn(cc.Name)
	if mapped == nil && (m == nil || !m.Only && !slices.Contains(m.Drop, cc.Name)) {
		c.slot = e.slots.at([]rowexpr.Step{{Name: cc.Name}})
	} else if mapped != nil {
		e.slots.root.add(cc.Name).known = true // the map stands in its place
	}
	mode := e.spec.Contract.OnViolation
	hide := cc.HasTag(personal) || mapped != nil && mapped.PII
	if hide && c.slot >= 0 {
		e.masks.hide([]rowexpr.Step{{Name: cc.Name}})
	}
	add := func(name string, cl class) int32 {
		return e.addRule(rule{name: contract.ColumnRule(cc.Name, name), column: cc.Name, at: c.at, mask: hide,
			action: actionFor(mode, cl, !c.required), where: cc.Rules[name]})
	}
	c.typeRule = add(contract.RuleType, ofType)
	c.mapRule = add(contract.RuleMap, ofType)
	if key {
		c.nullRule = e.addRule(rule{name: contract.RecordKey, column: cc.Name, at: c.at, action: actionFor(mode, ofRecord, false), where: cc.Range})
	} else {
		c.nullRule = add(contract.RuleRequired, ofRecord)
	}
	e.columns = append(e.columns, c)
	e.named[cc.Name] = c
	e.folded[strings.ToLower(cc.Name)] = true
	return c
}

// addLimits compiles a column's default and limits.
func (e *Enforcer) addLimits(c *column) (ds diag.Diagnostics) {
	fail := func(what string, err error) {
		ds.Add(diag.New(diag.NoEnforcer, "Column %s: %s: %v.", c.Name, what, err).At(c.Range).For(e.spec.Address))
	}
	if c.Default != nil {
		v, err := literal(c.Type, *c.Default)
		if err != nil {
			fail("default", err)
		}
		c.fallback = v
	}
	limit := func(name, message string, find limit, err error) {
		if err != nil {
			fail(name, err)
			return
		}
		c.limits = append(c.limits, columnLimit{find, e.addRule(rule{name: contract.ColumnRule(c.Name, name), column: c.Name, at: c.at,
			mask: e.rules[c.typeRule].mask, action: actionFor(e.spec.Contract.OnViolation, ofValue, !c.required), where: c.Rules[name], message: message})})
	}
	for _, l := range limitsOf(&c.Column) {
		limit(l.rule, l.message, l.find, l.err)
	}
	return ds
}

// addMap compiles the map: what it drops, its filter and its columns.
func (e *Enforcer) addMap(m *program.Map) (ds diag.Diagnostics) {
	if m == nil {
		return nil
	}
	for _, name := range m.Drop {
		e.slots.root.add(name).known = true
	}
	if m.Filter != nil {
		e.rules[e.filterRule].where = m.FilterRange
		x, d := e.overRecord(m.Filter)
		ds.Add(d)
		e.filter = x
	}
	defer e.maskFilter(m)
	for _, mc := range m.Columns {
		c := e.named[mc.Name]
		if c == nil {
			ds.Add(diag.New(diag.NoEnforcer, "The map yields column %s, which the contract does not have.", mc.Name).At(mc.Range).For(e.spec.Address))
			continue
		}
		if !mc.Value.Type.Equal(c.Type) {
			ds.Add(diag.New(diag.NoEnforcer, "The map yields %s for column %s, which is %s.", mc.Value.Type, mc.Name, c.Type).At(mc.Range).For(e.spec.Address))
			continue
		}
		x, d := e.overRecord(mc.Value)
		ds.Add(d)
		c.prog = x
		e.rules[c.mapRule].where = mc.Range
		if e.rules[c.typeRule].mask {
			for _, ref := range mc.Value.Refs() {
				e.masks.hide(ref.Path)
			}
		}
	}
	return ds
}

// addChecks compiles the checks of the columns and of the row.
func (e *Enforcer) addChecks() (ds diag.Diagnostics) {
	mode := e.spec.Contract.OnViolation
	for _, c := range e.columns {
		for _, k := range c.Checks {
			x, d := e.overValue(k.Condition, c)
			ds.Add(d)
			c.checks = append(c.checks, columnCheck{x, e.addRule(rule{name: contract.ColumnRule(c.Name, k.Name), column: c.Name, at: c.at, mask: e.rules[c.typeRule].mask,
				action: actionFor(mode, ofValue, !c.required), severity: k.Severity, message: checkMessage(k), where: k.Range})})
		}
	}
	for _, k := range e.spec.Contract.Checks {
		x, d := e.overRow(k.Condition)
		ds.Add(d)
		e.checks = append(e.checks, rowCheck{x, e.addRule(rule{name: k.Name, at: -1, action: actionFor(mode, ofRow, false),
			severity: k.Severity, message: checkMessage(k), where: k.Range})})
	}
	return ds
}

func checkMessage(k contract.Check) string {
	if k.Message != "" {
		return k.Message
	}
	return "does not hold: " + k.Source
}

// setUntyped tells the decoders of what kind the records to come are.
func (e *Enforcer) setUntyped(untyped bool) {
	for _, c := range e.columns {
		c.dec.setUntyped(untyped)
	}
	for _, in := range e.inputs {
		in.dec.setUntyped(untyped)
	}
}

// maskFilter hides the values that a filter over personal data complains about.
func (e *Enforcer) maskFilter(m *program.Map) {
	if m.Filter == nil {
		return
	}
	for _, ref := range m.Filter.Refs() {
		if e.masks.covers(ref.Path) {
			e.rules[e.filterRule].mask = true
		}
	}
}
