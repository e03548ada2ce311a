contract "fact_orders" {
  description = "What was paid, by order."
  owner       = "finance"
  key         = ["order_id"]
  column "order_id" {
    type     = int64
    required = true
  }
  column "country" {
    type = string
  }
  column "revenue" {
    type     = decimal(10, 2)
    required = true
  }
  column "ordered_on" {
    type     = date
    required = true
  }
}

model "fact_orders" {
  description  = "Orders that count as revenue."
  owner        = "finance"
  destination  = destination.warehouse
  schema       = "marts"
  materialized = "table"
  version "1" {
    query    = file("models/fact_orders_v1.sql")
    contract = contract.fact_orders.v1
  }
}
