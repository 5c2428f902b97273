"""No trust policy and no resource policy lets in everybody, or all of another account."""

from __future__ import annotations

import re

from stackproof.policy.statements import (
    KEY_TYPES,
    PRINCIPAL_TYPES,
    TRUST_TYPES,
    About,
    Case,
    PrincipalStatementRule,
    Severity,
    Statement,
    named,
)
from stackproof.policy.strangers import FROM, strangers

ASSUMES = re.compile(rf"(?!aws:source(account|arn|orgid|orgpaths|owner)$)(?:{FROM.pattern})", re.IGNORECASE)
"""Condition keys that limit who may assume a role: the others are in requests that any service makes for somebody."""


class NoOpenPolicy(PrincipalStatementRule):
    """Of keys SP_ENC_017 says it."""

    about = About(
        id="SP_IAM_005",
        title="No role and no resource is open to everybody, or to all of another account",
        severity=Severity.CRITICAL,
        types=tuple(kind for kind in PRINCIPAL_TYPES if kind not in KEY_TYPES),
        why="a stranger with any AWS account, or anybody in the other account, needs nothing else to come in",
        remedy="name roles or users, or add a condition on aws:PrincipalOrgID, aws:PrincipalArn or sts:ExternalId",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        options={"accounts": ()},
    )

    def judge_statement(self, case: Case, statement: Statement) -> None:
        keys = ASSUMES if case.resource.type in TRUST_TYPES else FROM
        for who in strangers(case, statement, keys):
            case.fail(f"{named(statement)} lets in {who}", at=statement.place)


check = NoOpenPolicy()
