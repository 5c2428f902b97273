variable "name" {
  description = "Prefix of every resource name."
  type        = string

  validation {
    condition     = length(var.name) <= 28
    error_message = "name must have at most 28 characters: load balancer names end at 32."
  }
}

variable "vpc_id" {
  description = "Id of the VPC that holds the targets."
  type        = string
}

variable "vpc_cidr_block" {
  description = "IPv4 range of the VPC, the only destination the load balancer may reach."
  type        = string
}

variable "public_subnet_ids" {
  description = "Ids of the public subnets, in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.public_subnet_ids) >= 2
    error_message = "An Application Load Balancer needs subnets in at least two zones."
  }
}

variable "target_port" {
  description = "Port on which the targets listen."
  type        = number
  default     = 8080
}

variable "health_check_path" {
  description = "Path that a healthy target answers with 200."
  type        = string
  default     = "/"

  validation {
    condition     = startswith(var.health_check_path, "/")
    error_message = "health_check_path must start with a slash."
  }
}

variable "certificate_arn" {
  description = "ARN of the ACM certificate to serve HTTPS with; without one the listener speaks plain HTTP."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Refuse to delete the load balancer, or a log bucket that still holds objects."
  type        = bool
  default     = true
}

variable "access_log_retention_days" {
  description = "Days that access logs are kept."
  type        = number
  default     = 90
}
