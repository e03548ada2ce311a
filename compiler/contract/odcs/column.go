package odcs

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/condition"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/contract/others"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

// The formats of text that headgate knows; the standard takes any word.
var formats = []string{"email", "uri", "uuid", "ipv4", "ipv6", "date", "date-time", "hostname"}

// exclusive maps the bounds that headgate has no limit for to checks of the same
// name, in headgate's spelling.
var exclusive = []struct{ option, check, op string }{
	{"exclusiveMinimum", "exclusive_min", ">"},
	{"exclusiveMaximum", "exclusive_max", "<"},
}

// column reads a property. inKey tells whether it is part of the primary key.
func (n *notes) column(v *document.Value) (col contract.Column, inKey bool) {
	col = contract.Column{Name: v.Get("name").Str(), Type: n.typeOf(v, 0), Description: v.Get("description").Str(), Range: v.At()}
	inKey = v.Get("primaryKey").True()
	if inKey && !keyable(col.Type) {
		n.loose(v.Get("primaryKey"), "%q is of type %s, whose values cannot tell one record from another: it is no part of the key.", col.Name, col.Type)
		inKey = false
	}
	col.Required = inKey || v.Get("required").True()
	if u := v.Get("unique"); u.True() {
		if col.Unique = keyable(col.Type); !col.Unique {
			n.loose(u, "unique does not stand on columns of type %s.", col.Type)
		}
	}
	for _, t := range v.Get("tags").Elements() {
		if t.Is(document.String) {
			col.Tags = append(col.Tags, t.Text)
		}
	}
	if strings.EqualFold(v.Get("classification").Str(), "pii") && !col.HasTag("pii") {
		col.Tags = append(col.Tags, "pii")
	}
	n.options(v.Get("logicalTypeOptions"), &col)
	for _, x := range v.Get("quality").Elements() {
		r := n.rule(x, &col, condition.OfColumn(&col))
		col.Required = col.Required || r.required
		col.Unique = col.Unique || r.unique
		if col.Enum == nil {
			col.Enum = r.enum
		}
		if col.Pattern == "" {
			col.Pattern = r.pattern
		}
		if r.check != nil && !slices.ContainsFunc(col.Checks, func(k contract.Check) bool { return k.Name == r.check.Name }) {
			col.Checks = append(col.Checks, *r.check)
		}
	}
	if d := custom(v, own).Get("default"); d != nil {
		col.Default = n.value(d, col.Type, "default")
	}
	if x := custom(v, own).Get("extensions"); x.Is(document.Map) && len(x.Members) > 0 {
		col.Extensions = document.Canonical(x)
	}
	if !others.IntoColumn(custom(v, own), &col) {
		n.loose(custom(v, own), "It holds a word of headgate in another form than headgate writes it.")
	}
	return col, inKey
}

// options reads the limits.
func (n *notes) options(v *document.Value, col *contract.Column) {
	t := col.Type
	if t.IsNumeric() || t.IsTemporal() {
		if x := v.Get("minimum"); x != nil {
			col.Min = n.value(x, t, "minimum")
		}
		if x := v.Get("maximum"); x != nil {
			col.Max = n.value(x, t, "maximum")
		}
		for _, e := range exclusive {
			if x := v.Get(e.option); x != nil {
				if text := n.value(x, t, e.option); text != nil {
					col.Checks = append(col.Checks, exclusiveCheck(col, e.check, e.op, *text))
				}
			}
		}
	}
	lengths := [2]string{"minLength", "maxLength"}
	if t.Kind == types.List {
		lengths = [2]string{"minItems", "maxItems"}
	}
	if t.Kind == types.List || t.Kind == types.String || t.Kind == types.Bytes {
		col.MinLength, col.MaxLength = length(v.Get(lengths[0])), length(v.Get(lengths[1]))
	}
	if t.Kind != types.String {
		return
	}
	if p := v.Get("pattern"); p != nil {
		col.Pattern = n.pattern(p, col)
	}
	if f := v.Get("format").Str(); slices.Contains(formats, f) {
		col.Format = f
	}
}

// exclusiveCheck is a bound that is not itself allowed, as a check.
func exclusiveCheck(col *contract.Column, name, op, text string) contract.Check {
	literal := text
	if !col.Type.IsNumeric() {
		literal = strconv.Quote(text)
	}
	source := "value " + op + " " + literal
	return contract.Check{Name: name, Source: source, Condition: condition.Compile(source, condition.OfColumn(col)), Severity: contract.SeverityError}
}

