package program

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// Plain turns a value into what its JSON would be read back as: map[string]any,
// []any, string, bool, nil, and every number as its digits, a json.Number. Nothing
// in it is shared with v. Members of structs that only say where something is
// written are left out. It takes the way through the text only where a type writes
// its own JSON.
func Plain(v any) any {
	p := plainer{known: knownFields()}
	out, err := p.value(reflect.ValueOf(v))
	if err != nil {
		return "unencodable: " + err.Error()
	}
	return out
}

// plainer is one conversion.
type plainer struct {
	known map[reflect.Type][]plainField // of structs that a node is made of; shared, and never written
}

// knownFields are the members of every struct below a Node.
var knownFields = sync.OnceValue(func() map[reflect.Type][]plainField {
	known := map[reflect.Type][]plainField{}
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			visit(t.Elem())
		case reflect.Struct:
			if _, done := known[t]; done {
				return
			}
			known[t] = fieldsOf(t)
			for _, f := range known[t] {
				visit(t.Field(f.index).Type)
			}
		}
	}
	visit(reflect.TypeFor[Node]())
	return known
})

// plainField is a member of a struct.
type plainField struct {
	name      string
	index     int
	omitEmpty bool
	omitZero  bool
	special   bool // embedded, or written as a text: left to package json
}

// interfaces that a type says by how it is written.
func writesItself(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

func (p *plainer) value(v reflect.Value) (any, error) {
	if !v.IsValid() {
		return nil, nil
	}
	if k := v.Kind(); (k == reflect.Pointer || k == reflect.Interface) && v.IsNil() {
		return nil, nil
	}
	if writesItself(v.Type()) {
		if text, ok := v.Interface().(encoding.TextMarshaler); ok && !v.Type().Implements(reflect.TypeFor[json.Marshaler]()) {
			b, err := text.MarshalText()
			if err == nil && utf8.Valid(b) {
				return string(b), nil
			}
		}
		return throughText(v.Interface())
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return p.value(v.Elem())
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return json.Number(strconv.FormatInt(v.Int(), 10)), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return json.Number(strconv.FormatUint(v.Uint(), 10)), nil
	case reflect.String:
		if utf8.ValidString(v.String()) && v.Type() != reflect.TypeFor[json.Number]() {
			return v.String(), nil
		}
	case reflect.Struct:
		return p.object(v)
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String && !writesItself(v.Type().Key()) {
			return p.members(v)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			return p.list(v)
		}
	}
	return throughText(v.Interface())
}

func (p *plainer) list(v reflect.Value) (any, error) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return nil, nil
	}
	out := make([]any, v.Len())
	for i := range out {
		var err error
		if out[i], err = p.value(v.Index(i)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *plainer) members(v reflect.Value) (any, error) {
	if v.IsNil() {
		return nil, nil
	}
	out := make(map[string]any, v.Len())
	for i := v.MapRange(); i.Next(); {
		if !utf8.ValidString(i.Key().String()) {
			return throughText(v.Interface())
		}
		m, err := p.value(i.Value())
		if err != nil {
			return nil, err
		}
		out[i.Key().String()] = m
	}
	return out, nil
}

func (p *plainer) object(v reflect.Value) (any, error) {
	fields, ok := p.known[v.Type()]
	if !ok {
		fields = fieldsOf(v.Type())
	}
	out := make(map[string]any, len(fields))
	for _, f := range fields {
		if f.special {
			return throughText(v.Interface())
		}
		m := v.Field(f.index)
		if f.omitEmpty && empty(m) || f.omitZero && zero(m) {
			continue
		}
		value, err := p.value(m)
		if err != nil {
			return nil, err
		}
		out[f.name] = value
	}
	return out, nil
}

// fieldsOf reads the tags of a struct as package json does.
func fieldsOf(t reflect.Type) []plainField {
	var out []plainField
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		if tag == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "" {
			name = f.Name
		}
		if places[name] {
			continue
		}
		field := plainField{name: name, index: i, special: f.Anonymous}
		for o := range strings.SplitSeq(options, ",") {
			switch o {
			case "omitempty":
				field.omitEmpty = true
			case "omitzero":
				field.omitZero = true
			case "":
			default:
				field.special = true
			}
		}
		out = append(out, field)
	}
	return out
}

// empty is what omitempty leaves out.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Interface, reflect.Pointer:
		return v.IsZero()
	}
	return false
}

// zero is what omitzero leaves out.
func zero(v reflect.Value) bool {
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok && !(v.Kind() == reflect.Pointer && v.IsNil()) {
		return z.IsZero()
	}
	return v.IsZero()
}

// throughText writes a value as JSON and reads that.
func throughText(v any) (any, error) {
	b, err := marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var out any
	if err := dec.Decode(&out); err != nil {
		return nil, err
	}
	return out, nil
}
