"""Whether a statement is about a principal, and how far a grant to it reaches.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum

from stackproof.analysis.access.documents.documents import Effect, Principal, Statement
from stackproof.analysis.access.evaluation.matching import Origin
from stackproof.analysis.access.evaluation.parties import Caller, Kind
from stackproof.analysis.access.patterns import globs
from stackproof.analysis.access.patterns.truth import Maybe, Truth, every, negated, some
from stackproof.plan.values import Unknown

_ROOT = re.compile(r"(?:arn:[^:]+:iam::)?(\d{12})(?::root)?")
_SESSION = re.compile(r"arn:[^:]+:sts::(\d+):assumed-role/([^/]+)/(.+)")
_AWS = (Kind.ROLE, Kind.USER, Kind.SESSION, Kind.ROOT)


class Grant(IntEnum):
    """How far an Allow in a resource policy reaches, by whom it names."""

    ACCOUNT = 1
    """It leaves the decision to the identity policies of the account."""
    ROLE = 2
    """It needs no identity policy, but the permissions boundary limits it."""
    DIRECT = 3
    """It needs nothing else in the same account."""


def grants(statement: Statement, caller: Caller, origin: Origin) -> Iterator[tuple[Grant, Truth]]:
    """For each way in which a statement is about a principal: what it would grant, and whether it is about it."""
    for principal in statement.principals or ():
        yield _grant(principal, caller, origin)
    if statement.not_principals is not None:
        yield Grant.DIRECT, _is_no_exception(statement, caller, origin)


def concerns(statement: Statement, caller: Caller, origin: Origin) -> Truth:
    """Whether a statement is about a principal at all."""
    return some(truth for _, truth in grants(statement, caller, origin))


def _grant(principal: Principal, caller: Caller, origin: Origin) -> tuple[Grant, Truth]:
    value = principal.value
    if isinstance(value, Unknown):
        return _unknown(value, caller, origin)
    if principal.kind == "AWS":
        return _aws(value, caller)
    if principal.kind == "CanonicalUser":
        doubt = Maybe(f"nobody can tell from a plan which account has the canonical user id {value}")
        return Grant.ACCOUNT, doubt if caller.kind in _AWS else False
    kind = Kind.SERVICE if principal.kind == "Service" else Kind.FEDERATED
    return Grant.DIRECT, caller.kind is kind and value in ("*", caller.arn)


def _aws(value: str, caller: Caller) -> tuple[Grant, Truth]:
    if value == "*":
        return Grant.DIRECT, True
    if caller.kind not in _AWS:
        return Grant.DIRECT, False
    if account := _ROOT.fullmatch(value):
        return Grant.ACCOUNT, _same(caller.account, account[1], "the account")
    if session := _SESSION.fullmatch(value):
        return Grant.DIRECT, _is_session(session, value, caller)
    if caller.kind is Kind.USER:
        return Grant.DIRECT, _same(caller.arn, value, "the ARN")
    return Grant.ROLE, caller.kind is not Kind.ROOT and _same(_role_arn(caller), value, "the ARN")


def _is_session(named: re.Match[str], value: str, caller: Caller) -> Truth:
    if caller.kind is Kind.SESSION:
        return caller.arn == value
    account, role, session = named.groups()
    if caller.kind is not Kind.ROLE or caller.account not in ("", account):
        return False
    if not globs.matches(caller.arn.rpartition("/")[2], role):
        return False
    return Maybe(f"it depends on whether the session of the role is named {session}")


def _role_arn(caller: Caller) -> str:
    """The ARN of the role of a principal, which a session acts for; a glob where the stack does not have the role."""
    if caller.kind is not Kind.SESSION:
        return caller.arn
    if caller.identity and isinstance(caller.identity.arn, str) and caller.identity.arn:
        return caller.identity.arn
    return f"arn:*:iam::{caller.account}:role/*{caller.arn.split('/')[1]}"


def _same(known: str, value: str, what: str) -> Truth:
    """Whether a text, or a glob for one that is not known, is that value."""
    if known and not any(sign in known for sign in "*?"):
        return known == value
    return Maybe(f"{what} of the principal is known after apply") if globs.matches(known or "*", value) else False


def _unknown(value: Unknown, caller: Caller, origin: Origin) -> tuple[Grant, Truth]:
    doubt = Maybe(f"{value.path} of {value.address} is {value.reason}")
    source = origin(value)
    if source is None or source.mode == "data" or caller.identity is None:
        return Grant.DIRECT, doubt
    grant = Grant.DIRECT if caller.kind is Kind.USER else Grant.ROLE
    return grant, caller.identity.address == source.address


def _is_no_exception(statement: Statement, caller: Caller, origin: Origin) -> Truth:
    """Whether a principal is none of those that NotPrincipal excepts.

    A Deny meets everybody who has a permissions boundary. Of others it excepts who is named with the account, and a
    role only in sessions that are named as well:
    https://aws.amazon.com/blogs/security/how-to-restrict-amazon-s3-bucket-access-to-a-specific-iam-role/
    """
    excepted = statement.not_principals or ()
    if any(principal.value == "*" for principal in excepted):
        return False
    if statement.effect is Effect.DENY and caller.identity is not None and caller.identity.boundary is not None:
        return True
    named = [_grant(principal, caller, origin) for principal in excepted]
    account = some(truth for grant, truth in named if grant is Grant.ACCOUNT)
    itself = some(truth for grant, truth in named if grant is Grant.DIRECT)
    role = some(truth for grant, truth in named if grant is Grant.ROLE)
    needed = {
        Kind.ROOT: [account],
        Kind.USER: [account, itself],
        Kind.SESSION: [account, role, itself],
        Kind.ROLE: [role],
    }.get(caller.kind, [itself])
    if needed[-1] is False:
        return True
    if caller.kind is Kind.ROLE:
        return Maybe("NotPrincipal excepts a role only in sessions that it names")
    if any(truth is False for truth in needed):
        return Maybe("NotPrincipal excepts the principal, but not all that it belongs to")
    return negated(every(needed))
