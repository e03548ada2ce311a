headgate {
  name = "parcels"
}

source "file" "scanner" {
  path = "data/parcels.jsonl"
}

destination "duckdb" "warehouse" {
  path = "warehouse.duckdb"
}

# The columns come from the schema that the scanner's makers publish. What they
# cannot say (if, oneOf) is checked on the whole record.
contract "parcels" {
  description = "One row per parcel, as it was scanned last."
  owner       = "logistics"
  schema_file = "schemas/parcel.json"
  key         = ["parcel_id"]

  column "recipient" {
    type        = string
    description = "Who the parcel goes to."
    tags        = ["pii"]
  }
}

pipeline "parcels" {
  from  = source.scanner
  to    = destination.warehouse
  owner = "logistics"

  # headgate:ignore personal_data_unmasked the address label is printed from this table
  stream "parcels" {
    contract = contract.parcels
    table    = "raw.parcels"
    write    = "merge"
    cursor   = "scanned_at"
  }
}
