package schema

// Language returns a description of a whole project file: a block without type
// whose nested blocks are those of the top level. Each call builds it anew, so a
// caller may keep it.
func Language() *Block {
	blocks := []Block{headgate(), variable(), locals(), environment(), source(), destination(), contract(), pipeline(), model(), external(), test(),
		moved(), removed(), importBlock(), budget(), policy(), rule()}
	return &Block{Doc: "A project: all *.gate.hcl and *.gate.json files of a folder.", Blocks: append(blocks, later()...)}
}

func headgate() Block {
	state := Block{Type: "state", Labels: []string{TypeLabel}, Max: 1, Doc: "Where the state of the project is kept."}
	state.Variants = []Block{
		variant(state, "local", "A SQLite file, .headgate/state.db in the project folder. This is the default.", nil),
		laterVariant(state, "postgres", "A Postgres database.", "The state in Postgres is not built yet. Leave the block out, or write state \"local\" {}."),
	}
	return Block{Type: "headgate", Max: 1,
		Doc: "Settings of the project. A folder below the project folder that holds a headgate block is a project of its own.",
		Attrs: []Attr{
			config("required_version", "string", "The versions of headgate that may work on this project, such as \">= 0.1.0\"."),
			config("name", "string", "The project's name, part of the key of everything it owns in a destination.").def("the folder's name"),
		},
		Blocks: []Block{state, lintSettings()},
	}
}

func lintSettings() Block {
	return Block{Type: "lint", Max: 1, Doc: "What `headgate lint` makes of its findings. Flags of the command are stronger.", Attrs: []Attr{
		config("rules", "map", "The severity of a rule, by its name: off, info, warning or error. Constants."),
		{Name: "fail_on", Kind: Config, Type: "string", Enum: []string{"none", "info", "warning", "error"}, Default: quote("warning"),
			Doc: "The least severity at which the command exits with 3."},
	}}
}

func variable() Block {
	return Block{Type: "variable", Labels: []string{NameLabel}, Max: 1,
		Doc: "A value that is given from outside. Strongest first: --var, --var-file, HEADGATE_VAR_name, the environment's variables, default.",
		Attrs: []Attr{
			{Name: "type", Kind: TypeConstraint, Type: "type constraint", Default: "any", Doc: "What values it takes: string, number, bool, list(string), map(number), object({...}), any."},
			config("default", "any", "The value where none is given. Without it a value is required."),
			description(),
			config("sensitive", "bool", "The value is never printed nor stored.").def("false"),
		},
		Blocks: []Block{{Type: "validation", Doc: "A condition that the value must meet.", Attrs: []Attr{
			config("condition", "bool", "Must be true; speaks of the variable alone.").required(),
			config("error_message", "string", "What is printed where it is not.").required(),
		}}},
	}
}

func locals() Block {
	return Block{Type: "locals", AnyAttr: true, Doc: "Names for values; local.x stands for them everywhere."}
}

func environment() Block {
	return Block{Type: "environment", Labels: []string{NameLabel}, Max: 1,
		Doc: "A place where the project lives, such as dev or prod, with values, sources and destinations of its own.",
		Attrs: []Attr{
			config("default", "bool", "The environment that commands take where none is named.").def("false"),
			config("extends", "string", "The environment whose variables, sources and destinations this one starts from."),
			config("protected", "bool", "apply takes nothing but a saved plan here.").def("false"),
			config("variables", "map", "Values of variables in this environment."),
			config("env", "map of strings", "Environment variables of every process that headgate starts here."),
			oneOf("log_level", "How much is logged.", "info", "debug", "warn", "error"),
			config("schema_suffix", "string", "Stands behind the schema of every published table.").def("\"__<environment>\", in the default environment \"\""),
			laterAttr("signed_plans", "apply takes nothing but a signed plan here.", "Signed plans are not built yet: use protected = true, which takes nothing but a saved plan."),
			oneOf("review", "Which plans apply --auto-approve takes here: error takes all but broken ones, warning none with a finding, always none that changes a definition. Taken over from the environment that this one extends.", "error", "warning", "always"),
		},
		Blocks: []Block{source(), destination()},
	}
}

// later lists the top-level blocks that later versions bring.
func later() []Block {
	name := []string{NameLabel}
	return []Block{
		laterBlock("task", name, "A command that runs as part of the graph.", "Tasks are not built yet: run the command from your own scheduler after headgate apply."),
		laterBlock("notify", name, "Tells somebody about failures.", "Notifications are not built yet: look at the exit code of headgate apply."),
		laterBlock("mapper", name, "An external Singer mapper.", "Singer mappers are not built yet: use a stream's map block."),
	}
}
