# The whole quickstart: one CSV of real records, checked against a contract,
# loaded into DuckDB, and summed up by a model that has two versions.

headgate {
  required_version = ">= 0.1.0"
  name             = "quickstart"
}

variable "slow_knots" {
  type        = number
  default     = 20
  description = "Below this indicated airspeed an aircraft is not flying."

  validation {
    condition     = var.slow_knots >= 0
    error_message = "slow_knots is a speed: it cannot be negative."
  }
}

# dev is what a plain `headgate apply` uses. prod keeps its tables in a file of
# its own and takes only a plan that was saved and reviewed.
environment "dev" {
  default = true
}

environment "prod" {
  protected     = true
  schema_suffix = ""

  destination "duckdb" "warehouse" {
    path = "${path.root}/warehouse-prod.duckdb"
  }
}

source "file" "faa" {
  path = "data/*.csv"
}

destination "duckdb" "warehouse" {
  path = "${path.root}/warehouse.duckdb"
}
