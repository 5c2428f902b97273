"""Queues are encrypted with a KMS key or with SQS's own key."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class SqsQueueEncrypted(Rule):
    about = About(
        id="SP_ENC_004",
        title="SQS queues are encrypted",
        severity=Severity.MEDIUM,
        types=("aws_sqs_queue",),
        why="messages lie in plain text in the queue until they are received",
        remedy="set kms_master_key_id, or remove sqs_managed_sse_enabled = false: new queues use SQS's own key",
        source="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html",
    )

    def judge(self, case: Case) -> None:
        if not (case.given("kms_master_key_id") or case.given("sqs_managed_sse_enabled", True)):
            case.fail("encryption is turned off, and there is no KMS key", "sqs_managed_sse_enabled")


check = SqsQueueEncrypted()
