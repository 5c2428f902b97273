variable "name" {
  description = "Name of the pipeline."
  type        = string
}

variable "service_role_arn" {
  description = "ARN of the role that the pipeline runs with."
  type        = string
}

variable "artifact_bucket_name" {
  description = "Name of the artifact bucket, unique in all of S3."
  type        = string
}

variable "artifact_retention_days" {
  description = "Days that artifacts are kept, and so stages can be retried or rolled back."
  type        = number
  default     = 30
}

variable "force_destroy" {
  description = "Let destroy delete an artifact bucket that still holds objects."
  type        = bool
  default     = false
}

variable "topic_name" {
  description = "Name of the notification topic."
  type        = string
}

variable "notification_emails" {
  description = "Addresses to subscribe to the topic; each must confirm by the link it is sent."
  type        = set(string)
  default     = []
}

variable "kms_key_arn" {
  description = "ARN of the customer managed key that encrypts artifacts and notifications. Its policy must let CloudWatch and EventBridge use it: alias/aws/sns does not."
  type        = string
}

variable "github_repository" {
  description = "Repository to build, as owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository must have the form owner/name."
  }
}

variable "github_branch" {
  description = "Branch whose pushes are delivered."
  type        = string
}

variable "github_oauth_token" {
  description = "OAuth token to read the repository with, where there is no connection. It ends up in the state."
  type        = string
  default     = null
  sensitive   = true
}

variable "github_connection_arn" {
  description = "ARN of the CodeConnections connection to read the repository with, in place of a token."
  type        = string
  default     = null
}

variable "build_project_name" {
  description = "Name of the CodeBuild project."
  type        = string
}

variable "cluster_name" {
  description = "Name of the ECS cluster to deploy to."
  type        = string
}

variable "service_name" {
  description = "Name of the ECS service to deploy."
  type        = string
}
