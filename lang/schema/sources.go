package schema

func source() Block {
	common := Block{Type: "source", Labels: []string{TypeLabel, NameLabel}, Max: 1,
		Doc: "Where records come from. The first label is the source's type.",
		Attrs: []Attr{
			forEach("source"),
			laterAttr("concurrency", "How many streams are read side by side.", "concurrency is not built yet: leave it out."),
		}}
	out := common
	out.Attrs = nil
	out.Variants = []Block{
		fileSource(common),
		singerSource(common),
		laterVariant(common, "postgres", "Tables or queries of a Postgres database.", "The Postgres source is not built yet: use a Singer tap such as tap-postgres."),
		laterVariant(common, "http", "A JSON API.", "The HTTP source is not built yet: use a Singer tap."),
		laterVariant(common, "replay", "What `source record` wrote.", "Recording and replay are not built yet."),
	}
	return out
}

func fileSource(common Block) Block {
	return variant(common, "file", "Files in the project's reach: JSON Lines, JSON arrays, CSV and Parquet, plain or compressed.", []Attr{
		config("path", "string or list of strings", "The file, or a pattern with *, ** and ?. Relative to the project folder.").required(),
		{Name: "format", Kind: Config, Type: "string", Default: "by the file's name", Enum: []string{"jsonl", "json", "csv", "parquet"}, Doc: "How the files are written."},
		{Name: "compression", Kind: Config, Type: "string", Default: "by the file's name", Enum: []string{"none", "gzip", "zstd"}, Doc: "How the files are compressed."},
		config("delimiter", "string", "Between the fields of a CSV file: one character.").def(`","`),
		config("header", "bool", "The first line of a CSV file names the columns.").def("true"),
		config("columns", "list of strings", "The names of a CSV file's columns, where it has no header."),
		config("null_values", "list of strings", "The texts of a CSV file that stand for null.").def(`[""]`),
	})
}

func singerSource(common Block) Block {
	setting := Block{Type: "setting", Labels: []string{"key of config"}, Max: 1, Doc: "The type and default of one key of config, checked at compile time.", Attrs: []Attr{
		{Name: "type", Kind: TypeExpr, Type: "type", Required: true, Doc: "The type of the value."},
		config("default", "any", "The value where config has none."),
		config("sensitive", "bool", "The value is never printed nor stored.").def("false"),
	}}
	return variant(common, "singer", "Any Singer tap, run as a process.", []Attr{
		config("command", "list of strings", "The program and its arguments, started in a working directory of its own.").required(),
		config("config", "object", "What the tap gets as its configuration file. May hold secret(...)."),
		config("select", "list of strings", "Patterns of stream.column to read; with ! in front, to leave out."),
		oneOf("catalog", "Whether the tap takes a catalog.", "file", "none"),
		oneOf("state", "How the tap takes its state.", "file", "inline", "none"),
		config("initial_state", "object", "The state of the first run."),
		oneOf("schema", "Where the columns' types come from.", "messages", "discovery", "contract"),
		config("timezone", "string", "Of times that carry no zone.").def(quote("UTC")),
		config("env", "map of strings", "Environment variables of the process."),
		config("max_line_bytes", "whole number", "The longest line that is taken.").def("67108864"),
	}, setting, laterBlock("install", nil, "Builds the tap into .headgate/plugins.", "install is not built yet: install the tap yourself and name it in command."))
}

func destination() Block {
	common := Block{Type: "destination", Labels: []string{TypeLabel, NameLabel}, Max: 1,
		Doc:   "Where tables are kept. The first label is the destination's type.",
		Attrs: []Attr{forEach("destination")}}
	out := common
	out.Attrs = nil
	out.Variants = []Block{
		variant(common, "duckdb", "A DuckDB file, with the engine inside headgate.", []Attr{
			config("path", "string", "The database file. Relative to the project folder.").required(),
			config("memory_limit", "string", "What DuckDB may use, such as \"256MB\".").def("headgate's own limit"),
			config("threads", "whole number", "How many threads DuckDB may use.").def("the cores"),
		}),
		laterVariant(common, "postgres", "A Postgres database.", "The Postgres destination is not built yet: use destination \"duckdb\"."),
		laterVariant(common, "file", "Parquet, CSV or JSON Lines files.", "The file destination is not built yet: use destination \"duckdb\"."),
		laterVariant(common, "singer", "Any Singer target.", "The Singer destination is not built yet: use destination \"duckdb\"."),
	}
	return out
}

func external() Block {
	return Block{Type: "external", Labels: []string{"schema.table"}, Max: 1,
		Doc: "A table that something else fills and models read.",
		Attrs: []Attr{
			reference("destination", "reference", "Where the table stands.").required(),
			reference("contract", "reference", "What its rows look like.").required(),
		},
	}
}
