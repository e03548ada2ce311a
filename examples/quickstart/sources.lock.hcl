# Written by `headgate source discover`. Commit it; do not edit it.

source "faa" {
  stream "faa" {
    column "Airport Name" {
      type = string
    }
    column "Aircraft Make Model" {
      type = string
    }
    column "Effect Amount of damage" {
      type = string
    }
    column "Flight Date" {
      type = string
    }
    column "Aircraft Airline Operator" {
      type = string
    }
    column "Origin State" {
      type = string
    }
    column "Phase of flight" {
      type = string
    }
    column "Wildlife Size" {
      type = string
    }
    column "Wildlife Species" {
      type = string
    }
    column "Time of day" {
      type = string
    }
    column "Cost Other" {
      type = string
    }
    column "Cost Repair" {
      type = string
    }
    column "Cost Total $" {
      type = string
    }
    column "Speed IAS in knots" {
      type     = string
      nullable = true
    }
  }
}
