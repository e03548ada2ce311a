# Written by `headgate source discover`. Commit it; do not edit it.

source "shop" {
  program_hash = "3ae1fb5b38b3cf577bec254638f09aecacaa15b2fa6c8dc89a912644ee26d494"

  stream "orders" {
    key         = ["id"]
    replication = "incremental"
    cursor      = "updated_at"
    column "id" {
      type = int64
    }
    column "customer" {
      type     = struct({ name = string, email = string })
      nullable = true
    }
    column "status" {
      type     = string
      nullable = true
    }
    column "total" {
      type     = decimal(38, 2)
      nullable = true
    }
    column "updated_at" {
      type = timestamptz
    }
  }
}
