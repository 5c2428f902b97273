"""ARNs and ids are those that AWS gives, as far as arguments decide them."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from stackproof.plan.resolution import arns
from stackproof.plan.resolution.arns import UNKNOWN_ACCOUNT, UNKNOWN_REGION, Location

PLACE = Location("aws", "eu-west-1", "123456789012")
DIGITS = "0123456789abcdef0123456789abcdef"

ARN = re.compile(r"arn:aws:[a-z0-9-]+:(?:[a-z]{2}-[a-z]+-\d)?:(?:\d{12})?:\S+")
"""arn:partition:service:region:account-id:resource, of which region and account may be empty."""


class Given(dict[str, Any]):
    """Arguments in which everything that is asked for has a value."""

    def get(self, key: str, default: object = None) -> object:
        return super().get(key, "/" if key == "path" else f"some-{key}" if default is None else default)


@pytest.mark.parametrize(
    ("type", "arguments", "expected"),
    [
        ("aws_iam_role", {"name": "task", "path": "/service/"}, "arn:aws:iam::123456789012:role/service/task"),
        ("aws_iam_role", {"name": "task"}, "arn:aws:iam::123456789012:role/task"),
        ("aws_s3_bucket", {"bucket": "logs"}, "arn:aws:s3:::logs"),
        ("aws_cloudwatch_log_group", {"name": "/app"}, "arn:aws:logs:eu-west-1:123456789012:log-group:/app"),
        ("aws_vpc", {}, "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-00123456789abcdef"),
        ("aws_ecs_task_definition", {"family": "a"}, "arn:aws:ecs:eu-west-1:123456789012:task-definition/a:1"),
        (
            "aws_lb",
            {"name": "front", "load_balancer_type": "network"},
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/front/0123456789abcdef",
        ),
        ("aws_ssm_parameter", {"name": "/a/b"}, "arn:aws:ssm:eu-west-1:123456789012:parameter/a/b"),
        ("aws_ssm_parameter", {"name": "a"}, "arn:aws:ssm:eu-west-1:123456789012:parameter/a"),
        ("aws_secretsmanager_secret", {"name": "a"}, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-012345"),
        (
            "aws_iam_openid_connect_provider",
            {"url": "https://token.example.com/x"},
            "arn:aws:iam::123456789012:oidc-provider/token.example.com/x",
        ),
        ("aws_route53_zone", {}, "arn:aws:route53:::hostedzone/Z0123456789ABCDEF"),
    ],
)
def test_an_arn_is_made_of_the_arguments(type: str, arguments: dict[str, Any], expected: str) -> None:
    assert arns.arn(type, arguments, PLACE, DIGITS) == expected


@pytest.mark.parametrize("type", sorted(arns.ARNS))
def test_every_listed_arn_is_well_formed(type: str) -> None:
    found = arns.arn(type, Given(), PLACE, DIGITS)
    assert found is not None
    assert ARN.fullmatch(found)


@pytest.mark.parametrize("type", sorted(kind for kind in arns.ARNS if arns.needed(kind)))
def test_an_arn_whose_arguments_are_null_is_not_made(type: str) -> None:
    assert arns.arn(type, Given(dict.fromkeys(arns.needed(type))), PLACE, DIGITS) is None


def test_an_arn_whose_arguments_or_format_are_missing_is_not_made() -> None:
    assert arns.arn("aws_iam_role", {}, PLACE, DIGITS) is None
    assert arns.arn("aws_no_such_thing", {"name": "a"}, PLACE, DIGITS) is None


def test_partitions_have_their_own_arns_and_domains() -> None:
    china = Location("aws-cn", "cn-north-1", "123456789012")
    assert arns.arn("aws_sqs_queue", {"name": "a"}, china, DIGITS) == "arn:aws-cn:sqs:cn-north-1:123456789012:a"
    assert arns.identifier("aws_sqs_queue", {"name": "a"}, china, DIGITS) == (
        "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/a"
    )


@pytest.mark.parametrize(
    ("type", "arguments", "expected"),
    [
        ("aws_iam_role", {"name": "task"}, "task"),
        ("aws_sns_topic", {"name": "a"}, "arn:aws:sns:eu-west-1:123456789012:a"),
        ("aws_s3_bucket", {"bucket": "logs"}, "logs"),
        ("aws_sqs_queue", {"name": "a"}, "https://sqs.eu-west-1.amazonaws.com/123456789012/a"),
        ("aws_kms_key", {}, str(uuid.UUID(DIGITS))),
        ("aws_vpc", {}, None),
    ],
)
def test_an_id_that_arguments_decide_is_told(type: str, arguments: dict[str, Any], expected: str | None) -> None:
    assert arns.identifier(type, arguments, PLACE, DIGITS) == expected


def test_other_attributes_that_arguments_decide_are_told() -> None:
    bucket = {"bucket": "logs"}
    assert arns.other("aws_s3_bucket", "bucket_domain_name", bucket, PLACE, DIGITS) == "logs.s3.amazonaws.com"
    assert arns.other("aws_s3_bucket", "region", bucket, PLACE, DIGITS) is None
    assert arns.other("aws_ecr_repository", "repository_url", {"name": "app"}, PLACE, DIGITS) == (
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app"
    )


@pytest.mark.parametrize(
    ("type", "beginning"),
    [
        ("aws_eip", "arn:aws:ec2:eu-west-1:123456789012:eip/"),
        ("aws_vpc_endpoint", "arn:aws:ec2:eu-west-1:123456789012:vpc-endpoint/"),
        ("aws_lb_listener", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:lb-listener/"),
        ("aws_glue_job", "arn:aws:glue:eu-west-1:123456789012:glue-job/"),
        ("aws_route53_health_check", "arn:aws:route53::123456789012:route53-health-check/"),
    ],
)
def test_an_arn_of_a_type_that_is_not_listed_has_the_right_service(type: str, beginning: str) -> None:
    assert arns.opaque(type, PLACE, "0123456789abcdef") == f"{beginning}0123456789abcdef"


def test_a_region_or_account_that_nobody_knows_is_told_from_one_that_is_known() -> None:
    assert arns.is_guess(f"arn:aws:sns:{UNKNOWN_REGION}:123456789012:a")
    assert arns.is_guess(f"arn:aws:iam::{UNKNOWN_ACCOUNT}:role/a")
    assert not arns.is_guess("arn:aws:iam::123456789012:role/a")
