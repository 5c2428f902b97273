"""What the archive must be, in every environment."""

import pytest

from stackproof import Plan, Stack

ACCESS_BLOCKS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


def test_nobody_outside_can_read_the_archive(stack: Stack) -> None:
    block = stack.resource("aws_s3_bucket_public_access_block")
    assert all(block[setting] for setting in ACCESS_BLOCKS)


def test_overwritten_documents_can_be_restored(stack: Stack) -> None:
    assert stack.resource("aws_s3_bucket_versioning")["versioning_configuration[0].status"] == "Enabled"


@pytest.mark.environment("live")
def test_live_documents_are_kept_for_ten_years(stack: Stack) -> None:
    lifecycle = stack.resource("aws_s3_bucket_lifecycle_configuration")
    assert lifecycle["rule[0].expiration[0].days"] == 3650


@pytest.mark.until_apply
def test_the_archive_can_be_found_by_its_arn(stack: Stack) -> None:
    assert stack.output("bucket_arn") == f"arn:aws:s3:::{stack.resource('aws_s3_bucket')['bucket']}"


def test_nothing_is_deleted_or_replaced(plan: Plan) -> None:
    assert all(change.action not in ("delete", "replace") for change in plan.changes.values())
