package odcs

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/condition"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contract/others"
	"github.com/headgate-data/headgate/lang/diag"
)

// required are the members that the standard asks of a document.
var required = []string{"apiVersion", "kind", "id", "version", "status"}

// document makes the contracts of a document.
func (n *notes) document(root *document.Value) []*contract.Contract {
	if !root.Is(document.Map) || root.Get("kind").Str() != "DataContract" && root.Get("schema") == nil {
		n.invalid(root, "It is no data contract: a document of the standard is a map with kind: DataContract.")
		return nil
	}
	if v := root.Get("apiVersion"); v != nil && !strings.HasPrefix(v.Str(), "v3.") {
		n.add(diag.FormatVersion, v, diag.Error, "The document is of version %s of the standard; 3.0.0 up to %s are read.", v.Text, strings.TrimPrefix(Version, "v"))
		return nil
	}
	var missing []string
	for _, name := range required {
		switch v := root.Get(name); {
		case v == nil:
			missing = append(missing, name)
		case v.Str() == "":
			n.invalid(v, "%s takes a text that is not empty.", name)
		}
	}
	if len(missing) > 0 {
		n.add(diag.ImportInvalid, root, diag.Warning, "The document has no %s, which the standard requires.", strings.Join(missing, ", "))
	}
	if v := root.Get("schema"); v != nil && !v.Is(document.List) {
		n.invalid(v, "schema takes a list of objects.")
		return nil
	}
	var out []*contract.Contract
	for _, object := range root.Get("schema").Elements() {
		if !object.Is(document.Map) {
			n.invalid(object, "An object of schema is a map with a name and properties.")
			continue
		}
		if object.Get("name").Str() == "" {
			n.invalid(object, "An object of schema needs a name.")
			continue
		}
		if v := object.Get("properties"); v != nil && !v.Is(document.List) {
			n.invalid(v, "properties takes a list.")
			continue
		}
		if len(object.Get("properties").Elements()) == 0 {
			continue // kept whole
		}
		c := n.object(object, root)
		for _, other := range out {
			if other.Name == c.Name {
				n.invalid(object.Get("name"), "Two objects would both become contract %q.", c.Name)
			}
		}
		out = append(out, c)
	}
	if len(out) == 0 && !n.diags.HasErrors() {
		n.add(diag.ImportNothing, root, diag.Error, "No object of schema has properties.")
	}
	return out
}

// object makes a contract of an object of schema.
func (n *notes) object(v, root *document.Value) *contract.Contract {
	c := n.head(v, root)
	lower := map[string]bool{}
	type part struct {
		name  string
		place int
	}
	var key []part
	for _, p := range v.Get("properties").Elements() {
		name := p.Get("name").Str()
		low := strings.ToLower(name)
		switch {
		case name == "":
			n.invalid(p, "A property needs a name.")
			continue
		case lower[low]:
			n.invalid(p.Get("name"), "There is a property %q already; names that differ in case alone are one name to a database.", name)
			continue
		}
		lower[low] = true
		col, inKey := n.column(p)
		if inKey {
			key = append(key, part{name, position(p)})
		}
		c.Columns = append(c.Columns, col)
	}
	slices.SortStableFunc(key, func(a, b part) int { return a.place - b.place })
	for _, k := range key {
		c.Key = append(c.Key, k.name)
	}
	c.Checks = n.rowChecks(v, c.Columns)
	return c
}

// lastPlace stands for a part of a key that names no position.
const lastPlace = 1 << 20

// position is a property's place in the key; those without one come last.
func position(p *document.Value) int {
	if i, err := strconv.Atoi(numberText(p.Get("primaryKeyPosition"))); err == nil && i > 0 && i < lastPlace {
		return i
	}
	return lastPlace
}

func (n *notes) rowChecks(v *document.Value, cols []contract.Column) []contract.Check {
	var out []contract.Check
	scope := condition.OfRow(cols)
	for _, x := range v.Get("quality").Elements() {
		r := n.rule(x, nil, scope)
		if r.check != nil && !slices.ContainsFunc(out, func(k contract.Check) bool { return k.Name == r.check.Name }) {
			out = append(out, *r.check)
		}
	}
	return out
}

// head reads what is said of a contract besides its columns and checks.
func (n *notes) head(v, root *document.Value) *contract.Contract {
	c := &contract.Contract{Name: Name(v.Get("name").Str()), Latest: true, Description: v.Get("description").Str(), Range: v.At(),
		Compatibility: "auto", OnViolation: contract.Quarantine, UnknownColumns: contract.UnknownDrop, Coerce: contract.CoerceLossless}
	if v.Get("description") == nil && len(root.Get("schema").Elements()) == 1 {
		c.Description = root.Get("description").Get("purpose").Str()
	}
	c.Version, c.Owner, c.DeprecatedAfter = documentWords(root)
	words := custom(v, own)
	for _, w := range settings(c) {
		x := words.Get(w.name)
		if x == nil {
			continue
		}
		if !x.Is(document.String) || (len(w.words) > 0 && !slices.Contains(w.words, x.Text)) {
			n.loose(x, "%s does not take this value.", w.name)
			continue
		}
		w.set(x.Text)
	}
	if x := words.Get("version"); x.Is(document.Number) {
		c.Version = versionOf(x.Text)
	}
	for _, x := range words.Get("reserved").Elements() {
		if x.Is(document.String) {
			c.Reserved = append(c.Reserved, x.Text)
		}
	}
	if x := words.Get("extensions"); x.Is(document.Map) && len(x.Members) > 0 {
		c.Extensions = document.Canonical(x)
	}
	if file := words.Get("schema_file"); file.Is(document.String) {
		n.loose(file, "The contract was held to the JSON Schema %q too, which this document does not hold: set schema_file, where you have it.", file.Text)
	}
	if !others.IntoContract(without(words, "schema_file"), c) {
		n.loose(words, "It holds a word of headgate in another form than headgate writes it.")
	}
	return c
}

