environment = "live"
kept_days   = 3650
