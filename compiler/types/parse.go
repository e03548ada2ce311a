package types

import (
	"fmt"
	"strconv"
	"strings"
)

// simple maps every accepted spelling of a type without parameters to its kind.
var simple = map[string]Kind{
	"any": Any, "bool": Bool, "int32": Int32, "int64": Int64, "float64": Float64, "string": String, "bytes": Bytes,
	"date": Date, "time": Time, "timestamp": Timestamp, "timestamptz": TimestampTZ, "uuid": UUID, "json": JSON,
	"boolean": Bool, "smallint": Int32, "integer": Int32, "int": Int32, "bigint": Int64, "double": Float64,
	"varchar": String, "text": String,
}

// Names returns the canonical names of the types a user can write, in the order
// of the reference.
func Names() []string {
	return []string{"bool", "int32", "int64", "float64", "decimal", "string", "bytes", "date", "time", "timestamp",
		"timestamptz", "uuid", "json", "list", "struct", "map"}
}

// Synonyms returns the SQL names that are accepted beside the canonical ones.
func Synonyms() []string {
	return []string{"boolean", "smallint", "integer", "int", "bigint", "double", "varchar", "text", "numeric"}
}

// maxDepth bounds nesting, so that a hostile type text cannot exhaust the stack.
const maxDepth = 64

// Parse reads a type as a user writes it or as String prints it. Names are
// lower case; SQL names are accepted as synonyms. The error says what is wrong.
func Parse(s string) (Type, error) {
	p := &typeParser{in: s}
	t, err := p.parse(0)
	if err != nil {
		return Type{}, err
	}
	if p.space(); p.pos != len(p.in) {
		return Type{}, fmt.Errorf("%q is left over after the type %s", p.in[p.pos:], t)
	}
	return t, nil
}

// DecimalChecked makes decimal(p, s), or says why there is no such type.
func DecimalChecked(p, s int) (Type, error) {
	if p < 1 || p > 38 {
		return Type{}, fmt.Errorf("a decimal has 1 to 38 digits, not %d", p)
	}
	if s < 0 || s > p {
		return Type{}, fmt.Errorf("the scale of decimal(%d, %d) must lie between 0 and %d", p, s, p)
	}
	return DecimalOf(p, s), nil
}

// Simple returns the type of a name without parameters, synonyms included.
func Simple(name string) (Type, bool) {
	k, ok := simple[name]
	return Of(k), ok
}

type typeParser struct {
	in  string
	pos int
}

func (p *typeParser) space() {
	for p.pos < len(p.in) && strings.IndexByte(" \t\r\n", p.in[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *typeParser) take(c byte) bool {
	p.space()
	if p.pos < len(p.in) && p.in[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *typeParser) want(c byte) error {
	if !p.take(c) {
		return fmt.Errorf("%q: expected %q at character %d", p.in, c, p.pos+1)
	}
	return nil
}

// word reads a bare or quoted name.
func (p *typeParser) word() (string, error) {
	p.space()
	if p.pos < len(p.in) && p.in[p.pos] == '"' {
		q, err := strconv.QuotedPrefix(p.in[p.pos:])
		if err != nil {
			return "", fmt.Errorf("%q: a quoted name is not closed", p.in)
		}
		p.pos += len(q)
		return strconv.Unquote(q)
	}
	start := p.pos
	for p.pos < len(p.in) && strings.IndexByte(" \t\r\n(){},=\"", p.in[p.pos]) < 0 {
		p.pos++
	}
	if start == p.pos {
		return "", fmt.Errorf("%q: a name is missing at character %d", p.in, start+1)
	}
	return p.in[start:p.pos], nil
}

func (p *typeParser) parse(depth int) (Type, error) {
	if depth > maxDepth {
		return Type{}, fmt.Errorf("the type is nested more than %d deep", maxDepth)
	}
	name, err := p.word()
	if err != nil {
		return Type{}, err
	}
	switch name {
	case "decimal", "numeric":
		return p.decimal()
	case "list", "map":
		return p.container(name, depth)
	case "struct":
		return p.structure(depth)
	}
	if t, ok := Simple(name); ok {
		return t, nil
	}
	return Type{}, fmt.Errorf("%q is not a column type", name)
}

func (p *typeParser) decimal() (Type, error) {
	if err := p.want('('); err != nil {
		return Type{}, err
	}
	prec, err := p.number()
	if err != nil {
		return Type{}, err
	}
	scale := 0
	if p.take(',') {
		if scale, err = p.number(); err != nil {
			return Type{}, err
		}
	}
	if err := p.want(')'); err != nil {
		return Type{}, err
	}
	return DecimalChecked(prec, scale)
}

func (p *typeParser) number() (int, error) {
	w, err := p.word()
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(w)
	if err != nil {
		return 0, fmt.Errorf("%q: %q is not a number of digits", p.in, w)
	}
	return n, nil
}

func (p *typeParser) container(name string, depth int) (Type, error) {
	if err := p.want('('); err != nil {
		return Type{}, err
	}
	elem, err := p.parse(depth + 1)
	if err != nil {
		return Type{}, err
	}
	if err := p.want(')'); err != nil {
		return Type{}, err
	}
	if name == "map" {
		return MapOf(elem), nil
	}
	return ListOf(elem), nil
}

func (p *typeParser) structure(depth int) (Type, error) {
	if err := p.want('('); err != nil {
		return Type{}, err
	}
	if err := p.want('{'); err != nil {
		return Type{}, err
	}
	t := Type{Kind: Struct}
	seen := map[string]bool{}
	for !p.take('}') {
		name, err := p.word()
		if err != nil {
			return Type{}, err
		}
		if seen[name] {
			return Type{}, fmt.Errorf("the struct has two fields named %q", name)
		}
		seen[name] = true
		if err := p.want('='); err != nil {
			return Type{}, err
		}
		ft, err := p.parse(depth + 1)
		if err != nil {
			return Type{}, err
		}
		t.Fields = append(t.Fields, Field{Name: name, Type: ft})
		if !p.take(',') {
			if err := p.want('}'); err != nil {
				return Type{}, err
			}
			break
		}
	}
	if len(t.Fields) == 0 {
		return Type{}, fmt.Errorf("a struct needs at least one field")
	}
	return t, p.want(')')
}
