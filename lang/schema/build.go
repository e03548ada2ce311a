package schema

// config describes an attribute that is evaluated at compile time.
func config(name, typ, doc string) Attr { return Attr{Name: name, Kind: Config, Type: typ, Doc: doc} }

// reference describes an attribute that names other blocks.
func reference(name, typ, doc string) Attr {
	return Attr{Name: name, Kind: Reference, Type: typ, Doc: doc}
}

// oneOf describes a string that takes one of a few values. The first is the default.
func oneOf(name, doc string, values ...string) Attr {
	return Attr{Name: name, Kind: Config, Type: "string", Doc: doc, Enum: values, Default: quote(values[0])}
}

// laterAttr describes an attribute that a later version brings.
func laterAttr(name, doc, later string) Attr {
	return Attr{Name: name, Kind: Config, Type: "any", Doc: doc, Later: later}
}

// laterBlock describes a block that a later version brings. Its body is not described.
func laterBlock(typ string, labels []string, doc, later string) Block {
	return Block{Type: typ, Labels: labels, Doc: doc, Later: later}
}

// required returns the attribute as one that must be set.
func (a Attr) required() Attr { a.Required = true; return a }

// def returns the attribute with a default, as printed in the reference.
func (a Attr) def(text string) Attr { a.Default = text; return a }

// quote writes a word as the language does.
func quote(s string) string { return `"` + s + `"` }

// variant returns a complete variant: what all share, and what it has of its own.
func variant(common Block, label, doc string, attrs []Attr, blocks ...Block) Block {
	v := common
	v.Variant, v.Doc = label, doc
	v.Attrs = append(append([]Attr{}, attrs...), common.Attrs...)
	v.Blocks = append(append([]Block{}, blocks...), common.Blocks...)
	return v
}

// laterVariant returns a variant that a later version brings.
func laterVariant(common Block, label, doc, later string) Block {
	return Block{Type: common.Type, Labels: common.Labels, Max: common.Max, Variant: label, Doc: doc, Later: later}
}

// forEach describes the attribute that repeats a block.
func forEach(what string) Attr {
	return config("for_each", "map or set of strings", "Makes one "+what+" for each element; each.key and each.value stand for the element inside.")
}

// lifecycle describes the block that guards a table.
func lifecycle() Block {
	return Block{Type: "lifecycle", Max: 1, Doc: "Guards against changes by accident.", Attrs: []Attr{
		config("prevent_destroy", "bool", "A plan that would destroy or replace the table is refused.").def("false"),
	}}
}

func tags() Attr {
	return config("tags", "list of strings", "Words to find it by. They change nothing else.")
}

func owner() Attr {
	return config("owner", "string", "Who answers for it.")
}

func description() Attr {
	return config("description", "string", "What it is, for people.")
}

func dependsOn() Attr {
	return reference("depends_on", "list of references", "Pipelines and models that must be done first, beside those found from the configuration itself.")
}

func timezone() Attr {
	return config("timezone", "string", "The IANA time zone of the schedule.").def(quote("UTC"))
}
