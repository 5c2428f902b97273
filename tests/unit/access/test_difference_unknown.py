"""What a comparison says where a plan does not know a policy, or nobody evaluates what changed."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.analysis.access.documents.documents import PolicyKind

from .comparing import compared, of_role, only
from .conftest import ACCOUNT, Entry, Statement, allow, bucket, deny, entry, managed_policy, role, role_policy

UNKNOWN_POLICY = Entry("aws_iam_role_policy.app_own", {"role": "app"}, {"policy": True}, {"policy": {}})


def rendered(*resources: str | None, **more: Any) -> list[Entry]:
    """A role with a rendered policy, in which None is a resource that only an apply makes."""
    empty: dict[str, Any] = {"sid": "", "not_actions": [], "not_resources": [], "principals": [], "condition": []}
    block = {"effect": "Allow", "actions": ["s3:GetObject"], "resources": list(resources), **empty, **more}
    marks = [{"resources": [text is None for text in resources]}]
    document = Entry("data.aws_iam_policy_document.d", {"statement": [block]}, {"json": True, "statement": marks})
    references = {"policy": {"references": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"]}}
    own = Entry("aws_iam_role_policy.app_own", {"role": "app", "name": "own"}, {"policy": True}, references)
    return [role("app"), document, own]


@pytest.mark.parametrize(
    ("base", "head", "reason"),
    [
        (of_role(allow("s3:*")), [role("app"), UNKNOWN_POLICY], "is not known"),
        ([role("app"), UNKNOWN_POLICY], [role("app"), UNKNOWN_POLICY], "is not known"),
        ([role("app"), UNKNOWN_POLICY], [role("app")], "what it was before is not known"),
    ],
)
def test_a_document_that_is_not_known_is_undecided(base: list[Entry], head: list[Entry], reason: str) -> None:
    new = only(compared(base, head))
    assert (new.principal, new.undecided, new.exact) == ("aws_iam_role.app", True, False)
    assert new.as_dict()["actions"] == []
    assert reason in new.reason
    assert "aws_iam_role_policy.app_own" in new.reason


def test_what_is_new_besides_an_unknown_document_is_undecided_too() -> None:
    other = role_policy("app", allow("sqs:SendMessage"), name="other")
    found = compared([role("app"), UNKNOWN_POLICY], [role("app"), UNKNOWN_POLICY, other])
    assert [(new.undecided, new.exact) for new in found] == [(True, False)] * 2


def test_a_resource_that_is_not_known_is_undecided_and_the_others_are_not() -> None:
    found = compared(rendered("arn:aws:s3:::a/*"), rendered("arn:aws:s3:::b/*", None))
    assert [(new.exact, new.undecided, new.resources.patterns) for new in found] == [
        (True, False, ("arn:aws:s3:::b/*",)),
        (False, True, ("*",)),
    ]
    assert "known after apply" in found[1].reason


def test_a_resource_that_is_not_known_is_no_news_where_all_were_allowed() -> None:
    assert compared(rendered("*"), rendered("arn:aws:s3:::b/*", None)) == ()


def test_what_is_known_on_neither_side_is_undecided() -> None:
    new = only(compared(rendered("arn:aws:s3:::a/*", None), rendered("arn:aws:s3:::a/*", None)))
    assert (new.undecided, new.exact) == (True, False)


def test_what_was_not_known_before_may_have_been_less() -> None:
    new = only(compared(rendered(None), rendered("arn:aws:s3:::b/*")))
    assert new.undecided
    assert new.witness is not None
    assert compared(rendered("arn:aws:s3:::b/*", None), rendered("arn:aws:s3:::b/*")) == ()


def test_a_deny_that_is_not_known_may_have_been_more() -> None:
    allowed = role_policy("app", allow("s3:*"), name="wide")
    base = [*rendered("arn:aws:s3:::b/*", None, effect="Deny"), allowed]
    now = only(compared(base, [*rendered("arn:aws:s3:::b/*", effect="Deny"), allowed]))
    assert now.undecided
    assert compared(base, [*rendered("*", effect="Deny"), allowed]) == ()


def test_a_policy_elsewhere_that_is_attached_before_and_after_is_no_news() -> None:
    attachment = entry("aws_iam_role_policy_attachment.a", role="app", policy_arn=f"arn:aws:iam::{ACCOUNT}:policy/else")
    assert compared([role("app"), attachment], [role("app"), attachment]) == ()
    new = only(compared([role("app")], [role("app"), attachment]))
    assert new.undecided
    assert "policy/else" in new.reason


def test_a_boundary_elsewhere_that_is_there_before_and_after_is_no_news() -> None:
    bounded = role("app", permissions_boundary=f"arn:aws:iam::{ACCOUNT}:policy/else")
    own = role_policy("app", allow("s3:*"))
    assert compared([bounded, own], [bounded, own]) == ()
    more = role_policy("app", allow(["s3:*", "sqs:SendMessage"]))
    assert only(compared([bounded, own], [bounded, more])).actions.patterns == ("sqs:SendMessage",)
    gone = compared([bounded, own], [role("app"), own])
    assert [new.undecided for new in gone] == [True, True]


def test_principals_that_are_not_known_are_undecided() -> None:
    def function(**unknown: bool) -> list[Entry]:
        values = {"action": "lambda:InvokeFunction", "function_name": "f", "principal": "s3.amazonaws.com"}
        known = {name: value for name, value in values.items() if name not in unknown}
        permission = Entry("aws_lambda_permission.p", known, dict(unknown), {"principal": {}})
        return [
            entry("aws_lambda_function.f", function_name="f", arn="arn:aws:lambda:eu-west-1:1:function:f"),
            permission,
        ]

    new = only(compared(function(), function(principal=True)))
    assert (new.undecided, new.principal) == (True, "principal of aws_lambda_permission.p")
    assert compared(function(), function()) == ()


def acl(value: str) -> Entry:
    return entry("aws_s3_bucket_acl.a", bucket="logs", acl=value)


def test_what_is_not_evaluated_is_told_where_it_is_new_or_changed() -> None:
    logs = bucket("logs")
    assert compared([*logs, acl("public-read")], [*logs, acl("public-read")]) == ()
    for base in ([*logs], [*logs, acl("authenticated-read")]):
        new = only(compared(base, [*logs, acl("public-read")]))
        assert (new.principal, new.undecided, new.kind) == ("aws_s3_bucket_acl.a", True, PolicyKind.RESOURCE)
        assert "access control lists" in new.reason
    tagged = entry("aws_s3_bucket_acl.a", bucket="logs", acl="public-read", tags={"a": "b"})
    assert compared([*logs, acl("public-read")], [*logs, tagged]) == ()


def test_an_exception_from_a_deny_counts_for_a_role_that_loses_its_boundary() -> None:
    excepted: Statement = {**deny("s3:*", "*"), "NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"}}
    own = [managed_policy("limit", allow("*")), role_policy("app", allow("s3:*")), *bucket("logs", excepted)]
    bounded = role("app", permissions_boundary=f"arn:aws:iam::{ACCOUNT}:policy/limit")
    new = only(compared([bounded, *own], [role("app"), *own]))
    assert (new.principal, new.undecided) == ("aws_iam_role.app", True)
    assert "NotPrincipal" in new.reason


def test_patterns_that_would_take_too_long_are_undecided() -> None:
    wild = "?" * 30
    new = only(compared(of_role(allow("s3:GetObject", f"*a{wild}?*")), of_role(allow("s3:GetObject", f"*a{wild}b*"))))
    assert new.undecided
    assert "too intricate" in new.reason
