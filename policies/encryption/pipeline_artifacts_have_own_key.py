"""Pipelines and their buckets encrypt artifacts with a KMS key of yours, unless the option `kms` is false."""

from __future__ import annotations

from stackproof.plan import Resource
from stackproof.policy.buckets import ENCRYPTION, KMS, encryption_rules
from stackproof.policy.rule import About, Case, Rule, Severity

DEFAULT = "alias/aws/s3"


class PipelineArtifactsHaveOwnKey(Rule):
    about = About(
        id="SP_ENC_015",
        title="Pipeline artifacts are encrypted with a KMS key of your own",
        severity=Severity.HIGH,
        types=("aws_codepipeline",),
        why="whoever reaches the bucket reads, or changes, what is deployed next: the key's policy is the second lock",
        remedy=f"set encryption_key in artifact_store, and sse_algorithm aws:kms with the key in the {ENCRYPTION} "
        "of its bucket",
        source="https://docs.aws.amazon.com/codepipeline/latest/userguide/S3-artifact-encryption.html",
        options={"kms": True},
    )

    def judge(self, case: Case) -> None:
        if not case.options["kms"]:
            return
        for store in case.block_paths("artifact_store"):
            with case.part():
                self._judge_key(case, case.resource, f"{store}.encryption_key[0].id")
            with case.part():
                self._judge_store(case, f"{store}.location")

    def _judge_store(self, case: Case, path: str) -> None:
        if not case.given(path):  # undecided where nobody knows what it is
            return
        for bucket in case.facts.links.find(case.resource, path, ("aws_s3_bucket",)).resources:
            if bucket.mode == "managed":
                self._judge_bucket(case, bucket)

    def _judge_bucket(self, case: Case, bucket: Resource) -> None:
        rules = encryption_rules(case, bucket)
        if not rules:
            case.fail("artifacts lie here, and nothing says how the bucket is encrypted", of=bucket)
        for holder, rule in rules:
            path = f"{rule}.apply_server_side_encryption_by_default[0]"
            algorithm = case.given(f"{path}.sse_algorithm", "AES256", of=holder)
            if algorithm in KMS:
                self._judge_key(case, holder, f"{path}.kms_master_key_id")
            else:
                case.fail(f"artifacts lie here, and the algorithm is {algorithm}", f"{path}.sse_algorithm", of=holder)

    def _judge_key(self, case: Case, holder: Resource, path: str) -> None:
        if "alias/aws/" in (case.given(path, of=holder) or DEFAULT):
            case.fail(f"the key of artifacts is AWS's own, {DEFAULT}", path, of=holder)


check = PipelineArtifactsHaveOwnKey()
