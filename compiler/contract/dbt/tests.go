package dbt

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/rowexpr"
	"github.com/headgate-data/headgate/compiler/types"
)

// test is a data test taken apart.
type test struct {
	name  string // without the package: accepted_range
	args  *document.Value
	whole bool // it holds for every row, and fails the build
}

// testOf reads a test: a name, a map of a name and its arguments, or a map with
// test_name. Arguments stand beside the config, or under `arguments`.
func testOf(v *document.Value) test {
	name, args := v.Str(), v
	switch {
	case v.Is(document.Map) && v.Get("test_name") != nil:
		name = v.Get("test_name").Str()
	case v.Is(document.Map) && len(v.Members) > 0:
		name, args = v.Members[0].Name, v.Members[0].Value
		for _, m := range v.Members[1:] { // a config indented to the left
			if m.Name == "config" {
				args = merged(args, m.Value)
			}
		}
	}
	if _, bare, ok := strings.Cut(name, "."); ok {
		name = bare
	}
	t := test{name: name, args: args, whole: true}
	for _, from := range []*document.Value{args, args.Get("config")} {
		severity := strings.ToLower(from.Get("severity").Str())
		if from.Get("where") != nil || from.Get("row_condition") != nil || severity != "" && severity != "error" || from.Get("enabled").Is(document.Bool) && !from.Get("enabled").True() ||
			from.Get("warn_if") != nil || from.Get("error_if") != nil {
			t.whole = false
		}
	}
	if inner := args.Get("arguments"); inner.Is(document.Map) {
		t.whole = t.whole && inner.Get("row_condition") == nil
		t.args = inner
	}
	return t
}

func merged(args, config *document.Value) *document.Value {
	out := document.NewMap()
	if args.Is(document.Map) {
		out = args.Clone()
	}
	return out.With("config", config)
}

// test turns a test into a word of the column. It returns false where the test is
// to be kept.
func (r *reader) test(v *document.Value, col *contract.Column) bool {
	t := testOf(v)
	if !t.whole {
		r.loose(v, "%s holds for some rows only, or only warns: it is kept and not enforced.", t.name)
		return false
	}
	done := false
	switch t.name {
	case "not_null", "expect_column_values_to_not_be_null":
		col.Required, done = true, true
	case "unique", "expect_column_values_to_be_unique":
		if done = comparable(col.Type); done {
			col.Unique = true
		}
	case "accepted_values":
		done = setEnum(col, t.args.Get("values"))
	case "expect_column_values_to_be_in_set":
		done = setEnum(col, t.args.Get("value_set"))
	case "accepted_range":
		inclusive := t.args.Get("inclusive")
		done = setRange(col, t.args, !inclusive.Is(document.Bool) || inclusive.True())
	case "expect_column_values_to_be_between":
		done = setRange(col, t.args, !t.args.Get("strictly").True())
	case "expect_column_value_lengths_to_be_between":
		done = setLengths(col, t.args.Get("min_value"), t.args.Get("max_value"))
	case "expect_column_value_lengths_to_equal":
		done = setLengths(col, t.args.Get("value"), t.args.Get("value"))
	case "expect_column_values_to_match_regex":
		done = setPattern(col, t.args.Get("regex"))
	case "not_empty_string":
		if trims := t.args.Get("trim_whitespace"); col.Type.Kind == types.String && (!trims.Is(document.Bool) || trims.True()) {
			done = addCheck(col, "not_empty_string", `trim(value) != ""`)
		}
	case "expect_column_values_to_be_of_type":
		said, ok := types.FromSQL(t.args.Get("column_type").Str())
		done = ok && said.Equal(col.Type)
	case "relationships", "relationships_where":
		r.loose(v, "%s is kept: write references on the column to have it audited.", t.name)
		return false
	}
	if !done {
		r.loose(v, "%q has no word here, or none that stands on columns of type %s: it is kept and not enforced.", t.name, col.Type)
	}
	return done
}

func comparable(t types.Type) bool {
	return !t.IsNested() && t.Kind != types.JSON && t.Kind != types.Float64
}

// canonical reads a constant of a type.
func canonical(v *document.Value, t types.Type) (string, bool) {
	text, ok := v.Scalar()
	if !ok {
		return "", false
	}
	out, err := rowexpr.Canonical(t, text)
	return out, err == nil
}

