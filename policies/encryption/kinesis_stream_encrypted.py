"""Data streams are encrypted with KMS."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class KinesisStreamEncrypted(Rule):
    about = About(
        id="SP_ENC_011",
        title="Kinesis data streams are encrypted",
        severity=Severity.MEDIUM,
        types=("aws_kinesis_stream",),
        why="records lie in plain text for as long as the stream keeps them, which can be a year",
        remedy='set encryption_type = "KMS" and kms_key_id, to alias/aws/kinesis or a key of your own',
        source="https://docs.aws.amazon.com/streams/latest/dev/server-side-encryption.html",
    )

    def judge(self, case: Case) -> None:
        if case.given("encryption_type") != "KMS":
            case.fail("records are not encrypted", "encryption_type")


check = KinesisStreamEncrypted()
