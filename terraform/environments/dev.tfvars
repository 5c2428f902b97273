environment = "dev"

vpc_cidr           = "10.10.0.0/16"
single_nat_gateway = true

task_cpu    = 256
task_memory = 512
min_tasks   = 1
max_tasks   = 2

deletion_protection         = false
secret_recovery_window_days = 0

github_repository = "example-org/stock-dashboard"
github_branch     = "main"
