package contractedit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/contracttext"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/diag"
)

// Next makes the version behind latest: with the columns, checks, queries and settings
// of like, of which some are removed and some, written NAME=TYPE, added.
func Next(latest, like *contract.Contract, add, remove []string) (*contract.Contract, *diag.Diagnostic) {
	next := *like
	next.Name, next.Version, next.Latest, next.DeprecatedAfter = latest.Name, latest.Version+1, true, ""
	next.Columns, next.Checks, next.Expects = slices.Clone(like.Columns), slices.Clone(like.Checks), slices.Clone(like.Expects)
	for _, name := range remove {
		before := len(next.Columns) + len(next.Checks) + len(next.Expects)
		next.Columns = slices.DeleteFunc(next.Columns, func(c contract.Column) bool { return c.Name == name })
		next.Checks = slices.DeleteFunc(next.Checks, func(k contract.Check) bool { return k.Name == name })
		next.Expects = slices.DeleteFunc(next.Expects, func(x contract.Expect) bool { return x.Name == name })
		if before == len(next.Columns)+len(next.Checks)+len(next.Expects) {
			return nil, diag.New(diag.BadDifference, "There is no column, check or expect query %q to remove.%s", name, diag.DidYouMean(name, names(like)))
		}
		if slices.Contains(next.Key, name) {
			return nil, diag.New(diag.BadDifference, "%q is part of the key. Write the version by hand, with another key.", name)
		}
		if next.Freshness != nil && next.Freshness.Column == name {
			return nil, diag.New(diag.BadDifference, "The freshness of the table is that of %q. Write the version by hand, with another column for it.", name)
		}
	}
	for _, column := range add {
		name, typ, ok := strings.Cut(column, "=")
		t, err := types.Parse(typ)
		if !ok || name == "" || err != nil || t.Kind == types.Any {
			return nil, diag.New(diag.BadDifference, "%q is no column to add: write it as NAME=TYPE, such as note=string.", column)
		}
		if slices.ContainsFunc(next.Columns, func(c contract.Column) bool { return strings.EqualFold(c.Name, name) }) {
			return nil, diag.New(diag.BadDifference, "There is a column %q already.", name)
		}
		next.Columns = append(next.Columns, contract.Column{Name: name, Type: t})
	}
	return &next, nil
}

func names(c *contract.Contract) []string {
	var out []string
	for i := range c.Columns {
		out = append(out, c.Columns[i].Name)
	}
	for _, k := range c.Checks {
		out = append(out, k.Name)
	}
	for _, x := range c.Expects {
		out = append(out, x.Name)
	}
	return out
}

// Bump returns the file with one more version of a contract: a version block that
// extends latest and holds only what makes it next. It stands behind the last
// version block; a contract without version blocks gets one around what it has.
// next has the version's number.
func Bump(name string, src []byte, latest, next *contract.Contract) ([]byte, []Change, *diag.Diagnostic) {
	e, fault := open(name, src, latest)
	if fault != nil {
		return nil, nil, fault
	}
	for _, b := range e.versions() {
		if n, err := strconv.Atoi(b.Labels[0]); err == nil && n == next.Version {
			return nil, nil, diag.New(diag.BadDifference, "There is a version %d already; the next one extends the highest.", n).At(lang.Range(b.DefRange()))
		}
	}
	text, changes := difference(latest, next)
	indent := e.indent(e.block) + "  "
	block := indent + strings.TrimRight(e.indentedBy(text, indent), "\n") + "\n"
	versions := e.versions()
	if len(versions) == 0 {
		e.wrap(block)
	} else {
		at := e.lineEnd(versions[len(versions)-1].CloseBraceRange.End.Byte)
		e.replace(at, at, "\n"+block)
	}
	out, fault := e.result()
	return out, changes, fault
}

// difference writes the version block of next, and lists what makes it differ.
func difference(latest, next *contract.Contract) ([]byte, []Change) {
	var changes []Change
	d := *next
	d.Columns, d.Checks, d.Expects, d.DeprecatedAfter = nil, nil, nil, ""
	o := contracttext.Options{Extends: latest.Version}
	for i := range next.Columns {
		col := &next.Columns[i]
		old, ok := latest.Column(col.Name)
		switch {
		case !ok:
			changes = append(changes, Change{Column: col.Name, What: "column", To: contracttext.Type(col.Type)})
		default:
			diff := append(columnChanges(old, col), checkChanges(col.Name+".", old.Checks, col.Checks)...)
			if len(diff) == 0 {
				continue
			}
			changes = append(changes, diff...)
		}
		d.Columns = append(d.Columns, *col)
	}
	for i := range latest.Columns {
		if old := &latest.Columns[i]; !slices.ContainsFunc(next.Columns, func(c contract.Column) bool { return c.Name == old.Name }) {
			changes = append(changes, Change{Column: old.Name, What: "column", From: contracttext.Type(old.Type)})
			o.Remove = append(o.Remove, old.Name)
		}
	}
	checks := checkChanges("", latest.Checks, next.Checks)
	for _, c := range checks {
		if c.To == "" {
			o.Remove = append(o.Remove, c.Column)
		}
	}
	for _, k := range next.Checks {
		if slices.ContainsFunc(checks, func(c Change) bool { return c.Column == k.Name }) {
			d.Checks = append(d.Checks, k)
		}
	}
	changes = append(changes, checks...)
	expects := expectChanges(latest.Expects, next.Expects)
	for _, c := range expects {
		if c.To == "" {
			o.Remove = append(o.Remove, c.Column)
		}
	}
	for _, x := range next.Expects {
		if slices.ContainsFunc(expects, func(c Change) bool { return c.Column == x.Name }) {
			d.Expects = append(d.Expects, x)
		}
	}
	changes = append(changes, expects...)
	changes = append(changes, versionChanges(latest, next)...)
	return contracttext.Version(&d, o), changes
}

