package schema

func moved() Block {
	return Block{Type: "moved",
		Doc: "Says that something has another address now. Its tables, bookmarks and history follow; nothing is loaded or built anew. The block may stay: once done it does nothing.",
		Attrs: []Attr{
			reference("from", "address", "The address that it had, which nothing in the configuration has any more: source.X, destination.X, contract.X, pipeline.X, pipeline.X.stream.Y or model.X, each with a key or a version where it has one. `.column.NAME` behind a contract or a stream renames a column.").required(),
			reference("to", "address", "The address that it has now, of the same kind.").required(),
		},
	}
}

func removed() Block {
	return Block{Type: "removed",
		Doc: "Says what becomes of something that was taken out of the configuration. The block may stay: once done it does nothing.",
		Attrs: []Attr{
			reference("from", "address", "The address that it had, which nothing in the configuration has any more. A pipeline stands for its streams, too.").required(),
			config("keep_data", "bool", "true: its tables stay published as they are, and headgate no longer owns them. false: they are destroyed, as they are without the block.").required(),
		},
	}
}

func importBlock() Block {
	return Block{Type: "import",
		Doc: "Takes over a table that exists in the destination and that nobody owns: the stream begins with its rows. The block may stay: once done it does nothing.",
		Attrs: []Attr{
			reference("to", "reference to a stream", "The stream that the table is to belong to: pipeline.X.stream.Y.").required(),
			config("table", "string", "The table, as \"schema.table\" in the pipeline's destination.").required(),
			config("load_again", "bool", "Must be true where the stream appends: the first run reads the source from its beginning, and adds its records to the rows that are there, though they may be the same.").def("false"),
		},
	}
}
