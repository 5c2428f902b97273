"""In production, a deleted secret or key can be restored for some days."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

WINDOWS = {
    "aws_kms_external_key": ("deletion_window_in_days", "key_days"),
    "aws_kms_key": ("deletion_window_in_days", "key_days"),
    "aws_kms_replica_external_key": ("deletion_window_in_days", "key_days"),
    "aws_kms_replica_key": ("deletion_window_in_days", "key_days"),
    "aws_secretsmanager_secret": ("recovery_window_in_days", "secret_days"),
}

DEFAULT = 30
"""The days that the provider sets by default."""


class DeletionCanBeUndone(Rule):
    about = About(
        id="SP_REL_010",
        title="Deleted secrets and keys in production can be restored for some days",
        severity=Severity.MEDIUM,
        types=tuple(WINDOWS),
        why="all that a key encrypts is lost with it, and nobody notices before something has to be read",
        remedy="leave recovery_window_in_days and deletion_window_in_days at their 30 days, and never at 0",
        source="https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
        options={"environments": ("prod",), "secret_days": 7, "key_days": 14},
    )

    def judge(self, case: Case) -> None:
        path, option = WINDOWS[case.resource.type]
        days, least = case.given(path, DEFAULT), case.options[option]
        if case.is_in(case.options["environments"]) and days < least:
            case.fail(f"it can be restored for {days} days, and {least} are asked for", path)


check = DeletionCanBeUndone()
