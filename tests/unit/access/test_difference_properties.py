"""New access among all requests of a small world: nothing that is new is left out, and what is exact is new."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stackproof.analysis.access import Access, Answer
from stackproof.analysis.access.difference.difference import NewAccess, new_access
from stackproof.analysis.access.patterns.regions import Texts

from .comparing import access
from .conftest import ACCOUNT, OTHER_ACCOUNT, Entry, Statement, bucket, managed_policy, role, role_policy

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/app"
ACTIONS = ("s3:GetObject", "s3:PutObject")
RESOURCES = ("arn:aws:s3:::b/x", "arn:aws:s3:::b/yy")
CALLERS = ("aws_iam_role.app", "*", "ec2.amazonaws.com", OTHER_ACCOUNT)
CONTEXTS: list[dict[str, Any]] = [
    {key: value for key, value in zip(("aws:SecureTransport", "aws:RequestedRegion"), values, strict=True) if value}
    for values in itertools.product((None, "true", "false"), (None, "eu", "us"))
]

action_patterns = st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:*", "*", "s3:?etObject", "S3:get*"])
resource_patterns = st.sampled_from(
    ["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x", "arn:aws:s3:::?/?", "arn:aws:s3:::b/y*"]
)
conditions = st.sampled_from(
    [
        {},
        {},
        {},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"BoolIfExists": {"aws:SecureTransport": "false"}},
        {"StringEquals": {"aws:RequestedRegion": ["eu", "us"]}},
        {"StringLike": {"aws:RequestedRegion": "e*"}},
        {"StringNotEquals": {"aws:RequestedRegion": "eu"}},
        {"Null": {"aws:RequestedRegion": "true"}},
        {"Bool": {"aws:SecureTransport": "false"}, "StringEqualsIfExists": {"aws:RequestedRegion": "us"}},
    ]
)
principals = st.sampled_from(
    ["*", {"AWS": ACCOUNT}, {"AWS": ROLE_ARN}, {"Service": "ec2.amazonaws.com"}, {"AWS": [ROLE_ARN, OTHER_ACCOUNT]}]
)


@st.composite
def statements(draw: st.DrawFn, *, of_resource: bool = False) -> Statement:
    def element(name: str, patterns: st.SearchStrategy[str]) -> dict[str, list[str]]:
        prefix = draw(st.sampled_from(["", "", "", "Not"]))
        return {f"{prefix}{name}": draw(st.lists(patterns, min_size=1, max_size=2, unique=True))}

    statement: Statement = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        **element("Action", action_patterns),
    }
    statement |= element("Resource", resource_patterns)
    if of_resource:
        statement[draw(st.sampled_from(["Principal", "Principal", "Principal", "NotPrincipal"]))] = draw(principals)
    condition = draw(conditions)
    return {**statement, "Condition": condition} if condition else statement


Side = tuple[list[Statement], list[Statement], list[Statement]]


@st.composite
def changes(draw: st.DrawFn) -> tuple[Side, Side]:
    """Statements of a role, a bucket and a boundary, and what they are after a few of them came and went."""
    before, after = [], []
    for of_resource, most in ((False, 3), (True, 2), (False, 1)):
        base = draw(st.lists(statements(of_resource=of_resource), max_size=most))
        kept = [statement for statement in base if draw(st.integers(0, 2))]
        before.append(base)
        after.append(kept + draw(st.lists(statements(of_resource=of_resource), max_size=1)))
    return (before[0], before[1], before[2]), (after[0], after[1], after[2])


def built(side: Side) -> Access:
    own, on_bucket, limit = side
    bound = {"permissions_boundary": f"arn:aws:iam::{ACCOUNT}:policy/limit"} if limit else {}
    entries: list[Entry] = [role("app", **bound), *bucket("b", *on_bucket)]
    entries += [role_policy("app", *own)] if own else []
    entries += [managed_policy("limit", *limit)] if limit else []
    return access(*entries)


def names(entry: NewAccess, caller: str, action: str, resource: str) -> bool:
    """Whether an entry is about a request."""
    same = {"aws_iam_role.app": (ROLE_ARN, ACCOUNT)}.get(caller, ())
    if entry.principal not in (caller, "*", *same) and not entry.principal.startswith("everybody but"):
        return False
    actions = Texts(tuple(map(str.lower, entry.actions.patterns)), entry.actions.is_rest)
    return action.lower() in actions and resource in entry.resources


@settings(max_examples=60)
@given(changes())
def test_nothing_that_is_new_is_left_out(change: tuple[Side, Side]) -> None:
    base, head = map(built, change)
    found = new_access(base, head)
    for caller, action, resource in itertools.product(CALLERS, ACTIONS, RESOURCES):
        if any(names(entry, caller, action, resource) for entry in found):
            continue
        for context in CONTEXTS:
            asked = (caller, action, resource, context)
            if head.can(*asked, complete=True).verdict is Answer.ALLOW:
                assert base.can(*asked, complete=True).verdict is not Answer.DENY, asked


@settings(max_examples=60)
@given(changes())
def test_what_is_exact_is_new_and_is_what_the_entry_says(change: tuple[Side, Side]) -> None:
    base, head = map(built, change)
    for entry in new_access(base, head):
        if entry.exact:
            request = entry.witness
            assert request is not None
            assert request.is_proven
            assert names(entry, request.principal, request.action, request.resource) or entry.was is not None
            asked = (request.principal, request.action, request.resource, request.context)
            assert head.can(*asked, complete=True).verdict is Answer.ALLOW
            assert base.can(*asked, complete=True).verdict is Answer.DENY


@settings(max_examples=20)
@given(changes())
def test_a_stack_allows_no_more_than_itself(change: tuple[Side, Side]) -> None:
    side, _ = change
    reordered = tuple(statements[::-1] for statements in side)
    assert new_access(built(side), built((reordered[0], reordered[1], reordered[2]))) == ()
