"""No trust policy and no resource policy lets in everybody, or all of another account."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stackproof.analysis.access.patterns import globs
from stackproof.policy.conditions import limits
from stackproof.policy.statements import (
    PRINCIPAL_TYPES,
    TRUST_TYPES,
    About,
    Case,
    Effect,
    PrincipalStatementRule,
    Severity,
    Statement,
    named,
)
from stackproof.verdict import Undecided

WHO = re.compile(
    r"aws:principal(account|arn|orgid|orgpaths)|aws:userid"
    r"|aws:source(account|arn|ip|orgid|orgpaths|owner|vpc|vpcarn|vpce)|aws:vpce(account|orgid|orgpaths)"
    r"|elasticfilesystem:(accessedviamounttarget|accesspointarn)|kms:calleraccount|s3:dataaccesspoint(account|arn)",
    re.IGNORECASE,
)
"""Condition keys that tell where a request comes from and that nobody can choose.

Most are those by which S3 tells a public policy from others:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

WHO_OF_ACCOUNT = re.compile(
    rf"{WHO.pattern}|sts:externalid|aws:multifactorauthpresent|aws:principaltag/.+", re.IGNORECASE
)
"""Those that also limit who of an account may come."""

WHO_ASSUMES = re.compile(rf"(?!aws:source(account|arn|orgid|orgpaths|owner)$)(?:{WHO.pattern})", re.IGNORECASE)
"""Those that limit who may assume a role: the others are in requests that a service makes for somebody, any service."""

ACCOUNT = re.compile(r"(?:arn:[^:]+:iam::)?(\d{12})(?::root)?")


class NoOpenPolicy(PrincipalStatementRule):
    about = About(
        id="SP_IAM_005",
        title="No role and no resource is open to everybody, or to all of another account",
        severity=Severity.CRITICAL,
        types=PRINCIPAL_TYPES,
        why="a stranger with any AWS account, or anybody in the other account, needs nothing else to come in",
        remedy="name roles or users, or add a condition on aws:PrincipalOrgID, aws:PrincipalArn or sts:ExternalId",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        options={"accounts": ()},
    )

    def judge_statement(self, case: Case, statement: Statement) -> None:
        if statement.effect is Effect.DENY:
            return
        who = WHO_ASSUMES if case.resource.type in TRUST_TYPES else WHO
        if statement.not_principals is not None:
            _judge(case, statement, "everybody that NotPrincipal does not name", who)
        for principal in statement.principals or ():
            with case.part(at=statement.place):
                account = ACCOUNT.fullmatch(str(principal.value))
                if principal.value == "*":
                    _judge(case, statement, "everybody", who)
                elif account and _is_other(case, account[1]):
                    _judge(case, statement, f"all of account {account[1]}", WHO_OF_ACCOUNT)


def _judge(case: Case, statement: Statement, who: str, keys: re.Pattern[str]) -> None:
    if not any(limits(condition, keys) for condition in statement.conditions) and not _is_closed(statement, keys):
        case.fail(f"{named(statement)} lets in {who}", at=statement.place)


def _is_other(case: Case, account: str) -> bool:
    told = [data.get("account_id") for data in case.stack.data_sources("aws_caller_identity")]
    own = [known for known in told if isinstance(known, str)]
    if not own:
        raise Undecided(case.resource.address, "", "nothing tells which account the stack is for")
    return account not in (*own, *case.options["accounts"])


def _is_closed(statement: Statement, keys: re.Pattern[str]) -> bool:
    """Whether the same policy denies the same to all others."""
    return any(
        deny.effect is Effect.DENY
        and any(principal.value == "*" for principal in deny.principals or ())
        and len(deny.conditions) > 0
        and all(limits(condition, keys, negated=True) for condition in deny.conditions)
        and _includes(_lower(deny.actions), _lower(statement.actions))
        and _includes(deny.resources, statement.resources)
        for deny in statement.policy.statements
    )


def _lower(texts: Sequence[object]) -> list[str]:
    return [str(text).lower() for text in texts]


def _includes(wide: Sequence[object], narrow: Sequence[object]) -> bool:
    return all(globs.includes(map(str, wide), str(text)) for text in narrow)


check = NoOpenPolicy()
