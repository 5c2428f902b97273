"""Key policies let in only callers from accounts, organizations or networks that they name."""

from __future__ import annotations

import re

from stackproof.policy.statements import KEY_TYPES, About, Case, ResourceStatementRule, Severity, Statement, named
from stackproof.policy.strangers import strangers

CALLER = re.compile(
    r"aws:principal(account|arn|orgid|orgpaths)|aws:source(account|arn|orgid|orgpaths|vpc|vpce)|kms:calleraccount",
    re.IGNORECASE,
)
"""Condition keys that tell whose caller it is."""


class KmsKeyNotPublic(ResourceStatementRule):
    about = About(
        id="SP_ENC_017",
        title="No key policy lets in everybody, or all of another account",
        severity=Severity.CRITICAL,
        types=KEY_TYPES,
        why="strangers can use the key: what it encrypts is open to whoever of them gets hold of it",
        remedy="name roles or users, or add a condition, such as one on kms:CallerAccount or aws:PrincipalOrgID",
        source="https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
        options={"accounts": ()},
    )

    def judge_statement(self, case: Case, statement: Statement) -> None:
        for who in strangers(case, statement, CALLER):
            case.fail(f"{named(statement)} lets in {who}", at=statement.place)


check = KmsKeyNotPublic()
