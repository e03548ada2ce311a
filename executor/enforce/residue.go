package enforce

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/jsonschema"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/enforce/scan"
	"github.com/headgate-data/headgate/executor/enforce/vec"
	"github.com/headgate-data/headgate/lang/diag"
)

// residue is what a contract's JSON Schema says and its columns do not. It is
// checked on decoded values, and only of records that keep everything else.
type residue struct {
	schema *jsonschema.Schema
	whole  bool         // it takes the whole record
	parts  []schemaPart // else it takes these columns
	beside map[string]bool
	rule   int32 // of the whole record
	rules  map[string]int32
	faulty vec.Bitmap
}

// schemaPart is what the schema says of one column.
type schemaPart struct {
	column *column
	schema *jsonschema.Schema
}

// maxFindings is how many violations of a schema are told of one record.
const maxFindings = 8

// addSchema compiles the schema where the columns leave something to it.
func (e *Enforcer) addSchema() diag.Diagnostics {
	s := e.spec.Contract.Schema
	if s == nil || len(s.Residue) == 0 {
		return nil
	}
	compiled, ds := jsonschema.FromContract(s)
	if compiled == nil {
		return ds
	}
	m, _ := compiled.Map(e.spec.Contract.UnknownColumns == contract.UnknownFail || e.spec.Contract.UnknownColumns == contract.UnknownQuarantine)
	r := &residue{schema: compiled, beside: map[string]bool{}, rules: map[string]int32{}}
	mode := e.spec.Contract.OnViolation
	start := diag.Pos{Line: 1, Column: 1}
	r.rule = e.addRule(rule{name: contract.RecordSchema, at: -1, action: actionFor(mode, ofRow, false), where: diag.Range{Filename: s.File, Start: start, End: start}})
	for _, c := range e.columns {
		if c.evolved { // no column of the contract: the schema sees a member like others
			continue
		}
		if !slices.ContainsFunc(m.Columns, func(k contract.Column) bool { return k.Name == c.Name }) {
			r.beside[c.Name] = true
			continue
		}
		r.rules[c.Name] = e.addRule(rule{name: contract.ColumnRule(c.Name, contract.RuleSchema), column: c.Name, at: c.at, mask: e.rules[c.typeRule].mask,
			action: actionFor(mode, ofValue, !c.required), where: c.Range})
	}
	for _, pointer := range s.Residue {
		part, name, ok := compiled.Property(pointer)
		c := e.named[name]
		if !ok || c == nil {
			r.whole = true
			continue
		}
		if c.Property == "" { // a column block stands in its place
			e.rules[r.rules[name]].where = compiled.RangeOf(pointer)
		}
		if !slices.ContainsFunc(r.parts, func(p schemaPart) bool { return p.column == c }) {
			r.parts = append(r.parts, schemaPart{c, part})
		}
	}
	e.rest = r
	return nil
}

// checkSchema holds the chunk's records to the rest of the schema: those that
// have broken nothing yet.
func (e *Enforcer) checkSchema() {
	r := e.rest
	if r == nil {
		return
	}
	r.faulty = r.faulty.Sized(e.n)
	r.faulty.Fill(false)
	for _, v := range e.violations {
		if e.rules[v.rule].severity == contract.SeverityError {
			r.faulty.Set(int(v.row))
		}
	}
	for row := range e.n {
		if r.faulty.Get(row) || e.out.Get(row) {
			continue
		}
		if r.whole {
			e.checkWhole(row)
			continue
		}
		for _, p := range r.parts {
			if v, there, ok := e.valueAt(p.column, row); !ok {
				e.breaksSchema(row, p.column, tooLarge)
			} else if there {
				e.findings(row, p.schema.Validate(v), p.column)
			}
		}
	}
}

const tooLarge = "holds a number too large to compute with"

func (e *Enforcer) checkWhole(row int) {
	doc, ok := e.document(row)
	if !ok {
		e.breaksSchema(row, nil, tooLarge)
		return
	}
	e.findings(row, e.rest.schema.Validate(doc), nil)
}

// findings notes what a schema found. in is the column whose value it looked at,
// nil for the whole record.
func (e *Enforcer) findings(row int, found []jsonschema.Violation, in *column) {
	for i, v := range found {
		if i == maxFindings {
			return
		}
		c, below := in, v.Instance
		if c == nil && v.Instance != "" {
			name, rest, nested := strings.Cut(v.Instance[1:], "/")
			c, below = e.named[jsonschema.Unescape(name)], ""
			if nested {
				below = "/" + rest
			}
		}
		message := v.Message
		if below != "" {
			message = "at " + below + ": " + message
		}
		at := ""
		if v.Range.Filename != "" {
			at = fmt.Sprintf("%s:%d, ", v.Range.Filename, v.Range.Start.Line)
		}
		e.breaksSchema(row, c, fmt.Sprintf("%s (%s%s)", message, at, v.Keyword))
	}
}

// breaksSchema notes a violation of the schema, by a column's value or, with nil,
// by the record.
func (e *Enforcer) breaksSchema(row int, c *column, message string) {
	if c == nil {
		e.noteHit(row, e.rest.rule, note{message: message})
		return
	}
	at, ok := e.rest.rules[c.Name]
	if !ok {
		at = e.rest.rule
	}
	n := note{message: message}
	if c.slot >= 0 && ok {
		n.value = e.reader.spans[c.slot][row]
	}
	e.noteHit(row, at, n)
	if e.rules[at].action == actNull {
		c.values.SetNull(row)
	}
}

