"""What AWS will call a resource that a plan makes: its ARN and its id, as far as its arguments decide them.

The formats are those of the Service Authorization Reference, by resource type of the AWS provider:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

In braces stand arguments of the resource. `{~6}` and the like are that many characters that AWS chooses, `{~uuid}` is
a UUID of its choice, `{~zone}` the rest of a hosted zone's id. A format whose arguments are not known is not used.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ARNS: Mapping[str, str] = {
    "aws_acm_certificate": "acm:{@region}:{@account}:certificate/{~uuid}",
    "aws_alb": "elasticloadbalancing:{@region}:{@account}:loadbalancer/{@kind}/{name}/{~16}",
    "aws_alb_target_group": "elasticloadbalancing:{@region}:{@account}:targetgroup/{name}/{~16}",
    "aws_api_gateway_rest_api": "apigateway:{@region}::/restapis/{~10}",
    "aws_athena_workgroup": "athena:{@region}:{@account}:workgroup/{name}",
    "aws_autoscaling_group": "autoscaling:{@region}:{@account}:autoScalingGroup:{~uuid}:autoScalingGroupName/{name}",
    "aws_backup_plan": "backup:{@region}:{@account}:backup-plan:{~uuid}",
    "aws_backup_vault": "backup:{@region}:{@account}:backup-vault:{name}",
    "aws_cloudfront_distribution": "cloudfront::{@account}:distribution/E{~13}",
    "aws_cloudtrail": "cloudtrail:{@region}:{@account}:trail/{name}",
    "aws_cloudwatch_event_bus": "events:{@region}:{@account}:event-bus/{name}",
    "aws_cloudwatch_event_rule": "events:{@region}:{@account}:rule/{name}",
    "aws_cloudwatch_log_group": "logs:{@region}:{@account}:log-group:{name}",
    "aws_cloudwatch_metric_alarm": "cloudwatch:{@region}:{@account}:alarm:{alarm_name}",
    "aws_codebuild_project": "codebuild:{@region}:{@account}:project/{name}",
    "aws_codecommit_repository": "codecommit:{@region}:{@account}:{repository_name}",
    "aws_codeconnections_connection": "codeconnections:{@region}:{@account}:connection/{~uuid}",
    "aws_codedeploy_app": "codedeploy:{@region}:{@account}:application:{name}",
    "aws_codepipeline": "codepipeline:{@region}:{@account}:{name}",
    "aws_codestarconnections_connection": "codestar-connections:{@region}:{@account}:connection/{~uuid}",
    "aws_cognito_user_pool": "cognito-idp:{@region}:{@account}:userpool/{@region}_{~9}",
    "aws_db_instance": "rds:{@region}:{@account}:db:{identifier}",
    "aws_db_subnet_group": "rds:{@region}:{@account}:subgrp:{name}",
    "aws_dynamodb_table": "dynamodb:{@region}:{@account}:table/{name}",
    "aws_ecr_repository": "ecr:{@region}:{@account}:repository/{name}",
    "aws_ecs_capacity_provider": "ecs:{@region}:{@account}:capacity-provider/{name}",
    "aws_ecs_cluster": "ecs:{@region}:{@account}:cluster/{name}",
    "aws_ecs_task_definition": "ecs:{@region}:{@account}:task-definition/{family}:{~revision}",
    "aws_efs_file_system": "elasticfilesystem:{@region}:{@account}:file-system/fs-0{~16}",
    "aws_eks_cluster": "eks:{@region}:{@account}:cluster/{name}",
    "aws_elasticache_replication_group": "elasticache:{@region}:{@account}:replicationgroup:{replication_group_id}",
    "aws_iam_group": "iam::{@account}:group{path}{name}",
    "aws_iam_instance_profile": "iam::{@account}:instance-profile{path}{name}",
    "aws_iam_openid_connect_provider": "iam::{@account}:oidc-provider/{@issuer}",
    "aws_iam_policy": "iam::{@account}:policy{path}{name}",
    "aws_iam_role": "iam::{@account}:role{path}{name}",
    "aws_iam_saml_provider": "iam::{@account}:saml-provider/{name}",
    "aws_iam_server_certificate": "iam::{@account}:server-certificate{path}{name}",
    "aws_iam_user": "iam::{@account}:user{path}{name}",
    "aws_instance": "ec2:{@region}:{@account}:instance/i-0{~16}",
    "aws_internet_gateway": "ec2:{@region}:{@account}:internet-gateway/igw-0{~16}",
    "aws_kinesis_firehose_delivery_stream": "firehose:{@region}:{@account}:deliverystream/{name}",
    "aws_kinesis_stream": "kinesis:{@region}:{@account}:stream/{name}",
    "aws_kms_alias": "kms:{@region}:{@account}:{name}",
    "aws_kms_key": "kms:{@region}:{@account}:key/{~uuid}",
    "aws_lambda_function": "lambda:{@region}:{@account}:function:{function_name}",
    "aws_launch_template": "ec2:{@region}:{@account}:launch-template/lt-0{~16}",
    "aws_lb": "elasticloadbalancing:{@region}:{@account}:loadbalancer/{@kind}/{name}/{~16}",
    "aws_lb_target_group": "elasticloadbalancing:{@region}:{@account}:targetgroup/{name}/{~16}",
    "aws_msk_cluster": "kafka:{@region}:{@account}:cluster/{cluster_name}/{~uuid}",
    "aws_network_acl": "ec2:{@region}:{@account}:network-acl/acl-0{~16}",
    "aws_opensearch_domain": "es:{@region}:{@account}:domain/{domain_name}",
    "aws_rds_cluster": "rds:{@region}:{@account}:cluster:{cluster_identifier}",
    "aws_route53_zone": "route53:::hostedzone/Z{~zone}",
    "aws_route_table": "ec2:{@region}:{@account}:route-table/rtb-0{~16}",
    "aws_s3_bucket": "s3:::{bucket}",
    "aws_secretsmanager_secret": "secretsmanager:{@region}:{@account}:secret:{name}-{~6}",
    "aws_security_group": "ec2:{@region}:{@account}:security-group/sg-0{~16}",
    "aws_sfn_state_machine": "states:{@region}:{@account}:stateMachine:{name}",
    "aws_sns_topic": "sns:{@region}:{@account}:{name}",
    "aws_sqs_queue": "sqs:{@region}:{@account}:{name}",
    "aws_ssm_parameter": "ssm:{@region}:{@account}:parameter{@slash}{name}",
    "aws_subnet": "ec2:{@region}:{@account}:subnet/subnet-0{~16}",
    "aws_vpc": "ec2:{@region}:{@account}:vpc/vpc-0{~16}",
    "aws_wafv2_web_acl": "wafv2:{@region}:{@account}:regional/webacl/{name}/{~uuid}",
}

IDS: Mapping[str, str] = {
    "aws_alb": "{@arn}",
    "aws_alb_target_group": "{@arn}",
    "aws_cloudwatch_event_rule": "{name}",
    "aws_cloudwatch_log_group": "{name}",
    "aws_cloudwatch_metric_alarm": "{alarm_name}",
    "aws_codebuild_project": "{@arn}",
    "aws_codepipeline": "{name}",
    "aws_codestarconnections_connection": "{@arn}",
    "aws_dynamodb_table": "{name}",
    "aws_ecr_repository": "{name}",
    "aws_ecs_cluster": "{@arn}",
    "aws_iam_group": "{name}",
    "aws_iam_instance_profile": "{name}",
    "aws_iam_openid_connect_provider": "{@arn}",
    "aws_iam_policy": "{@arn}",
    "aws_iam_role": "{name}",
    "aws_iam_saml_provider": "{@arn}",
    "aws_iam_user": "{name}",
    "aws_kms_key": "{~uuid}",
    "aws_lambda_function": "{function_name}",
    "aws_lb": "{@arn}",
    "aws_lb_target_group": "{@arn}",
    "aws_route53_zone": "Z{~zone}",
    "aws_s3_bucket": "{bucket}",
    "aws_secretsmanager_secret": "{@arn}",
    "aws_sfn_state_machine": "{@arn}",
    "aws_sns_topic": "{@arn}",
    "aws_sqs_queue": "https://sqs.{@region}.{@domain}/{@account}/{name}",
    "aws_ssm_parameter": "{name}",
}
"""Where `id` is no id of its own, by the "Attribute Reference" of each resource in the provider's documentation."""

