package contracttext

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/headgate-data/headgate/compiler/contract/document"
	"github.com/headgate-data/headgate/compiler/types"
	"github.com/headgate-data/headgate/lang"
)

// lineWidth is where a list or type is broken into a line for each element.
const lineWidth = 100

// List writes a list of expressions: on one line where it fits. An empty list is
// "".
func List(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	line := "[" + strings.Join(parts, ", ") + "]"
	if len(line) <= lineWidth {
		return line
	}
	return "[\n" + strings.Join(parts, ",\n") + ",\n]"
}

// Type writes a column type: a struct that is long has a line for each field.
func Type(t types.Type) string {
	line := typeText(t, ", ", "")
	if len(line) <= lineWidth {
		return line
	}
	return typeText(t, "\n", "\n")
}

func typeText(t types.Type, between, around string) string {
	switch t.Kind {
	case types.List, types.Map:
		return t.Kind.String() + "(" + typeText(*t.Elem, between, around) + ")"
	case types.Struct:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = name(f.Name) + " = " + typeText(f.Type, between, around)
		}
		return "struct({" + around + strings.Join(parts, between) + around + "})"
	default:
		return t.String()
	}
}

// name writes a member's name: bare where that is an identifier that HCL does not
// take for another thing.
func name(s string) string {
	for i, c := range []byte(s) {
		letter := c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return lang.Quote(s)
		}
	}
	switch s {
	case "", "true", "false", "null", "for", "in", "if":
		return lang.Quote(s)
	}
	return s
}

// Constant writes the canonical text of a value of type t as an expression.
func Constant(t types.Type, text string) string {
	switch {
	case t.Kind == types.Decimal && strings.Contains(text, "."):
		return strings.TrimRight(strings.TrimRight(text, "0"), ".")
	case t.IsNumeric() || t.Kind == types.Bool:
		return text
	case t.IsNested() || t.Kind == types.JSON:
		return JSON(text)
	default:
		return lang.Quote(text)
	}
}

// JSON writes JSON text as an expression of the same value, members in their
// order. A text that is no JSON becomes a string.
func JSON(text string) string {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var b bytes.Buffer
	if err := expression(&b, dec); err != nil {
		return lang.Quote(text)
	}
	return b.String()
}

// expression writes the next value of a stream of JSON tokens.
func expression(b *bytes.Buffer, dec *json.Decoder) error {
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	switch v := tok.(type) {
	case json.Delim:
		return container(b, dec, v)
	case string:
		b.WriteString(lang.Quote(v))
	case json.Number:
		b.WriteString(v.String())
	case bool:
		b.WriteString(strconv.FormatBool(v))
	default:
		b.WriteString("null")
	}
	return nil
}

func container(b *bytes.Buffer, dec *json.Decoder, open json.Delim) error {
	object := open == '{'
	b.WriteString(open.String())
	for i := 0; dec.More(); i++ {
		if i > 0 {
			b.WriteString(", ")
		}
		if object {
			tok, err := dec.Token()
			if err != nil {
				return err
			}
			b.WriteString(name(tok.(string)) + " = ")
		}
		if err := expression(b, dec); err != nil {
			return err
		}
	}
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	b.WriteString(fmt.Sprint(tok))
	return nil
}

// objectWidth is where an object or list of Object is broken into lines.
const objectWidth = 80

// Object writes a JSON object as an expression of the same value, with a line for
// each member of what is long. An empty text is "".
func Object(text json.RawMessage) string {
	if len(text) == 0 {
		return ""
	}
	v := document.FromJSON(text)
	if v == nil { // deeper than documents are
		return JSON(string(text))
	}
	return layout(v)
}

func layout(v *document.Value) string {
	short := JSON(document.Compact(v))
	switch {
	case len(short) <= objectWidth:
		return short
	case v.Is(document.Map):
		var b strings.Builder
		b.WriteString("{\n")
		for _, m := range v.Members {
			b.WriteString(name(m.Name) + " = " + layout(m.Value) + "\n")
		}
		return b.String() + "}"
	case v.Is(document.List):
		var b strings.Builder
		b.WriteString("[\n")
		for _, x := range v.Items {
			b.WriteString(layout(x) + ",\n")
		}
		return b.String() + "]"
	}
	return short
}
