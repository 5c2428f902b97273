"""No user has an active access key."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class NoAccessKey(Rule):
    about = About(
        id="SP_IAM_011",
        title="No user has a long-lived access key",
        severity=Severity.MEDIUM,
        types=("aws_iam_access_key",),
        why="a leaked key works until somebody deactivates it, and its secret is in the state",
        remedy="let the user or the machine assume a role: IAM Identity Center, OIDC, IAM Roles Anywhere",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles",
    )

    def judge(self, case: Case) -> None:
        if case.given("status") != "Inactive":
            case.fail("the access key is active")


check = NoAccessKey()
