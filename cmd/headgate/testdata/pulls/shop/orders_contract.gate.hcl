contract "orders" {
  description = "One row per order."
  owner       = "sales"
  version "1" {
    key             = ["order_id"]
    unknown_columns = "quarantine"
    column "order_id" {
      type     = int64
      required = true
    }
    column "customer_id" {
      type     = int64
      required = true
    }
    column "status" {
      type     = string
      required = true
      enum     = ["open", "paid", "refunded"]
    }
    column "total" {
      type     = decimal(10, 2)
      required = true
    }
    column "ordered_on" {
      type     = date
      required = true
    }
  }
}
