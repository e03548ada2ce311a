package jsonschema

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	engine "github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/headgate-data/headgate/lang/diag"
)

// Violation is one way in which a document breaks a schema.
type Violation struct {
	Instance string     // JSON pointer to the value at fault; "" is the whole document
	Keyword  string     // JSON pointer to the keyword, by the way it was come to ("/properties/a/$ref/minimum")
	Message  string     // what the value does: "is less than 3"
	Range    diag.Range // of the keyword's value, in the file that holds it
}

// Validate holds a document to the schema: a value as encoding/json decodes into
// any, its numbers as json.Number. The violations are sorted by instance, then
// by keyword; none means that the schema takes the document.
func (s *Schema) Validate(doc any) (out []Violation) {
	defer func() {
		if r := recover(); r != nil { // a bug of the engine must not end a run
			out = []Violation{{Message: fmt.Sprintf("cannot be judged: %v", r), Range: s.root.root.Range}}
		}
	}()
	err := s.engine.Validate(doc)
	if err == nil {
		return nil
	}
	var v *engine.ValidationError
	if !errors.As(err, &v) {
		return []Violation{{Message: "cannot be judged: " + strings.TrimPrefix(err.Error(), "jsonschema: "), Range: s.root.root.Range}}
	}
	r := &reporter{schema: s, value: doc}
	return r.findings(v)
}

// Property returns the part of the schema that a pointer of a Residue lies in, and
// the name of the property: false where it lies in no single property.
func (s *Schema) Property(pointer string) (*Schema, string, bool) {
	e := s.engine
	for strings.HasPrefix(pointer, "/$ref") && e != nil {
		e, pointer = e.Ref, strings.TrimPrefix(pointer, "/$ref")
	}
	rest, ok := strings.CutPrefix(pointer, "/properties/")
	if !ok || e == nil {
		return nil, "", false
	}
	step, _, _ := strings.Cut(rest, "/")
	name := unescape(step)
	if e = e.Properties[name]; e == nil {
		return nil, "", false
	}
	out := *s
	out.engine = e
	return &out, name, true
}

// Accepts reports whether the schema takes a document.
func (s *Schema) Accepts(doc any) bool { return len(s.Validate(doc)) == 0 }

// reporter words the engine's errors about one value.
type reporter struct {
	schema *Schema // nil where a metaschema judges
	value  any
}

// findings returns the innermost errors, sorted.
func (r *reporter) findings(v *engine.ValidationError) []Violation {
	var out []Violation
	r.collect(v, &out)
	slices.SortStableFunc(out, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Keyword, b.Keyword), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(out, func(a, b Violation) bool {
		return a.Instance == b.Instance && a.Keyword == b.Keyword && a.Message == b.Message
	})
}

// collect goes down to what is at fault. An alternative of which no branch holds
// is one finding: its branches are reasons, not faults of their own.
func (r *reporter) collect(e *engine.ValidationError, out *[]Violation) {
	last := e.KeywordLocation[strings.LastIndexByte(e.KeywordLocation, '/')+1:]
	whole := e.Message != "" && (last == "anyOf" || last == "oneOf" || last == "minContains")
	if len(e.Causes) > 0 && !whole {
		for _, c := range e.Causes {
			r.collect(c, out)
		}
		return
	}
	v := Violation{Instance: pointerOf(e.InstanceLocation), Keyword: pointerOf(e.KeywordLocation)}
	var keyword *Node
	if r.schema != nil {
		keyword, v.Range = r.schema.place(e.AbsoluteKeywordLocation)
	}
	v.Message = r.word(e, last, keyword)
	*out = append(*out, v)
}

// place returns the keyword at a location of the engine.
func (s *Schema) place(location string) (*Node, diag.Range) {
	target, pointer, _ := strings.Cut(location, "#")
	for _, d := range s.docs {
		id, own := d.root.Get("$id"), ""
		if id == nil {
			id = d.root.Get("id")
		}
		if id != nil && id.Kind == String {
			base, err := url.Parse(d.URL)
			ref, refErr := url.Parse(id.Text)
			if err == nil && refErr == nil {
				own, _, _ = strings.Cut(base.ResolveReference(ref).String(), "#")
			}
		}
		if target == d.URL || target == own {
			return d.at(pointerOf(pointer))
		}
	}
	return nil, s.root.root.Range
}

// pointerOf turns a location of the engine, whose steps are escaped twice, into
// a JSON pointer.
func pointerOf(location string) string {
	steps := strings.Split(location, "/")
	for i, s := range steps {
		if plain, err := url.PathUnescape(s); err == nil {
			steps[i] = plain
		}
	}
	return strings.Join(steps, "/")
}

