# A shop whose changes are reviewed: look at policies.gate.hcl.
headgate {
  name = "review"
}

environment "dev" {
  default = true
}

environment "prod" {
  review        = "warning"
  schema_suffix = ""

  destination "duckdb" "warehouse" {
    path = "prod.duckdb"
  }
}

source "file" "shop" {
  path = "data/customers.jsonl"
}

destination "duckdb" "warehouse" {
  path = "warehouse.duckdb"
}

contract "customers" {
  description = "Who has bought something."
  key         = ["customer_id"]

  column "customer_id" {
    type     = int64
    required = true
  }
  column "country" {
    type     = string
    required = true
  }
  column "email" {
    type = string
    tags = ["pii"]
  }
}

pipeline "customers" {
  from  = source.shop
  to    = destination.warehouse
  owner = "sales"

  stream "customers" {
    contract = contract.customers
    table    = "personal.customers"
    write    = "merge"
  }
}

model "customers_by_country" {
  destination = destination.warehouse
  schema      = "marts"
  query       = "select country, count(*) as customers from personal.customers group by country"
}
