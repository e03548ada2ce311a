package schemadiff

import (
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
)

// family is the keywords of one type.
type family struct {
	kind     kind
	keywords []string
}

// families returns the keywords by the type that they speak of, in the order in
// which a schema without `type` is taken apart.
func (l *loader) families() []family {
	arrays := []string{"items", "additionalItems", "minItems", "maxItems", "uniqueItems"}
	objects := []string{"properties", "required", "minProperties", "maxProperties", "dependencies", "patternProperties", "additionalProperties"}
	texts := []string{"minLength", "maxLength", "pattern"}
	if l.draft >= draft6 {
		arrays, objects = append(arrays, "contains"), append(objects, "propertyNames")
	}
	if l.draft >= draft2019 {
		arrays = append(arrays, "minContains", "maxContains", "unevaluatedItems", "prefixItems")
		objects = append(objects, "dependentRequired", "dependentSchemas", "unevaluatedProperties")
	} else {
		texts = append(texts, "format")
	}
	return []family{{array, arrays}, {object, objects},
		{number, []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}}, {text, texts}}
}

// schema reads a schema: its keywords are parted by what they speak of, and more
// than one part makes an allOf.
func (l *loader) schema(v any, at string) *node {
	switch v := v.(type) {
	case bool:
		if v {
			return &node{kind: anything, body: "true"}
		}
		return &node{kind: nothing, body: "false"}
	case map[string]any:
		return l.object(v, at)
	}
	l.fault(at, "A schema is an object or a boolean, and this is %s.", canonical(v))
	return &node{kind: anything}
}

func (l *loader) object(m map[string]any, at string) *node {
	body := canonical(m)
	parts := l.references(m, at)
	if len(parts) == 0 || l.draft >= draft2019 {
		parts = append(parts, l.parts(m, at)...)
	}
	var n *node
	switch len(parts) {
	case 0:
		n = &node{kind: anything}
	case 1:
		n = parts[0]
	default:
		n = &node{kind: combined, criterion: "allOf", parts: parts}
	}
	for _, p := range parts {
		p.body = body
	}
	n.body = body
	if n.kind == reference {
		return n
	}
	n.title, _ = m["title"].(string)
	n.description, _ = m["description"].(string)
	if l.draft < draft2019 {
		n.id, _ = m[map[bool]string{true: "id", false: "$id"}[l.draft == draft4]].(string)
	}
	n.bytes = m["connect.type"] == "bytes"
	if v, ok := m["default"]; ok {
		s := canonical(v)
		n.fallback = &s
	}
	return n
}

func (l *loader) references(m map[string]any, at string) (out []*node) {
	keys := []string{"$ref"}
	if l.draft >= draft2019 {
		keys = append(keys, "$recursiveRef", "$dynamicRef")
	}
	for _, key := range keys {
		if to, ok := m[key].(string); ok {
			n := &node{kind: reference}
			l.refs = append(l.refs, &refTo{n, to, at})
			out = append(out, n)
		}
	}
	return out
}

// parts reads everything but references.
func (l *loader) parts(m map[string]any, at string) (out []*node) {
	if list, ok := m["enum"].([]any); ok {
		n := &node{kind: enumeration}
		for _, v := range list {
			n.values = append(n.values, canonical(v))
		}
		out = append(out, n)
	}
	for _, criterion := range []string{"allOf", "anyOf", "oneOf"} {
		if v, ok := m[criterion]; ok {
			out = append(out, &node{kind: combined, criterion: criterion, parts: l.list(v, at+"/"+criterion)})
		}
	}
	if v, ok := m["not"]; ok {
		out = append(out, &node{kind: negation, inner: l.schema(v, at+"/not")})
	}
	if v, ok := m["const"]; ok && l.draft >= draft6 {
		out = append(out, &node{kind: constant, values: []string{canonical(v)}})
	}
	taken := map[kind]bool{}
	switch t := m["type"].(type) {
	case string:
		out = append(out, l.typed(t, m, at, taken))
	case []any:
		n := &node{kind: combined, criterion: "anyOf"}
		for _, name := range t {
			s, _ := name.(string)
			part := l.typed(s, m, at, taken)
			part.body = canonical(m)
			n.parts = append(n.parts, part)
		}
		out = append(out, n)
	case nil:
	default:
		l.fault(at, "type is a name or a list of names, and this is %s.", canonical(t))
	}
	for _, f := range l.families() {
		if !taken[f.kind] && slices.ContainsFunc(f.keywords, func(k string) bool { _, ok := m[k]; return ok }) {
			out = append(out, l.family(f.kind, m, at))
		}
	}
	if _, ok := m["if"]; ok && l.draft >= draft7 {
		out = append(out, &node{kind: conditional})
	}
	return out
}

// typed reads the keywords of a type that is named.
func (l *loader) typed(name string, m map[string]any, at string, taken map[kind]bool) *node {
	k, ok := map[string]kind{"string": text, "integer": number, "number": number, "boolean": boolean, "null": null, "array": array, "object": object}[name]
	if !ok {
		l.fault(at, "There is no type %q.", name)
		return &node{kind: anything}
	}
	taken[k] = true
	n := l.family(k, m, at)
	n.typed, n.integer = true, name == "integer"
	return n
}

