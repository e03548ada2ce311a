package sqlcheck

import (
	"slices"
	"strings"
)

// into adds to d what an expression depends on, in the way `how` or a firmer one.
func (t *tracer) into(d deps, e *expr, s *lscope, how How) {
	if e == nil {
		return
	}
	below := how
	if rank(below) < rank(Transformed) {
		below = Transformed
	}
	switch e.Class {
	case "COLUMN_REF":
		t.reference(d, e.Names, s, how)
	case "CONSTANT", "PARAMETER", "DEFAULT":
	case "CAST", "COLLATE", "COMPARISON", "BETWEEN", "CONJUNCTION", "CASE", "OPERATOR", "LAMBDA":
		// A lambda that is no argument of a function that takes one is JSON's arrow.
		for _, x := range e.subexprs() {
			t.into(d, x, s, below)
		}
	case "FUNCTION":
		t.function(d, e, s, below)
	case "WINDOW":
		if e.Type == "WINDOW_AGGREGATE" {
			below = firmer(below, Aggregated)
		}
		for _, x := range e.subexprs() {
			t.into(d, x, s, below)
		}
	case "SUBQUERY":
		t.subquery(d, e, s, below)
	case "STAR":
		t.starInside(d, e, s, below)
	case "POSITIONAL_REFERENCE":
		t.positional(d, e, s, how)
	default:
		d.merge(t.everything("an unknown form of expression"), below)
	}
}

func firmer(a, b How) How {
	if rank(b) > rank(a) {
		return b
	}
	return a
}

func (t *tracer) function(d deps, e *expr, s *lscope, how How) {
	name := strings.ToLower(e.Function)
	if aggregateNames[name] {
		how = firmer(how, Aggregated)
	}
	for _, x := range e.subexprs() {
		if x.Class == "LAMBDA" && lambdaFunctions[name] {
			inner := &lscope{params: map[string]bool{}, rows: s.rows, up: s}
			parameters(x.Lhs, inner.params)
			t.into(d, x.Expr, inner, how)
			continue
		}
		t.into(d, x, s, how)
	}
}

// parameters collects the names that the left side of a lambda gives: one, or a
// list of them.
func parameters(e *expr, into map[string]bool) {
	if e == nil {
		return
	}
	if e.Class == "COLUMN_REF" && len(e.Names) == 1 {
		into[strings.ToLower(e.Names[0])] = true
	}
	for _, x := range e.subexprs() {
		parameters(x, into)
	}
}

// subquery traces a query inside an expression: its value depends on what the query
// yields and on which rows it has.
func (t *tracer) subquery(d deps, e *expr, s *lscope, how How) {
	t.into(d, e.Child, s, how)
	if e.Subquery == nil {
		d.merge(t.everything("an unknown form of query"), how)
		return
	}
	r := t.query(e.Subquery.Node, s, false)
	if !strings.HasSuffix(e.SubqType, "EXISTS") {
		d.merge(r.all(), how)
	}
	for at := range r.rows {
		d.add(at, how)
	}
}

// starInside is a star within an expression: COLUMNS(...) or its unpacked form.
func (t *tracer) starInside(d deps, e *expr, s *lscope, how How) {
	for _, rel := range s.rels {
		if e.Relation != "" && !strings.EqualFold(rel.alias, e.Relation) {
			continue
		}
		for _, c := range rel.cols {
			if excluded(e, rel, c) {
				t.name(c.from)
			} else {
				d.merge(c.from, how)
			}
		}
		d.merge(rel.any, how)
		d.merge(t.unnamed(rel.open, "columns(...)"), how)
	}
	for _, r := range e.Replace {
		t.into(d, r.Value, s, how)
	}
}

