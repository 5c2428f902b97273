"""Condition keys that follow from who asks and what for.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.analysis.access.evaluation.context import Given
from stackproof.analysis.access.evaluation.parties import Caller, Kind, Target

_TYPES = {
    Kind.ROLE: "AssumedRole",
    Kind.SESSION: "AssumedRole",
    Kind.USER: "User",
    Kind.ROOT: "Account",
    Kind.ANYBODY: "Anonymous",
}


def derived(caller: Caller, target: Target) -> dict[str, Given]:
    """The keys whose values are known from the parties; None for those that such a request does not have."""
    return dict(_keys(caller, target))


def _keys(caller: Caller, target: Target) -> Iterator[tuple[str, Given]]:
    if target.account:
        yield "aws:ResourceAccount", target.account
    if caller.kind in _TYPES:
        yield "aws:PrincipalType", _TYPES[caller.kind]
        yield "aws:PrincipalServiceName", None
        yield "aws:PrincipalServiceNamesList", None
        if caller.kind is not Kind.USER:
            yield "aws:username", None
    if caller.kind is Kind.SERVICE:
        yield "aws:PrincipalIsAWSService", True
        yield "aws:PrincipalServiceName", caller.arn
    elif caller.kind is Kind.ANYBODY:
        yield from dict.fromkeys(
            ("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalIsAWSService"), None
        ).items()
    elif caller.kind in _TYPES:
        yield "aws:PrincipalIsAWSService", False
        yield from _of_account(caller)


def _of_account(caller: Caller) -> Iterator[tuple[str, Given]]:
    if caller.account:
        yield "aws:PrincipalAccount", caller.account
    # the key of a session is the ARN of its role
    arn = caller.identity.arn if caller.kind is Kind.SESSION and caller.identity else caller.arn
    if isinstance(arn, str) and arn and not any(sign in arn for sign in "*?") and ":assumed-role/" not in arn:
        yield "aws:PrincipalArn", arn
    if caller.kind is Kind.USER:
        name = caller.arn.rpartition("/")[2]
        if name and not any(sign in name for sign in "*?"):
            yield "aws:username", name
