package schema

// policy describes a condition over the plan.
func policy() Block {
	return Block{Type: "policy", Labels: []string{NameLabel}, Max: 1,
		Doc: "A condition that every plan of the environment must meet. It is decided after planning, over the plan's own JSON, and stands in the saved plan.",
		Attrs: []Attr{
			description(),
			config("when", "bool", "Whether the policy counts at all; known before there is a plan, so it speaks of environment.name, variables and locals.").def("true"),
			guard("condition", "bool", "Must be true. plan is what plan --format json prints: plan.actions, plan.summary, plan.environment and so on. project is the compiled project, as rules see it.").required(),
			config("message", "template", "What is said where the condition is not true. It may use plan and project, too.").required(),
			oneOf("enforce", "What becomes of a plan that breaks it: deny refuses to apply it (exit code 3), warn says so.", "deny", "warn"),
		},
	}
}

// rule describes a lint rule over the compiled project.
func rule() Block {
	return Block{Type: "rule", Labels: []string{NameLabel}, Max: 1,
		Doc: "A lint rule of the project's own: a condition over the compiled project, for each of its elements or once. Schemas describe project: project.schema.json.",
		Attrs: []Attr{
			description(),
			guard("for_each", "map, list or set", "What the rule looks at, such as project.pipelines; each.key and each.value stand for the element. Without it the condition is asked once."),
			guard("condition", "bool", "Must be true. project is the compiled project: project.pipelines, project.streams, project.models and so on.").required(),
			config("message", "template", "What is said where the condition is not true.").required(),
			oneOf("severity", "How much a finding weighs.", "warning", "error", "info"),
		},
	}
}

// guard describes an attribute that is evaluated over a plan or the compiled
// project, once there is one.
func guard(name, typ, doc string) Attr { return Attr{Name: name, Kind: Guard, Type: typ, Doc: doc} }
