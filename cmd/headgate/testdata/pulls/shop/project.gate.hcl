headgate {
  name = "shop"
}

environment "dev" {
  default = true
}

source "file" "orders" {
  path = "data/orders-*.jsonl"
}

source "file" "customers" {
  path = "data/customers.csv"
}

destination "duckdb" "warehouse" {
  path = "warehouse.duckdb"
}
