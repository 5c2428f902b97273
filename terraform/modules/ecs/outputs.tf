output "cluster_id" {
  description = "Id (ARN) of the cluster."
  value       = aws_ecs_cluster.this.id
}

output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.this.name
}

output "service_name" {
  description = "Name of the service."
  value       = aws_ecs_service.this.name
}

output "task_definition_arn" {
  description = "ARN of the task definition revision that this configuration describes."
  value       = aws_ecs_task_definition.this.arn
}

output "security_group_id" {
  description = "Id of the tasks' security group."
  value       = aws_security_group.this.id
}

output "log_group_name" {
  description = "Name of the container's log group."
  value       = aws_cloudwatch_log_group.this.name
}
