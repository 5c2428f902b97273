variable "name" {
  description = "Prefix of every role name."
  type        = string

  validation {
    condition     = length(var.name) <= 48
    error_message = "name must have at most 48 characters: role names end at 64."
  }
}

variable "ecr_repository_arn" {
  description = "ARN of the repository that builds push to and tasks pull from."
  type        = string
}

variable "task_secret_arns" {
  description = "ARNs of the secrets that ECS injects into the task, and no others."
  type        = list(string)

  validation {
    condition     = length(var.task_secret_arns) > 0
    error_message = "A policy statement needs at least one secret."
  }
}

variable "task_secret_kms_key_arns" {
  description = "ARNs of the customer managed keys that encrypt those secrets."
  type        = list(string)
}

variable "task_log_group_name" {
  description = "Name of the log group that tasks write to."
  type        = string
}

variable "cluster_name" {
  description = "Name of the ECS cluster that the pipeline deploys to."
  type        = string
}

variable "service_name" {
  description = "Name of the ECS service that the pipeline deploys."
  type        = string
}

variable "task_definition_family" {
  description = "Family of the task definitions that the pipeline registers."
  type        = string
}

variable "build_project_name" {
  description = "Name of the CodeBuild project."
  type        = string
}

variable "build_log_group_name" {
  description = "Name of the log group that builds write to."
  type        = string
}

variable "artifact_bucket_name" {
  description = "Name of the bucket through which pipeline and build exchange artifacts."
  type        = string
}

variable "artifact_kms_key_arn" {
  description = "ARN of the key that encrypts the artifacts."
  type        = string
}

variable "github_connection_arn" {
  description = "ARN of the connection to GitHub that the pipeline may use, if it uses one."
  type        = string
  default     = null
}