// exclusiveOf returns the option that a check stands for, and its value.
func exclusiveOf(col *contract.Column, k *contract.Check) (string, *document.Value) {
	for _, e := range exclusive {
		text, ok := strings.CutPrefix(k.Source, "value "+e.op+" ")
		if k.Name != e.check || !ok {
			continue
		}
		if unquoted, err := strconv.Unquote(text); err == nil && !col.Type.IsNumeric() {
			text = unquoted
		}
		if canonical, err := rowexpr.Canonical(col.Type, text); err == nil && (col.Type.IsNumeric() || col.Type.IsTemporal()) {
			if want := exclusiveCheck(col, e.check, e.op, canonical); sameChecks([]contract.Check{want}, []contract.Check{*k}) {
				return e.option, constant(col.Type, canonical)
			}
		}
	}
	return "", nil
}

// value reads a constant of the column's type; nil where it is none.
func (n *notes) value(v *document.Value, t types.Type, what string) *string {
	text, ok := v.Scalar()
	if ok && (v.Is(document.String) == (t.IsNumeric() || t.Kind == types.Bool)) {
		ok = v.Is(document.String) && t.IsNumeric() // "12" is a number to many writers
	}
	if ok {
		if canonical, err := rowexpr.Canonical(t, text); err == nil {
			return &canonical
		}
	}
	n.loose(v, "%s is no value of type %s, so that it is not checked.", what, t)
	return nil
}

func length(v *document.Value) *int {
	if !v.Is(document.Number) {
		return nil
	}
	i, err := strconv.Atoi(v.Text)
	if err != nil || i < 0 || i > 1<<40 {
		return nil
	}
	return &i
}

func (n *notes) pattern(v *document.Value, col *contract.Column) string {
	if col.Type.Kind != types.String {
		n.loose(v, "pattern stands on text, and the column is of type %s.", col.Type)
		return ""
	}
	if _, err := regexp.Compile(v.Str()); err != nil || !v.Is(document.String) {
		n.loose(v, "The pattern is none that RE2 takes, which headgate and DuckDB match with (%v).", err)
		return ""
	}
	return v.Str()
}

func (n *notes) enum(v *document.Value, col *contract.Column) []string {
	if col.Type.IsNested() || col.Type.Kind == types.JSON {
		n.loose(v, "enum does not stand on columns of type %s.", col.Type)
		return nil
	}
	var out []string
	for _, x := range v.Items {
		text := n.value(x, col.Type, "A valid value")
		if text == nil || slices.Contains(out, *text) {
			return nil
		}
		out = append(out, *text)
	}
	return out
}

// sayColumn writes a column as a property: what was kept, and each word that this
// does not say. place is its place in a key of size columns, counted from 1, 0
// outside.
func sayColumn(kept *document.Value, col *contract.Column, place, size int, explicit bool) *document.Value {
	v := start(kept)
	if v.Get("name").Str() != col.Name {
		v.Set("name", document.Of(col.Name))
	}
	sayType(v, col.Type, explicit)
	got, inKey := (*notes)(nil).column(v)
	if got.Description != col.Description {
		v.Set("description", textOrNone(col.Description))
	}
	sayKey(v, inKey, place, size, explicit)
	sayFlags(v, col, place > 0, explicit)
	sayTags(v, &got, col, explicit)
	sayLimits(v, &got, col)
	sayRules(v, &got, col)
	sayOwn(v, &got, col)
	unmark(v)
	v.Sort(propertyOrder)
	return v
}

// sayOwn says the words that the standard lacks, as one custom property.
func sayOwn(v *document.Value, got, col *contract.Column) {
	kept := ownExtensions(col.Extensions)
	was, more := others.OfColumn(got), others.OfColumn(col)
	if same(got.Default, col.Default) && document.Equal(ownExtensions(got.Extensions), kept) && sameMembers(was, more) {
		return
	}
	words := start(custom(v, own))
	words.Set("default", nil)
	if col.Default != nil {
		words.Set("default", constant(col.Type, *col.Default))
	}
	words.Set("extensions", nil)
	if len(kept.Members) > 0 {
		words.Set("extensions", kept)
	}
	setMembers(words, was, more)
	if len(words.Members) == 0 {
		words = nil
	}
	setCustom(v, own, words)
}

func textOrNone(s string) *document.Value {
	if s == "" {
		return nil
	}
	return document.Of(s)
}

func same[T comparable](a, b *T) bool {
	return (a == nil) == (b == nil) && (a == nil || *a == *b)
}

func sayKey(v *document.Value, was bool, place, size int, explicit bool) {
	if was == (place > 0) && !(explicit && place > 0) {
		return
	}
	if place == 0 {
		v.Set("primaryKey", nil)
		v.Set("primaryKeyPosition", nil)
		return
	}
	v.Set("primaryKey", document.OfBool(true))
	if size > 1 || explicit {
		v.Set("primaryKeyPosition", document.OfNumber(strconv.Itoa(place)))
	}
}

