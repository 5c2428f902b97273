# Small and quick to apply: nothing here makes the provider wait.

variable "retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 7
}

variable "suffix" {
  description = "The end of the log groups' names; another one replaces them."
  type        = string
  default     = "logs"
}

variable "has_alias" {
  description = "Whether there is something whose API moto lacks."
  type        = bool
  default     = false
}

resource "aws_iam_role" "this" {
  name = "life"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/life/${var.suffix}"
  retention_in_days = var.retention_days
  tags              = { role = aws_iam_role.this.name }
}

resource "aws_gamelift_alias" "this" {
  count = var.has_alias ? 1 : 0
  name  = "life"

  routing_strategy {
    type    = "TERMINAL"
    message = "closed"
  }
}

output "log_group_name" {
  description = "The name of the log group."
  value       = aws_cloudwatch_log_group.this.name
}
