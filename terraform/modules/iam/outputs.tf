# Whoever is handed a role finds its permissions in place.
output "task_execution_role_arn" {
  description = "ARN of the role that ECS starts tasks with."
  value       = aws_iam_role.task_execution.arn
  depends_on  = [aws_iam_role_policy.task_execution]
}

output "task_execution_role_name" {
  description = "Name of the role that ECS starts tasks with."
  value       = aws_iam_role.task_execution.name
}

output "task_role_arn" {
  description = "ARN of the role of the application."
  value       = aws_iam_role.task.arn
}

output "task_role_name" {
  description = "Name of the role of the application."
  value       = aws_iam_role.task.name
}

output "codebuild_role_arn" {
  description = "ARN of the role of the build project."
  value       = aws_iam_role.codebuild.arn
  depends_on  = [aws_iam_role_policy.codebuild]
}

output "codebuild_role_name" {
  description = "Name of the role of the build project."
  value       = aws_iam_role.codebuild.name
}

output "codepipeline_role_arn" {
  description = "ARN of the role of the pipeline."
  value       = aws_iam_role.codepipeline.arn
  depends_on  = [aws_iam_role_policy.codepipeline]
}

output "codepipeline_role_name" {
  description = "Name of the role of the pipeline."
  value       = aws_iam_role.codepipeline.name
}
