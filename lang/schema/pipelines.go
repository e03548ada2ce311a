package schema

func pipeline() Block {
	return Block{Type: "pipeline", Labels: []string{NameLabel}, Max: 1,
		Doc: "Moves streams of one source into tables of one destination.",
		Attrs: []Attr{
			forEach("pipeline"),
			reference("from", "reference", "The source.").required(),
			reference("to", "reference", "The destination.").required(),
			config("schedule", "string", "When it should run: five fields of cron, or @hourly and the like."),
			timezone(),
			owner(), description(), tags(), dependsOn(),
			config("timeout", "duration", "How long a run may take, such as \"2h\"."),
			laterAttr("via", "External Singer mappers.", "Singer mappers are not built yet: use a stream's map block."),
			laterAttr("max_active_runs", "How many runs may go side by side.", "max_active_runs is not built yet: leave it out; two runs of one stream exclude each other."),
			laterAttr("publish", "Publishes at each batch.", "publish is not built yet: a run publishes once, at its end."),
		},
		Blocks: []Block{
			stream(),
			{Type: "batch", Max: 1, Doc: "How many records are written at once.", Attrs: []Attr{
				config("rows", "whole number", "Records of a batch, at most.").def("headgate's own"),
				config("bytes", "whole number", "Bytes of a batch, at most.").def("headgate's own"),
				laterAttr("every", "A batch at least this often.", "batch.every is not built yet: set rows or bytes."),
			}},
			laterBlock("retry", nil, "Tries again after a failure.", "retry is not built yet: run apply again, it goes on where it stopped."),
			laterBlock("health", nil, "When a pipeline counts as stale or slow.", "health is not built yet."),
		},
	}
}

func stream() Block {
	return Block{Type: "stream", Labels: []string{"stream"}, Max: 1,
		Doc: "One stream of the source, the contract it must meet, and the table it fills.",
		Attrs: []Attr{
			reference("contract", "reference", "What each record must meet, after map.").required(),
			config("table", "string", "schema.table in the destination.").def("the stream's name, in schema main"),
			oneOf("write", "append adds, replace starts anew, merge updates by the contract's key.", "append", "replace", "merge"),
			config("cursor", "string", "The column that grows with time, for incremental reading."),
			config("from_stream", "string", "The source's name of the stream.").def("the stream's name"),
			laterAttr("on_delete", "What the source's deletes do.", "on_delete is not built yet: leave it out; deletes of the source are ignored."),
			laterAttr("grants", "Who may read the table.", "grants are not built yet."),
			laterAttr("before", "SQL that runs before.", "SQL hooks are not built yet."),
			laterAttr("after", "SQL that runs after.", "SQL hooks are not built yet."),
		},
		Blocks: []Block{
			mapBlock(), lifecycle(),
			laterBlock("partition", nil, "Windows that are read in parallel.", "Partitions are not built yet: a stream is read in one piece."),
		},
	}
}

func mapBlock() Block {
	return Block{Type: "map", Max: 1,
		Doc: "Makes the contract's columns out of the source's record. What it does not name passes through.",
		Attrs: []Attr{
			config("drop", "list of strings", "Members of the record that do not pass through."),
			config("only", "bool", "Nothing passes through but what map names.").def("false"),
			{Name: "filter", Kind: Row, Type: "bool", Doc: "A row expression: records for which it is not true are left out and counted."},
		},
		Blocks: []Block{{Type: "column", Labels: []string{"column"}, Max: 1, Doc: "A column of the contract.", Attrs: []Attr{
			{Name: "value", Kind: Row, Type: "a value of the column's type", Required: true, Doc: "A row expression over the source's record."},
		}}},
	}
}

func model() Block {
	version := modelVersion()
	return Block{Type: "model", Labels: []string{NameLabel}, Max: 1,
		Doc: "A table or view computed by a SQL query. Without a version block it has one version, 1, whose body is the model's own.",
		Attrs: []Attr{
			forEach("model"),
			reference("destination", "reference", "Where the table stands.").required(),
			config("schema", "string", "The schema of the table.").def(quote("main")),
			config("table", "string", "The name of the table. Needed under for_each.").def("the model's name"),
			oneOf("materialized", "What stands behind the name.", "view", "table", "incremental"),
			config("latest_version", "whole number", "The version that the bare name means.").def("the highest"),
			owner(), description(), tags(), dependsOn(),
			laterAttr("on_schema_change", "What an incremental model does with a change of columns.", "on_schema_change is not built yet: a changed model is built anew."),
			laterAttr("grants", "Who may read the table.", "grants are not built yet."),
			laterAttr("before", "SQL that runs before.", "SQL hooks are not built yet."),
			laterAttr("after", "SQL that runs after.", "SQL hooks are not built yet."),
		},
		Blocks: []Block{version, lifecycle()},
		Inline: &version,
	}
}

func modelVersion() Block {
	return Block{Type: "version", Labels: []string{VersionLabel}, Max: 1,
		Doc: "One version of the model, published as name_vN.",
		Attrs: []Attr{
			{Name: "query", Kind: Query, Type: "string", Required: true, Doc: "One SELECT, as text or by file(\"models/x.sql\"). Dependencies and columns are read from it."},
			reference("contract", "reference", "What the result must look like."),
			config("deprecated_after", "date", "YYYY-MM-DD: a use of this version warns before that day and is an error after it."),
		},
		Blocks: []Block{
			laterBlock("incremental", nil, "Builds what is new alone.", "Incremental models are not built yet: use materialized = \"table\"."),
		},
	}
}
