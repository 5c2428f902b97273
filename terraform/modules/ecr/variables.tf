variable "name" {
  description = "Name of the repository."
  type        = string
}

variable "images_kept" {
  description = "Number of most recent images that survive the lifecycle policy, and so can be rolled back to."
  type        = number
  default     = 10

  validation {
    condition     = var.images_kept >= 1
    error_message = "images_kept must be at least 1."
  }
}

variable "force_delete" {
  description = "Let destroy delete a repository that still holds images."
  type        = bool
  default     = false
}
