# A headgate project: every *.gate.hcl file of this folder and those below it.
# `headgate validate` checks it, `headgate plan` shows what would happen,
# `headgate apply` does it.

headgate {
  name = "starter"
}

# `default` marks the environment that commands take without --env.
environment "dev" {
  default = true
}

# Where records come from: every JSON Lines file that the pattern matches.
source "file" "shop" {
  path   = "data/orders*.jsonl"
  format = "jsonl"
}

# Where tables live: a DuckDB file beside this one.
destination "duckdb" "warehouse" {
  path = "${path.root}/warehouse.duckdb"
}
