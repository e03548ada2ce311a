pipeline "shop" {
  from     = source.orders
  to       = destination.warehouse
  schedule = "0 2 * * *"
  owner    = "sales"
  stream "orders" {
    contract = contract.orders.v1
    table    = "raw.orders"
    write    = "merge"
  }
}
