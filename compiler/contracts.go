package compiler

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/compat"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// contractResult is a version of a contract, made at its first use.
type contractResult struct {
	busy     bool
	contract *contract.Contract // nil where it could not be made
	checks   []*lang.Block      // its own and inherited ones, for versions that extend it
	expects  []*lang.Block      // the same of expect blocks
}

// contracts compiles every version of every contract.
func (c *compiler) contracts() {
	for _, name := range config.SortedKeys(c.entries[addr.Contract]) {
		e := c.entries[addr.Contract][name]
		for _, in := range e.instance {
			for _, v := range e.versions {
				c.contract(in.addr.WithVersion(v))
			}
		}
	}
}

// contract returns a version of a contract, with every inheritance resolved; nil
// where there is none or it is broken, which was reported.
func (c *compiler) contract(a addr.Address) *contract.Contract {
	if r := c.contractAt(a); r != nil {
		return r.contract
	}
	return nil
}

func (c *compiler) contractAt(a addr.Address) *contractResult {
	if r, ok := c.made[a]; ok {
		return r
	}
	e := c.entries[addr.Contract][a.Name]
	if e == nil || !slices.Contains(e.versions, a.Version) {
		return nil
	}
	in, ok := e.instanceOf(a.Base())
	if !ok {
		return nil
	}
	r := &contractResult{busy: true}
	c.made[a] = r
	w := &contractWork{c: c, result: r, addr: a, outer: c.body(e.block, in.each), own: c.versionBody(e, in, a.Version)}
	w.make(c.latest(e, in))
	r.busy = false
	return r
}

// versionBody returns the reader of a version's attributes: the version block's,
// or the block's own where it has no such blocks.
func (c *compiler) versionBody(e *entry, in instance, version int) body {
	for _, b := range e.block.Nested("version") {
		if n, ok := versionNumber(b); ok && n == version {
			return c.body(b, in.each)
		}
	}
	return c.body(e.block, in.each)
}

// latest returns the version that the bare name means.
func (c *compiler) latest(e *entry, in instance) int {
	highest := 0
	if len(e.versions) > 0 {
		highest = e.versions[len(e.versions)-1]
	}
	b := c.body(e.block, in.each)
	n, ok := b.whole("latest_version", 1)
	if !ok {
		return highest
	}
	if !slices.Contains(e.versions, int(n)) {
		c.add(diag.New(diag.UnknownVersion, "%s has no version %d to be the latest. It has %s.", in.addr, n, versionList(e.versions)).At(b.at("latest_version")))
		return highest
	}
	return int(n)
}

// versioned returns the address with a version: the latest where none is written.
func (c *compiler) versioned(a addr.Address) (addr.Address, bool) {
	if a.Version > 0 {
		return a, true
	}
	e := c.entries[a.Kind][a.Name]
	if e == nil {
		return a, false
	}
	in, ok := e.instanceOf(a)
	if !ok || len(e.versions) == 0 {
		return a, false
	}
	return a.WithVersion(c.latest(e, in)), true
}

// deprecated reports the use of a version that has a deprecation date.
func (c *compiler) deprecated(a addr.Address, after string, at diag.Range) {
	switch {
	case after == "":
	case c.in.Today <= after || c.in.AllowDeprecated:
		d := diag.New(diag.DeprecatedSoon, "%s can be used up to %s.", a, after).At(at)
		d.Severity = diag.Warning
		c.add(d)
	default:
		c.add(diag.New(diag.DeprecatedUse, "%s could be used up to %s, and that day has passed.", a, after).At(at))
	}
}

// contractWork is one version in the making.
type contractWork struct {
	c      *compiler
	result *contractResult
	addr   addr.Address
	outer  body // the contract block
	own    body // the version block, or the contract block again
	out    contract.Contract
}