PREFIXES: Mapping[str, str] = {
    "aws_customer_gateway": "cgw",
    "aws_default_network_acl": "acl",
    "aws_default_route_table": "rtb",
    "aws_default_security_group": "sg",
    "aws_default_subnet": "subnet",
    "aws_default_vpc": "vpc",
    "aws_ebs_volume": "vol",
    "aws_efs_access_point": "fsap",
    "aws_efs_file_system": "fs",
    "aws_efs_mount_target": "fsmt",
    "aws_egress_only_internet_gateway": "eigw",
    "aws_eip": "eipalloc",
    "aws_eip_association": "eipassoc",
    "aws_flow_log": "fl",
    "aws_instance": "i",
    "aws_internet_gateway": "igw",
    "aws_launch_template": "lt",
    "aws_ec2_managed_prefix_list": "pl",
    "aws_ec2_transit_gateway": "tgw",
    "aws_ec2_transit_gateway_vpc_attachment": "tgw-attach",
    "aws_nat_gateway": "nat",
    "aws_network_acl": "acl",
    "aws_network_interface": "eni",
    "aws_route_table": "rtb",
    "aws_route_table_association": "rtbassoc",
    "aws_security_group": "sg",
    "aws_security_group_rule": "sgrule",
    "aws_subnet": "subnet",
    "aws_vpc": "vpc",
    "aws_vpc_dhcp_options": "dopt",
    "aws_vpc_endpoint": "vpce",
    "aws_vpc_peering_connection": "pcx",
    "aws_vpc_security_group_egress_rule": "sgr",
    "aws_vpc_security_group_ingress_rule": "sgr",
    "aws_vpn_gateway": "vgw",
}
"""How ids begin: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html."""

