"""Which principals of one resource policy are among those of another: whom both let in, or shut out, alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stackproof.analysis.access.comparison.rules import party
from stackproof.analysis.access.documents.documents import Principal, Statement
from stackproof.plan.values import Unknown

Named = Principal | tuple[Principal, ...]
"""One principal, or those that a NotPrincipal excepts."""

_IN_ACCOUNT = re.compile(r"arn:[^:]+:(?:iam|sts)::(\d{12}):.+")


def named(statement: Statement) -> Iterator[Named]:
    """Each principal of a statement, or all the exceptions of its NotPrincipal."""
    yield from statement.principals or ()
    if statement.not_principals is not None:
        yield statement.not_principals


def label(principal: Named) -> str:
    """Principals in words: one as a question names it, "*" for everybody."""
    if isinstance(principal, tuple):
        return f"everybody but {', '.join(map(label, principal))}"
    value = party(principal)[1]
    return f"{value.path} of {value.address}" if isinstance(value, Unknown) else value


def is_known(principal: Named) -> bool:
    """Whether it is known who it is, or who is excepted."""
    listed = principal if isinstance(principal, tuple) else (principal,)
    return not any(isinstance(each.value, Unknown) for each in listed)


def lets_in(statement: Statement, principal: Named, own_account: str, *, is_new: bool = False) -> bool:
    """Whether an Allow surely does for these principals what another Allow that names them does.

    Within the account, one that names an account leaves the decision to the policies of its roles and users, so that
    it is less than naming them: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    To name one that `is_new`, and so not yet there, did nothing.
    """
    if isinstance(principal, tuple):
        return _excepts_no_more(statement, principal)
    known = (other for other in statement.principals or () if not (is_new and party(other) == party(principal)))
    return any(_is_same(other, principal, own_account) for other in known)


def shuts_out(statement: Statement, principal: Named) -> bool:
    """Whether a Deny surely is about all of these principals."""
    if isinstance(principal, tuple):
        return _excepts_no_more(statement, principal)
    return any(_is_same(known, principal, None) for known in statement.principals or ())


def _is_same(known: Principal, principal: Principal, own_account: str | None) -> bool:
    if isinstance(known.value, Unknown):
        return False
    if known.kind == "AWS" and known.value == "*":
        return True
    if isinstance(principal.value, Unknown):
        return False
    if known.kind != principal.kind:
        return False
    if party(known) == party(principal) or known.value == "*":
        return True
    inside = _IN_ACCOUNT.fullmatch(principal.value)
    is_account = inside is not None and party(known)[1] == inside[1]
    return is_account and (own_account is None or own_account not in ("", party(known)[1]))


def _excepts_no_more(statement: Statement, excepted: Iterable[Principal]) -> bool:
    if any(known.kind == "AWS" and known.value == "*" for known in statement.principals or ()):
        return True
    others = {party(principal) for principal in excepted if not isinstance(principal.value, Unknown)}
    mine = statement.not_principals
    return mine is not None and all(not isinstance(p.value, Unknown) and party(p) in others for p in mine)