// without is a map without one member.
func without(v *document.Value, name string) *document.Value {
	if v.Get(name) == nil {
		return v
	}
	out := v.Clone()
	out.Set(name, nil)
	return out
}

// setting is a word of a contract that is a text.
type setting struct {
	name      string
	words     []string // that it takes; nil for any
	get       string
	set       func(string)
	otherwise string
}

func settings(c *contract.Contract) []setting {
	return []setting{
		{"compatibility", []string{"auto", "none", "backward", "forward", "full", "backward_transitive", "forward_transitive", "full_transitive"},
			c.Compatibility, func(s string) { c.Compatibility = s }, "auto"},
		{"on_violation", []string{"fail", "quarantine", "drop", "null_value", "warn"},
			string(c.OnViolation), func(s string) { c.OnViolation = contract.OnViolation(s) }, "quarantine"},
		{"unknown_columns", []string{"fail", "quarantine", "drop", "evolve", "keep_json"},
			string(c.UnknownColumns), func(s string) { c.UnknownColumns = contract.UnknownColumns(s) }, "drop"},
		{"coerce", []string{"none", "lossless", "lenient"}, string(c.Coerce), func(s string) { c.Coerce = contract.Coerce(s) }, "lossless"},
		{"tolerance", nil, c.Tolerance, func(s string) { c.Tolerance = s }, ""},
		{"owner", nil, c.Owner, func(s string) { c.Owner = s }, c.Owner},
		{"deprecated_after", nil, c.DeprecatedAfter, func(s string) { c.DeprecatedAfter = s }, c.DeprecatedAfter},
	}
}

// Name makes a contract's name of any text: letters, digits, _ and - are kept,
// what stands between them becomes _.
func Name(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	out := strings.TrimRight(b.String(), "_")
	if out == "" || out[0] >= '0' && out[0] <= '9' {
		out = strings.TrimRight("contract_"+out, "_")
	}
	return out
}

// documentWords reads the words of a document as a whole.
func documentWords(root *document.Value) (version int, owner, deprecatedAfter string) {
	version = versionOf(root.Get("version").Str())
	owner = root.Get("team").Get("name").Str()
	if owner == "" {
		members := root.Get("team").Elements()
		if members == nil {
			members = root.Get("team").Get("members").Elements()
		}
		for _, m := range members {
			if strings.EqualFold(m.Get("role").Str(), "owner") && m.Get("dateOut") == nil {
				owner = m.Get("username").Str()
				break
			}
		}
	}
	if root.Get("status").Str() != "deprecated" {
		return version, owner, ""
	}
	for _, p := range root.Get("slaProperties").Elements() {
		if isEndOfSupport(p) {
			day := p.Get("value").Str()
			day = day[:min(len(day), len(time.DateOnly))]
			if _, err := time.Parse(time.DateOnly, day); err == nil {
				return version, owner, day
			}
		}
	}
	return version, owner, ""
}

func isEndOfSupport(p *document.Value) bool {
	return strings.EqualFold(p.Get("property").Str(), "endOfSupport") || strings.EqualFold(p.Get("property").Str(), "es")
}

// versionOf is the first number of a version: of v2.1.0 it is 2. It is at least 1.
func versionOf(s string) int {
	digits := strings.TrimLeft(s, "vV ")
	if i := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		digits = digits[:i]
	}
	if n, err := strconv.Atoi(digits); err == nil && n > 0 && n < 1e9 {
		return n
	}
	return 1
}

// ownExtensions are a contract's extensions that are not of this standard.
func ownExtensions(all json.RawMessage) *document.Value {
	v := start(document.FromJSON(all))
	v.Set(Kept, nil)
	v.Set(KeptObject, nil)
	return v
}

// numberText returns the digits of a number, "" for every other kind.
func numberText(v *document.Value) string {
	if !v.Is(document.Number) {
		return ""
	}
	return v.Text
}

// unreadable reports extensions that cannot be given back.
func unreadable(c *contract.Contract) diag.Diagnostics {
	var diags diag.Diagnostics
	bad := func(all json.RawMessage, at diag.Range) {
		if len(all) > 0 && document.FromJSON(all) == nil {
			diags.Add(diag.New(diag.ExportLoss, "The extensions are nested deeper, or hold longer numbers, than a document takes; they are left out.").At(at))
		}
	}
	bad(c.Extensions, c.Range)
	for i := range c.Columns {
		bad(c.Columns[i].Extensions, c.Columns[i].Range)
	}
	for _, d := range diags {
		d.Severity = diag.Warning
	}
	return diags
}
