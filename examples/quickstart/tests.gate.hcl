# What the contracts must accept and reject: `headgate test`.
locals {
  strike = {
    airport       = "DALLAS/FORT WORTH INTL ARPT"
    aircraft      = "B-737"
    damage        = "Minor"
    flight_date   = "1999-10-02"
    operator      = "SOUTHWEST AIRLINES"
    origin_state  = "Texas"
    phase         = "Climb"
    wildlife_size = "Small"
    species       = "Barn owl"
    time_of_day   = "Night"
    cost_total    = "1250.50"
    speed_knots   = 140
  }
}

test "a_strike_is_taken" {
  contract = contract.birdstrikes.v2

  accept {
    row = local.strike
  }
  accept { # an aircraft at its gate need not move
    row = merge(local.strike, { phase = "Parked", speed_knots = 0 })
  }
}

test "a_strike_needs_a_speed" {
  contract = contract.birdstrikes.v2

  reject {
    row      = merge(local.strike, { speed_knots = null })
    violates = ["speed_knots.required"]
  }
  reject {
    row      = merge(local.strike, { speed_knots = 0 })
    violates = ["airborne_needs_speed"]
  }
  reject {
    row      = merge(local.strike, { speed_knots = 601 })
    violates = ["speed_knots.max"]
  }
}

test "damage_is_one_of_four_classes" {
  contract = contract.birdstrikes.v2

  reject {
    row      = merge(local.strike, { damage = "C" })
    violates = ["damage.enum"]
  }
  reject {
    row      = merge(local.strike, { damage = null })
    violates = ["damage.required"]
  }
}

test "money_is_exact" {
  contract = contract.birdstrikes.v2

  accept {
    row = merge(local.strike, { cost_total = "9999999999.99" })
  }
  reject {
    row      = merge(local.strike, { cost_total = "0.001" })
    violates = ["cost_total.type"]
  }
  reject {
    row      = merge(local.strike, { cost_total = -1 })
    violates = ["cost_total.min"]
  }
}

test "one_row_an_operator" {
  contract = contract.strikes_by_operator.v2

  accept {
    rows = [
      { operator = "DELTA", strikes = 3, damaging = 1, cost_total = 0 },
      { operator = "UNITED", strikes = 3, damaging = 3, cost_total = 10 },
    ]
  }
  reject {
    rows = [
      { operator = "DELTA", strikes = 3, damaging = 1, cost_total = 0 },
      { operator = "DELTA", strikes = 4, damaging = 1, cost_total = 0 },
    ]
    violates = ["key"]
  }
  reject {
    row      = { operator = "DELTA", strikes = 3, damaging = 4, cost_total = 0 }
    violates = ["damaging_are_strikes"]
  }
}
