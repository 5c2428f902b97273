"""Buckets block public access in all four ways, each by itself or all of them by the account."""

from __future__ import annotations

from stackproof.plan import Resource
from stackproof.policy.rule import About, Case, Rule, Severity

WAYS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


class BucketBlocksPublicAccess(Rule):
    about = About(
        id="SP_EXP_007",
        title="S3 buckets block public access",
        severity=Severity.HIGH,
        types=("aws_s3_bucket",),
        why="a single careless policy statement or ACL then gives the objects to the world",
        remedy="add an aws_s3_bucket_public_access_block for the bucket, with all four arguments true",
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    )

    def judge(self, case: Case) -> None:
        def missing(block: Resource) -> list[str]:
            return [way for way in WAYS if not case.given(way, of=block)]

        if any(not missing(account) for account in case.stack.resources("aws_s3_account_public_access_block")):
            return
        blocks = case.companions("aws_s3_bucket_public_access_block", "bucket")
        if not blocks:
            case.fail("nothing blocks public access")
        for block in blocks:
            for way in missing(block):
                case.fail(f"{way} is not true", way, of=block)


check = BucketBlocksPublicAccess()