func setEnum(col *contract.Column, values *document.Value) bool {
	if col.Type.IsNested() || col.Type.Kind == types.JSON || col.Enum != nil {
		return false
	}
	var out []string
	for _, x := range values.Elements() {
		text, ok := canonical(x, col.Type)
		if !ok {
			return false
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	col.Enum = out
	return out != nil
}

// setRange sets min and max, or checks where the bounds themselves are refused.
func setRange(col *contract.Column, args *document.Value, inclusive bool) bool {
	if !col.Type.IsNumeric() && !col.Type.IsTemporal() {
		return false
	}
	var bounds [2]*string
	for i, name := range []string{"min_value", "max_value"} {
		v := args.Get(name)
		if v == nil || v.Is(document.Null) {
			continue
		}
		text, ok := canonical(v, col.Type)
		if !ok {
			return false
		}
		bounds[i] = &text
	}
	if bounds[0] == nil && bounds[1] == nil {
		return false
	}
	if inclusive {
		if bounds[0] != nil && col.Min != nil || bounds[1] != nil && col.Max != nil {
			return false
		}
		for i, at := range []**string{&col.Min, &col.Max} {
			if bounds[i] != nil {
				*at = bounds[i]
			}
		}
		return true
	}
	for i, op := range []string{" > ", " < "} {
		if bounds[i] == nil {
			continue
		}
		literal := *bounds[i]
		if !col.Type.IsNumeric() {
			literal = strconv.Quote(literal)
		}
		if !addCheck(col, [2]string{"exclusive_min", "exclusive_max"}[i], "value"+op+literal) {
			return false
		}
	}
	return true
}

func setLengths(col *contract.Column, low, high *document.Value) bool {
	if col.Type.Kind != types.String || col.MinLength != nil || col.MaxLength != nil {
		return false
	}
	var out [2]*int
	for i, v := range []*document.Value{low, high} {
		if v == nil || v.Is(document.Null) {
			continue
		}
		n, err := strconv.Atoi(v.Text)
		if err != nil || n < 0 || n > 1<<40 {
			return false
		}
		out[i] = &n
	}
	col.MinLength, col.MaxLength = out[0], out[1]
	return out[0] != nil || out[1] != nil
}

func setPattern(col *contract.Column, v *document.Value) bool {
	if _, err := regexp.Compile(v.Str()); err != nil || v.Str() == "" || col.Type.Kind != types.String || col.Pattern != "" {
		return false
	}
	col.Pattern = v.Str()
	return true
}

func addCheck(col *contract.Column, name, condition string) bool {
	if slices.ContainsFunc(col.Checks, func(k contract.Check) bool { return k.Name == name }) {
		return false
	}
	col.Checks = append(col.Checks, contract.Check{Name: name, Source: condition, Severity: contract.SeverityError})
	return true
}

// constraints takes those of a column; what has no word stays in rest.
func (r *reader) constraints(rest *document.Value, col *contract.Column, c *contract.Contract) {
	left := document.ListOf()
	for _, k := range rest.Get("constraints").Elements() {
		switch kind := k.Get("type").Str(); {
		case kind == "not_null":
			col.Required = true
		case kind == "unique" && comparable(col.Type):
			col.Unique = true
		case kind == "primary_key" && comparable(col.Type):
			c.Key = append(c.Key, col.Name)
			col.Required = true
		default:
			r.loose(k, "The constraint %q is kept and not enforced.", kind)
			left.Items = append(left.Items, k)
		}
	}
	if len(left.Items) < len(rest.Get("constraints").Elements()) {
		rest.Set("constraints", left)
		if len(left.Items) == 0 {
			rest.Set("constraints", nil)
		}
	}
}

// tableRules takes the constraints and tests of a table; what has no word stays
// in rest.
func (r *reader) tableRules(rest *document.Value, c *contract.Contract) {
	r.take(rest, "constraints", func(k *document.Value) bool {
		names := texts(k.Get("columns"))
		switch kind := k.Get("type").Str(); {
		case kind == "primary_key":
			return setKey(c, names, false)
		case kind == "not_null":
			return onColumns(c, names, func(col *contract.Column) bool { col.Required = true; return true })
		case kind == "unique" && len(names) == 1:
			return onColumns(c, names, func(col *contract.Column) bool { col.Unique = comparable(col.Type); return col.Unique })
		}
		return false
	})
	for _, member := range []string{"tests", "data_tests"} {
		r.take(rest, member, func(v *document.Value) bool {
			switch t := testOf(v); {
			case !t.whole:
				return false
			case t.name == "unique_combination_of_columns":
				return setKey(c, texts(t.args.Get("combination_of_columns")), true)
			case t.name == "expect_compound_columns_to_be_unique":
				return setKey(c, texts(t.args.Get("column_list")), true)
			}
			return false
		})
	}
}

// take removes from a list what does says it took; the rest is kept.
func (r *reader) take(rest *document.Value, member string, does func(*document.Value) bool) {
	list := rest.Get(member).Elements()
	if len(list) == 0 {
		return
	}
	left := document.ListOf()
	for _, v := range list {
		if does(v) {
			continue
		}
		what := v.Get("type").Str()
		if what == "" {
			what = testOf(v).name
		}
		r.loose(v, "%q is kept and not enforced.", what)
		left.Items = append(left.Items, v)
	}
	rest.Set(member, left)
	if len(left.Items) == 0 {
		rest.Set(member, nil)
	}
}

// setKey makes columns the key, where there is none yet. filled asks that none of
// them can be null already: a key has no nulls, a unique combination may.
func setKey(c *contract.Contract, names []string, filled bool) bool {
	if len(names) == 0 || len(c.Key) > 0 && !slices.Equal(c.Key, names) {
		return false
	}
	fits := onColumns(c, names, func(col *contract.Column) bool { return comparable(col.Type) && (col.Required || !filled) })
	if !fits {
		return false
	}
	c.Key = names
	return onColumns(c, names, func(col *contract.Column) bool { col.Required = true; return true })
}

// onColumns does something to each of the named columns; false where one is
// missing or it says no.
func onColumns(c *contract.Contract, names []string, does func(*contract.Column) bool) bool {
	for _, name := range names {
		col, ok := c.Column(name)
		if !ok || !does(col) {
			return false
		}
	}
	return len(names) > 0
}

func texts(v *document.Value) []string {
	var out []string
	for _, x := range v.Elements() {
		out = append(out, x.Str())
	}
	return out
}
