package exectest

// former is a project before it is refactored: two streams of one pipeline, a table
// and a view over one of them, and a table over both.
const former = `
source "file" "files" {
  path = "data/*.jsonl"
}
destination "duckdb" "w" {
  path = "w.duckdb"
}
contract "event" {
  column "id" {
    type     = int64
    required = true
  }
  column "text" {
    type = string
  }
  column "n" {
    type = int64
    min  = 0
  }
  key = ["id"]
}
pipeline "old" {
  from = source.files
  to   = destination.w
  stream "events" {
    contract = contract.event
    table    = "raw.events"
    write    = "append"
  }
  stream "merged" {
    contract = contract.event
    write    = "merge"
    table    = "raw.merged"
  }
}
model "fact_event" {
  destination  = destination.w
  schema       = "marts"
  materialized = "table"
  query        = "select id, n from raw.events"
}
model "recent" {
  destination  = destination.w
  schema       = "marts"
  materialized = "view"
  query        = "select id from marts.fact_event where id > 1"
}
model "sums" {
  destination  = destination.w
  schema       = "marts"
  materialized = "table"
  query        = "select count(*) as c from fact_event"
}
`
