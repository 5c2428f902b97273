"""The table of how resources are deleted, by the form of their ARNs.

"{name}" and the like in parameters are parts of the ARN, whose forms are those of the service authorization reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stackproof.sandbox.janitor import preparing

Parameter = str | bool | int | Sequence[str]


@dataclass(frozen=True)
class Way:
    """How to delete what `form` ("service:resource", a glob) fits: the service's client, a call, its parameters.

    `prepare` gets client and parameters first, and may add to them.
    """

    form: str
    client: str
    call: str
    parameters: Mapping[str, Parameter]
    prepare: Callable[[Any, dict[str, Any]], None] | None = None


@dataclass(frozen=True)
class Sign:
    """By which call, with which parameters, at which path of the answer, and by which values one sees something."""

    call: str
    parameters: Mapping[str, Parameter]
    path: str
    values: Sequence[str]


def _ec2(kind: str, call: str, parameter: str, prepare: Callable[[Any, dict[str, Any]], None] | None = None) -> Way:
    return Way(f"ec2:{kind}/*", "ec2", call, {parameter: "{id}"}, prepare)


WAYS = (
    Way("s3:*", "s3", "delete_bucket", {"Bucket": "{resource}"}, preparing.empty_bucket),
    Way("sqs:*", "sqs", "delete_queue", {}, preparing.find_queue),
    Way("sns:*", "sns", "delete_topic", {"TopicArn": "{arn}"}),
    Way("dynamodb:table/*", "dynamodb", "delete_table", {"TableName": "{name}"}, preparing.unprotect_table),
    Way("iam:role/*", "iam", "delete_role", {"RoleName": "{id}"}, preparing.strip_role),
    Way("iam:user/*", "iam", "delete_user", {"UserName": "{id}"}, preparing.strip_user),
    Way("iam:policy/*", "iam", "delete_policy", {"PolicyArn": "{arn}"}, preparing.forget_versions),
    Way(
        "iam:instance-profile/*",
        "iam",
        "delete_instance_profile",
        {"InstanceProfileName": "{id}"},
        preparing.empty_profile,
    ),
    Way("iam:oidc-provider/*", "iam", "delete_open_id_connect_provider", {"OpenIDConnectProviderArn": "{arn}"}),
    Way("logs:log-group:*", "logs", "delete_log_group", {"logGroupName": "{name}"}),
    Way("ecs:service/*", "ecs", "delete_service", {"cluster": "{second}", "service": "{arn}", "force": True}),
    Way("ecs:task/*", "ecs", "stop_task", {"cluster": "{second}", "task": "{arn}"}),
    Way("ecs:task-definition/*", "ecs", "deregister_task_definition", {"taskDefinition": "{arn}"}),
    Way("ecs:cluster/*", "ecs", "delete_cluster", {"cluster": "{arn}"}),
    Way("ecr:repository/*", "ecr", "delete_repository", {"repositoryName": "{name}", "force": True}),
    Way("elasticloadbalancing:listener-rule/*", "elbv2", "delete_rule", {"RuleArn": "{arn}"}),
    Way("elasticloadbalancing:listener/*", "elbv2", "delete_listener", {"ListenerArn": "{arn}"}),
    Way("elasticloadbalancing:targetgroup/*", "elbv2", "delete_target_group", {"TargetGroupArn": "{arn}"}),
    Way(
        "elasticloadbalancing:loadbalancer/*/*",
        "elbv2",
        "delete_load_balancer",
        {"LoadBalancerArn": "{arn}"},
        preparing.unprotect_balancer,
    ),
    Way("elasticloadbalancing:loadbalancer/*", "elb", "delete_load_balancer", {"LoadBalancerName": "{name}"}),
    Way("ec2:instance/*", "ec2", "terminate_instances", {"InstanceIds": ["{id}"]}),
    Way("ec2:natgateway/*", "ec2", "delete_nat_gateway", {"NatGatewayId": "{id}"}),
    Way("ec2:vpc-endpoint/*", "ec2", "delete_vpc_endpoints", {"VpcEndpointIds": ["{id}"]}),
    Way("ec2:vpc-flow-log/*", "ec2", "delete_flow_logs", {"FlowLogIds": ["{id}"]}),
    Way(
        "ec2:security-group-rule/*",
        "ec2",
        "revoke_security_group_ingress",
        {"SecurityGroupRuleIds": ["{id}"]},
        preparing.find_group,
    ),
    _ec2("security-group", "delete_security_group", "GroupId", preparing.revoke_rules),
    _ec2("network-interface", "delete_network_interface", "NetworkInterfaceId"),
    _ec2("elastic-ip", "release_address", "AllocationId"),
    _ec2("route-table", "delete_route_table", "RouteTableId", preparing.dissociate),
    _ec2("network-acl", "delete_network_acl", "NetworkAclId"),
    _ec2("internet-gateway", "delete_internet_gateway", "InternetGatewayId", preparing.detach_gateway),
    _ec2("egress-only-internet-gateway", "delete_egress_only_internet_gateway", "EgressOnlyInternetGatewayId"),
    _ec2("subnet", "delete_subnet", "SubnetId"),
    _ec2("vpc", "delete_vpc", "VpcId"),
    _ec2("vpc-peering-connection", "delete_vpc_peering_connection", "VpcPeeringConnectionId"),
    _ec2("dhcp-options", "delete_dhcp_options", "DhcpOptionsId"),
    _ec2("prefix-list", "delete_managed_prefix_list", "PrefixListId"),
    _ec2("volume", "delete_volume", "VolumeId"),
    _ec2("launch-template", "delete_launch_template", "LaunchTemplateId"),
    _ec2("key-pair", "delete_key_pair", "KeyPairId"),
    Way(
        "autoscaling:autoScalingGroup:*",
        "autoscaling",
        "delete_auto_scaling_group",
        {"AutoScalingGroupName": "{id}", "ForceDelete": True},
    ),
    Way("kms:key/*", "kms", "schedule_key_deletion", {"KeyId": "{id}", "PendingWindowInDays": 7}),
    Way(
        "secretsmanager:secret:*",
        "secretsmanager",
        "delete_secret",
        {"SecretId": "{arn}", "ForceDeleteWithoutRecovery": True},
    ),
    Way("ssm:parameter/*", "ssm", "delete_parameter", {}, preparing.find_parameter),
    Way("lambda:function:*", "lambda", "delete_function", {"FunctionName": "{name}"}),
    Way(
        "events:rule/*/*",
        "events",
        "delete_rule",
        {"Name": "{id}", "EventBusName": "{second}"},
        preparing.remove_targets,
    ),
    Way("events:rule/*", "events", "delete_rule", {"Name": "{id}"}, preparing.remove_targets),
    Way("events:event-bus/*", "events", "delete_event_bus", {"Name": "{name}"}),
    Way("cloudwatch:alarm:*", "cloudwatch", "delete_alarms", {"AlarmNames": ["{name}"]}),
    Way("codebuild:project/*", "codebuild", "delete_project", {"name": "{name}"}),
    Way("codepipeline:webhook:*", "codepipeline", "delete_webhook", {"name": "{name}"}),
    Way("codepipeline:*", "codepipeline", "delete_pipeline", {"name": "{resource}"}),
    Way(
        "codestar-notifications:notificationrule/*",
        "codestar-notifications",
        "delete_notification_rule",
        {"Arn": "{arn}"},
    ),
    Way("states:stateMachine:*", "stepfunctions", "delete_state_machine", {"stateMachineArn": "{arn}"}),
    Way("kinesis:stream/*", "kinesis", "delete_stream", {"StreamName": "{name}", "EnforceConsumerDeletion": True}),
    Way("firehose:deliverystream/*", "firehose", "delete_delivery_stream", {"DeliveryStreamName": "{name}"}),
    Way("rds:db:*", "rds", "delete_db_instance", {"DBInstanceIdentifier": "{name}", "SkipFinalSnapshot": True}),
    Way("rds:cluster:*", "rds", "delete_db_cluster", {"DBClusterIdentifier": "{name}", "SkipFinalSnapshot": True}),
    Way("rds:subgrp:*", "rds", "delete_db_subnet_group", {"DBSubnetGroupName": "{name}"}),
    Way("elasticfilesystem:file-system/*", "efs", "delete_file_system", {"FileSystemId": "{id}"}),
    Way("acm:certificate/*", "acm", "delete_certificate", {"CertificateArn": "{arn}"}),
)
"""The first row that fits an ARN counts."""

GOING = {
    "ecs:service/*": Sign(
        "describe_services",
        {"cluster": "{second}", "services": ["{arn}"]},
        "services[0].status",
        ("INACTIVE", "DRAINING"),
    ),
    "ecs:task/*": Sign(
        "describe_tasks", {"cluster": "{second}", "tasks": ["{arn}"]}, "tasks[0].desiredStatus", ("STOPPED",)
    ),
    "ecs:task-definition/*": Sign(
        "describe_task_definition",
        {"taskDefinition": "{arn}"},
        "taskDefinition.status",
        ("INACTIVE", "DELETE_IN_PROGRESS"),
    ),
    "ecs:cluster/*": Sign("describe_clusters", {"clusters": ["{arn}"]}, "clusters[0].status", ("INACTIVE",)),
    "ec2:instance/*": Sign(
        "describe_instances",
        {"InstanceIds": ["{id}"]},
        "Reservations[0].Instances[0].State.Name",
        ("shutting-down", "terminated"),
    ),
    "ec2:natgateway/*": Sign(
        "describe_nat_gateways", {"NatGatewayIds": ["{id}"]}, "NatGateways[0].State", ("deleting", "deleted")
    ),
    "ec2:vpc-endpoint/*": Sign(
        "describe_vpc_endpoints", {"VpcEndpointIds": ["{id}"]}, "VpcEndpoints[0].State", ("deleting", "deleted")
    ),
    "kms:key/*": Sign(
        "describe_key", {"KeyId": "{arn}"}, "KeyMetadata.KeyState", ("PendingDeletion", "PendingReplicaDeletion")
    ),
    "rds:db:*": Sign(
        "describe_db_instances", {"DBInstanceIdentifier": "{name}"}, "DBInstances[0].DBInstanceStatus", ("deleting",)
    ),
    "rds:cluster:*": Sign(
        "describe_db_clusters", {"DBClusterIdentifier": "{name}"}, "DBClusters[0].Status", ("deleting",)
    ),
}
"""By the form of ARNs: how one sees that AWS still tells of something that is deleted, or will be by itself."""
