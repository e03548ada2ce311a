# A Singer tap as a source: a process of its own, incremental by its STATE.

headgate {
  required_version = ">= 0.1.0"
  name             = "singer-shop"
}

source "singer" "shop" {
  command = ["python3", "tap/tap_shop.py"]
  config = {
    folder     = "${path.root}/exports"
    start_date = "2026-01-01T00:00:00Z"
  }
}

destination "duckdb" "warehouse" {
  path = "${path.root}/warehouse.duckdb"
}

contract "orders" {
  description = "One row per order, as it stands now."

  version "1" {
    key = ["id"]

    column "id" {
      type     = int64
      required = true
    }
    column "customer" {
      type     = string
      required = true
    }
    column "email_hash" {
      type = string
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
    column "updated_at" {
      type     = timestamptz
      required = true
    }

    tolerance = "50%"
  }
}

pipeline "shop" {
  from = source.shop
  to   = destination.warehouse

  stream "orders" {
    contract = contract.orders.v1
    table    = "raw.orders"
    write    = "merge"
    cursor   = "updated_at"

    map {
      only = true

      column "id" {
        value = row.id
      }
      column "customer" {
        value = row.customer.name
      }
      column "email_hash" {
        value = sha256(row.customer.email)
      }
      column "total" {
        value = row.total
      }
      column "status" {
        value = row.status
      }
      column "updated_at" {
        value = row.updated_at
      }
      filter = row.status != "test"
    }
  }
}
