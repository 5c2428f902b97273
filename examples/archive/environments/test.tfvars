environment = "test"
kept_days   = 30
