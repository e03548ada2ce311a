package enforce

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce/scan"
	"github.com/headgate-data/headgate/lang/diag"
)

const (
	Masked   = `"***"` // the JSON text that stands in place of personal data
	maxValue = 256     // bytes of a value in a reason or example
)

func jsonMessage(f scan.Fault, at int) string {
	switch f {
	case notObject:
		return "is JSON, but no object"
	case repeated:
		return fmt.Sprintf("names a member twice, the second time at byte %d", at+1)
	default:
		return fmt.Sprintf("is not valid JSON at byte %d: %s", at+1, f)
	}
}

// reject makes the reject of a row from its violations.
func (e *Enforcer) reject(row int, found []violation) connector.Reject {
	origin, line := e.place(row)
	r := connector.Reject{Stream: e.spec.Address, Origin: origin, Line: line, Raw: e.rawOf(row)}
	for _, v := range found {
		column, message := e.wording(v)
		r.Reasons = append(r.Reasons, connector.RejectReason{Column: column, Rule: e.rules[v.rule].name, Value: e.valueOf(v), Message: message, At: e.rules[v.rule].written()})
	}
	return r
}

// wording returns the column that a violation is about, "" for none, and what it
// says.
func (e *Enforcer) wording(v violation) (column, message string) {
	rule := &e.rules[v.rule]
	column, message = rule.column, rule.message
	if v.slot == fromNote {
		n := e.notes[v.note]
		message = n.message
		if n.column != "" {
			column = n.column
		}
	}
	if message == "" {
		message = e.explain(v)
	}
	return column, message
}

// explain words the violation of a type or of a promise that there is a value.
func (e *Enforcer) explain(v violation) string {
	var t types.Type
	if r := &e.rules[v.rule]; r.at >= 0 {
		t = e.columns[r.at].Type
	}
	kind := scan.Null
	if v.slot >= 0 {
		kind = e.reader.spans[v.slot][v.row].kind
	}
	return explainCode(v.code, kind, t)
}

// explainCode words why a value of some kind is not of a type.
func explainCode(c code, kind scan.Kind, t types.Type) string {
	switch c {
	case isNull:
		if kind == scan.None {
			return "is absent"
		}
		return "is null"
	case wrongKind:
		return fmt.Sprintf("is %s, which is not taken for %s", kind, t)
	case outOfRange:
		return fmt.Sprintf("is outside of what %s holds", t)
	case inexact:
		return fmt.Sprintf("is not a value of %s: it would have to be changed", t)
	case hasNUL:
		return "holds a NUL character"
	case strangeMember:
		return "has a member that the type does not name"
	case twiceMember:
		return "names a member twice"
	case badInside:
		return fmt.Sprintf("holds a value that does not fit into %s", t)
	default:
		return fmt.Sprintf("does not read as %s", t)
	}
}

// valueOf returns the value at fault as JSON text, masked where it is personal,
// cut at maxValue bytes; "" where there is none.
func (e *Enforcer) valueOf(v violation) string {
	rule := &e.rules[v.rule]
	var text []byte
	switch {
	case v.slot == fromNote && e.notes[v.note].value.kind != scan.None:
		text = e.notes[v.note].value.text(e.data)
	case v.slot == fromColumn && rule.at >= 0 && v.code != isNull:
		e.text = appendJSON(e.text[:0], e.columns[rule.at].values, int(v.row))
		text = e.text
	case v.slot >= 0 && e.reader.spans[v.slot][v.row].kind != scan.None:
		text = e.reader.spans[v.slot][v.row].text(e.data)
	default:
		return ""
	}
	if rule.mask && !bytes.Equal(text, []byte("null")) {
		return Masked
	}
	return Cut(text)
}

// Cut shortens the JSON text of a value to 256 bytes, at the border of a character.
func Cut(b []byte) string {
	if len(b) <= maxValue {
		return string(b)
	}
	n := maxValue - len("…")
	for n > 0 && !utf8.RuneStart(b[n]) {
		n--
	}
	return string(b[:n]) + "…"
}

// rawOf returns what is kept of a record in quarantine. A record that is not
// JSON cannot be masked: nothing of it is kept where masking is asked for.
func (e *Enforcer) rawOf(row int) []byte {
	i := e.base + row
	return e.Keep(e.data[e.records.Start[i]:e.records.End[i]])
}

// Keep returns what quarantine_raw keeps of a record. It may be called beside
// the other methods.
func (e *Enforcer) Keep(raw []byte) []byte {
	switch e.raw {
	case RawNone:
		return nil
	case RawMasked:
		if _, _, kind, f := scan.Document(raw); f != scan.OK || kind != scan.Object {
			return nil
		}
		return e.masks.apply(raw)
	default:
		return bytes.Clone(raw)
	}
}

// Fault counts a piece of input that is no record, and rejects it as
// on_violation says. The batch has no rows. The error is a *Stop.
func (e *Enforcer) Fault(f connector.Fault) (*Batch, error) {
	name := f.Rule
	if name == "" {
		name = e.rules[e.jsonRule].name
	}
	at := e.jsonRule
	if name != contract.RecordJSON {
		at = e.faultRule(name)
	}
	r := &e.rules[at]
	r.count++
	if len(r.examples) < e.examples() {
		r.examples = append(r.examples, Example{Origin: f.Origin, Line: f.Line, Message: f.Text})
	}
	rej := connector.Reject{Stream: e.spec.Address, Origin: f.Origin, Line: f.Line,
		Reasons: []connector.RejectReason{{Rule: name, Message: f.Text}}}
	if e.raw == RawFull {
		rej.Raw = bytes.Clone(f.Raw)
	}
	b := &Batch{Counts: Counts{Read: 1}}
	switch {
	case r.action == actFail && !e.spec.Inspect:
		return nil, &Stop{Rejects: []connector.Reject{rej}, Diag: diag.New(diag.RecordBroke,
			"%s, record %d, is no record: %s. The contract says on_violation = \"fail\": nothing of this run is published.", f.Origin, f.Line, f.Text).For(e.spec.Address)}
	case r.action == actDrop:
		b.Counts.Dropped = 1
		if e.spec.Inspect {
			b.Rejects = []connector.Reject{rej}
		}
	default:
		b.Counts.Quarantined = 1
		b.Rejects = []connector.Reject{rej}
	}
	return b, nil
}

// faultRule returns the rule of the record that has this name, made where there
// is none yet.
func (e *Enforcer) faultRule(name string) int32 {
	for i := range e.rules {
		if e.rules[i].name == name && e.rules[i].at < 0 {
			return int32(i)
		}
	}
	return e.addRule(rule{name: name, at: -1, action: actionFor(e.spec.Contract.OnViolation, ofRecord, false)})
}
