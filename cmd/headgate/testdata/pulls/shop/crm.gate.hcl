# The tap is installed elsewhere; no pipeline reads it yet.
source "singer" "crm" {
  command = ["tap-crm"]
  config = {
    start_date = "2026-01-01T00:00:00Z"
  }
}