func (w *contractWork) make(latest int) {
	w.out = contract.Contract{Name: w.addr.Name, Version: w.addr.Version, Latest: w.addr.Version == latest, Range: w.own.b.Range,
		Compatibility:  w.outer.strOr("compatibility", "auto"),
		OnViolation:    contract.OnViolation(w.own.strOr("on_violation", string(contract.Quarantine))),
		UnknownColumns: contract.UnknownColumns(w.own.strOr("unknown_columns", string(contract.UnknownDrop))),
		Coerce:         contract.Coerce(w.own.strOr("coerce", string(contract.CoerceLossless))),
		QuarantineRaw:  w.own.strOr("quarantine_raw", ""),
		Reserved:       w.own.strings("reserved"),
	}
	w.out.Description, _ = w.outer.str("description")
	w.out.Owner, _ = w.outer.str("owner")
	w.out.DeprecatedAfter = w.own.date("deprecated_after")
	w.tolerance()
	w.out.Extensions = w.extensions()
	w.inherit()
	if !w.schemaFile() {
		return // the columns that it brings are not known
	}
	brought := slices.Clone(w.out.Columns)
	w.columns()
	w.refined(brought)
	w.key()
	w.reserved()
	if len(w.out.Columns) == 0 {
		if !slices.Contains(w.c.mod.Broken, w.own.b.Range.Filename) { // else they may stand where the text does not parse
			w.c.add(diag.New(diag.NoColumns, "%s has no column.", w.addr).At(w.own.b.Range))
		}
		return
	}
	w.result.contract = &w.out
	w.checks()
	w.promises()
	w.c.addNode(&program.Node{Address: w.addr, Range: w.own.b.Range, Contract: &w.out})
}

// extensions reads those of a version, which stand beside the contract's own: of
// two members of one name, the version's counts.
func (w *contractWork) extensions() json.RawMessage {
	all := w.outer.object("extensions")
	if w.own.b != w.outer.b {
		if all == nil {
			all = map[string]cty.Value{}
		}
		maps.Copy(all, w.own.object("extensions"))
	}
	return objectText(all)
}

// date reads a date; "" where there is none.
func (b body) date(name string) string {
	s, ok := b.str(name)
	if !ok {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		b.c.add(diag.New(diag.BadDate, "%q is no day of the calendar, written YYYY-MM-DD.", s).At(b.at(name)))
		return ""
	}
	return s
}

var tolerancePattern = regexp.MustCompile(`^([0-9]{1,9})(\.[0-9]{1,9})?(%?)$`)

func (w *contractWork) tolerance() {
	s, ok := w.own.str("tolerance")
	if !ok {
		return
	}
	m := tolerancePattern.FindStringSubmatch(s)
	valid := m != nil && (m[3] == "%" || m[2] == "")
	if valid && m[3] == "%" {
		p, err := strconv.ParseFloat(m[1]+m[2], 64)
		valid = err == nil && p <= 100
	}
	if !valid {
		w.c.add(diag.New(diag.BadTolerance, "%q is neither a percentage such as \"1%%\" nor a number of records.", s).At(w.own.at("tolerance")))
		return
	}
	w.out.Tolerance = s
}

// inherit starts from the version that extends names.
func (w *contractWork) inherit() {
	removed := w.own.strings("remove")
	label, ok := w.own.str("extends")
	if !ok {
		if len(removed) > 0 {
			w.c.add(diag.New(diag.RemoveUnknown, "There is nothing to remove from: the version extends no other.").At(w.own.at("remove")))
		}
		return
	}
	at := w.own.at("extends")
	n, err := strconv.Atoi(strings.TrimPrefix(label, "v"))
	base := w.addr.WithVersion(n)
	var from *contractResult
	if err == nil && n > 0 {
		from = w.c.contractAt(base)
	}
	switch {
	case from == nil:
		e := w.c.entries[addr.Contract][w.addr.Name]
		w.c.add(diag.New(diag.ExtendsBroken, "%s has no version %q. It has %s.", w.addr.WithVersion(0), label, versionList(e.versions)).At(at))
		return
	case from.busy:
		w.c.add(diag.New(diag.ExtendsBroken, "%s.", w.circle(n)).At(at))
		return
	case from.contract == nil:
		return
	}
	w.out.Columns, w.out.Schema = slices.Clone(from.contract.Columns), from.contract.Schema
	w.close(w.out.Schema != nil && w.out.Schema.Closed)
	w.result.checks, w.result.expects = slices.Clone(from.checks), slices.Clone(from.expects)
	w.remove(removed, base)
}