OTHERS: Mapping[tuple[str, str], str] = {
    ("aws_ecr_repository", "repository_url"): "{@account}.dkr.ecr.{@region}.{@domain}/{name}",
    ("aws_s3_bucket", "bucket_domain_name"): "{bucket}.s3.{@domain}",
    ("aws_s3_bucket", "bucket_regional_domain_name"): "{bucket}.s3.{@region}.{@domain}",
    ("aws_sqs_queue", "url"): IDS["aws_sqs_queue"],
}
"""Other attributes that the arguments decide, by type and name."""

SERVICES: Mapping[str, str] = {
    "aws_alb": "elasticloadbalancing",
    "aws_ami": "ec2",
    "aws_api_gateway": "apigateway",
    "aws_apigatewayv2": "apigateway",
    "aws_cloudwatch_event": "events",
    "aws_cloudwatch_log": "logs",
    "aws_cloudwatch_query": "logs",
    "aws_codestarconnections": "codestar-connections",
    "aws_cognito": "cognito-idp",
    "aws_customer_gateway": "ec2",
    "aws_db": "rds",
    "aws_docdb": "rds",
    "aws_dx": "directconnect",
    "aws_ebs": "ec2",
    "aws_efs": "elasticfilesystem",
    "aws_egress": "ec2",
    "aws_eip": "ec2",
    "aws_elasticsearch": "es",
    "aws_elb": "elasticloadbalancing",
    "aws_emr": "elasticmapreduce",
    "aws_flow_log": "ec2",
    "aws_instance": "ec2",
    "aws_key_pair": "ec2",
    "aws_kinesis_firehose": "firehose",
    "aws_launch": "ec2",
    "aws_lb": "elasticloadbalancing",
    "aws_msk": "kafka",
    "aws_nat": "ec2",
    "aws_neptune": "rds",
    "aws_network": "ec2",
    "aws_opensearch": "es",
    "aws_placement": "ec2",
    "aws_rds": "rds",
    "aws_route": "ec2",
    "aws_security_group": "ec2",
    "aws_service_discovery": "servicediscovery",
    "aws_sfn": "states",
    "aws_spot": "ec2",
    "aws_subnet": "ec2",
    "aws_vpc": "ec2",
    "aws_vpn": "ec2",
}
"""The service in ARNs, by the beginning of the resource type, where it is not the first word of the type itself."""

