variable "name" {
  description = "Prefix of every alarm name."
  type        = string
}

variable "topic_arn" {
  description = "ARN of the topic that every alarm and failure goes to."
  type        = string
}

variable "cluster_name" {
  description = "Name of the ECS cluster to watch."
  type        = string
}

variable "service_name" {
  description = "Name of the ECS service to watch."
  type        = string
}

variable "alb_arn_suffix" {
  description = "LoadBalancer dimension of the load balancer to watch."
  type        = string
}

variable "target_group_arn_suffix" {
  description = "TargetGroup dimension of the target group to watch."
  type        = string
}

variable "pipeline_name" {
  description = "Name of the pipeline to watch."
  type        = string
}

variable "cpu_threshold_percent" {
  description = "CPU utilization above which the alarm fires."
  type        = number
  default     = 80

  validation {
    condition     = var.cpu_threshold_percent > 0 && var.cpu_threshold_percent < 100
    error_message = "cpu_threshold_percent must lie between 0 and 100."
  }
}

variable "memory_threshold_percent" {
  description = "Memory utilization above which the alarm fires."
  type        = number
  default     = 80

  validation {
    condition     = var.memory_threshold_percent > 0 && var.memory_threshold_percent < 100
    error_message = "memory_threshold_percent must lie between 0 and 100."
  }
}

variable "unhealthy_targets_threshold" {
  description = "Number of unhealthy targets above which the alarm fires."
  type        = number
  default     = 0

  validation {
    condition     = var.unhealthy_targets_threshold >= 0
    error_message = "unhealthy_targets_threshold must not be negative."
  }
}

variable "pipeline_failures_threshold" {
  description = "Number of failed executions in five minutes above which the alarm fires."
  type        = number
  default     = 0

  validation {
    condition     = var.pipeline_failures_threshold >= 0
    error_message = "pipeline_failures_threshold must not be negative."
  }
}
