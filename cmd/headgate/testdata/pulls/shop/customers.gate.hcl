contract "customers" {
  description     = "Everybody who ever ordered."
  owner           = "sales"
  key             = ["customer_id"]
  unknown_columns = "quarantine"
  column "customer_id" {
    type     = int64
    required = true
  }
  column "name" {
    type = string
    tags = ["pii"]
  }
  column "country" {
    type       = string
    required   = true
    min_length = 2
    max_length = 2
  }
}

pipeline "customers" {
  from     = source.customers
  to       = destination.warehouse
  schedule = "0 1 * * *"
  owner    = "sales"
  stream "customers" {
    contract = contract.customers.v1
    table    = "raw.customers"
    write    = "replace"
  }
}
