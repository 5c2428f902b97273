variable "name" {
  description = "Prefix of the names that no other module needs to know."
  type        = string
}

variable "cluster_name" {
  description = "Name of the cluster."
  type        = string
}

variable "service_name" {
  description = "Name of the service."
  type        = string
}

variable "task_definition_family" {
  description = "Family of the task definition."
  type        = string
}

variable "log_group_name" {
  description = "Name of the log group that the container writes to."
  type        = string
}

variable "log_retention_days" {
  description = "Days that container logs are kept."
  type        = number
  default     = 7
}

variable "vpc_id" {
  description = "Id of the VPC."
  type        = string
}

variable "private_subnet_ids" {
  description = "Ids of the subnets that tasks run in."
  type        = list(string)
}

variable "alb_security_group_id" {
  description = "Id of the load balancer's security group, the only source that tasks accept."
  type        = string
}

variable "target_group_arn" {
  description = "ARN of the target group that tasks register with."
  type        = string
}

variable "execution_role_arn" {
  description = "ARN of the role that ECS starts tasks with."
  type        = string
}

variable "task_role_arn" {
  description = "ARN of the role of the application."
  type        = string
}

variable "image" {
  description = "Image of the first revision, with its tag; the pipeline sets it in all later ones."
  type        = string
}

variable "container_name" {
  description = "Name of the container, by which imagedefinitions.json refers to it."
  type        = string
}

variable "container_port" {
  description = "Port on which the container listens."
  type        = number
  default     = 8080

  validation {
    condition     = var.container_port > 1024 && var.container_port < 65536
    error_message = "container_port must be above 1024: a user without capabilities cannot bind a lower one."
  }
}

variable "container_user" {
  description = "User and group, as numbers, that the container runs as."
  type        = string
  default     = "10001:10001"

  validation {
    condition     = can(regex("^[1-9][0-9]*:[1-9][0-9]*$", var.container_user))
    error_message = "container_user must be uid:gid, neither of them root."
  }
}

variable "environment_variables" {
  description = "Plain environment variables of the container; secrets belong in secrets."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "Environment variables of the container that ECS reads from Secrets Manager: name to ARN."
  type        = map(string)
  default     = {}
}

variable "cpu" {
  description = "CPU units of a task; 1024 are one vCPU."
  type        = number
}

variable "memory" {
  description = "Memory of a task in MiB."
  type        = number
}

variable "min_tasks" {
  description = "Tasks that always run."
  type        = number
}

variable "max_tasks" {
  description = "Tasks that autoscaling never exceeds."
  type        = number
}

variable "cpu_target_percent" {
  description = "Average CPU utilization that autoscaling aims at."
  type        = number
  default     = 60

  validation {
    condition     = var.cpu_target_percent > 0 && var.cpu_target_percent < 100
    error_message = "cpu_target_percent must lie between 0 and 100."
  }
}

variable "health_check_grace_period_seconds" {
  description = "Seconds in which a starting task may fail health checks."
  type        = number
  default     = 60
}
