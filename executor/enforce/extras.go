package enforce

import (
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/scalar"
	"github.com/headgate-data/headgate/executor/enforce/scan"
)

// maxEvolved is how many columns evolve adds to a stream before it refuses more.
const maxEvolved = 500

// settleExtras deals with the chunk's members that no column names.
func (e *Enforcer) settleExtras() {
	mode := e.spec.Contract.UnknownColumns
	if e.keep != nil {
		e.keepExtras()
	}
	if mode == contract.UnknownEvolve {
		e.evolve()
	}
	for _, x := range e.reader.extras {
		if e.out.Get(int(x.row)) {
			continue
		}
		if x.member >= 0 {
			for len(e.unknown) <= int(x.member) {
				e.unknown = append(e.unknown, 0)
			}
			e.unknown[x.member]++
		} else {
			e.others++
		}
		if mode == contract.UnknownFail || mode == contract.UnknownQuarantine {
			e.noteHit(int(x.row), e.unknownRule, note{column: e.nameOf(x), message: "is not a column of the contract", value: x.value})
		}
	}
}

// nameOf returns a member's name, as it is meant.
func (e *Enforcer) nameOf(x extra) string {
	if x.member >= 0 {
		return e.reader.root.members[x.member].name
	}
	return string(scan.Unquote(nil, x.name.inner(e.data)))
}

// keepExtras makes _extra: an object of the members that no column names, as
// they stand in the record; null where there are none.
func (e *Enforcer) keepExtras() {
	e.keep.Reset(e.keep.Type)
	rest := e.reader.extras
	for row := range e.n {
		open := false
		for len(rest) > 0 && int(rest[0].row) == row {
			separator := byte('{')
			if open {
				separator = ','
			}
			open = true
			e.keep.Data = append(e.keep.Data, separator)
			e.keep.Data = append(e.keep.Data, rest[0].name.text(e.data)...)
			e.keep.Data = append(e.keep.Data, ':')
			e.keep.Data = append(e.keep.Data, rest[0].value.text(e.data)...)
			rest = rest[1:]
		}
		if !open {
			e.keep.AppendNull()
			continue
		}
		e.keep.Data = append(e.keep.Data, '}')
		e.keep.EndBytes()
	}
}

// evolve adds a column for each new member that holds a value somewhere in the
// chunk. Its type is the narrowest that holds the chunk's values, and stays.
func (e *Enforcer) evolve() {
	var found []int32 // members, in order of appearance
	inferred := map[int32]types.Type{}
	for _, x := range e.reader.extras {
		if x.value.kind == scan.Null || e.out.Get(int(x.row)) {
			continue
		}
		t := e.infer(x.value)
		have, ok := inferred[x.member]
		if !ok {
			if e.refused(x, len(found)) {
				continue
			}
			e.folded[strings.ToLower(e.nameOf(x))] = true
			found = append(found, x.member)
			have = t
		}
		inferred[x.member] = wider(have, t)
	}
	for _, m := range found {
		e.addEvolved(contract.Column{Name: e.reader.root.members[m].name, Type: inferred[m]})
	}
	if len(found) > 0 {
		e.placeEvolved(found)
	}
}

// refused notes a violation of a member that cannot become a column.
func (e *Enforcer) refused(x extra, found int) bool {
	name := e.nameOf(x)
	why := ""
	switch {
	case name == "" || strings.ContainsRune(name, 0) || len(name) > maxNameLength:
		why = "cannot be the name of a column"
	case e.folded[strings.ToLower(name)]:
		why = "differs from another column in upper and lower case alone"
	case x.member < 0 || len(e.columns)-len(e.spec.Contract.Columns)+found >= maxEvolved:
		why = "would be one evolved column too many"
	default:
		return false
	}
	e.noteHit(int(x.row), e.unknownRule, note{column: name, message: why, value: x.value})
	return true
}

// infer returns the type of the column that a value makes.
func (e *Enforcer) infer(s span) types.Type {
	switch {
	case s.kind.IsString():
		return types.Of(types.String)
	case s.kind == scan.True || s.kind == scan.False:
		return types.Of(types.Bool)
	case s.kind == scan.Number:
		if _, f := scalar.Float64(s.text(e.data)); f == scalar.OK && significant(s.text(e.data)) <= floatDigits {
			return types.Of(types.Float64)
		}
	case s.kind == scan.Int:
		if _, f := scalar.Int64(s.text(e.data)); f == scalar.OK {
			return types.Of(types.Int64)
		}
	}
	return types.Of(types.JSON)
}

// floatDigits is how many significant digits tell every float64 from its
// neighbours: more of them are lost in one.
const floatDigits = 17

// significant counts the digits of a number from the first that is not zero to the
// last before the exponent.
func significant(number []byte) int {
	n := 0
	for _, c := range number {
		if c|0x20 == 'e' {
			break
		}
		if c >= '0' && c <= '9' && (n > 0 || c != '0') {
			n++
		}
	}
	return n
}

// wider returns the type that holds values of both.
func wider(a, b types.Type) types.Type {
	switch {
	case a.Equal(b):
		return a
	case a.Kind == types.Int64 && b.Kind == types.Float64, a.Kind == types.Float64 && b.Kind == types.Int64:
		return types.Of(types.Float64)
	default:
		return types.Of(types.JSON)
	}
}

// addEvolved adds a column at the end.
func (e *Enforcer) addEvolved(c contract.Column) {
	if e.named[c.Name] != nil {
		return
	}
	col := e.newColumn(contract.Column{Name: c.Name, Type: c.Type, Description: c.Description, Tags: c.Tags})
	col.evolved = true
	e.added = append(e.added, col.describe())
	e.schema = nil
}

// placeEvolved moves the chunk's values of new columns from the extras to the
// columns' slots, and fills the columns.
func (e *Enforcer) placeEvolved(found []int32) {
	e.reader.resize(e.slots.count, e.n)
	kept := e.reader.extras[:0]
	for _, x := range e.reader.extras {
		if x.member >= 0 && e.reader.root.members[x.member].slot >= 0 {
			e.reader.spans[e.reader.root.members[x.member].slot][x.row] = x.value
			continue
		}
		kept = append(kept, x)
	}
	e.reader.extras = kept
	for _, m := range found {
		c := e.named[e.reader.root.members[m].name]
		c.dec.setUntyped(e.records.Untyped)
		c.fill(e)
	}
}