// checkChanges lists the checks in which two lists differ.
func checkChanges(prefix string, before, after []contract.Check) []Change {
	text := func(list []contract.Check, name string) string {
		for i := range list {
			if list[i].Name == name {
				return string(contracttext.Check(&list[i]))
			}
		}
		return ""
	}
	condition := func(list []contract.Check, name string) string {
		for i := range list {
			if list[i].Name == name {
				return list[i].Source
			}
		}
		return ""
	}
	var out []Change
	for _, k := range slices.Concat(after, before) {
		seen := slices.ContainsFunc(out, func(c Change) bool { return c.Column == prefix+k.Name })
		if !seen && text(before, k.Name) != text(after, k.Name) {
			out = append(out, Change{Column: prefix + k.Name, What: "check", From: condition(before, k.Name), To: condition(after, k.Name)})
		}
	}
	return out
}

// expectChanges lists the queries in which two lists differ.
func expectChanges(before, after []contract.Expect) []Change {
	find := func(list []contract.Expect, name string) (contract.Expect, bool) {
		for _, x := range list {
			if x.Name == name {
				x.Range = diag.Range{}
				return x, true
			}
		}
		return contract.Expect{}, false
	}
	var out []Change
	for _, x := range slices.Concat(after, before) {
		if slices.ContainsFunc(out, func(c Change) bool { return c.Column == x.Name }) {
			continue
		}
		old, was := find(before, x.Name)
		now, is := find(after, x.Name)
		if was != is || old != now {
			out = append(out, Change{Column: x.Name, What: "expect", From: old.Query, To: now.Query})
		}
	}
	return out
}

// tableChanges lists the promises of how many rows the table has and how old they
// are in which two versions differ.
func tableChanges(before, after *contract.Contract) []Change {
	rows := func(r *contract.Rows) string {
		if r == nil {
			return ""
		}
		var out []string
		for _, b := range []struct {
			name  string
			bound *int64
		}{{"min", r.Min}, {"max", r.Max}} {
			if b.bound != nil {
				out = append(out, b.name+" "+strconv.FormatInt(*b.bound, 10))
			}
		}
		return strings.Join(append(out, string(r.Severity)), ", ")
	}
	freshness := func(f *contract.Freshness) string {
		if f == nil {
			return ""
		}
		return f.Column + ", max_age " + f.Age() + ", " + string(f.Severity)
	}
	var out []Change
	if from, to := rows(before.Rows), rows(after.Rows); from != to {
		out = append(out, Change{What: contract.TableRows, From: from, To: to})
	}
	if from, to := freshness(before.Freshness), freshness(after.Freshness); from != to {
		out = append(out, Change{What: contract.TableFreshness, From: from, To: to})
	}
	return out
}

// versionChanges lists the attributes of the version itself, and its blocks rows
// and freshness, in which two differ.
func versionChanges(before, after *contract.Contract) []Change {
	text := func(c *contract.Contract, name string) string {
		for _, a := range contracttext.VersionAttrs(c) {
			if a.Name == name {
				return a.Text
			}
		}
		return ""
	}
	var out []Change
	for _, a := range slices.Concat(contracttext.VersionAttrs(before), contracttext.VersionAttrs(after)) {
		from, to := text(before, a.Name), text(after, a.Name)
		if from != to && a.Name != "deprecated_after" && !slices.ContainsFunc(out, func(c Change) bool { return c.What == a.Name }) {
			out = append(out, Change{What: a.Name, From: from, To: to})
		}
	}
	return append(out, tableChanges(before, after)...)
}

// outer names the attributes that stay with the contract when its body moves into
// a version block.
var outer = []string{"for_each", "description", "owner", "compatibility", "latest_version", "extensions"}

// wrap puts a version block around the body of a contract that has none, and block
// behind it. Attributes of the contract itself stay outside, with the comments
// right above them.
func (e *editor) wrap(block string) {
	start, end := e.lineEnd(e.block.OpenBraceRange.End.Byte), e.lineStart(e.block.CloseBraceRange.Start.Byte)
	var attrs []*hclsyntax.Attribute
	for _, a := range e.block.Body.Attributes {
		if slices.Contains(outer, a.Name) {
			attrs = append(attrs, a)
		}
	}
	slices.SortFunc(attrs, func(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte })
	var kept, moved strings.Builder
	at := start
	for _, a := range attrs {
		from, to := e.lines(a.SrcRange.Start.Byte, a.SrcRange.End.Byte)
		from = max(e.withComment(from), at)
		moved.Write(e.src[at:from])
		kept.Write(e.src[from:to])
		at = to
	}
	moved.Write(e.src[at:end])
	in := e.indent(e.block) + "  "
	text := kept.String()
	if text != "" {
		text += "\n"
	}
	text += in + "version \"1\" {\n" + indentLines(strings.Trim(moved.String(), "\n"), heredocs(e.block)) + "\n" + in + "}\n\n" + block
	e.replace(start, end, text)
}

// heredocs reports whether a body holds a here document, whose lines must not move.
func heredocs(b *hclsyntax.Block) bool {
	found := false
	for _, a := range b.Body.Attributes {
		_, template := a.Expr.(*hclsyntax.TemplateExpr)
		found = found || template && a.SrcRange.End.Line > a.SrcRange.Start.Line
	}
	for _, n := range b.Body.Blocks {
		found = found || heredocs(n)
	}
	return found
}

// indentLines moves lines two spaces in, unless some of them are text.
func indentLines(text string, hold bool) string {
	if hold {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = "  " + l
		}
	}
	return strings.Join(lines, "\n")
}
