pipeline "birdstrikes" {
  from = source.faa
  to   = destination.warehouse
  # headgate:ignore schedule_without_freshness the file is a sample of past years, and never changes
  schedule = "0 2 * * *"
  timezone = "UTC"
  timeout  = "1h"
  owner    = "aviation-data"

  stream "birdstrikes" {
    contract = contract.birdstrikes.v2
    table    = "raw.birdstrikes"
    write    = "append"

    map {
      only = true

      column "airport" {
        value = row["Airport Name"]
      }
      column "aircraft" {
        value = row["Aircraft Make Model"]
      }
      column "damage" {
        value = row["Effect Amount of damage"]
      }
      column "flight_date" {
        value = row["Flight Date"]
      }
      column "operator" {
        value = trim(replace(row["Aircraft Airline Operator"], "*", ""))
      }
      column "origin_state" {
        value = row["Origin State"]
      }
      column "phase" {
        value = row["Phase of flight"]
      }
      column "wildlife_size" {
        value = row["Wildlife Size"]
      }
      column "species" {
        value = row["Wildlife Species"]
      }
      column "time_of_day" {
        value = row["Time of day"]
      }
      column "cost_total" {
        value = row["Cost Total $"]
      }
      column "speed_knots" {
        value = row["Speed IAS in knots"]
      }
    }
  }
}

model "strikes_by_operator" {
  destination    = destination.warehouse
  description    = "Strikes and what they cost, one row per operator."
  schema         = "marts"
  materialized   = "table"
  latest_version = 2

  version "1" {
    query    = file("models/strikes_by_operator_v1.sql")
    contract = contract.strikes_by_operator.v1
  }

  version "2" {
    query    = file("models/strikes_by_operator_v2.sql")
    contract = contract.strikes_by_operator.v2
  }
}
