"""What moto's enforcement of IAM does otherwise than AWS, and that moto still does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]
import moto
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from moto.core.authorization import enable_iam_authentication

# the botocore that checkov asks for is older than the warning
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

OUTDATED = "moto can do it by now: delete the shim and its tests"
REGION = "us-east-1"


@pytest.fixture
def plain() -> Iterator[Any]:
    """Gives clients of moto as it is, for a user who may do what a statement says."""

    def allowed(action: str, resource: str = "*") -> Any:
        iam = boto3.client("iam", region_name=REGION, aws_access_key_id="AKIAADMIN", aws_secret_access_key="x")
        iam.create_user(UserName="user")
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="user", PolicyName="own", PolicyDocument=document)
        key = iam.create_access_key(UserName="user")["AccessKey"]
        credentials = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
        return lambda service: boto3.client(service, region_name=REGION, **credentials)

    with moto.mock_aws():
        yield allowed


def test_moto_asks_for_actions_that_aws_has_not(plain: Any) -> None:
    client = plain("cloudwatch:DescribeAlarms")
    with enable_iam_authentication(), pytest.raises(ClientError, match="monitoring:DescribeAlarms"):
        assert not client("cloudwatch").describe_alarms(), OUTDATED


def test_moto_takes_a_bucket_s_encryption_for_the_bucket(plain: Any) -> None:
    client = plain("s3:GetEncryptionConfiguration")
    with enable_iam_authentication(), pytest.raises(ClientError, match="AccessDenied"):
        assert not client("s3").get_bucket_encryption(Bucket="any"), OUTDATED


def test_moto_knows_not_what_a_call_is_about(plain: Any) -> None:
    client = plain("sns:CreateTopic", "arn:aws:sns:us-east-1:123456789012:topic")
    with enable_iam_authentication(), pytest.raises(ClientError, match="not authorized"):
        assert not client("sns").create_topic(Name="topic"), OUTDATED


def test_moto_takes_a_pattern_for_a_regular_expression(plain: Any) -> None:
    client = plain("s3:ListBucket", "arn:aws:s3:::bucket-???")
    with enable_iam_authentication(), pytest.raises(Exception, match="multiple repeat"):
        assert not client("s3").list_objects_v2(Bucket="bucket-one"), OUTDATED


def test_moto_signs_what_stands_in_a_path(plain: Any) -> None:
    client = plain("*")
    with enable_iam_authentication(), pytest.raises(ClientError, match="signature"):
        assert not client("apigateway").delete_rest_api(restApiId="any"), OUTDATED
