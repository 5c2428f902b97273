output "repository_url" {
  description = "URL to push to and pull from, without a tag."
  value       = aws_ecr_repository.this.repository_url
}

output "repository_arn" {
  description = "ARN of the repository."
  value       = aws_ecr_repository.this.arn
}

output "repository_name" {
  description = "Name of the repository within its registry."
  value       = aws_ecr_repository.this.name
}
