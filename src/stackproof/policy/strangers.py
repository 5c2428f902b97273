"""Whom a statement lets in without knowing them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from stackproof.analysis.access.documents.statements import Effect, Statement
from stackproof.analysis.access.patterns import globs
from stackproof.policy.case import Case
from stackproof.policy.conditions import WHO, limited, limits
from stackproof.verdict import Undecided

FROM = re.compile(
    r"aws:principal(account|arn|orgid|orgpaths)|aws:userid"
    r"|aws:source(account|arn|ip|orgid|orgpaths|owner|vpc|vpcarn|vpce)|aws:vpce(account|orgid|orgpaths)"
    r"|elasticfilesystem:(accessedviamounttarget|accesspointarn)|kms:calleraccount|s3:dataaccesspoint(account|arn)",
    re.IGNORECASE,
)
"""Condition keys that tell where a request comes from and that nobody can choose.

Most are those by which S3 tells a public policy from others:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

FROM_ACCOUNT = re.compile(
    rf"{FROM.pattern}|sts:externalid|aws:multifactorauthpresent|aws:principaltag/.+", re.IGNORECASE
)
"""Those that also limit who of an account may come."""

ACCOUNT = re.compile(r"(?:arn:[^:]+:iam::)?(\d{12})(?::root)?")


def strangers(case: Case, statement: Statement, keys: re.Pattern[str] = FROM) -> Iterator[str]:
    """Everybody, and other accounts as a whole, that a statement lets in and no condition limits.

    `keys` are the condition keys that limit everybody. Accounts are others where they are neither the one that the
    stack is planned for nor in the option "accounts".
    """
    if statement.effect is Effect.DENY:
        return
    if statement.not_principals is not None and _is_open(statement, keys):
        yield "everybody that NotPrincipal does not name"
    for principal in statement.principals or ():
        with case.part(at=statement.place):
            account = ACCOUNT.fullmatch(str(principal.value))
            if principal.value == "*":
                if _is_open(statement, keys):
                    yield "everybody"
            elif account and _is_other(case, account[1]) and _is_open(statement, FROM_ACCOUNT, (*WHO, "Bool")):
                yield f"all of account {account[1]}"


def _is_other(case: Case, account: str) -> bool:
    told = [data.get("account_id") for data in case.stack.data_sources("aws_caller_identity")]
    own = [known for known in told if isinstance(known, str)]
    if not own:
        raise Undecided(case.resource.address, "", "nothing tells which account the stack is for")
    return account not in (*own, *case.options["accounts"])


def _is_open(statement: Statement, keys: re.Pattern[str], comparisons: tuple[str, ...] = WHO) -> bool:
    return not limited(statement, keys, comparisons=comparisons) and not _is_closed(statement, keys)


def _is_closed(statement: Statement, keys: re.Pattern[str]) -> bool:
    """Whether the same policy denies the same to all others."""
    if statement.not_actions or statement.not_resources:
        return False
    return any(
        deny.effect is Effect.DENY
        and any(principal.value == "*" for principal in deny.principals or ())
        and len(deny.conditions) > 0
        and all(limits(condition, keys, comparisons=WHO, negated=True) for condition in deny.conditions)
        and _includes(_lower(deny.actions), _lower(statement.actions))
        and _includes(deny.resources, statement.resources)
        for deny in statement.policy.statements
    )


def _lower(texts: Sequence[object]) -> list[str]:
    return [str(text).lower() for text in texts]


def _includes(wide: Sequence[object], narrow: Sequence[object]) -> bool:
    return all(globs.includes(map(str, wide), str(text)) for text in narrow)
