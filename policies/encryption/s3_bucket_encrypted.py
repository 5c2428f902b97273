"""Buckets say how they are encrypted, use a bucket key with KMS, and use KMS where the option `kms` asks for it."""

from __future__ import annotations

from stackproof.policy.buckets import ENCRYPTION, KMS, encryption_rules
from stackproof.policy.rule import About, Case, Rule, Severity


class S3BucketEncrypted(Rule):
    about = About(
        id="SP_ENC_001",
        title="S3 buckets say how they are encrypted",
        severity=Severity.HIGH,
        types=("aws_s3_bucket",),
        why="without a configuration of its own a bucket uses S3's key, which no policy of yours can withhold",
        remedy=f"add an {ENCRYPTION} for the bucket; use sse_algorithm aws:kms and a key where data is sensitive",
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html",
        options={"kms": False},
    )

    def judge(self, case: Case) -> None:
        rules = encryption_rules(case, case.resource)
        if not rules:
            case.fail("nothing says how the bucket is encrypted")
        algorithms = KMS if case.options["kms"] else (*KMS, "AES256")
        for holder, rule in rules:
            path = f"{rule}.apply_server_side_encryption_by_default[0].sse_algorithm"
            algorithm = case.given(path, "AES256", of=holder)
            if algorithm not in algorithms:
                case.fail(f"the algorithm is {algorithm}, and KMS is asked for", path, of=holder)
            # there are no bucket keys for two layers of encryption
            if algorithm == "aws:kms" and not case.given(f"{rule}.bucket_key_enabled", of=holder):
                path = f"{rule}.bucket_key_enabled"
                case.fail("KMS is asked for every object, without a bucket key", path, of=holder)


check = S3BucketEncrypted()
