"""In production, buckets keep what is overwritten or deleted, except those whose objects can be made again."""

from __future__ import annotations

from fnmatch import fnmatch

from stackproof.policy.rule import About, Case, Rule, Severity


class BucketsKeepVersions(Rule):
    about = About(
        id="SP_REL_011",
        title="S3 buckets in production keep versions",
        severity=Severity.MEDIUM,
        types=("aws_s3_bucket",),
        why="an object that is overwritten or deleted, by mistake or for a ransom, is gone",
        remedy="add an aws_s3_bucket_versioning with status Enabled, and a lifecycle rule that ends old versions",
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
        # patterns for the Terraform names of buckets that can be lost
        options={"environments": ("prod",), "replaceable": ("*artifacts", "*cache", "*logs", "*tmp")},
    )

    def judge(self, case: Case) -> None:
        is_there = case.is_in(case.options["environments"])
        if not is_there or any(fnmatch(case.resource.name, pattern) for pattern in case.options["replaceable"]):
            return
        kept = [
            case.given("versioning_configuration[0].status", of=versioning) == "Enabled"
            for versioning in case.companions("aws_s3_bucket_versioning", "bucket")
        ]
        # object lock turns versions on
        if not any(kept) and not case.given("versioning[0].enabled") and not case.given("object_lock_enabled"):
            case.fail("it keeps no versions")


check = BucketsKeepVersions()
