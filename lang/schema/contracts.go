package schema

func contract() Block {
	version := contractVersion()
	return Block{Type: "contract", Labels: []string{NameLabel}, Max: 1,
		Doc: "What every record of a table promises. Without a version block it has one version, 1, whose body is the contract's own.",
		Attrs: []Attr{
			forEach("contract"),
			description(),
			owner(),
			oneOf("compatibility", "Which changes a published version may undergo.", "auto", "none", "backward", "forward", "full",
				"backward_transitive", "forward_transitive", "full_transitive"),
			config("latest_version", "whole number", "The version that the contract's bare name means.").def("the highest"),
		},
		Blocks: []Block{version},
		Inline: &version,
	}
}

func contractVersion() Block {
	return Block{Type: "version", Labels: []string{VersionLabel}, Max: 1,
		Doc: "One version of the contract.",
		Attrs: []Attr{
			config("deprecated_after", "date", "YYYY-MM-DD: a use of this version warns before that day and is an error after it."),
			config("extends", "string", "The version whose columns and checks this one starts from."),
			config("remove", "list of strings", "Columns and checks of that version that this one does not have."),
			config("reserved", "list of strings", "Names of removed columns that may not come back with another type."),
			config("key", "list of strings", "The columns that tell one record from another."),
			oneOf("on_violation", "What becomes of a record that breaks the contract.", "quarantine", "fail", "drop", "null_value", "warn"),
			oneOf("unknown_columns", "What becomes of a member that no column names.", "drop", "fail", "quarantine", "evolve", "keep_json"),
			oneOf("coerce", "Which values are taken for a column of another JSON type.", "lossless", "none", "lenient"),
			config("tolerance", "percentage or number of records", "More violations than this fail the run, and nothing is published."),
			laterAttr("schema_file", "A JSON Schema in place of columns.", "Columns from a JSON Schema are not built yet: write column blocks."),
			{Name: "quarantine_raw", Kind: Config, Type: "string", Enum: []string{"full", "masked", "none"}, Default: "full, or masked where a column has the tag pii",
				Doc: "How much of a rejected record quarantine keeps: all of it, all but the values of personal data, or the reasons alone."},
		},
		Blocks: []Block{
			column(), check("row", "A condition over one row."),
			laterBlock("expect", []string{"name"}, "A query over the whole table that returns the rows at fault.", "expect is not built yet: use check for a condition over one row."),
			laterBlock("rows", nil, "How many rows the table has.", "rows is not built yet."),
			laterBlock("freshness", nil, "How old the newest row may be.", "freshness is not built yet."),
		},
	}
}

func column() Block {
	return Block{Type: "column", Labels: []string{"column"}, Max: 1,
		Doc: "A column, its type and its limits.",
		Attrs: []Attr{
			{Name: "type", Kind: TypeExpr, Type: "type", Required: true, Doc: "bool, int32, int64, float64, decimal(p, s), string, bytes, date, time, timestamp, timestamptz, uuid, json, list(T), struct({a = T}) or map(T)."},
			config("required", "bool", "Neither null nor absent.").def("false"),
			description(),
			config("min", "a value of the column's type", "The least value."),
			config("max", "a value of the column's type", "The greatest value."),
			config("min_length", "whole number", "The least length: of text in characters, of a list in elements."),
			config("max_length", "whole number", "The greatest length."),
			config("pattern", "string", "A regular expression (RE2) that must be found in the text."),
			config("enum", "list of values of the column's type", "The only values it takes."),
			{Name: "format", Kind: Config, Type: "string", Enum: []string{"email", "uri", "uuid", "ipv4", "ipv6", "date", "date-time", "hostname"}, Doc: "What kind of text it is."},
			config("unique", "bool", "No value stands twice in the table.").def("false"),
			config("default", "a value of the column's type", "Stands in where the record lacks the column."),
			config("tags", "list of strings", "\"pii\" masks the column's values in reports; other tags are for people."),
			laterAttr("references", "A column of another table that must hold the value.", "references is not built yet: check the reference in a model."),
		},
		Blocks: []Block{check("value", "A condition over the column's value, which is called value.")},
	}
}

func check(over, doc string) Block {
	return Block{Type: "check", Labels: []string{"check"}, Max: 1, Doc: doc, Attrs: []Attr{
		{Name: "condition", Kind: Row, Type: "bool", Required: true, Doc: "A row expression over " + over + ". The check holds where it is true or null."},
		config("message", "string", "What a report says of a record that breaks it."),
		oneOf("severity", "A warning counts the record and takes it.", "error", "warning"),
	}}
}
