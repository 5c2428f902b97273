output "alb_dns_name" {
  description = "Public DNS name of the load balancer."
  value       = module.alb.dns_name
}

output "alb_zone_id" {
  description = "Hosted zone id of the load balancer, for a Route 53 alias record."
  value       = module.alb.zone_id
}

output "url" {
  description = "Address of the dashboard, on the load balancer's own name."
  value       = module.alb.url
}

output "vpc_id" {
  description = "Id of the VPC."
  value       = module.vpc.vpc_id
}

output "nat_public_ips" {
  description = "Addresses from which the tasks reach the internet."
  value       = module.vpc.nat_public_ips
}

output "ecr_repository_url" {
  description = "URL of the image repository."
  value       = module.ecr.repository_url
}

output "ecs_cluster_name" {
  description = "Name of the ECS cluster."
  value       = module.ecs.cluster_name
}

output "ecs_service_name" {
  description = "Name of the ECS service."
  value       = module.ecs.service_name
}

output "task_definition_arn" {
  description = "ARN of the revision that this configuration describes, for a deployment without the pipeline."
  value       = module.ecs.task_definition_arn
}

output "task_log_group_name" {
  description = "Name of the log group of the application."
  value       = module.ecs.log_group_name
}

output "codebuild_project_name" {
  description = "Name of the build project."
  value       = module.codebuild.project_name
}

output "codepipeline_name" {
  description = "Name of the pipeline."
  value       = module.codepipeline.pipeline_name
}

output "notification_topic_arn" {
  description = "ARN of the topic that alarms and pipeline failures go to."
  value       = module.codepipeline.topic_arn
}

output "alarm_arns" {
  description = "ARNs of the alarms, by what they watch."
  value       = module.monitoring.alarm_arns
}

output "secret_arns" {
  description = "ARNs of the secrets, by purpose; an operator puts their values."
  value       = local.secret_arns
}

output "kms_key_arn" {
  description = "ARN of the key that encrypts secrets, artifacts and notifications."
  value       = aws_kms_key.this.arn
}
