package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// Settings say what counts.
type Settings struct {
	Severities map[string]Severity // by rule
	FailOn     Severity            // findings of this weight or more fail; Off: none does
}

// ReadSettings reads headgate { lint { ... } }; what stands there is constant.
// Without it findings from Warning on fail. It does not know which rules there are.
func ReadSettings(m *lang.Module) (Settings, map[string]diag.Range, diag.Diagnostics) {
	out := Settings{Severities: map[string]Severity{}, FailOn: Warning}
	places := map[string]diag.Range{}
	var diags diag.Diagnostics
	for _, b := range m.Blocks {
		if b.Type != "headgate" {
			continue
		}
		for _, l := range b.Nested("lint") {
			if a := l.Attr("fail_on"); a != nil {
				text, _ := word(a.Expr) // "" is none of them
				var ok bool
				if out.FailOn, ok = ParseFailOn(text); !ok {
					diags.Add(diag.New(diag.LintRule, "fail_on takes %s.", strings.Join(FailOnWords(), ", ")).At(a.ExprRange))
				}
			}
			if a := l.Attr("rules"); a != nil {
				diags = append(diags, out.read(a, places)...)
			}
		}
	}
	return out, places, diags
}

// read reads the map of rules.
func (s *Settings) read(a *lang.Attr, places map[string]diag.Range) diag.Diagnostics {
	pairs, bad := hcl.ExprMap(a.Expr)
	if bad.HasErrors() {
		return diag.Diagnostics{diag.New(diag.LintRule, "rules is a map written out: { money_as_float = \"error\" }.").At(a.ExprRange)}
	}
	var diags diag.Diagnostics
	for _, p := range pairs {
		name, named := word(p.Key)
		text, worded := word(p.Value)
		severity, ok := ParseSeverity(text)
		if !named || !worded || !ok {
			diags.Add(diag.New(diag.LintRule, "A rule takes %s.", strings.Join(Severities(), ", ")).At(lang.Range(p.Value.Range())))
			continue
		}
		s.Severities[name], places[name] = severity, lang.Range(p.Key.Range())
	}
	return diags
}

// word reads a constant text.
func word(e hcl.Expression) (string, bool) {
	v, diags := e.Value(nil)
	if diags.HasErrors() || v.Type() != cty.String || v.IsNull() || !v.IsKnown() {
		return "", false
	}
	return v.AsString(), true
}

// FailOnWords lists what fail_on takes.
func FailOnWords() []string { return []string{"none", "info", "warning", "error"} }

// ParseFailOn reads one of FailOnWords.
func ParseFailOn(word string) (Severity, bool) {
	i := slices.Index(FailOnWords(), word)
	return Severity(max(i, 0)), i >= 0
}

// Unknown reports settings of rules that there are not. Codes of lint itself can be
// set, too.
func (s Settings) Unknown(places map[string]diag.Range, rules []*Rule) diag.Diagnostics {
	var names []string
	for _, r := range rules {
		names = append(names, r.ID)
	}
	var diags diag.Diagnostics
	for _, name := range slices.Sorted(maps.Keys(s.Severities)) {
		if _, code := diag.Lookup(diag.Code(name)); slices.Contains(names, name) || code && strings.HasPrefix(name, "HG26") {
			continue
		}
		d := diag.New(diag.LintRule, "There is no rule %q.%s", name, diag.DidYouMean(name, names))
		if at, ok := places[name]; ok {
			d.At(at)
		}
		diags.Add(d)
	}
	return diags
}
