"""Key policies let in only callers from accounts, organizations or networks that they name."""

from __future__ import annotations

import re

from stackproof.policy.conditions import limits
from stackproof.policy.statements import About, Case, Effect, ResourceStatementRule, Severity, Statement, named

CALLER = re.compile(
    r"aws:principal(account|arn|orgid|orgpaths)|aws:source(account|arn|orgid|orgpaths|vpc|vpce)|kms:calleraccount",
    re.IGNORECASE,
)
"""Condition keys that tell whose caller it is."""


class KmsKeyNotPublic(ResourceStatementRule):
    about = About(
        id="SP_ENC_017",
        title="No key policy lets everybody in",
        severity=Severity.CRITICAL,
        types=(
            "aws_kms_external_key",
            "aws_kms_key",
            "aws_kms_key_policy",
            "aws_kms_replica_external_key",
            "aws_kms_replica_key",
        ),
        why="anybody with any AWS account can use the key: what it encrypts is open to whoever gets hold of it",
        remedy="name the principals, or add a condition, such as one on kms:CallerAccount or aws:PrincipalOrgID",
        source="https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
    )

    def judge_statement(self, case: Case, statement: Statement) -> None:
        principals = statement.principals or ()
        is_open = statement.not_principals is not None or any(principal.value == "*" for principal in principals)
        is_allow = statement.effect is Effect.ALLOW
        named_callers = (limits(one, CALLER, comparisons=("Arn", "String")) for one in statement.conditions)
        if is_allow and is_open and not any(named_callers):
            case.fail(f"{named(statement)} lets everybody in", at=statement.place)


check = KmsKeyNotPublic()
