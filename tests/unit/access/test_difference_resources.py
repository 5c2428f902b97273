"""What a change of a resource's policy, or of a trust policy, newly allows."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.analysis.access.difference.difference import new_access
from stackproof.analysis.access.documents.documents import PolicyKind

from .comparing import access, compared, moved, of_role, only
from .conftest import ACCOUNT, OTHER_ACCOUNT, Entry, Statement, allow, bucket, entry, policy, role, trusting

OBJECTS = "arn:aws:s3:::logs/*"
LOGGING = {"Service": "logging.s3.amazonaws.com"}
APP_ARN = f"arn:aws:iam::{ACCOUNT}:role/app"
OUR_LOGS = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def grant(principal: Any, action: str = "s3:PutObject", resource: str = OBJECTS, **more: Any) -> Statement:
    return allow(action, resource, Principal=principal, **more)


def only_with_tls(value: str = "false", principal: Any = "*") -> Statement:
    condition = {"Bool": {"aws:SecureTransport": value}}
    return {**grant(principal, "s3:*"), "Effect": "Deny", "Condition": condition}


def ours(*statements: Statement) -> list[Entry]:
    """A bucket with a policy, in an account that a role tells."""
    return [*bucket("logs", *statements), role("other")]


NEWS: dict[str, tuple[list[Statement], list[Statement], str]] = {
    "a service is let in": ([], [grant(LOGGING)], "logging.s3.amazonaws.com"),
    "everybody is let in": ([grant({"AWS": APP_ARN})], [grant("*")], "*"),
    "another account is let in": ([], [grant({"AWS": OTHER_ACCOUNT})], OTHER_ACCOUNT),
    "one more is let in": (
        [grant({"AWS": OTHER_ACCOUNT})],
        [grant({"AWS": OTHER_ACCOUNT, **LOGGING})],
        "logging.s3.amazonaws.com",
    ),
    "the account of the source no longer matters": (
        [grant(LOGGING, Condition=OUR_LOGS)],
        [grant(LOGGING)],
        "logging.s3.amazonaws.com",
    ),
    "all are let in but one account": ([], [grant("*"), only_with_tls(principal={"AWS": OTHER_ACCOUNT}) | {
        "Condition": {}}], "*"),
    "a deny is turned round": ([grant(LOGGING), only_with_tls()], [grant(LOGGING), only_with_tls("true")], "*"),
    "a deny is gone": ([grant(LOGGING), only_with_tls()], [grant(LOGGING)], "*"),
    "a deny is for fewer": (
        [grant(LOGGING), only_with_tls()],
        [grant(LOGGING), only_with_tls(principal={"AWS": OTHER_ACCOUNT})],
        "*",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("base", "head", "principal"), NEWS.values(), ids=NEWS.keys())
def test_what_a_bucket_newly_lets_in_is_told(base: list[Statement], head: list[Statement], principal: str) -> None:
    new = only(compared(ours(*base), ours(*head)))
    assert (new.principal, new.on, new.kind) == (principal, "aws_s3_bucket.logs", PolicyKind.RESOURCE)
    assert new.exact
    assert new.statement is not None


def test_requests_without_tls_are_new_where_the_deny_is_turned_round() -> None:
    head = bucket("logs", grant(LOGGING), only_with_tls("true"))
    new = only(compared(bucket("logs", grant(LOGGING), only_with_tls()), head))
    assert new.witness is not None
    assert new.witness.context["aws:SecureTransport"] == "false"
    assert new.was is not None
    assert new.was.conditions[0].values == ("false",)


SAME: dict[str, tuple[list[Statement], list[Statement]]] = {
    "nothing": ([grant(LOGGING), only_with_tls()], [only_with_tls(), grant(LOGGING)]),
    "an account by its number": (
        [grant({"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"})],
        [grant({"AWS": OTHER_ACCOUNT})],
    ),
    "a role of an account that is let in": (
        [grant({"AWS": OTHER_ACCOUNT})],
        [grant({"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/x"})],
    ),
    "one of everybody": ([grant("*")], [grant(LOGGING)]),
    "principals split": (
        [grant({"AWS": OTHER_ACCOUNT, **LOGGING})],
        [grant(LOGGING), grant({"AWS": OTHER_ACCOUNT})],
    ),
    "a deny for more": (
        [grant("*"), only_with_tls(principal={"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/x"})],
        [grant("*"), only_with_tls(principal={"AWS": OTHER_ACCOUNT})],
    ),
    "an allow that is denied": ([only_with_tls()], [only_with_tls(), grant("*", Condition={"Bool": {
        "aws:SecureTransport": "false"}})]),
    "fewer excepted from a deny": (
        [grant("*"), {**only_with_tls(), "Principal": None, "NotPrincipal": {"AWS": [ACCOUNT, OTHER_ACCOUNT]}}],
        [grant("*"), {**only_with_tls(), "Principal": None, "NotPrincipal": {"AWS": OTHER_ACCOUNT}}],
    ),
}  # fmt: skip


def without_none(statements: list[Statement]) -> list[Statement]:
    return [{key: value for key, value in statement.items() if value is not None} for statement in statements]


@pytest.mark.parametrize(("base", "head"), SAME.values(), ids=SAME.keys())
def test_what_lets_nobody_else_in_is_no_news(base: list[Statement], head: list[Statement]) -> None:
    found = compared(ours(*without_none(base)), ours(*without_none(head)))
    assert [str(new) for new in found] == []


def test_a_role_that_is_named_needs_no_policy_of_its_own_where_its_account_was() -> None:
    base = [*bucket("logs", grant({"AWS": ACCOUNT})), role("app")]
    new = only(compared(base, [*bucket("logs", grant({"AWS": APP_ARN})), role("app")]))
    assert (new.principal, new.exact) == (APP_ARN, True)


def test_more_excepted_from_a_deny_is_news() -> None:
    def excepting(*accounts: str) -> tuple[Entry, ...]:
        deny = {**only_with_tls(), "Principal": None, "NotPrincipal": {"AWS": list(accounts)}}
        return bucket("logs", *without_none([grant("*"), deny]))

    new = only(compared(excepting(ACCOUNT), excepting(ACCOUNT, OTHER_ACCOUNT)))
    assert new.principal == f"everybody but {ACCOUNT}"


def test_a_role_that_an_unchanged_policy_names_is_news_where_the_role_is_new() -> None:
    named = bucket("logs", grant({"AWS": APP_ARN}))
    found = compared(named, [*named, role("app")])
    assert [(new.principal, new.reason, new.exact) for new in found if new.on == "aws_s3_bucket.logs"] == [
        (APP_ARN, "the principal is new", True)
    ]
    everybody = bucket("logs", grant("*"))
    assert [new.on for new in compared(everybody, [*everybody, role("app")])] == ["aws_iam_role.app"]


def test_a_role_that_takes_a_name_which_a_policy_has_is_news() -> None:
    named = bucket("logs", grant({"AWS": APP_ARN}))
    renamed = entry("aws_iam_role.main", **role("app").values)
    before = [*named, entry("aws_iam_role.main", **role("former").values)]
    assert [new.principal for new in compared(before, [*named, renamed])] == [APP_ARN]
    assert compared([*named, renamed], [*named, renamed]) == ()


def test_a_resource_is_the_same_by_its_name_and_by_moved_blocks() -> None:
    statements = (grant(LOGGING), only_with_tls())
    other = [entry("aws_s3_bucket.other", **bucket("logs")[0].values), bucket("logs", *statements)[1]]
    assert compared(bucket("logs", *statements), other) == ()
    after = moved(other, {"aws_s3_bucket.other": "aws_s3_bucket.logs"})
    assert new_access(access(*bucket("logs", *statements)), after) == ()


def test_a_policy_of_a_new_resource_is_told() -> None:
    new = only(compared([], bucket("logs", grant(LOGGING))))
    assert (new.reason, new.principal, new.exact) == ("the resource is new", "logging.s3.amazonaws.com", True)


def test_a_deny_on_a_resource_counts_for_roles_that_their_own_policies_allow() -> None:
    app = of_role(allow("s3:*", OBJECTS))
    new = only(compared([*bucket("logs", only_with_tls()), *app], [*bucket("logs"), *app]))
    assert new.exact
    assert new.witness is not None
    assert new.witness.principal == "aws_iam_role.app"


def test_a_key_without_a_policy_leaves_all_to_its_account() -> None:
    def key(**values: Any) -> Entry:
        return entry("aws_kms_key.k", key_id="k", arn=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k", **values)

    app = of_role(allow("kms:Decrypt"))
    closed = [key(policy=policy(grant({"AWS": f"arn:aws:iam::{ACCOUNT}:role/x"}, "kms:*", "*"))), *app]
    open_to_all = [key(policy=policy(grant({"AWS": ACCOUNT}, "kms:*", "*"))), *app]
    assert only(compared(closed, [key(), *app])).principal == ACCOUNT
    assert only(compared(closed, open_to_all)).principal == ACCOUNT
    assert compared([key(), *app], open_to_all) == ()
    assert compared(open_to_all, [key(), *app]) == ()


def test_policies_for_a_whole_service_are_compared() -> None:
    def logs(action: str) -> list[Entry]:
        document = policy(grant({"Service": "es.amazonaws.com"}, action, "*"))
        return [entry("aws_cloudwatch_log_resource_policy.p", policy_document=document)]

    new = only(compared(logs("logs:PutLogEvents"), logs("logs:*")))
    assert (new.principal, new.on) == ("es.amazonaws.com", "logs")
    assert compared(logs("logs:*"), logs("logs:PutLogEvents")) == ()


TRUST: dict[str, tuple[str, str, str, bool]] = {
    "anybody": (trusting({"Service": "ec2.amazonaws.com"}), trusting("*"), "*", True),
    "another account": (trusting({"AWS": ACCOUNT}), trusting({"AWS": OTHER_ACCOUNT}), OTHER_ACCOUNT, True),
    "a service": (
        trusting({"Service": "ec2.amazonaws.com"}),
        trusting({"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]}),
        "ecs-tasks.amazonaws.com",
        True,
    ),
    "a service for any source": (
        trusting({"Service": "ec2.amazonaws.com"}, Condition={"ArnLike": {"aws:SourceArn": "arn:aws:ec2:*:*:*"}}),
        trusting({"Service": "ec2.amazonaws.com"}),
        "ec2.amazonaws.com",
        True,
    ),
    "a role elsewhere": (
        trusting({"Service": "ec2.amazonaws.com"}),
        trusting({"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/x"}),
        f"arn:aws:iam::{OTHER_ACCOUNT}:role/x",
        False,
    ),
}


@pytest.mark.parametrize(("before", "after", "principal", "is_exact"), TRUST.values(), ids=TRUST.keys())
def test_who_may_newly_assume_a_role_is_told(before: str, after: str, principal: str, is_exact: bool) -> None:
    new = only(compared([role("app", trust=before)], [role("app", trust=after)]))
    assert (new.principal, new.on, new.kind) == (principal, "aws_iam_role.app", PolicyKind.TRUST)
    assert (new.actions.patterns, new.resources.patterns) == (("sts:AssumeRole",), ("aws_iam_role.app",))
    assert (new.exact, new.undecided) == (is_exact, False)
    assert new.witness is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (trusting("*"), trusting({"AWS": ACCOUNT})),
        (trusting({"AWS": ACCOUNT}), trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
        (trusting({"Service": ["a.amazonaws.com", "b.amazonaws.com"]}), trusting({"Service": "b.amazonaws.com"})),
        (trusting({"AWS": ACCOUNT}), trusting({"AWS": ACCOUNT}, Condition={"Bool": {"aws:SecureTransport": "true"}})),
    ],
)
def test_trust_in_no_one_else_is_no_news(before: str, after: str) -> None:
    assert compared([role("app", trust=before)], [role("app", trust=after)]) == ()
