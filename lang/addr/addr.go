// Package addr holds the canonical addresses by which every message, plan line,
// flag and state row names things: contract.orders.v2, source.shop,
// pipeline.orders["eu"].stream.orders, model.fact_orders.v2.
package addr

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Kind is the first word of an address.
type Kind string

// The kinds of things that have an address.
const (
	Project     Kind = "headgate" // the project's own settings: the address "headgate"
	Environment Kind = "environment"
	Source      Kind = "source"
	Destination Kind = "destination"
	Contract    Kind = "contract"
	Pipeline    Kind = "pipeline"
	Model       Kind = "model"
	External    Kind = "external"
	Variable    Kind = "variable"
	Local       Kind = "local"
	Task        Kind = "task"
	Mapper      Kind = "mapper"
)

// Address names one thing. Version is 0 where the address holds none; Stream is
// set for the streams of a pipeline only. The zero value names nothing.
// Addresses are comparable.
type Address struct {
	Kind    Kind
	Name    string // may hold dots for external ("legacy.customers")
	Key     string // the for_each key; only meaningful with HasKey
	HasKey  bool
	Stream  string
	Version int
}

// Of makes the address of a thing without key, stream or version.
func Of(kind Kind, name string) Address { return Address{Kind: kind, Name: name} }

// WithKey returns a with the for_each key set.
func (a Address) WithKey(key string) Address { a.Key, a.HasKey = key, true; return a }

// WithStream returns the address of a stream of the pipeline a.
func (a Address) WithStream(name string) Address { a.Stream = name; return a }

// WithVersion returns a with the version set.
func (a Address) WithVersion(v int) Address { a.Version = v; return a }

// Base returns a without stream and version: the block that it stands in.
func (a Address) Base() Address { a.Stream, a.Version = "", 0; return a }

// IsZero reports whether a names nothing.
func (a Address) IsZero() bool { return a == Address{} }

// String returns the canonical text, "" for the zero value.
func (a Address) String() string {
	if a.IsZero() {
		return ""
	}
	var b strings.Builder
	b.WriteString(string(a.Kind))
	if a.Name != "" {
		b.WriteByte('.')
		b.WriteString(quoteName(a.Name))
	}
	if a.HasKey {
		b.WriteString("[" + strconv.Quote(a.Key) + "]")
	}
	if a.Stream != "" {
		b.WriteString(".stream." + quoteName(a.Stream))
	}
	if a.Version > 0 {
		b.WriteString(".v" + strconv.Itoa(a.Version))
	}
	return b.String()
}

// quoteName leaves identifiers as they are and quotes any other label.
func quoteName(s string) string {
	for i, r := range s {
		letter := r == '_' || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')
		if !letter && (i == 0 || (r != '-' && (r < '0' || r > '9'))) {
			return strconv.Quote(s)
		}
	}
	return s
}

// Compare orders addresses for display: by kind, name, key, stream, version
// (numbers by value, so v2 comes before v10).
func Compare(a, b Address) int {
	return cmp.Or(
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Key, b.Key),
		cmp.Compare(a.Stream, b.Stream),
		cmp.Compare(a.Version, b.Version),
	)
}

// MarshalText returns String as bytes; it never fails.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (a *Address) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*a = Address{}
		return nil
	}
	v, err := Parse(string(text))
	*a = v
	return err
}

// Parse reads an address as a user types it: KIND[.NAME][["KEY"]][.stream.NAME][.vN].
// The error says what is wrong with it.
func Parse(s string) (Address, error) {
	p := parser{in: s}
	kind := p.ident()
	a := Address{Kind: Kind(kind)}
	switch a.Kind {
	case Project:
		return a, p.end()
	case Environment, Source, Destination, Contract, Pipeline, Model, External, Variable, Local, Task, Mapper:
	default:
		return Address{}, fmt.Errorf("%q is not an address: it must begin with source, destination, contract, pipeline, model, external or environment", s)
	}
	if !p.take('.') {
		return Address{}, fmt.Errorf("%q is not an address: a name must follow %q", s, kind)
	}
	if a.Name = p.name(); a.Name == "" {
		return Address{}, fmt.Errorf("%q is not an address: the name after %q is empty or broken", s, kind)
	}
	if p.take('[') {
		a.Key, a.HasKey = p.quoted(), true
		if p.bad || !p.take(']') {
			return Address{}, fmt.Errorf("%q is not an address: the key must be written [\"key\"]", s)
		}
	}
	if err := p.tail(&a); err != nil {
		return Address{}, err
	}
	return a, p.end()
}
