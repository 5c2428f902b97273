"""Topics are encrypted with a KMS key."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class SnsTopicEncrypted(Rule):
    about = About(
        id="SP_ENC_003",
        title="SNS topics are encrypted with a KMS key",
        severity=Severity.MEDIUM,
        types=("aws_sns_topic",),
        why="no key whose use you can watch or withhold protects messages that wait for delivery",
        remedy="set kms_master_key_id; where AWS services publish, to a key of your own whose policy lets them use it",
        source="https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html",
    )

    def judge(self, case: Case) -> None:
        if not case.given("kms_master_key_id"):
            case.fail("the topic has no KMS key", "kms_master_key_id")


check = SnsTopicEncrypted()
