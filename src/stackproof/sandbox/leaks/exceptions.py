"""Where AWS's APIs do not follow their own naming, or list more or less than what somebody has made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LISTED_BY: Mapping[tuple[str, str], str] = {
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
    ("logs", "CreateLogGroup"): "DescribeLogGroups",
    # https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
    ("sns", "Subscribe"): "ListSubscriptions",
    # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html
    ("events", "PutTargets"): "ListTargetsByRule",
    # https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImages.html
    ("ecr", "PutImage"): "ListImages",
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html: what still fills a bucket
    ("s3", "PutObject"): "ListObjectVersions",
}
"""What lists what an operation makes, where the names do not say so."""

UNDONE_BY: Mapping[tuple[str, str], str] = {
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
    ("kms", "CreateKey"): "ScheduleKeyDeletion",
    ("sns", "Subscribe"): "Unsubscribe",
    ("events", "PutTargets"): "RemoveTargets",
    ("cloudwatch", "PutMetricAlarm"): "DeleteAlarms",
    ("cloudwatch", "PutCompositeAlarm"): "DeleteAlarms",
    ("ecr", "PutImage"): "BatchDeleteImage",
    ("ecs", "RunTask"): "StopTask",
}
"""What takes it away again, where the names do not say so."""

ARGUMENTS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html: the others are AWS's own
    ("iam", "ListPolicies"): {"Scope": "Local"},
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html: metric alarms otherwise
    ("cloudwatch", "DescribeAlarms"): {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]},
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html: everybody's otherwise
    ("ec2", "DescribeImages"): {"Owners": ["self"]},
    ("ec2", "DescribeFpgaImages"): {"Owners": ["self"]},
    ("ec2", "DescribeSnapshots"): {"OwnerIds": ["self"]},
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html: else they look gone
    ("secretsmanager", "ListSecrets"): {"IncludePlannedDeletion": True},
    # https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListDocuments.html
    ("ssm", "ListDocuments"): {"Filters": [{"Key": "Owner", "Values": ["Self"]}]},
}
"""What has to be asked for."""

ELEMENTS: Mapping[tuple[str, str], str] = {
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
    ("ec2", "DescribeInstances"): "Reservations[].Instances[]",
}
"""Where in an answer the things are, as a JMESPath, where not at its top."""

DETAILS: Mapping[tuple[str, str], tuple[str, str, str]] = {
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
    ("kms", "ListKeys"): ("DescribeKey", "KeyId", "KeyMetadata"),
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html: deleted ones may still be listed
    ("ecs", "ListClusters"): ("DescribeClusters", "clusters", "clusters[0]"),
    ("ecs", "ListServices"): ("DescribeServices", "services", "services[0]"),
}
"""What tells whether a thing is on its way out: operation, argument, and where in its answer, as a JMESPath."""

IDENTITIES: Mapping[tuple[str, str], str] = {
    ("ec2", "DescribeAddresses"): "AllocationId",
    ("ec2", "DescribeSecurityGroups"): "GroupId",
    ("ec2", "DescribeKeyPairs"): "KeyPairId",
    ("ecr", "ListImages"): "imageDigest",
    ("iam", "ListAttachedRolePolicies"): "PolicyArn",
    ("s3", "ListObjectVersions"): "Key",
}
"""The member that tells a thing from others of its kind, where it is not named after the kind."""

IMPLIED: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    # https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
    ("application-autoscaling", "PutScalingPolicy"): (("cloudwatch", "PutMetricAlarm"),),
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html
    ("ec2", "CreateNatGateway"): (("ec2", "CreateNetworkInterface"),),
    ("ec2", "CreateVpcEndpoint"): (("ec2", "CreateNetworkInterface"),),
    ("ec2", "RunInstances"): (("ec2", "CreateNetworkInterface"), ("ec2", "CreateVolume")),
    ("ecs", "CreateService"): (("ec2", "CreateNetworkInterface"), ("ecs", "RunTask")),
    ("ecs", "RunTask"): (("ec2", "CreateNetworkInterface"),),
    ("elbv2", "CreateLoadBalancer"): (("ec2", "CreateNetworkInterface"),),
    ("rds", "CreateDBInstance"): (("ec2", "CreateNetworkInterface"),),
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
    ("lambda", "CreateFunction"): (("ec2", "CreateNetworkInterface"), ("logs", "CreateLogGroup")),
    ("codebuild", "CreateProject"): (("logs", "CreateLogGroup"),),
}
"""What AWS itself makes on behalf of what an operation makes, and may leave."""

FORCED: Mapping[tuple[str, str], Mapping[str, bool]] = {
    ("ecr", "DeleteRepository"): {"force": True},
    ("ecs", "DeleteService"): {"force": True},
    ("secretsmanager", "DeleteSecret"): {"ForceDeleteWithoutRecovery": True},
}
"""What a call has to say besides, so that nothing is in its way."""

CLI_NAMES: Mapping[str, str] = {"codedeploy": "deploy", "config": "configservice", "s3": "s3api"}
"""Services that the AWS CLI knows under another name than botocore."""

GONE = frozenset({"deleted", "terminated", "delete_complete", "inactive", "expired", "deregistered"})
"""States, in lower case, of what AWS shows for a while after it is gone, or keeps for ever (task definitions)."""

GOING = frozenset({"deleting", "shutting-down", "pendingdeletion", "delete_in_progress", "draining", "stopping"})
"""States of what goes by itself: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html."""


def is_aws_own(service: str, fields: Mapping[str, Any]) -> bool:
    """Whether AWS made a thing for itself, or as a part of another that it goes with.

    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk
    https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
    https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
    """
    if str(fields.get("KeyManager")) == "AWS" or "AWS" in (fields.get("OwnerId"), fields.get("Owner")):
        return True
    if str(fields.get("AliasName", "")).startswith("alias/aws/"):
        return True
    if service == "iam" and str(fields.get("Path", "")).startswith("/aws-service-role/"):
        return True
    main = any(link.get("Main") for link in fields.get("Associations") or () if isinstance(link, Mapping))
    if service == "ec2" and (main or fields.get("IsDefault") is True):
        return True
    return service == "ec2" and fields.get("GroupName") == "default"
