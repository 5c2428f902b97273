"""Keys that KMS can rotate are rotated."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

SYMMETRIC = "SYMMETRIC_DEFAULT"


class KmsKeyRotates(Rule):
    about = About(
        id="SP_ENC_016",
        title="KMS keys rotate",
        severity=Severity.MEDIUM,
        types=("aws_kms_key",),
        why="the same key material encrypts everything for ever, so that one leak exposes everything",
        remedy="set enable_key_rotation = true; what is encrypted stays readable, and nothing else changes",
        source="https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
    )

    def judge(self, case: Case) -> None:
        is_symmetric = case.given("customer_master_key_spec", SYMMETRIC) == SYMMETRIC
        can_rotate = is_symmetric and not case.given("custom_key_store_id")
        if can_rotate and not case.given("enable_key_rotation"):
            case.fail("the key does not rotate", "enable_key_rotation")


check = KmsKeyRotates()
