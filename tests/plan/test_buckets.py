"""The buckets: that each of their settings is of the bucket that it is meant for."""

import pytest

from stackproof import Stack

from .policies import DOCUMENT

SETTINGS = {
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
}

each_bucket = pytest.mark.parametrize(
    "name",
    [
        pytest.param("access_logs", marks=pytest.mark.requirement("ALB-16")),
        pytest.param("artifacts", marks=pytest.mark.requirement("PIP-17")),
    ],
)


@each_bucket
def test_every_setting_of_a_bucket_is_of_that_bucket(resolved: Stack, name: str) -> None:
    settings = [setting for setting in resolved.resources(name=name) if setting.type in SETTINGS]
    assert {setting.type for setting in settings} == SETTINGS
    bucket = resolved.resource("aws_s3_bucket", name=name)
    for setting in settings:
        assert setting.wired("bucket").is_exactly(bucket)
        assert setting["bucket"] == bucket["id"]


@each_bucket
def test_policy_of_a_bucket_is_the_one_for_it(resolved: Stack, name: str) -> None:
    policy, document = resolved.resource("aws_s3_bucket_policy", name=name), resolved.data_source(DOCUMENT, name=name)
    assert policy.document("policy") == document.document("json")


@each_bucket
def test_bucket_owner_owns_whatever_is_in_it(stack: Stack, name: str) -> None:
    controls = stack.resource("aws_s3_bucket_ownership_controls", name=name)
    assert controls["rule[0].object_ownership"] == "BucketOwnerEnforced"