// family reads the keywords of one type.
func (l *loader) family(k kind, m map[string]any, at string) *node {
	n := &node{kind: k, limits: map[string]*big.Rat{}}
	switch k {
	case text:
		l.numbers(n, m, at, "minLength", "maxLength")
		if p, ok := m["pattern"].(string); ok {
			n.pattern = &p
		}
		n.format, _ = m["format"].(string)
	case number:
		l.numbers(n, m, at, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
		for _, key := range []string{"exclusiveMinimum", "exclusiveMaximum"} {
			if m[key] == true {
				n.exclusive += key
			}
		}
		n.multiple = l.number(m["multipleOf"], at+"/multipleOf")
	case array:
		l.arrays(n, m, at)
	case object:
		l.objects(n, m, at)
	}
	return n
}

func (l *loader) numbers(n *node, m map[string]any, at string, keys ...string) {
	for _, key := range keys {
		if v := l.number(m[key], at+"/"+key); v != nil {
			n.limits[key] = v
		}
	}
}

// number reads a limit; nil where there is none. Draft 4's boolean limits are
// read elsewhere.
func (l *loader) number(v any, at string) *big.Rat {
	switch v := v.(type) {
	case nil, bool:
		return nil
	case json.Number:
		if r, ok := rational(v); ok {
			return r
		}
		l.fault(at, "%s has an exponent beyond %d.", v, maxExponent)
		return nil
	}
	l.fault(at, "A number belongs here, and this is %s.", canonical(v))
	return nil
}

func (l *loader) arrays(n *node, m map[string]any, at string) {
	l.numbers(n, m, at, "minItems", "maxItems")
	n.unique = m["uniqueItems"] == true
	others := "additionalItems"
	if list, ok := m["prefixItems"]; ok && l.draft >= draft2020 {
		n.tuple = l.list(list, at+"/prefixItems")
		others = "items"
	} else if open, ok := m["items"].(bool); ok && l.draft >= draft2020 {
		n.closed = !open
	} else if list, ok := m["items"].([]any); ok {
		n.tuple = l.list(list, at+"/items")
	} else if v, ok := m["items"]; ok {
		n.items = l.schema(v, at+"/items")
	}
	l.others(n, m, others, at)
	if v, ok := m["contains"]; ok && l.draft >= draft6 {
		n.contains = l.schema(v, at+"/contains")
		if l.draft >= draft2019 {
			n.limits["minContains"] = big.NewRat(1, 1)
			l.numbers(n, m, at, "minContains", "maxContains")
		}
	}
	if v, ok := m["unevaluatedItems"]; ok && l.draft >= draft2019 {
		n.unevaluated = l.schema(v, at+"/unevaluatedItems")
	}
}

// others reads what else an array or object may hold.
func (l *loader) others(n *node, m map[string]any, key, at string) {
	switch v := m[key].(type) {
	case nil:
	case bool:
		n.closed = !v
	default:
		n.rest = l.schema(v, at+"/"+key)
	}
}

func (l *loader) objects(n *node, m map[string]any, at string) {
	l.numbers(n, m, at, "minProperties", "maxProperties")
	n.properties = l.byName(m["properties"], at+"/properties")
	n.required = l.names(m["required"], at+"/required")
	for _, text := range sortedKeys(asMap(m["patternProperties"])) {
		match, err := regexp.Compile(text)
		if err != nil {
			match = nil
		}
		of := l.schema(asMap(m["patternProperties"])[text], at+"/patternProperties/"+escape(text))
		n.patterns = append(n.patterns, patternProperty{text, match, of})
	}
	l.others(n, m, "additionalProperties", at)
	if v, ok := m["propertyNames"]; ok && l.draft >= draft6 {
		n.names = l.schema(v, at+"/propertyNames")
	}
	if v, ok := m["unevaluatedProperties"]; ok && l.draft >= draft2019 {
		n.unevaluated = l.schema(v, at+"/unevaluatedProperties")
	}
	l.dependencies(n, m, at)
}

func (l *loader) dependencies(n *node, m map[string]any, at string) {
	n.needs, n.needsSchema = map[string]map[string]bool{}, map[string]*node{}
	keys := []string{"dependencies"}
	if l.draft >= draft2019 {
		keys = append(keys, "dependentRequired", "dependentSchemas")
	}
	for _, key := range keys {
		all := asMap(m[key])
		for _, name := range sortedKeys(all) {
			place := at + "/" + key + "/" + escape(name)
			if _, ok := all[name].([]any); ok {
				n.needs[name] = l.names(all[name], place)
			} else {
				n.needsSchema[name] = l.schema(all[name], place)
			}
		}
	}
}

func (l *loader) byName(v any, at string) map[string]*node {
	out := map[string]*node{}
	if v == nil {
		return out
	}
	m, ok := v.(map[string]any)
	if !ok {
		l.fault(at, "Schemas by name belong here, and this is %s.", canonical(v))
	}
	for _, name := range sortedKeys(m) {
		out[name] = l.schema(m[name], at+"/"+escape(name))
	}
	return out
}

func (l *loader) list(v any, at string) []*node {
	list, ok := v.([]any)
	if !ok {
		l.fault(at, "A list of schemas belongs here, and this is %s.", canonical(v))
	}
	out := make([]*node, len(list))
	for i, e := range list {
		out[i] = l.schema(e, at+"/"+strconv.Itoa(i))
	}
	return out
}

// names reads a list of property names; nil where there is none. Draft 3's
// boolean `required` says nothing here.
func (l *loader) names(v any, at string) map[string]bool {
	list, ok := v.([]any)
	if !ok {
		if v != nil && v != true && v != false {
			l.fault(at, "A list of names belongs here, and this is %s.", canonical(v))
		}
		return nil
	}
	out := map[string]bool{}
	for _, e := range list {
		name, ok := e.(string)
		if !ok {
			l.fault(at, "A name belongs here, and this is %s.", canonical(e))
		}
		out[name] = true
	}
	return out
}

func asMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}
