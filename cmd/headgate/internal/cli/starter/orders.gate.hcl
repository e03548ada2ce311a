# What an order has to be. A record that breaks this goes to quarantine with the
# reason; `headgate quarantine list` shows it.
contract "orders" {
  description = "One row per order."
  owner       = "shop"

  version "1" {
    key = ["order_id"]

    column "order_id" {
      type     = int64
      required = true
    }
    column "customer" {
      type     = string
      required = true
    }
    column "total" {
      type     = decimal(12, 2)
      required = true
      min      = 0
    }
    column "status" {
      type = string
      enum = ["open", "paid", "cancelled"]
    }
    column "ordered_at" {
      type     = timestamptz
      required = true
    }
  }
}

# Moves records from the source, through the contract, into a table.
pipeline "shop" {
  from  = source.shop
  to    = destination.warehouse
  owner = "shop"

  stream "orders" {
    contract = contract.orders.v1
    table    = "raw.orders"
    write    = "merge" # append | replace | merge: a record replaces the row of its key
    cursor   = "ordered_at"

    # The mapper stands before the contract; what it does not name passes through.
    map {
      column "status" {
        value = lower(row.status)
      }
    }
  }
}

# A table computed by plain SQL. It is published as marts.daily_sales_v1 and,
# being the latest version, as marts.daily_sales.
model "daily_sales" {
  destination  = destination.warehouse
  description  = "What was paid, by day."
  owner        = "shop"
  schema       = "marts"
  materialized = "table"
  query        = file("models/daily_sales.sql")
  contract     = contract.daily_sales.v1
}

# What whoever reads the table can count on: `validate` holds the query to it.
contract "daily_sales" {
  description = "One row per day."
  owner       = "shop"

  version "1" {
    key = ["day"]

    column "day" {
      type     = date
      required = true
    }
    column "orders" {
      type     = int64
      required = true
    }
    column "revenue" {
      type     = decimal(38, 2)
      required = true
    }
  }
}