// circle describes a circle of extends that begins and ends with this version.
func (w *contractWork) circle(n int) string {
	path := []string{w.addr.String()}
	for range w.c.entries[addr.Contract][w.addr.Name].versions {
		path = append(path, w.addr.WithVersion(n).String())
		if n == w.addr.Version {
			break
		}
		e := w.c.entries[addr.Contract][w.addr.Name]
		in, _ := e.instanceOf(w.addr.Base())
		label, ok := w.c.versionBody(e, in, n).str("extends")
		next, err := strconv.Atoi(strings.TrimPrefix(label, "v"))
		if !ok || err != nil {
			break
		}
		n = next
	}
	return strings.Join(path, " -> ")
}

func (w *contractWork) remove(names []string, base addr.Address) {
	for i, name := range names {
		count := func() int { return len(w.out.Columns) + len(w.result.checks) + len(w.result.expects) }
		named := func(b *lang.Block) bool { return b.Labels[0] == name }
		before := count()
		w.out.Columns = slices.DeleteFunc(w.out.Columns, func(col contract.Column) bool { return col.Name == name })
		w.result.checks = slices.DeleteFunc(w.result.checks, named)
		w.result.expects = slices.DeleteFunc(w.result.expects, named)
		if before == count() {
			w.c.add(diag.New(diag.RemoveUnknown, "%s has neither a column nor a check named %q.%s", base, name,
				diag.DidYouMean(name, w.columnNames())).At(w.own.elementAt("remove", i)))
		}
	}
}

func (w *contractWork) columnNames() []string {
	var out []string
	for i := range w.out.Columns {
		out = append(out, w.out.Columns[i].Name)
	}
	return out
}

// columns adds the version's own columns; one of an inherited name replaces it.
func (w *contractWork) columns() {
	place := map[string]int{} // by lower-case name, as databases compare them
	for i := range w.out.Columns {
		place[strings.ToLower(w.out.Columns[i].Name)] = i
	}
	own := map[string]diag.Range{}
	for _, b := range w.own.b.Nested("column") {
		col, ok := w.column(w.own.in(b))
		if !ok {
			continue
		}
		low := strings.ToLower(col.Name)
		if first, dup := own[low]; dup {
			d := diag.New(diag.DuplicateName, "There is a column %q already; names that differ in case alone are one name to a database.", col.Name).At(labelRange(b))
			d.Related = []diag.Related{{Message: "the first one", Range: first}}
			w.c.add(d)
			continue
		}
		own[low] = b.Range
		if i, ok := place[low]; ok {
			w.out.Columns[i] = col
			continue
		}
		place[low] = len(w.out.Columns)
		w.out.Columns = append(w.out.Columns, col)
	}
}

// key checks the key's columns and makes them required.
func (w *contractWork) key() {
	for i, name := range w.own.strings("key") {
		at := w.own.elementAt("key", i)
		col, ok := w.out.Column(name)
		switch {
		case !ok:
			w.c.add(diag.New(diag.KeyColumn, "%s has no column %q.%s", w.addr, name, diag.DidYouMean(name, w.columnNames())).At(at))
		case slices.Contains(w.out.Key, name):
			w.c.add(diag.New(diag.KeyColumn, "%q stands twice in the key.", name).At(at))
		case !comparable(col.Type):
			w.c.add(diag.New(diag.KeyColumn, "%q is of type %s, whose values cannot tell one record from another.", name, col.Type).At(at))
		default:
			w.out.Key = append(w.out.Key, name)
			col.Required = true
		}
	}
}

