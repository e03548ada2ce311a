package check

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/headgate-data/headgate/compiler/contract/jsonschema"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/executor/enforce"
	"github.com/headgate-data/headgate/executor/outcome"
	"github.com/headgate-data/headgate/lang/diag"
)

// SchemaSpec says what to check against a plain JSON Schema.
type SchemaSpec struct {
	Schema       *jsonschema.Schema
	Name         string // of the schema's file
	AssertFormat bool
	Inputs       []Input // in the order in which they are read; Format is json, jsonl or ""
	Root         string  // absolute; relative paths and patterns start here
	Examples     int     // of each keyword
	Reject       func(connector.Reject) error
}

// RunSchema holds documents to a JSON Schema. Text that is no JSON is a finding
// too. The report is nil where the diagnostics hold an error.
func RunSchema(ctx context.Context, spec SchemaSpec) (*outcome.SchemaCheck, diag.Diagnostics) {
	c := &schemaChecker{spec: spec, rules: map[string]*outcome.RuleReport{}, out: &outcome.SchemaCheck{Schema: spec.Name, Draft: spec.Schema.Draft,
		AssertFormat: spec.AssertFormat, Verdict: outcome.Holds, Inputs: []outcome.CheckInput{}, Rules: []outcome.RuleReport{}}}
	began := time.Now()
	for _, in := range spec.Inputs {
		err := guarded(func() error { return documents(ctx, spec.Root, in, c.take) })
		if err != nil {
			return nil, diag.Diagnostics{diag.FromError(err, diag.CheckInput, "What is to be checked cannot be read")}
		}
	}
	took := time.Since(began).Seconds()
	c.out.Seconds = took
	if took > 0 {
		c.out.DocumentsPerSecond = float64(c.out.Read) / took
	}
	for _, r := range c.rules {
		c.out.Rules = append(c.out.Rules, *r)
	}
	slices.SortFunc(c.out.Rules, func(a, b outcome.RuleReport) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Rule, b.Rule))
	})
	if c.out.Invalid > 0 {
		c.out.Verdict = outcome.Broken
	}
	return c.out, nil
}

// schemaChecker is one check at work.
type schemaChecker struct {
	spec  SchemaSpec
	out   *outcome.SchemaCheck
	rules map[string]*outcome.RuleReport // by keyword
}

// jsonRule is the rule of text that is no JSON document.
const jsonRule = "json"

// take judges one document.
func (c *schemaChecker) take(d document) error {
	c.out.Read++
	c.out.Bytes += int64(len(d.text))
	if n := len(c.out.Inputs); n == 0 || c.out.Inputs[n-1].Name != d.origin {
		c.out.Inputs = append(c.out.Inputs, outcome.CheckInput{Name: d.origin})
	}
	c.out.Inputs[len(c.out.Inputs)-1].Records++
	root, fault := jsonschema.Read(d.origin, d.text)
	if fault != nil {
		line := d.line + int64(fault.Subject.Start.Line) - 1
		c.note(jsonRule, nil, outcome.ExampleReport{Origin: d.origin, Line: line, Message: "column " + strconv.Itoa(fault.Subject.Start.Column) + ": " + fault.Detail})
		return c.refuse(d, line, []connector.RejectReason{{Rule: jsonRule, Message: fault.Detail}})
	}
	value := root.Value()
	found := c.spec.Schema.Validate(value)
	if len(found) == 0 {
		c.out.Valid++
		return nil
	}
	var reasons []connector.RejectReason
	for _, v := range found {
		line, text := d.line, ""
		if n := root.At(v.Instance); n != nil {
			line += int64(n.Range.Start.Line) - 1
			text = compact(d.text[n.Range.Start.Byte:n.Range.End.Byte])
		}
		message := v.Message
		if v.Instance != "" {
			message = v.Instance + " " + message
		}
		rule := v.Keyword
		if rule == "" {
			rule = "(schema)"
		}
		where := v.Range
		c.note(rule, &where, outcome.ExampleReport{Origin: d.origin, Line: line, Value: text, Message: message})
		reasons = append(reasons, connector.RejectReason{Column: v.Instance, Rule: rule, Value: text, Message: v.Message})
	}
	return c.refuse(d, d.line, reasons)
}

// compact writes a value on one line, shortened.
func compact(text []byte) string {
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return ""
	}
	return enforce.Cut(b.Bytes())
}

// note counts a finding.
func (c *schemaChecker) note(rule string, where *diag.Range, x outcome.ExampleReport) {
	r := c.rules[rule]
	if r == nil {
		r = &outcome.RuleReport{Rule: rule, Severity: "error", Outcome: "invalid"}
		if where != nil && !where.IsZero() {
			r.Range = where
		}
		c.rules[rule] = r
	}
	r.Count++
	if len(r.Examples) < c.spec.Examples {
		r.Examples = append(r.Examples, x)
	}
}

// refuse counts a document that is invalid.
func (c *schemaChecker) refuse(d document, line int64, reasons []connector.RejectReason) error {
	c.out.Invalid++
	if c.spec.Reject == nil {
		return nil
	}
	return c.spec.Reject(connector.Reject{Origin: d.origin, Line: line, Reasons: reasons, Raw: bytes.Clone(d.text)})
}
