# What a reported wildlife strike must look like.
contract "birdstrikes" {
  description    = "Wildlife strikes reported to the FAA, one row a strike."
  owner          = "aviation-data"
  latest_version = 2

  # As the FAA publishes it.
  version "1" {
    column "airport" {
      type     = string
      required = true
    }
    column "aircraft" {
      type     = string
      required = true
    }
    column "damage" {
      type     = string
      required = true
    }
    column "flight_date" {
      type     = date
      required = true
      min      = "1990-01-01"
    }
    column "operator" {
      type     = string
      required = true
    }
    column "origin_state" {
      type     = string
      required = true
    }
    column "phase" {
      type     = string
      required = true
      enum     = ["Parked", "Taxi", "Take-off run", "Climb", "Descent", "Approach", "Landing Roll"]
    }
    column "wildlife_size" {
      type = string
      enum = ["Small", "Medium", "Large"]
    }
    column "species" {
      type = string
    }
    column "time_of_day" {
      type = string
      enum = ["Dawn", "Day", "Dusk", "Night"]
    }
    column "cost_other" {
      type    = decimal(12, 2)
      min     = 0
      default = 0
    }
    column "cost_repair" {
      type    = decimal(12, 2)
      min     = 0
      default = 0
    }
    column "cost_total" {
      type     = decimal(12, 2)
      required = true
      min      = 0
    }
    column "speed_knots" {
      type = int32
      min  = 0
      max  = 600
    }

    on_violation = "quarantine"
  }

  # What the analysts can work with: a strike without a speed cannot be judged,
  # and damage is one of the four classes of the FAA's form.
  version "2" {
    extends = "1"
    remove  = ["cost_other", "cost_repair"]

    column "speed_knots" {
      type        = int32
      required    = true
      description = "Indicated airspeed at the moment of the strike."
      min         = 0
      max         = 600
    }
    column "damage" {
      type     = string
      required = true
      enum     = ["None", "Minor", "Medium", "Substantial"]
    }

    check "airborne_needs_speed" {
      condition = row.phase == "Parked" || row.phase == "Taxi" || row.speed_knots >= var.slow_knots
      message   = "an aircraft in the air moves"
    }

    # Over the whole table, audited before it is published.
    expect "no_day_stands_out" {
      query    = "select flight_date, count(*) as strikes from this group by flight_date having count(*) > 50"
      message  = "as many strikes on one day are more likely one file read twice"
      severity = "warning"
    }
    rows {
      min = 1000
    }

    on_violation    = "quarantine"
    unknown_columns = "drop"
    tolerance       = "35%"
  }
}

contract "strikes_by_operator" {
  description = "Strikes and what they cost, by operator."
  owner       = "aviation-data"

  version "1" {
    key = ["operator"]

    column "operator" {
      type     = string
      required = true
    }
    column "strikes" {
      type     = int64
      required = true
      min      = 1
    }
  }

  version "2" {
    extends = "1"
    key     = ["operator"]

    column "damaging" {
      type     = int64
      required = true
      min      = 0
    }
    column "cost_total" {
      type     = decimal(38, 2)
      required = true
    }

    check "damaging_are_strikes" {
      condition = row.damaging <= row.strikes
      message   = "no operator has more damaging strikes than strikes"
    }
  }
}
