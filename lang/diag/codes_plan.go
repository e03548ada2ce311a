package diag

// The codes of plans.
const (
	PlanUnreadable  Code = "HG5001"
	PlanNewer       Code = "HG5002"
	PlanAltered     Code = "HG5003"
	PlanStale       Code = "HG5004"
	PlanForeign     Code = "HG5005"
	PreventDestroy  Code = "HG5010"
	UnknownTarget   Code = "HG5011"
	NothingToReload Code = "HG5012"
	PlanCycle       Code = "HG5013"
	NeverApplied    Code = "HG5014"
	StateIncomplete Code = "HG5015"
)

func planCodes() []Info {
	return []Info{
		{PlanUnreadable, "The file is not a plan", "A saved plan is one JSON document that `headgate plan --out FILE` wrote. This one is cut off, is something else, or was edited into a shape that no plan has. Make the plan anew."},
		{PlanNewer, "The plan was made by a newer headgate", "Newer versions read what older ones wrote, not the other way round. Apply the plan with the version that made it, or make it anew with this one."},
		{PlanAltered, "The plan file was altered", "A saved plan carries a digest over all of its content, and the content is no longer what the digest was made from: the file was edited or damaged. What is applied must be what was reviewed, so it is refused. Make the plan anew:\n\n  headgate plan --out plan.json"},
		{PlanStale, "The state has moved since the plan was made", "Somebody applied definitions after this plan was made, so what it would do may no longer be right. The message names what was applied since. Make a new plan and review it. Scheduled runs (`headgate run`) do not make a plan stale: they move data, not definitions."},
		{PlanForeign, "The plan was made from another state", "A plan can be applied to the project, environment and state store that it was made from, and to no other. Give the same --env and -C as for `plan`, or make a new plan."},
		{PreventDestroy, "A table is protected against destruction", "The plan would take a table out of use whose block says `lifecycle { prevent_destroy = true }`. Undo the change that asks for it, or take the line out (apply that first, where the block itself is to go):\n\n  lifecycle {\n    prevent_destroy = true\n  }"},
		{UnknownTarget, "Nothing has this address", "An address given to --target, --exclude, --replace or `run` names nothing in the configuration or the state. `headgate state list` and `headgate graph` list the addresses. An address without version or stream stands for all of them: model.sales, pipeline.orders."},
		{NothingToReload, "This address holds no data that can be made anew", "--replace takes streams (pipeline.p.stream.s), pipelines (all their streams) and models. Sources, destinations and contracts hold no rows."},
		{PlanCycle, "Steps of the plan wait for each other", "Two tables exchange their names, or a name moves in a circle, within one plan. Give one of them another name first, apply, and then the final one."},
		{NeverApplied, "This address was never applied", "`headgate run` moves data for what was last applied, whatever the files say now. Apply the configuration first:\n\n  headgate apply"},
		{StateIncomplete, "An address depends on something that was never applied", "An apply was cut short or limited by --target, so that the state knows the address but not all that it needs. `headgate run` leaves it out. Apply again to complete it."},
	}
}
