model "daily_revenue" {
  description  = "What finance looks at every morning."
  owner        = "finance"
  destination  = destination.warehouse
  schema       = "marts"
  materialized = "table"
  query        = file("models/daily_revenue.sql")
}
