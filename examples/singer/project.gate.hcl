# A Singer tap, run as a real process: its records are mapped, checked and
# merged by key. The second apply starts from the STATE that the first one left.

headgate {
  name = "singer-example"
}

source "singer" "shop" {
  command = ["python3", "taps/tap_orders.py"]

  config = {
    path       = "${path.root}/data/orders.csv"
    start_date = "2024-01-01T00:00:00Z"
  }
}

destination "duckdb" "warehouse" {
  path = "${path.root}/warehouse.duckdb"
}

contract "orders" {
  description = "One row an order, as it stands now."
  owner       = "shop"
  key         = ["id"]

  column "id" {
    type     = int64
    required = true
    min      = 1
  }
  column "customer_name" {
    type = string
    tags = ["pii"]
  }
  column "email" {
    type   = string
    format = "email"
    tags   = ["pii"]
  }
  column "email_hash" {
    type = string
  }
  column "status" {
    type     = string
    required = true
    enum     = ["new", "paid", "shipped", "returned"]
  }
  column "total" {
    type = decimal(12, 2)
    min  = 0
  }
  column "updated_at" {
    type     = timestamptz
    required = true
  }

  on_violation = "quarantine"
}

pipeline "shop" {
  from  = source.shop
  to    = destination.warehouse
  owner = "shop"

  # headgate:ignore personal_data_unmasked the shop answers its customers from this table
  stream "orders" {
    contract = contract.orders.v1
    table    = "raw.orders"
    write    = "merge"
    cursor   = "updated_at"

    map {
      column "customer_name" {
        value = trim(row.customer.name)
      }
      column "email" {
        value = lower(row.customer.email)
      }
      column "email_hash" {
        value = sha256(lower(row.customer.email))
      }
      drop = ["customer"]
    }
  }
}

# headgate:ignore model_without_contract the smallest model that there can be
model "orders_by_status" {
  destination  = destination.warehouse
  description  = "How many orders there are in each status."
  schema       = "marts"
  materialized = "view"
  query        = <<-SQL
    SELECT status, count(*) AS orders, sum(total) AS total
    FROM raw.orders
    GROUP BY status
  SQL
}
