package program

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Part is a piece of a Text: literal text, the name of a secret (an environment
// variable, or "file:PATH"), or the name of a sensitive variable. Exactly one is
// meant: Secret if set, else Var if set, else Lit.
type Part struct {
	Lit    string `json:"lit,omitempty"`
	Secret string `json:"secret,omitempty"`
	Var    string `json:"var,omitempty"`
}

// Text is a string of the program: literal pieces and references to what is
// resolved only at the moment of use. In JSON it is a plain string when it holds
// no reference, else an array of parts.
type Text []Part

// PathRoot is the name under which a Text refers to the project's folder: it is
// another one on each machine, so a program holds the reference only.
const PathRoot = "path.root"

// Rooted returns the text with references to the project's folder replaced.
func (t Text) Rooted(root string) Text {
	var out Text
	for _, p := range t {
		if p.Var == PathRoot {
			p = Part{Lit: root}
		}
		if n := len(out); n > 0 && p.Secret == "" && p.Var == "" && out[n-1].Secret == "" && out[n-1].Var == "" {
			out[n-1].Lit += p.Lit
			continue
		}
		out = append(out, p)
	}
	return out
}

// Lit makes the text of a literal.
func Lit(s string) Text {
	if s == "" {
		return nil
	}
	return Text{{Lit: s}}
}

// Literal returns the text and true when it holds no reference.
func (t Text) Literal() (string, bool) {
	var b strings.Builder
	for _, p := range t {
		if p.Secret != "" || p.Var != "" {
			return "", false
		}
		b.WriteString(p.Lit)
	}
	return b.String(), true
}

// String prints the text with references by name: "Bearer ${secret(TOKEN)}".
// It is safe to show.
func (t Text) String() string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.Secret != "":
			fmt.Fprintf(&b, "${secret(%q)}", p.Secret)
		case p.Var == PathRoot:
			b.WriteString("${path.root}")
		case p.Var != "":
			fmt.Fprintf(&b, "${var.%s}", p.Var)
		default:
			b.WriteString(p.Lit)
		}
	}
	return b.String()
}

// Resolver gives the value of a reference at the moment of use.
type Resolver func(p Part) (string, error)

// Resolve returns the text with every reference replaced. The result must not
// be stored, logged or shown.
func (t Text) Resolve(r Resolver) (string, error) {
	var b strings.Builder
	for _, p := range t {
		if p.Secret == "" && p.Var == "" {
			b.WriteString(p.Lit)
			continue
		}
		s, err := r(p)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

// MarshalJSON writes a string, or an array of parts.
func (t Text) MarshalJSON() ([]byte, error) {
	if s, ok := t.Literal(); ok {
		return marshal(s)
	}
	return marshal([]Part(t))
}

// UnmarshalJSON reads either form.
func (t *Text) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]Part)(t))
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	*t = Lit(s)
	return nil
}

// Value is a JSON-like tree whose strings are Texts: the config of a tap. The
// zero value is null. In JSON it is {"text": ...}, {"list": [...]} and so on, so
// that a list of parts and a list of strings cannot be mixed up.
type Value struct {
	Text *Text             `json:"text,omitempty"`
	Num  string            `json:"num,omitempty"` // a JSON number, every digit kept
	Bool *bool             `json:"bool,omitempty"`
	List *[]Value          `json:"list,omitempty"`
	Map  *map[string]Value `json:"map,omitempty"`
}

// ResolveJSON writes the value as JSON with every reference resolved, object
// members sorted by name. The result must not be stored, logged or shown.
func (v Value) ResolveJSON(r Resolver) ([]byte, error) {
	plain, err := v.resolve(r)
	if err != nil {
		return nil, err
	}
	return marshal(plain)
}

func (v Value) resolve(r Resolver) (any, error) {
	switch {
	case v.Text != nil:
		return v.Text.Resolve(r)
	case v.Num != "":
		return json.Number(v.Num), nil
	case v.Bool != nil:
		return *v.Bool, nil
	case v.List != nil:
		out := make([]any, len(*v.List))
		for i, e := range *v.List {
			x, err := e.resolve(r)
			if err != nil {
				return nil, err
			}
			out[i] = x
		}
		return out, nil
	case v.Map != nil:
		out := make(map[string]any, len(*v.Map))
		for k, e := range *v.Map {
			x, err := e.resolve(r)
			if err != nil {
				return nil, err
			}
			out[k] = x
		}
		return out, nil
	default:
		return nil, nil
	}
}

// marshal writes JSON without HTML escapes.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
