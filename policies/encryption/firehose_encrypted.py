"""Firehose encrypts what producers send to it; what it reads from a stream is encrypted there."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

SOURCES = ("kinesis_source_configuration", "msk_source_configuration")


class FirehoseEncrypted(Rule):
    about = About(
        id="SP_ENC_012",
        title="Firehose streams encrypt what producers send to them",
        severity=Severity.MEDIUM,
        types=("aws_kinesis_firehose_delivery_stream",),
        why="records lie in plain text while Firehose buffers them, up to a day if the destination does not answer",
        remedy="add server_side_encryption with enabled = true",
        source="https://docs.aws.amazon.com/firehose/latest/dev/encryption.html",
    )

    def judge(self, case: Case) -> None:
        has_source = any(case.blocks(source) for source in SOURCES)
        if not (has_source or case.given("server_side_encryption[0].enabled")):
            case.fail("records are not encrypted", "server_side_encryption[0].enabled")


check = FirehoseEncrypted()
