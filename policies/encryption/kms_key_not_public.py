"""Key policies let in nobody but callers of accounts, organizations or networks that they name."""

from __future__ import annotations

import re

from stackproof.analysis.access.documents.statements import Condition
from stackproof.policy.statements import About, Case, Effect, ResourceStatementRule, Severity, Statement, named

OPERATORS = ("", "arnequals", "arnlike", "stringequals", "stringequalsignorecase", "stringlike")
KEYS = (
    "",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "kms:calleraccount",
)
"""Conditions that name whose caller it is. Empty are those that a plan does not know."""

NAMED = re.compile(r"[^*?$]+|arn:[^:]*:[^:]*:[^:]*:\d{12}:.*|o-\w+/.*")
"""What leaves no account or organization open."""


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
        if is_allow and is_open and not any(_names(condition) for condition in statement.conditions):
            case.fail(f"{named(statement)} lets everybody in", at=statement.place)


def _names(condition: Condition) -> bool:
    """Whether a condition holds for callers of what it names only."""
    operator = condition.operator.lower().removeprefix("foranyvalue:")
    names_caller = operator in OPERATORS and condition.key.lower() in KEYS
    return names_caller and all(NAMED.fullmatch(str(value)) for value in condition.values)


check = KmsKeyNotPublic()
