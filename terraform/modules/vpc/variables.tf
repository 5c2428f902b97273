variable "name" {
  description = "Prefix of every resource name."
  type        = string
}

variable "cidr_block" {
  description = "IPv4 range of the VPC; each subnet takes a sixteenth of it."
  type        = string

  validation {
    condition     = can(cidrnetmask(var.cidr_block)) && contains(range(16, 23), try(tonumber(split("/", var.cidr_block)[1]), 0))
    error_message = "cidr_block must be an IPv4 CIDR from /16 to /22: a load balancer needs subnets of at least a /27."
  }
}

variable "single_nat_gateway" {
  description = "Send both zones through one NAT gateway: cheaper, but a failure of its zone cuts the other off from the internet."
  type        = bool
  default     = false
}

variable "flow_log_retention_days" {
  description = "Days that flow logs are kept."
  type        = number
  default     = 30
}
