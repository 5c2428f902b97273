variable "name" {
  description = "Name of the project."
  type        = string
}

variable "log_group_name" {
  description = "Name of the log group that builds write to."
  type        = string
}

variable "log_retention_days" {
  description = "Days that build logs are kept."
  type        = number
  default     = 30
}

variable "service_role_arn" {
  description = "ARN of the role that builds run with."
  type        = string
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts the build output."
  type        = string
}

variable "ecr_repository_url" {
  description = "URL of the repository that builds push to."
  type        = string
}
