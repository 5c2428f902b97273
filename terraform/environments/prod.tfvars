environment = "prod"

vpc_cidr           = "10.30.0.0/16"
single_nat_gateway = false

task_cpu    = 512
task_memory = 1024
min_tasks   = 2
max_tasks   = 6

deletion_protection         = true
secret_recovery_window_days = 30

github_repository = "example-org/stock-dashboard"
github_branch     = "main"