// reserved refuses names that headgate keeps, and reserved ones that come back
// with another type.
func (w *contractWork) reserved() {
	for i := range w.out.Columns {
		col := &w.out.Columns[i]
		low := strings.ToLower(col.Name)
		if strings.HasPrefix(low, "_headgate") || (low == contract.ExtraColumn && w.out.UnknownColumns == contract.UnknownKeepJSON) {
			w.c.add(diag.New(diag.ReservedName, "headgate itself uses the name %q.", col.Name).At(col.Range))
		}
		if !slices.Contains(w.out.Reserved, col.Name) {
			continue
		}
		for _, v := range w.c.entries[addr.Contract][w.addr.Name].versions {
			if v >= w.addr.Version {
				break
			}
			r := w.c.contractAt(w.addr.WithVersion(v))
			if r == nil || r.contract == nil {
				continue
			}
			if old, ok := r.contract.Column(col.Name); ok && !old.Type.Equal(col.Type) {
				w.c.add(diag.New(diag.ReservedName, "%q is reserved: version %d has it as %s, and here it is %s.", col.Name, v, old.Type, col.Type).At(col.Range))
				break
			}
		}
	}
}

// checks compiles the conditions over a row, inherited ones against the columns
// that are there now.
func (w *contractWork) checks() {
	w.result.checks = w.withOwn(w.result.checks, "check")
	scope := rowsyntax.Scope{Columns: rowColumns(w.out.Columns)}
	w.out.Checks = w.compileChecks(w.result.checks, scope)
}

// withOwn adds the version's own blocks of a type to inherited ones; one of an
// inherited name takes its place.
func (w *contractWork) withOwn(blocks []*lang.Block, typ string) []*lang.Block {
	inherited := map[string]int{}
	for i, b := range blocks {
		inherited[b.Labels[0]] = i
	}
	for _, b := range w.own.b.Nested(typ) {
		if i, ok := inherited[b.Labels[0]]; ok {
			blocks[i] = b
			continue
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// compileChecks types the conditions of check blocks.
func (w *contractWork) compileChecks(blocks []*lang.Block, scope rowsyntax.Scope) []contract.Check {
	var out []contract.Check
	for _, b := range blocks {
		r := w.own.in(b)
		cond := r.condition("condition", scope)
		if cond == nil {
			continue
		}
		message, _ := r.str("message")
		out = append(out, contract.Check{Name: b.Labels[0], Condition: cond, Source: r.source("condition"), Message: message,
			Severity: contract.Severity(r.strOr("severity", string(contract.SeverityError))), Range: b.Range})
	}
	return out
}

// compatible holds each version of a contract to the one before it, or under
// _transitive to every earlier one, where the contract says in so many words who
// must not break. Elsewhere a version may break what another promised.
func (c *compiler) compatible() {
	for _, name := range config.SortedKeys(c.entries[addr.Contract]) {
		e := c.entries[addr.Contract][name]
		for _, in := range e.instance {
			for i, v := range e.versions {
				now := c.contract(in.addr.WithVersion(v))
				if now == nil {
					continue
				}
				mode, transitive, explicit := compat.ParseMode(now.Compatibility)
				if !explicit || mode == compat.None {
					break
				}
				first := max(i-1, 0)
				if transitive {
					first = 0
				}
				for _, before := range e.versions[first:i] {
					c.holdVersion(in.addr, before, v, mode)
				}
			}
		}
	}
}

// holdVersion reports what a version breaks of an earlier one.
func (c *compiler) holdVersion(a addr.Address, before, v int, mode compat.Mode) {
	old, now := c.contract(a.WithVersion(before)), c.contract(a.WithVersion(v))
	if old == nil {
		return
	}
	for _, ch := range compat.Broken(compat.Compare(old, now, mode)) {
		out := fmt.Sprintf("leave it as version %d has it, or let the contract say compatibility = \"auto\", under which a new version may break what an old one promised.", before)
		at := now.Range
		if ch.NewRange != nil {
			at = *ch.NewRange
		}
		c.add(diag.New(diag.VersionBreaks, "%s against version %d, under compatibility = %q: %s", a.WithVersion(v), before, now.Compatibility, ch.Explain(mode, out)).At(at))
	}
}
