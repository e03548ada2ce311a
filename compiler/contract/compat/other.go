package compat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/jsonschema"
)

// The members of a contract's and of a column's JSON form that the rules look at,
// or that say nothing about records: places and names.
const (
	knownOfContract = " name version latest description owner compatibility deprecated_after columns key checks expects rows freshness set_violations" +
		" on_violation unknown_columns coerce tolerance quarantine_raw reserved range "
	knownOfColumn = " name type required description min max min_length max_length pattern enum format unique references default tags checks range rules property "
	// describing are members that change no data.
	describing = " extensions "
	// oneWay are members whose presence is a promise and whose absence is none.
	oneWay = " no_null present "
	// whole are members that are compared as a whole: any change of what a JSON Schema
	// says beyond the columns cannot be proved either way.
	whole = " schema inner "
)

// others compares what no rule knows: a promise that this package has not learnt
// about is never called harmless.
func (w *work) others() {
	w.unknownMembers("", w.old.Contract, w.now.Contract, knownOfContract)
	for i := range w.now.Columns {
		now := &w.now.Columns[i]
		if old, ok := w.old.Column(now.Name); ok {
			w.unknownMembers(now.Name, old, now, knownOfColumn)
		}
	}
}

func (w *work) unknownMembers(path string, old, now any, known string) {
	a, b := membersOf(old, known), membersOf(now, known)
	all := maps.Clone(a)
	maps.Copy(all, b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if bytes.Equal(a[name], b[name]) {
			continue
		}
		if name == "schema" {
			w.schema()
			continue
		}
		ch := Change{Path: path, Rule: OtherChanged, Text: name + " changed", Old: brief(a[name]), New: brief(b[name])}
		if strings.Contains(describing, " "+name+" ") {
			ch.Rule = DescriptionChanged
			w.add(ch).describes()
			continue
		}
		if strings.Contains(oneWay, " "+name+" ") {
			w.promise(ch, a[name] != nil)
			continue
		}
		w.add(ch).both(Breaks, none("it cannot be proved either way: no rule of this comparison reads %s", name))
	}
}

// promise adds a change of a member of oneWay.
func (w *work) promise(ch Change, dropped bool) {
	why := none("it comes with a JSON Schema; what a record must be for it is not worked out")
	if dropped {
		ch.Text = strings.Replace(ch.Text, "changed", "dropped", 1)
		w.add(ch).set(false, Breaks, why)
		return
	}
	ch.Text = strings.Replace(ch.Text, "changed", "added", 1)
	w.add(ch).set(true, Breaks, why)
}

// membersOf is the JSON form of a part of a contract without the members known.
func membersOf(v any, known string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	text, err := json.Marshal(v)
	if err != nil || json.Unmarshal(text, &out) != nil {
		return out
	}
	maps.DeleteFunc(out, func(name string, _ json.RawMessage) bool { return strings.Contains(known, " "+name+" ") })
	return out
}

// schema compares what JSON Schemas say beyond the columns, which are compared as
// columns.
func (w *work) schema() {
	old, now := jsonschema.Rest(w.old.Contract.Schema), jsonschema.Rest(w.now.Contract.Schema)
	if old == now {
		return
	}
	told := func(s *contract.Schema) string {
		if s == nil || len(s.Residue) == 0 {
			return ""
		}
		out := make([]string, len(s.Residue))
		for i, p := range s.Residue {
			if out[i] = p; p == "" {
				out[i] = "the whole"
			}
		}
		return s.File + ": " + strings.Join(out, ", ")
	}
	ch := Change{Rule: OtherChanged, Text: "what the JSON Schema says beyond columns changed", Old: told(w.old.Contract.Schema), New: told(w.now.Contract.Schema)}
	if ch.Old == ch.New {
		ch.Old = ""
	}
	w.add(ch).both(Breaks, none("it cannot be proved either way: no rule of this comparison reads what columns do not say"))
}

func brief(raw json.RawMessage) string {
	const most = 80
	if r := []rune(string(raw)); len(r) > most {
		return fmt.Sprintf("%s… (%d characters)", string(r[:most]), len(r))
	}
	return string(raw)
}
