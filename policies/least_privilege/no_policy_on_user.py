"""Users get their rights from groups and roles, not from policies of their own."""

from __future__ import annotations

from collections.abc import Mapping

from stackproof.policy.rule import About, Case, Rule, Severity

GIVING: Mapping[str, tuple[str, str]] = {
    "aws_iam_policy_attachment": ("users", "a policy is attached to users"),
    "aws_iam_user_policies_exclusive": ("policy_names", "the user keeps inline policies"),
    "aws_iam_user_policy": ("policy", "the user has an inline policy"),
    "aws_iam_user_policy_attachment": ("policy_arn", "a policy is attached to the user"),
    "aws_iam_user_policy_attachments_exclusive": ("policy_arns", "policies are attached to the user"),
}
"""Resources that give users policies: the argument, and what it means where it holds anything."""


class NoPolicyOnUser(Rule):
    about = About(
        id="SP_IAM_010",
        title="Users have no policies of their own",
        severity=Severity.LOW,
        types=tuple(GIVING),
        why="it is hard to see who may do what, and the rights stay when the person moves to another task",
        remedy="attach the policy to a group that the user is in, or to a role that the user assumes",
        source="https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-2",
    )

    def judge(self, case: Case) -> None:
        path, meaning = GIVING[case.resource.type]
        if case.given(path):
            case.fail(meaning, path)


check = NoPolicyOnUser()
