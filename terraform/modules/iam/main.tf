data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

# Every role exists before the resource that assumes it, so what comes later is
# known here by its name.
locals {
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.id
  account_id = data.aws_caller_identity.current.account_id

  log_group_arn_prefix = "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group"

  task_log_group_arn  = "${local.log_group_arn_prefix}:${var.task_log_group_name}"
  build_log_group_arn = "${local.log_group_arn_prefix}:${var.build_log_group_name}"

  ecs_arn_prefix       = "arn:${local.partition}:ecs:${local.region}:${local.account_id}"
  service_arn          = "${local.ecs_arn_prefix}:service/${var.cluster_name}/${var.service_name}"
  task_definition_arns = "${local.ecs_arn_prefix}:task-definition/${var.task_definition_family}:*"

  build_project_arn   = "arn:${local.partition}:codebuild:${local.region}:${local.account_id}:project/${var.build_project_name}"
  artifact_bucket_arn = "arn:${local.partition}:s3:::${var.artifact_bucket_name}"

  # The source each service assumes a role for. CodePipeline is held to the account
  # alone, as in the roles that it creates for itself.
  trusted_sources = {
    ecs-tasks    = "${local.ecs_arn_prefix}:*"
    codebuild    = local.build_project_arn
    codepipeline = null
  }
}

data "aws_iam_policy_document" "assume_role" {
  for_each = local.trusted_sources

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    dynamic "condition" {
      for_each = each.value == null ? [] : [each.value]

      content {
        test     = "ArnLike"
        variable = "aws:SourceArn"
        values   = [condition.value]
      }
    }
  }
}
