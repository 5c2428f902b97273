"""Bad changes to the stack besides those of `tests/edits`: by name, the file and the text that is replaced."""

from __future__ import annotations

from collections.abc import Mapping

MODULES = "terraform/modules"

Change = tuple[str, str, str]
"""A file, the text in it, and what stands there instead."""

CHANGES: Mapping[str, Change] = {
    "artifacts in plain S3": (f"{MODULES}/codepipeline/artifacts.tf", '"aws:kms"', '"AES256"'),
    "public policies of the artifact bucket": (
        f"{MODULES}/codepipeline/artifacts.tf",
        "block_public_policy     = true",
        "block_public_policy     = false",
    ),
    "no versions of artifacts": (f"{MODULES}/codepipeline/artifacts.tf", '"Enabled"\n  }', '"Suspended"\n  }'),
    "artifacts for everybody": (
        f"{MODULES}/codepipeline/artifacts.tf",
        'effect    = "Deny"\n    actions   = ["s3:*"]',
        'effect    = "Allow"\n    actions   = ["s3:GetObject"]',
    ),
    "every action of S3 for the pipeline": (
        f"{MODULES}/iam/codepipeline.tf",
        '["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]',
        '["s3:*"]',
    ),
    "every object for the pipeline": (
        f"{MODULES}/iam/codepipeline.tf",
        'resources = ["${local.artifact_bucket_arn}/*"]',
        'resources = ["*"]',
    ),
    "every service for the pipeline": (
        f"{MODULES}/iam/codepipeline.tf",
        "resources = [local.service_arn]",
        'resources = ["*"]',
    ),
    "every action for the pipeline": (
        f"{MODULES}/iam/codepipeline.tf",
        '["codebuild:BatchGetBuilds", "codebuild:StartBuild"]',
        '["*"]',
    ),
    "every secret for the task": (
        f"{MODULES}/iam/ecs.tf",
        "resources = var.task_secret_arns\n  }",
        'resources = ["*"]\n  }',
    ),
    "every key for the task": (
        f"{MODULES}/iam/ecs.tf",
        "resources = var.task_secret_kms_key_arns",
        'resources = ["*"]',
    ),
    "all but IAM for the task": (
        f"{MODULES}/iam/ecs.tf",
        'actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]',
        'not_actions = ["iam:*"]',
    ),
    "every log group for the build": (
        f"{MODULES}/iam/codebuild.tf",
        'resources = ["${local.build_log_group_arn}:*"]',
        'resources = ["*"]',
    ),
    "a topic for everybody": (
        f"{MODULES}/codepipeline/notifications.tf",
        'type        = "Service"\n      identifiers = ["events.amazonaws.com"]',
        'type        = "AWS"\n      identifiers = ["*"]',
    ),
    "a topic without a key": (
        f"{MODULES}/codepipeline/notifications.tf",
        "  kms_master_key_id = var.kms_key_arn\n",
        "",
    ),
    "a key that does not rotate": (
        "terraform/kms.tf",
        "enable_key_rotation     = true",
        "enable_key_rotation     = false",
    ),
    "a key for everybody": (
        "terraform/kms.tf",
        'type        = "Service"\n      identifiers = ["cloudwatch.amazonaws.com", "events.amazonaws.com"]',
        'type        = "AWS"\n      identifiers = ["*"]',
    ),
    "image tags that move": (f"{MODULES}/ecr/main.tf", '"IMMUTABLE"', '"MUTABLE"'),
    "images that nobody scans": (f"{MODULES}/ecr/main.tf", "scan_on_push = true", "scan_on_push = false"),
    "tasks with public addresses": (f"{MODULES}/ecs/main.tf", "assign_public_ip = false", "assign_public_ip = true"),
    "headers that are not valid": (
        f"{MODULES}/alb/main.tf",
        "drop_invalid_header_fields = true",
        "drop_invalid_header_fields = false",
    ),
    "deployments that do not roll back": (f"{MODULES}/ecs/main.tf", "rollback = true", "rollback = false"),
    "logs that are kept for ever": (
        f"{MODULES}/ecs/main.tf",
        "retention_in_days = var.log_retention_days",
        "retention_in_days = 0",
    ),
}