// positional resolves #1, the first column of what stands in FROM.
func (t *tracer) positional(d deps, e *expr, s *lscope, how How) {
	at := e.Index - 1
	for _, rel := range s.rels {
		if rel.any != nil || slices.Contains(rel.hidden, true) {
			break
		}
		if at >= 0 && at < len(rel.cols) {
			d.merge(t.name(rel.cols[at].from), how)
			return
		}
		at -= len(rel.cols)
	}
	d.merge(t.everything("a column by its place"), firmer(how, Transformed))
}

// reference resolves a column's name: [column], [relation, column] or [schema,
// relation, column], fields of a struct behind it.
func (t *tracer) reference(d deps, names []string, s *lscope, how How) {
	for at := s; at != nil && len(names) > 0; at = at.up {
		if t.here(d, names, at, how) {
			return
		}
	}
	d.merge(t.everything("the name "+strings.Join(names, ".")), firmer(how, Transformed))
}

func (t *tracer) here(d deps, names []string, s *lscope, how How) bool {
	if len(names) > 1 && t.qualified(d, names, s, how) {
		return true
	}
	if len(names) > 1 {
		how = firmer(how, Transformed) // a field of a struct
	}
	name := strings.ToLower(names[0])
	if s.params[name] {
		return true // an element of the list, which is an argument itself
	}
	found := false
	for _, rel := range s.rels {
		if i := rel.find(name); i >= 0 && !rel.hidden[i] {
			d.merge(t.name(rel.cols[i].from), how)
			found = true
			break
		}
	}
	if from, ok := s.aliases[name]; ok && (!found || s.clauses) {
		d.merge(from, how)
		found = true
	}
	if found {
		return true
	}
	for _, rel := range s.rels {
		if rel.any != nil {
			d.merge(rel.any, firmer(how, Transformed))
			found = true
		}
	}
	if s.loose != nil {
		d.merge(s.loose, firmer(how, Transformed))
		found = true
	}
	return found || t.wholeRow(d, name, s, how)
}

// wholeRow resolves the name of a relation that stands for its rows.
func (t *tracer) wholeRow(d deps, name string, s *lscope, how How) bool {
	for _, rel := range s.rels {
		if strings.EqualFold(rel.alias, name) {
			d.merge(rel.all(), firmer(how, Transformed))
			d.merge(t.unnamed(rel.open, "a whole row"), firmer(how, Transformed))
			return true
		}
	}
	return false
}

// qualified resolves a name that begins with a relation, or its schema.
func (t *tracer) qualified(d deps, names []string, s *lscope, how How) bool {
	for _, rel := range s.rels {
		rest := names[1:]
		switch {
		case strings.EqualFold(rel.alias, names[0]):
		case len(names) > 2 && rel.schema != "" && strings.EqualFold(rel.schema, names[0]) && strings.EqualFold(rel.alias, names[1]):
			rest = names[2:]
		default:
			continue
		}
		if i := rel.find(rest[0]); i >= 0 {
			if len(rest) > 1 {
				how = firmer(how, Transformed)
			}
			d.merge(t.name(rel.cols[i].from), how)
			return true
		}
		if rel.any != nil {
			d.merge(rel.any, firmer(how, Transformed))
			return true
		}
	}
	return false
}

// lambdaFunctions take a lambda as an argument.
var lambdaFunctions = words("list_transform list_apply array_transform array_apply apply transform list_filter array_filter filter list_reduce array_reduce reduce")

// aggregateNames are the functions that make one value of many rows.
var aggregateNames = words(`any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_min arg_min_null argmax argmin
array_agg avg bit_and bit_or bit_xor bitstring_agg bool_and bool_or corr count count_if count_star countif covar_pop covar_samp entropy favg first
first_value fsum geomean geometric_mean group_concat histogram kahan_sum kurtosis kurtosis_pop last last_value list listagg mad max max_by mean
median min min_by mode product quantile quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy
regr_syy reservoir_quantile sem skewness stddev stddev_pop stddev_samp string_agg sum sumkahan var_pop var_samp variance json_group_array
json_group_object json_group_structure`)

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}
