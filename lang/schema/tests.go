package schema

func test() Block {
	return Block{Type: "test", Labels: []string{NameLabel}, Max: 1,
		Doc: "A unit test of a contract: records that it must accept, and records that it must reject and why. `headgate test` runs it; nothing is read or loaded.",
		Attrs: []Attr{
			reference("contract", "reference", "The contract that is tested; without a version its latest one.").required(),
			description(),
			laterAttr("model", "The model that is tested.", "Tests of models are not built yet: a test takes contract = contract.NAME."),
		},
		Blocks: []Block{
			testCase("accept", "A record that breaks no rule.", "Checks of severity \"warning\" that it breaks all the same. Without it nobody looks at warnings."),
			testCase("reject", "A record that breaks a rule.", "The rules that it breaks, these and no others: \"total.min\", \"total.required\", the name of a check, \"key\". Without it any rule will do."),
			laterBlock("given", []string{"table"}, "The rows of a table that the model reads.", "Tests of models are not built yet: a test of a contract takes accept and reject."),
			laterBlock("expect", nil, "The rows that the model must give.", "Tests of models are not built yet: a test of a contract takes accept and reject."),
		},
	}
}

func testCase(typ, doc, violates string) Block {
	return Block{Type: typ, Doc: doc, Attrs: []Attr{
		config("row", "object or string", "The record as it comes from the source. A string is the record's raw text, JSON or not."),
		config("rows", "list of objects or strings", "Several records of one table, for the rules over all of it: key and unique."),
		config("violates", "list of strings", violates),
	}}
}

func budget() Block {
	return Block{Type: "budget",
		Doc: "Limits what a run of a pipeline may be expected to do. `headgate plan` works that out from past runs and from the files that wait, and fails where it is more. Without past runs nothing is known, and nothing fails.",
		Attrs: []Attr{
			reference("pipeline", "reference", "The pipeline; under for_each one instance, such as pipeline.orders[\"eu\"].").required(),
			config("max_rows", "whole number", "Records read, at most."),
			config("max_bytes", "whole number", "Bytes of records read, as text, at most."),
			config("max_duration", "duration", "Time of a run, at most, such as \"1h\"."),
		},
	}
}