// sayFlags says required and unique, which rules of quality can say as well.
func sayFlags(v *document.Value, col *contract.Column, inKey, explicit bool) {
	rules := func(means func(rule) bool) func(*document.Value) bool {
		return func(x *document.Value) bool { return means((*notes)(nil).rule(x, col, condition.OfColumn(col))) }
	}
	got, _ := (*notes)(nil).column(v)
	if got.Required && !col.Required && !inKey {
		v.Set("required", nil)
		sayQuality(v, rules(func(r rule) bool { return r.required }))
	} else if col.Required && (explicit || !got.Required) {
		v.Set("required", document.OfBool(true))
	}
	if got.Unique && !col.Unique {
		v.Set("unique", nil)
		sayQuality(v, rules(func(r rule) bool { return r.unique }))
	} else if col.Unique && !got.Unique {
		v.Set("unique", document.OfBool(true))
	}
}

func sayTags(v *document.Value, got, col *contract.Column, explicit bool) {
	if explicit && col.HasTag("pii") {
		v.Set("classification", document.Of("confidential"))
	}
	if slices.Equal(got.Tags, col.Tags) {
		return
	}
	v.Set("tags", nil)
	if len(col.Tags) > 0 {
		v.Set("tags", document.Strings(col.Tags))
	}
	if again, _ := (*notes)(nil).column(v); !slices.Equal(again.Tags, col.Tags) {
		v.Set("classification", nil)
	}
}

func sayLimits(v *document.Value, got, col *contract.Column) {
	bound := func(option string, was, now *string) {
		if same(was, now) {
			return
		}
		var x *document.Value
		if now != nil {
			x = constant(col.Type, *now)
		}
		setOption(v, option, x)
	}
	bound("minimum", got.Min, col.Min)
	bound("maximum", got.Max, col.Max)
	lengths := [2]string{"minLength", "maxLength"}
	if col.Type.Kind == types.List {
		lengths = [2]string{"minItems", "maxItems"}
	}
	for i, pair := range [][2]*int{{got.MinLength, col.MinLength}, {got.MaxLength, col.MaxLength}} {
		if same(pair[0], pair[1]) {
			continue
		}
		var x *document.Value
		if pair[1] != nil {
			x = document.OfNumber(strconv.Itoa(*pair[1]))
		}
		setOption(v, lengths[i], x)
	}
	if got.Format != col.Format && col.Type.Kind == types.String {
		setOption(v, "format", textOrNone(col.Format))
		if again := (*notes)(nil).typeOf(v, 0); !again.Equal(col.Type) {
			v.Set("physicalType", document.Of(col.Type.DuckDB())) // the format alone would make it another type
		}
	}
	if got.Pattern != col.Pattern {
		setOption(v, "pattern", textOrNone(col.Pattern))
		if col.Pattern == "" {
			sayQuality(v, func(x *document.Value) bool { return (*notes)(nil).rule(x, col, condition.OfColumn(col)).pattern != "" })
		}
	}
}

// sayRules says the enum and the checks.
func sayRules(v *document.Value, got, col *contract.Column) {
	scope := condition.OfColumn(col)
	if !slices.Equal(got.Enum, col.Enum) {
		drop := func(x *document.Value) bool { return (*notes)(nil).rule(x, col, scope).enum != nil }
		if len(col.Enum) > 0 {
			sayQuality(v, drop, enumRule(col))
		} else {
			sayQuality(v, drop)
		}
	}
	if sameChecks(got.Checks, col.Checks) {
		return
	}
	var rules []*document.Value
	for _, e := range exclusive {
		setOption(v, e.option, nil)
	}
	before := "" // options are read before rules, the minimum first
	for i := range col.Checks {
		option, value := exclusiveOf(col, &col.Checks[i])
		if option != "" && len(rules) == 0 && option != before && before != exclusive[1].option {
			setOption(v, option, value)
			before = option
			continue
		}
		rules = append(rules, checkRule(&col.Checks[i], col.Name))
	}
	sayQuality(v, func(x *document.Value) bool { _, ok := ownCondition(x); return ok }, rules...)
}

// unmark takes out what stands for members that the document does not have.
func unmark(v *document.Value) {
	if t := v.Get("logicalType"); t.Is(document.String) && t.Text == unsaid {
		v.Set("logicalType", nil)
	}
	if items := v.Get("items"); items.Is(document.Map) {
		unmark(items)
	}
	for _, p := range v.Get("properties").Elements() {
		if p.Is(document.Map) {
			unmark(p)
		}
	}
}
