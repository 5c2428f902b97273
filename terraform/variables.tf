variable "project" {
  description = "Name of the project: first part of every resource name, and the name of the container."
  type        = string
  default     = "stock-dashboard"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project))
    error_message = "project must be 3 to 20 lower case letters, digits and hyphens, start with a letter and not end with a hyphen."
  }
}

variable "environment" {
  description = "Environment that this state describes."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment must be dev, staging or prod."
  }
}

variable "aws_region" {
  description = "Region of every resource."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region must look like us-east-1."
  }
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC; the subnets are computed from it."
  type        = string

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr))
    error_message = "vpc_cidr must be an IPv4 CIDR such as 10.0.0.0/16."
  }
}

variable "single_nat_gateway" {
  description = "Share one NAT gateway between both zones: half the price, no tolerance of the loss of its zone."
  type        = bool
  default     = false
}

variable "certificate_arn" {
  description = "ARN of an ACM certificate in the same region. With it the load balancer serves HTTPS and redirects HTTP; without it, plain HTTP."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:[^:]+:acm:", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of an ACM certificate."
  }
}

variable "deletion_protection" {
  description = "Protect the load balancer, buckets and images that hold something from terraform destroy, and give a deleted key 30 days instead of 7."
  type        = bool
  default     = true
}

variable "task_cpu" {
  description = "CPU units of a task; 1024 are one vCPU."
  type        = number

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.task_cpu)
    error_message = "task_cpu must be 256, 512, 1024, 2048 or 4096."
  }
}

variable "task_memory" {
  description = "Memory of a task in MiB."
  type        = number

  # From 512 CPU units on, Fargate offers two to eight times their number in whole GiB.
  validation {
    condition = var.task_cpu == 256 ? contains([512, 1024, 2048], var.task_memory) : (
      var.task_memory % 1024 == 0 && var.task_memory >= 2 * var.task_cpu && var.task_memory <= 8 * var.task_cpu
    )
    error_message = "Fargate does not offer this task_memory with this task_cpu."
  }
}

variable "min_tasks" {
  description = "Tasks that always run."
  type        = number

  validation {
    condition     = var.min_tasks >= 1
    error_message = "min_tasks must be at least 1."
  }
}

variable "max_tasks" {
  description = "Tasks that autoscaling never exceeds."
  type        = number

  validation {
    condition     = var.max_tasks >= var.min_tasks
    error_message = "max_tasks must not be below min_tasks."
  }
}

variable "image_tag" {
  description = "Tag of the image in the revision that Terraform registers. The service only starts from it when it is created; the pipeline deploys from then on."
  type        = string
  default     = "bootstrap"

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", var.image_tag))
    error_message = "image_tag must be a tag that a container registry takes: at most 128 letters, digits, dots, dashes and underscores."
  }
}

variable "environment_variables" {
  description = "Plain environment variables of the container."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.environment_variables) : !can(regex("(?i)api_?key|password|secret|token", name))])
    error_message = "A variable named like an API key, password, secret or token belongs in Secrets Manager, not in environment_variables."
  }
}

variable "alpha_vantage_secret_name" {
  description = "Name of an existing secret that holds the Alpha Vantage API key; null creates an empty one for an operator to fill."
  type        = string
  default     = null

  validation {
    condition     = var.alpha_vantage_secret_name == null || can(regex("^[A-Za-z0-9/_+=.@-]{1,512}$", var.alpha_vantage_secret_name))
    error_message = "alpha_vantage_secret_name must be null or the name of a secret."
  }
}

variable "github_token_secret_name" {
  description = "Name of an existing secret that holds the GitHub OAuth token; null creates an empty one for an operator to fill. Not used with github_connection_arn."
  type        = string
  default     = null

  validation {
    condition     = var.github_token_secret_name == null || can(regex("^[A-Za-z0-9/_+=.@-]{1,512}$", var.github_token_secret_name))
    error_message = "github_token_secret_name must be null or the name of a secret."
  }
}

variable "secret_recovery_window_days" {
  description = "Days in which a deleted secret can be restored; 0 deletes at once and so frees the name."
  type        = number
  default     = 30

  validation {
    condition     = var.secret_recovery_window_days == 0 || (var.secret_recovery_window_days >= 7 && var.secret_recovery_window_days <= 30)
    error_message = "secret_recovery_window_days must be 0, or from 7 to 30."
  }
}

variable "github_repository" {
  description = "Repository that the pipeline delivers, as owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository must have the form owner/name."
  }
}

variable "github_branch" {
  description = "Branch whose pushes the pipeline delivers."
  type        = string
  default     = "main"

  validation {
    condition     = can(regex("^[^\\s~^:?*\\[\\\\]+$", var.github_branch))
    error_message = "github_branch must be the name of a branch."
  }
}

variable "github_connection_arn" {
  description = "ARN of a CodeConnections connection to GitHub, which AWS recommends: short-lived credentials, push events, and nothing secret in the state. Null uses the OAuth token instead, polls, and leaves the token in the state."
  type        = string
  default     = null

  validation {
    condition     = var.github_connection_arn == null || can(regex("^arn:[^:]+:(codeconnections|codestar-connections):[^:]+:[0-9]{12}:connection/", var.github_connection_arn))
    error_message = "github_connection_arn must be the ARN of a CodeConnections connection."
  }
}

variable "notification_emails" {
  description = "Addresses that receive alarms and pipeline failures; each must confirm by the link it is sent."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.notification_emails : can(regex("^[^@\\s]+@[^@\\s]+$", email))])
    error_message = "notification_emails must be e-mail addresses."
  }
}

variable "cpu_alarm_threshold_percent" {
  description = "CPU utilization of the service above which the alarm fires."
  type        = number
  default     = 80

  validation {
    condition     = var.cpu_alarm_threshold_percent > 0 && var.cpu_alarm_threshold_percent < 100
    error_message = "cpu_alarm_threshold_percent must lie between 0 and 100."
  }
}

variable "memory_alarm_threshold_percent" {
  description = "Memory utilization of the service above which the alarm fires."
  type        = number
  default     = 80

  validation {
    condition     = var.memory_alarm_threshold_percent > 0 && var.memory_alarm_threshold_percent < 100
    error_message = "memory_alarm_threshold_percent must lie between 0 and 100."
  }
}

variable "unhealthy_targets_alarm_threshold" {
  description = "Number of unhealthy targets above which the alarm fires."
  type        = number
  default     = 0

  validation {
    condition     = var.unhealthy_targets_alarm_threshold >= 0 && floor(var.unhealthy_targets_alarm_threshold) == var.unhealthy_targets_alarm_threshold
    error_message = "unhealthy_targets_alarm_threshold must be a whole number, 0 or more."
  }
}

variable "pipeline_failures_alarm_threshold" {
  description = "Number of failed pipeline executions in five minutes above which the alarm fires."
  type        = number
  default     = 0

  validation {
    condition     = var.pipeline_failures_alarm_threshold >= 0 && floor(var.pipeline_failures_alarm_threshold) == var.pipeline_failures_alarm_threshold
    error_message = "pipeline_failures_alarm_threshold must be a whole number, 0 or more."
  }
}