// measures words the keywords that are numbers.
var measures = map[string]string{
	"minimum": "is less than %s", "exclusiveMinimum": "is not more than %s", "maximum": "is more than %s", "exclusiveMaximum": "is not less than %s",
	"multipleOf": "is no multiple of %s", "minLength": "is shorter than %s", "maxLength": "is longer than %s",
	"minItems": "has fewer elements than %s", "maxItems": "has more elements than %s",
	"minProperties": "has fewer members than %s", "maxProperties": "has more members than %s",
	"maxContains": "holds more than %s elements that match contains",
}

// word says what the value does. keyword is what the schema says, nil where that
// is not known.
func (r *reporter) word(e *engine.ValidationError, last string, keyword *Node) string {
	want := ""
	if keyword != nil {
		want = short(string(appendPlain(nil, keyword)))
	}
	if words, ok := measures[last]; ok && keyword != nil && keyword.Kind == Number {
		return fmt.Sprintf(words, keyword.Text)
	}
	switch last {
	case "type":
		if types, _, ok := strings.Cut(strings.TrimPrefix(e.Message, "expected "), ", but got "); ok {
			return fmt.Sprintf("is %s, and should be %s", r.kindAt(e.InstanceLocation), types)
		}
	case "required":
		return "lacks " + names(e.Message)
	case "additionalProperties":
		if strings.HasPrefix(e.Message, "additionalProperties ") {
			return "may not have " + names(e.Message)
		}
	case "enum":
		if keyword != nil {
			return "is none of " + want
		}
	case "const":
		if keyword != nil {
			return "is not " + want
		}
	case "format":
		if keyword != nil {
			return "is not of the format " + keyword.Text
		}
	case "pattern":
		if keyword != nil {
			return "does not match " + want
		}
	case "anyOf", "oneOf", "minContains":
		return r.alternatives(e, last)
	case "not":
		return "is what the schema under not describes"
	}
	if e.Message == "not allowed" {
		return "is not allowed here"
	}
	return "breaks " + last + ": " + tidy(e.Message)
}

// tidy takes the names of the engine's own making out of a message.
func tidy(message string) string {
	return strings.TrimPrefix(message, "jsonschema: ")
}

// alternatives words an error whose causes are the branches that do not hold.
func (r *reporter) alternatives(e *engine.ValidationError, last string) string {
	head := "matches none of the schemas of " + last
	switch {
	case last == "minContains":
		head = "holds too few elements that match contains"
	case len(e.Causes) == 0:
		return "matches more than one schema of oneOf: those at" + strings.TrimPrefix(e.Message, "valid against schemas at indexes") + ", counted from 0"
	}
	for i, c := range e.Causes {
		if i == 4 {
			return head + "; ..."
		}
		var inner []Violation
		r.collect(c, &inner)
		if len(inner) == 0 {
			continue
		}
		slices.SortStableFunc(inner, func(a, b Violation) int {
			return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Keyword, b.Keyword))
		})
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		at := strings.TrimPrefix(inner[0].Instance, pointerOf(e.InstanceLocation))
		if at != "" {
			at += " "
		}
		head += sep + at + short(inner[0].Message)
	}
	return head
}

// short cuts a text of a message.
func short(s string) string {
	const most = 120
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// names returns the quoted names of a message, sorted, with commas.
func names(message string) string {
	var out []string
	for {
		start := strings.IndexByte(message, '\'')
		if start < 0 {
			break
		}
		end := start + 1
		for end < len(message) && message[end] != '\'' {
			if message[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(message) {
			break
		}
		body := strings.ReplaceAll(strings.ReplaceAll(message[start+1:end], `\'`, `'`), `"`, `\"`)
		if s, err := strconv.Unquote(`"` + body + `"`); err == nil {
			body = s
		}
		out = append(out, strconv.Quote(body))
		message = message[end+1:]
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// kindAt names the kind of the value at a location.
func (r *reporter) kindAt(location string) string {
	switch v := Lookup(r.value, pointerOf(location)).(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "a number"
		}
		return "an integer"
	case []any:
		return "an array"
	default:
		return "an object"
	}
}

// Lookup returns the value that a JSON pointer leads to in a decoded document,
// nil where it leads nowhere.
func Lookup(v any, pointer string) any {
	if pointer == "" {
		return v
	}
	for _, step := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		switch x := v.(type) {
		case map[string]any:
			v = x[unescape(step)]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}
