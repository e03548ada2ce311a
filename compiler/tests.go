package compiler

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/headgate-data/headgate/compiler/config"
	"github.com/headgate-data/headgate/compiler/contract"
	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/lang"
	"github.com/headgate-data/headgate/lang/addr"
	"github.com/headgate-data/headgate/lang/diag"
)

// tests compiles the test blocks, in the order of their names.
func (c *compiler) tests() {
	for _, b := range c.mod.Blocks {
		if b.Type == "test" {
			c.test(b)
		}
	}
	slices.SortFunc(c.checked, func(a, b *program.Test) int { return strings.Compare(a.Name, b.Name) })
}

func (c *compiler) test(block *lang.Block) {
	b := c.body(block, nil)
	t := &program.Test{Name: block.Labels[0], Range: block.Range}
	t.Description, _ = b.str("description")
	a, ok := b.ref("contract", addr.Contract)
	if !ok {
		return
	}
	var of *contract.Contract
	if t.Contract, ok = c.versioned(a); ok && !c.faulty(a) {
		of = c.contract(t.Contract)
	}
	for _, n := range block.Blocks {
		if n.Type == "accept" || n.Type == "reject" {
			t.Cases = append(t.Cases, b.in(n).testCase(of))
		}
	}
	if len(t.Cases) == 0 {
		c.add(diag.New(diag.TestEmpty, "test %q holds neither an accept nor a reject block.", t.Name).At(block.Range))
	}
	if of != nil { // else it was reported
		c.checked = append(c.checked, t)
	}
}

// faulty reports whether a fault was found in a contract's block: it may lack rules
// that it would have.
func (c *compiler) faulty(a addr.Address) bool {
	e := c.entries[a.Kind][a.Name]
	return e == nil || slices.ContainsFunc(c.diags, func(d *diag.Diagnostic) bool {
		in := e.block.Body
		return d.Severity == diag.Error && d.Subject != nil && d.Subject.Filename == in.Filename &&
			d.Subject.Start.Byte >= in.Start.Byte && d.Subject.Start.Byte < in.End.Byte
	})
}

// testCase reads an accept or reject block. of is nil where the contract is broken.
func (b body) testCase(of *contract.Contract) program.TestCase {
	t := program.TestCase{Accept: b.b.Type == "accept", Table: b.has("rows"), Violates: b.strings("violates"), Range: b.b.Range}
	switch {
	case b.has("row") == b.has("rows"):
		b.c.add(diag.New(diag.TestRow, "The %s block needs one of row and rows.", b.b.Type).At(b.b.Range))
	case b.has("row"):
		if v, ok := b.plain("row"); ok {
			t.Rows = b.record(t.Rows, v, b.at("row"))
		}
	default:
		v, ok := b.plain("rows")
		if !ok {
			break
		}
		if ty := v.Type(); v.IsNull() || !ty.IsTupleType() && !ty.IsListType() {
			b.c.add(diag.New(diag.TestRow, "rows takes a list of records.").At(b.at("rows")))
			break
		}
		for i, x := range v.AsValueSlice() {
			t.Rows = b.record(t.Rows, x, b.elementAt("rows", i))
		}
	}
	if of != nil {
		b.violates(of, t)
	}
	return t
}

// plain evaluates an attribute to a value without secrets and references.
func (b body) plain(name string) (cty.Value, bool) {
	v, ok := b.raw(name)
	if !ok {
		return v, false
	}
	v, diags := config.Convert(v, cty.DynamicPseudoType, b.at(name))
	b.c.diags = append(b.c.diags, diags...)
	return v, !diags.HasErrors()
}

// record adds the raw text of a record to rows.
func (b body) record(rows []string, v cty.Value, at diag.Range) []string {
	ty := v.Type()
	switch {
	case v.IsNull() || ty != cty.String && !ty.IsObjectType() && !ty.IsMapType():
		b.c.add(diag.New(diag.TestRow, "A record is an object, { name = value }, or its raw text as a string.").At(at))
		return rows
	case ty == cty.String:
		return append(rows, v.AsString())
	}
	return append(rows, string(appendJSON(nil, v)))
}

// appendJSON appends a value as JSON: every digit of a number, members by name.
func appendJSON(dst []byte, v cty.Value) []byte {
	ty := v.Type()
	switch {
	case v.IsNull():
		return append(dst, "null"...)
	case ty == cty.Number:
		return append(dst, config.Number(v.AsBigFloat())...)
	case ty == cty.Bool && v.True():
		return append(dst, "true"...)
	case ty == cty.Bool:
		return append(dst, "false"...)
	case ty == cty.String:
		return appendText(dst, v.AsString())
	}
	object := ty.IsObjectType() || ty.IsMapType()
	open, shut := byte('['), byte(']')
	if object {
		open, shut = '{', '}'
	}
	dst = append(dst, open)
	first := true
	for it := v.ElementIterator(); it.Next(); first = false {
		k, x := it.Element()
		if !first {
			dst = append(dst, ',')
		}
		if object {
			dst = append(appendText(dst, k.AsString()), ':')
		}
		dst = appendJSON(dst, x)
	}
	return append(dst, shut)
}

func appendText(dst []byte, s string) []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always has a JSON form
	return append(dst, strings.TrimSuffix(b.String(), "\n")...)
}

// violates checks the names of rules.
func (b body) violates(of *contract.Contract, t program.TestCase) {
	rules := of.RuleNames()
	var names []string
	for _, r := range rules {
		if !t.Accept || r.Warning {
			names = append(names, r.Name)
		}
	}
	for i, name := range t.Violates {
		at := b.elementAt("violates", i)
		switch {
		case slices.Contains(names, name):
		case slices.ContainsFunc(rules, func(r contract.Rule) bool { return r.Name == name }):
			b.c.add(diag.New(diag.TestRule, "%s is no check of severity \"warning\", so a record that breaks it is not accepted: write a reject block.", name).At(at))
		case slices.Contains(of.BeyondTests(), name):
			b.c.add(diag.New(diag.TestRule, "%s is a promise about whole tables, which no test decides: a load judges it before it publishes.", name).At(at))
		default:
			b.c.add(diag.New(diag.TestRule, "contract.%s.v%d has no rule %q.%s", of.Name, of.Version, name, diag.DidYouMean(name, names)).At(at))
		}
	}
}