GLOBAL = frozenset({"cloudfront", "globalaccelerator", "iam", "organizations", "route53", "shield"})
"""Services whose ARNs have no region."""

_ARGUMENT = re.compile(r"\{([^{}]+)\}")


UNKNOWN_REGION = "xx-unknown-0"
UNKNOWN_ACCOUNT = "000000000000"


@dataclass(frozen=True)
class Location:
    """Where a provider configuration works; region and account may be UNKNOWN_REGION and UNKNOWN_ACCOUNT."""

    partition: str
    region: str
    account: str


def is_guess(text: str) -> bool:
    """Whether there is a region or an account in a text that nobody knows."""
    return UNKNOWN_REGION in text or UNKNOWN_ACCOUNT in text


def arn(type: str, arguments: Mapping[str, Any], location: Location, digits: str) -> str | None:
    """The ARN of a resource with these arguments; None where its type is not listed or an argument is not known.

    `digits` (hexadecimal, 32) stand for what AWS chooses.
    """
    form = ARNS.get(type)
    text = _filled(form, arguments, location, digits) if form else None
    return text and f"arn:{location.partition}:{text}"


def identifier(type: str, arguments: Mapping[str, Any], location: Location, digits: str) -> str | None:
    """What `id` will be where other arguments decide it; None where AWS chooses it, or where that is not listed."""
    form = IDS.get(type)
    if form == "{@arn}":
        return arn(type, arguments, location, digits)
    return _filled(form, arguments, location, digits) if form else None


def other(type: str, attribute: str, arguments: Mapping[str, Any], location: Location, digits: str) -> str | None:
    """What another attribute than `id` and `arn` will be; None where the arguments do not decide it."""
    form = OTHERS.get((type, attribute))
    return _filled(form, arguments, location, digits) if form else None


def needed(type: str) -> frozenset[str]:
    """The arguments that decide ARN and id of a type, without those that have a default."""
    forms = (ARNS.get(type, ""), IDS.get(type, ""))
    names = {"url" if name == "@issuer" else name for form in forms for name in _ARGUMENT.findall(form)}
    return frozenset(name for name in names if name[0] not in "@~") - {"path"}


def opaque(type: str, location: Location, mark: str) -> str:
    """An ARN for a resource of a type that is not listed: of the right service, with a mark for a name."""
    words = type.split("_")
    beginnings = ("_".join(words[:number]) for number in range(len(words), 1, -1))
    service = next((SERVICES[beginning] for beginning in beginnings if beginning in SERVICES), words[:2][-1])
    region = "" if service in GLOBAL else location.region
    return f"arn:{location.partition}:{service}:{region}:{location.account}:{'-'.join(words[1:])}/{mark}"


def _filled(form: str, arguments: Mapping[str, Any], location: Location, digits: str) -> str | None:
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        name = match[1]
        if name.startswith("~"):
            return _chosen(name[1:], digits)
        url = arguments.get("url")
        known = {
            "@region": location.region,
            "@account": location.account,
            "@domain": "amazonaws.com.cn" if location.partition == "aws-cn" else "amazonaws.com",
            "@kind": {"network": "net", "gateway": "gwy"}.get(str(arguments.get("load_balancer_type")), "app"),
            "@issuer": url.removeprefix("https://") if isinstance(url, str) else None,
            # a parameter's name may begin with the slash that separates it
            "@slash": "" if str(arguments.get("name")).startswith("/") else "/",
        }.get(name, arguments.get(name, "/" if name == "path" else None))
        missing = missing or not isinstance(known, str)
        return str(known)

    text = _ARGUMENT.sub(value, form)
    return None if missing else text


def _chosen(kind: str, digits: str) -> str:
    if kind == "uuid":
        return str(uuid.UUID(digits))
    if kind == "revision":
        return "1"
    if kind == "zone":
        return digits[:16].upper()
    return digits[: int(kind)]
