locals {
  personal_schema = "personal"
}

# Over the plan: the actions that `headgate plan --format json` prints.
policy "no_destroy_in_prod" {
  when      = environment.name == "prod"
  condition = plan.summary.destroy == 0 && plan.summary.replace == 0
  message   = "in prod nothing goes away: ${join(", ", [for a in plan.actions : a.address if contains(a.actions, "destroy")])}"
}

# Over the plan and the project: where personal data may be loaded.
policy "personal_data_in_its_schema" {
  condition = alltrue([
    for s in values(project.streams) : s.schema == local.personal_schema
    if anytrue([for c in values(project.contracts[trimprefix(s.contract, "contract.")].columns) : contains(c.tags, "pii")])
  ])
  message = "a table with personal data stands in the schema ${local.personal_schema}"
}

# Said, and no more.
policy "small_steps" {
  condition = length(plan.actions) <= 10
  message   = "${length(plan.actions)} changes at once are hard to review"
  enforce   = "warn"
}

# Over the project alone: `headgate lint` asks for each pipeline.
rule "owner_set" {
  for_each  = project.pipelines
  condition = each.value.owner != null
  message   = "${each.key} has no owner"
}
