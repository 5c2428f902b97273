"""Buckets are encrypted by default: with a KMS key, with a bucket key, where the option asks for it."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

CONFIGURATION = "aws_s3_bucket_server_side_encryption_configuration"
KMS = ("aws:kms", "aws:kms:dsse")


class S3BucketEncrypted(Rule):
    about = About(
        id="SP_ENC_001",
        title="S3 buckets say how they are encrypted",
        severity=Severity.HIGH,
        types=("aws_s3_bucket",),
        why="without a configuration of its own a bucket has S3's own key, which no policy of yours can withhold",
        remedy=f"add an {CONFIGURATION} for the bucket, with sse_algorithm aws:kms and a key where data is sensitive",
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html",
        options={"kms": False},
    )

    def judge(self, case: Case) -> None:
        configurations = case.companions(CONFIGURATION, "bucket")
        if not configurations and not case.blocks("server_side_encryption_configuration"):
            case.fail("nothing says how the bucket is encrypted")
        for configuration in configurations:
            for number, _ in enumerate(case.blocks("rule", of=configuration)):
                path = f"rule[{number}].apply_server_side_encryption_by_default[0]"
                algorithm = case.given(f"{path}.sse_algorithm", of=configuration)
                if algorithm in KMS:
                    if not case.given(f"rule[{number}].bucket_key_enabled", of=configuration):
                        case.fail(
                            "KMS is asked for every object, without a bucket key", f"rule[{number}]", of=configuration
                        )
                elif case.options["kms"]:
                    case.fail(f"the algorithm is {algorithm}, and a KMS key is asked for", path, of=configuration)


check = S3BucketEncrypted()
