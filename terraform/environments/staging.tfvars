environment = "staging"

vpc_cidr           = "10.20.0.0/16"
single_nat_gateway = true

task_cpu    = 512
task_memory = 1024
min_tasks   = 1
max_tasks   = 2

deletion_protection         = false
secret_recovery_window_days = 7

github_repository = "example-org/stock-dashboard"
github_branch     = "main"