// document decodes a record: as it stands, but for values that were coerced, which
// are what they became. Under a map it is made of the columns instead. Members of
// columns that the schema does not speak of are left out. It is false where a
// number is too large.
func (e *Enforcer) document(row int) (any, bool) {
	doc := map[string]any{}
	if e.spec.Map != nil {
		for _, c := range e.columns {
			v, there, ok := e.valueAt(c, row)
			if !ok {
				return nil, false
			}
			if there && !e.rest.beside[c.Name] {
				doc[c.Name] = v
			}
		}
		return doc, true
	}
	start, end := e.records.Start[e.base+row], e.records.End[e.base+row]
	b := e.data[:end]
	p := scan.Space(b, scan.Space(b, start)+1)
	for more := b[p] != '}'; more; {
		nameEnd, kind, value, _ := scan.Name(b, p)
		name := string(b[p+1 : nameEnd-1])
		if kind == scan.Escaped {
			name = string(scan.Unquote(nil, b[p+1:nameEnd-1]))
		}
		valueEnd, valueKind, _ := scan.Value(b, value, 0)
		v, there, ok := any(nil), true, true
		if c := e.named[name]; c != nil {
			v, there, ok = e.valueAt(c, row)
		} else {
			v, ok = decoded(b, span{uint32(value), uint32(valueEnd), valueKind})
		}
		if !ok {
			return nil, false
		}
		if there && !e.rest.beside[name] {
			doc[name] = v
		}
		p, more, _ = scan.Next(b, valueEnd, '}')
	}
	return doc, true
}

// valueAt decodes a column's value for the schema. there is false where the
// record has none, ok where a number is too large.
func (e *Enforcer) valueAt(c *column, row int) (v any, there, ok bool) {
	if c.prog != nil || c.slot < 0 {
		if c.values.IsNull(row) {
			return nil, c.Present, true
		}
		return e.rendered(c, row)
	}
	s := e.reader.spans[c.slot][row]
	switch {
	case s.kind == scan.None:
		return nil, false, true
	case s.kind == scan.Null:
		return nil, !e.records.Tabular || !c.NoNull, true
	case e.coerced(c, s.kind) && !c.values.IsNull(row):
		return e.rendered(c, row)
	}
	v, ok = decoded(e.data, s)
	return v, true, ok
}

// coerced reports whether a value of that kind is another one in the column.
func (e *Enforcer) coerced(c *column, k scan.Kind) bool {
	if e.spec.Contract.Coerce == contract.CoerceNone && !e.records.Untyped {
		return false
	}
	switch {
	case c.Type.Kind == types.Bool:
		return k != scan.True && k != scan.False
	case c.Type.IsNumeric():
		return k != scan.Int && (k != scan.Number || e.spec.Contract.Coerce == contract.CoerceLenient)
	case c.Type.Kind == types.String:
		return !k.IsString()
	case c.Type.Kind == types.JSON || c.Type.IsNested():
		return k.IsString() && (e.records.Untyped || c.Type.IsNested())
	}
	return false
}

// rendered decodes what a column holds.
func (e *Enforcer) rendered(c *column, row int) (any, bool, bool) {
	e.text = appendJSON(e.text[:0], c.values, row)
	start, end, kind, f := scan.Document(e.text)
	if f != scan.OK {
		return nil, false, true
	}
	v, ok := decoded(e.text, span{uint32(start), uint32(end), kind})
	return v, true, ok
}

// decoded makes a value of JSON text that the scanner has found to be good, as
// encoding/json does, numbers as json.Number. It is false where a number is too
// large to compute with.
func decoded(data []byte, s span) (any, bool) {
	b := data[:s.end]
	switch s.kind {
	case scan.True, scan.False:
		return s.kind == scan.True, true
	case scan.Int:
		return json.Number(s.text(data)), true
	case scan.Number:
		n := string(s.text(data))
		return json.Number(n), jsonschema.Computable(n)
	case scan.String:
		return string(s.inner(data)), true
	case scan.Escaped:
		return string(scan.Unquote(nil, s.inner(data))), true
	case scan.Object:
		return decodedObject(b, int(s.start)+1)
	case scan.Array:
		out := []any{}
		p := scan.Space(b, int(s.start)+1)
		for more := b[p] != ']'; more; {
			end, kind, _ := scan.Value(b, p, 0)
			v, ok := decoded(b, span{uint32(p), uint32(end), kind})
			if !ok {
				return nil, false
			}
			out = append(out, v)
			p, more, _ = scan.Next(b, end, ']')
		}
		return out, true
	default:
		return nil, true
	}
}

func decodedObject(b []byte, p int) (any, bool) {
	out := map[string]any{}
	p = scan.Space(b, p)
	for more := b[p] != '}'; more; {
		nameEnd, quoted, start, _ := scan.Name(b, p)
		name := string(b[p+1 : nameEnd-1])
		if quoted == scan.Escaped {
			name = string(scan.Unquote(nil, b[p+1:nameEnd-1]))
		}
		end, kind, _ := scan.Value(b, start, 0)
		v, ok := decoded(b, span{uint32(start), uint32(end), kind})
		if !ok {
			return nil, false
		}
		out[name] = v
		p, more, _ = scan.Next(b, end, '}')
	}
	return out, true
}
