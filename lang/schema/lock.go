package schema

// Lock returns a description of sources.lock.hcl, which `headgate source
// discover` writes.
func Lock() *Block {
	column := Block{Type: "column", Labels: []string{"column"}, Max: 1, Doc: "A column of the stream.", Attrs: []Attr{
		{Name: "type", Kind: TypeExpr, Type: "type", Required: true, Doc: "The column's type."},
		config("nullable", "bool", "The value may be null or absent.").def("false"),
	}}
	stream := Block{Type: "stream", Labels: []string{"stream"}, Max: 1, Doc: "A stream of the source.",
		Attrs: []Attr{
			config("key", "list of strings", "The columns that tell one record from another."),
			config("replication", "string", "How the source reads it: FULL_TABLE, INCREMENTAL or LOG_BASED."),
			config("cursor", "string", "The column that incremental reading goes by."),
		},
		Blocks: []Block{column},
	}
	return &Block{Doc: "What `headgate source discover` found.", Blocks: []Block{{
		Type: "source", Labels: []string{NameLabel}, Doc: "A source; one for each element under for_each.",
		Attrs: []Attr{
			config("each", "string", "The key of the element under for_each."),
			config("program_hash", "string", "The hash of the source's program."),
		},
		Blocks: []Block{stream},
	}}}
}
