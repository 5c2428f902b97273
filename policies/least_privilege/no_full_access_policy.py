"""No AWS managed policy that allows everything in a service or in the account is attached."""

from __future__ import annotations

import re
from collections.abc import Mapping

from stackproof.policy.rule import About, Case, Rule, Severity

ATTACHING: Mapping[str, str] = {
    "aws_iam_group_policy_attachment": "policy_arn",
    "aws_iam_group_policy_attachments_exclusive": "policy_arns",
    "aws_iam_policy_attachment": "policy_arn",
    "aws_iam_role": "managed_policy_arns",
    "aws_iam_role_policy_attachment": "policy_arn",
    "aws_iam_role_policy_attachments_exclusive": "policy_arns",
    "aws_iam_user_policy_attachment": "policy_arn",
    "aws_iam_user_policy_attachments_exclusive": "policy_arns",
}
"""Resources that attach managed policies, and the argument that says which."""

WIDE = re.compile(r"arn:[^:]+:iam::aws:policy/(?:.+/)?(.*(?:FullAccess|AdministratorAccess|PowerUserAccess).*)")


class NoFullAccessPolicy(Rule):
    about = About(
        id="SP_IAM_009",
        title="No AWS managed policy with full access is attached",
        severity=Severity.HIGH,
        types=tuple(ATTACHING),
        why="it allows everything in a service or in the account, and AWS adds to it without notice",
        remedy="attach a policy of your own with the actions and resources that are needed",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html",
    )

    def judge(self, case: Case) -> None:
        path = ATTACHING[case.resource.type]
        policies = case.facts.links.find(case.resource, path, ("aws_iam_policy",))
        for arn in (*policies.outside, *(case.given("arn", of=policy) for policy in policies.resources)):
            if wide := WIDE.fullmatch(str(arn)):
                case.fail(f"{wide[1]} is attached", path)
        if policies.doubt:
            case.undecided(f"another policy may be attached: {policies.doubt}", path)


check = NoFullAccessPolicy()
