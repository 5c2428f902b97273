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
        # patterns for buckets that can be lost: their own names, or those of the resource or module call in Terraform
        options={"environments": ("prod",), "replaceable": ("*artifacts", "*cache", "*logs", "*tmp")},
    )

    def judge(self, case: Case) -> None:
        if not case.is_in(case.options["environments"]):
            return
        kept = [
            case.given("versioning_configuration[0].status", of=versioning) == "Enabled"
            for versioning in case.companions("aws_s3_bucket_versioning", "bucket")
        ]
        # object lock turns versions on
        if any(kept) or case.given("versioning[0].enabled") or case.given("object_lock_enabled"):
            return
        names = [case.resource.name, *case.resource.module_path[-1:], *_own_names(case)]
        if not any(fnmatch(name, pattern) for name in names for pattern in case.options["replaceable"]):
            case.fail("it keeps no versions")


def _own_names(case: Case) -> list[str]:
    """What the configuration calls the bucket, or lets its name begin with."""
    return [f"{name}".rstrip("-.") for path in ("bucket", "bucket_prefix") if (name := case.given(path))]


check = BucketsKeepVersions()
