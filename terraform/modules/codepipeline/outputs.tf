output "pipeline_name" {
  description = "Name of the pipeline."
  value       = aws_codepipeline.this.name
}

output "pipeline_arn" {
  description = "ARN of the pipeline."
  value       = aws_codepipeline.this.arn
}

# An alarm that fires before the policy is there would not be heard.
output "topic_arn" {
  description = "ARN of the notification topic."
  value       = aws_sns_topic.notifications.arn
  depends_on  = [aws_sns_topic_policy.notifications]
}

output "artifact_bucket_name" {
  description = "Name of the artifact bucket."
  value       = aws_s3_bucket.artifacts.id
}

output "artifact_bucket_arn" {
  description = "ARN of the artifact bucket."
  value       = aws_s3_bucket.artifacts.arn
}
