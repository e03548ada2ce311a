package odcs

import (
	"encoding/json"
	"slices"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/condition"
	"github.com/headgate-data/headgate/compiler/contract/contractsql"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/rowsyntax"
	"github.com/headgate-data/headgate/compiler/types"
)

// rule is what an entry of `quality` means in headgate's words; the zero value
// for one that has no word.
type rule struct {
	required, unique bool
	enum             []string
	pattern          string
	check            *contract.Check
}

// rule reads an entry of a column's quality, or of the object's, where col is nil.
func (n *notes) rule(v *document.Value, col *contract.Column, scope rowsyntax.Scope) rule {
	if text, ok := ownCondition(v); ok {
		return rule{check: n.check(v, text, scope)}
	}
	if col == nil || !none(v) || lenient(v) || (v.Get("type") != nil && v.Get("type").Str() != "library") {
		return rule{}
	}
	args := v.Get("arguments")
	switch v.Get("metric").Str() {
	case "nullValues":
		return rule{required: true}
	case "duplicateValues":
		if keyable(col.Type) {
			return rule{unique: true}
		}
		n.loose(v, "unique does not stand on columns of type %s.", col.Type)
	case "invalidValues":
		values, pattern := args.Get("validValues"), args.Get("pattern")
		switch {
		case values.Is(document.List) && pattern == nil:
			return rule{enum: n.enum(values, col)}
		case pattern.Is(document.String) && values == nil:
			return rule{pattern: n.pattern(pattern, col)}
		}
	}
	return rule{}
}

// none reports whether a rule lets nothing pass: its count must be 0.
func none(v *document.Value) bool {
	zero := func(name string) bool {
		x := v.Get(name)
		return x.Is(document.Number) && document.Equal(x, document.OfNumber("0"))
	}
	return zero("mustBe") || zero("mustBeLessOrEqualTo")
}

// lenient reports whether a rule only warns.
func lenient(v *document.Value) bool {
	s := v.Get("severity").Str()
	return s != "" && s != string(contract.SeverityError)
}

// ownCondition is the row expression that a rule carries.
func ownCondition(v *document.Value) (string, bool) {
	if v.Get("type").Str() == "custom" && v.Get("engine").Str() == own {
		c := v.Get("implementation").Get("condition")
		return c.Str(), c.Is(document.String)
	}
	c := custom(v, own).Get("condition")
	return c.Str(), c.Is(document.String)
}

// custom returns the value of a custom property.
func custom(v *document.Value, name string) *document.Value {
	for _, p := range v.Get("customProperties").Elements() {
		if p.Get("property").Str() == name {
			return p.Get("value")
		}
	}
	return nil
}

// setCustom puts a custom property in place of the one of that name, or behind
// all others; nil takes it out.
func setCustom(v *document.Value, name string, value *document.Value) {
	list := document.ListOf()
	done := value == nil
	for _, p := range v.Get("customProperties").Elements() {
		if p.Get("property").Str() != name {
			list.Items = append(list.Items, p)
		} else if !done {
			list.Items = append(list.Items, start(p).With("value", value))
			done = true
		}
	}
	if !done {
		list.Items = append(list.Items, document.NewMap().With("property", document.Of(name)).With("value", value))
	}
	if len(list.Items) == 0 {
		v.Set("customProperties", nil)
		return
	}
	v.Set("customProperties", list)
}

// check makes a check of a condition; nil where it does not compile.
func (n *notes) check(v *document.Value, text string, scope rowsyntax.Scope) *contract.Check {
	name := v.Get("name").Str()
	if name == "" {
		n.loose(v, "The rule has a condition and no name, which a check needs.")
		return nil
	}
	expr := condition.Compile(text, scope)
	if expr == nil {
		n.loose(v, "The condition %q cannot be evaluated over the columns of this contract.", text)
		return nil
	}
	out := &contract.Check{Name: name, Condition: expr, Source: text, Message: v.Get("description").Str(), Severity: contract.SeverityError}
	if lenient(v) {
		out.Severity = contract.SeverityWarning
	}
	return out
}

// keyable reports whether values of t can be told apart for sure.
func keyable(t types.Type) bool {
	return !t.IsNested() && t.Kind != types.JSON && t.Kind != types.Float64
}

// checkRule writes a check: as SQL that counts the rows at fault where SQL can
// say it, else as a rule for headgate alone. column is the check's own one, "" for
// a check over the row.
func checkRule(k *contract.Check, column string) *document.Value {
	v := document.NewMap().With("name", document.Of(k.Name)).WithText("description", k.Message)
	words := document.NewMap().With("condition", document.Of(k.Source))
	if broken, err := contractsql.Broken(k.Condition, contractsql.DuckDB, column); err == nil {
		v.Set("type", document.Of("sql"))
		v.Set("query", document.Of("SELECT count(*) FROM {object} WHERE "+broken))
		v.Set("mustBe", document.OfNumber("0"))
		v.Set("severity", document.Of(string(k.Severity)))
		setCustom(v, own, words)
		return v
	}
	return v.With("type", document.Of("custom")).With("engine", document.Of(own)).With("implementation", words).
		With("severity", document.Of(string(k.Severity)))
}

// enumRule writes the allowed values of a column.
func enumRule(col *contract.Column) *document.Value {
	values := document.ListOf()
	for _, text := range col.Enum {
		values.Items = append(values.Items, constant(col.Type, text))
	}
	return document.NewMap().With("name", document.Of(contract.RuleEnum)).With("type", document.Of("library")).With("metric", document.Of("invalidValues")).
		With("arguments", document.NewMap().With("validValues", values)).With("mustBe", document.OfNumber("0"))
}

// constant writes the canonical text of a value as YAML would have it.
func constant(t types.Type, text string) *document.Value {
	switch {
	case t.Kind == types.Bool:
		return document.OfBool(text == "true")
	case t.IsNumeric() && json.Valid([]byte(text)):
		return document.OfNumber(text)
	}
	return document.Of(text)
}

// sayQuality makes the entries of v's quality mean the wanted rules. drop tells
// which of those that are kept mean something else by now.
func sayQuality(v *document.Value, drop func(*document.Value) bool, add ...*document.Value) {
	list := document.ListOf()
	for _, x := range v.Get("quality").Elements() {
		if !drop(x) {
			list.Items = append(list.Items, x)
		}
	}
	list.Items = append(list.Items, add...)
	if len(list.Items) == 0 {
		v.Set("quality", nil)
		return
	}
	v.Set("quality", list)
}

// sameChecks compares checks without their compiled conditions and places.
func sameChecks(a, b []contract.Check) bool {
	return slices.EqualFunc(a, b, func(x, y contract.Check) bool {
		return x.Name == y.Name && x.Source == y.Source && x.Message == y.Message && x.Severity == y.Severity
	})
}
