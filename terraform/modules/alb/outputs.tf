output "dns_name" {
  description = "Public DNS name of the load balancer."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "Hosted zone id of the load balancer, for a Route 53 alias record."
  value       = aws_lb.this.zone_id
}

output "arn" {
  description = "ARN of the load balancer."
  value       = aws_lb.this.arn
}

output "arn_suffix" {
  description = "LoadBalancer dimension of the CloudWatch metrics."
  value       = aws_lb.this.arn_suffix
}

# ECS refuses a target group that no listener uses yet.
output "target_group_arn" {
  description = "ARN of the target group, once a listener forwards to it."
  value       = aws_lb_target_group.this.arn
  depends_on  = [aws_lb_listener.http, aws_lb_listener.https]
}

output "target_group_arn_suffix" {
  description = "TargetGroup dimension of the CloudWatch metrics."
  value       = aws_lb_target_group.this.arn_suffix
}

output "security_group_id" {
  description = "Id of the load balancer's security group."
  value       = aws_security_group.this.id
}

output "access_log_bucket" {
  description = "Name of the bucket that holds the access logs."
  value       = aws_s3_bucket.access_logs.id
}

output "url" {
  description = "Address of the load balancer, with the scheme it serves."
  value       = "${local.https ? "https" : "http"}://${aws_lb.this.dns_name}"
}
