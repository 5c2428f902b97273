"""Ways to more rights: each known method works where it works, and a near miss is not told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from stackproof.analysis.access import Access
from stackproof.analysis.access.catalog.actions import is_known, spelled
from stackproof.analysis.access.escalations.escalations import Escalation
from stackproof.analysis.access.escalations.methods import (
    ACTIONS,
    PASS_ROLE_METHODS,
    RUNS_AS,
    TAKE_OVER_METHODS,
    PassRoleMethod,
    TakeOverMethod,
)

from .conftest import (
    ACCOUNT,
    OTHER_ACCOUNT,
    Entry,
    Statement,
    allow,
    deny,
    entry,
    managed_policy,
    policy,
    role,
    role_policy,
    stack,
    trusting,
    user,
)

APP, OTHER = "aws_iam_role.app", "aws_iam_role.other"
APP_ARN = f"arn:aws:iam::{ACCOUNT}:role/app"
OTHER_ARN = f"arn:aws:iam::{ACCOUNT}:role/other"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
WORK = allow("s3:GetObject", "arn:aws:s3:::data/*")

WRITE, ATTACH = "write a role's inline policy", "attach a policy to a role"
REWRITE = "write a managed policy"
KEY, PASSWORD, NEW_PASSWORD = "make a user's access key", "make a user's password", "change a user's password"
TRUST, ASSUME = "change whom a role trusts", "assume a role"
OUTSIDE = "it depends on what there is outside this stack"


SECURE = {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
DATED = {"Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}}


def ways(*entries: Entry) -> tuple[Escalation, ...]:
    return Access(stack(*entries)).escalations()


def app(*statements: Statement, **values: Any) -> tuple[Entry, Entry]:
    """The role whose ways are looked for."""
    return role("app", **values), role_policy("app", *statements)


def other(*statements: Statement, trust: Any = None, **values: Any) -> tuple[Entry, ...]:
    """A role that may do more."""
    return (
        role("other", trust=trusting(trust or {"Service": "ec2.amazonaws.com"}), **values),
        role_policy("other", *(statements or (WORK,))),
    )


def group(name: str, *statements: Statement) -> tuple[Entry, Entry]:
    itself = entry(f"aws_iam_group.{name}", name=name, arn=f"arn:aws:iam::{ACCOUNT}:group/{name}")
    return itself, entry(f"aws_iam_group_policy.{name}", group=name, name="own", policy=policy(*statements))


def member(name: str, of: str) -> Entry:
    return entry(f"aws_iam_user_group_membership.{name}", user=name, groups=[of])


def certain(found: Iterable[Escalation]) -> set[Escalation]:
    return {way for way in found if not way.undecided}


def test_every_action_of_the_methods_is_one_that_aws_has_and_spelled_like_it() -> None:
    assert all(is_known(action) for action in ACTIONS)
    named = {action for method in PASS_ROLE_METHODS for group in method.actions for action in group}
    assert {spelled(action) for action in named} == named


def test_who_can_write_its_own_policy_may_do_anything() -> None:
    (way,) = ways(*app(allow("iam:PutRolePolicy", APP_ARN)))
    assert way == (APP, WRITE, APP)
    assert not way.undecided
    assert way.gains == ("any action on any resource",)
    assert [statement.policy.holder for statement in way.statements] == ["aws_iam_role_policy.app_own"]
    assert way.source.startswith("https://")


@pytest.mark.parametrize(
    "statements",
    [
        (allow("iam:PutRolePolicy", OTHER_ARN),),
        (allow("iam:PutRolePolicy", APP_ARN), deny("iam:Put*")),
        (allow("iam:PutRolePolicy", f"{APP_ARN}/*"),),
        (allow("iam:PutRolePolicy", Condition={"StringEquals": {"iam:PermissionsBoundary": ADMINISTRATOR}}),),
        (allow("iam:PutUserPolicy"),),
    ],
    ids=["of another role", "denied", "of no role", "only with a boundary", "of users"],
)
def test_who_cannot_write_its_own_policy_has_no_way(statements: tuple[Statement, ...]) -> None:
    assert not ways(*app(*statements), *other())


def test_a_boundary_that_a_condition_asks_for_is_that_of_the_target() -> None:
    edge = managed_policy("own", allow(["iam:PutRolePolicy", "s3:GetObject"]))
    asked = {"StringEquals": {"iam:PermissionsBoundary": POLICY_ARN}}
    writing = allow("iam:PutRolePolicy", APP_ARN, Condition=asked)
    assert certain(ways(*app(writing, permissions_boundary=POLICY_ARN), edge)) == {(APP, WRITE, APP)}


def test_who_may_do_anything_gets_nothing_more() -> None:
    assert not ways(*app(allow("*")), *other())


def test_who_may_do_anything_but_a_deny_takes_something_has_a_way_to_the_rest() -> None:
    found = ways(*app(allow("*")), role_policy("app", deny("s3:*"), name="limits"))
    (way,) = (way for way in found if way == (APP, "delete a role's inline policy", APP))
    assert way.gains == ("* on *",)


def test_a_policy_of_a_role_that_it_can_assume_is_as_good_as_its_own() -> None:
    statements = [allow("iam:PutRolePolicy", OTHER_ARN), allow("sts:AssumeRole", OTHER_ARN)]
    found = ways(*app(*statements), *other(WORK, trust={"AWS": APP_ARN}))
    assert certain(found) == {(APP, WRITE, OTHER), (APP, ASSUME, OTHER)}
    (way,) = (way for way in found if way.method == WRITE)
    assert len(way.statements) == 2
    assert "assume" in way.explanation


def test_a_policy_of_a_role_that_does_not_trust_it_is_not() -> None:
    statements = [allow("iam:PutRolePolicy", OTHER_ARN), allow("sts:AssumeRole", OTHER_ARN)]
    assert not ways(*app(*statements), *other())


def test_a_boundary_is_as_far_as_a_written_policy_gets() -> None:
    boundary = managed_policy("edge", allow(["iam:PutRolePolicy", "s3:GetObject"]))
    arn = f"arn:aws:iam::{ACCOUNT}:policy/edge"
    (way,) = ways(*app(allow("iam:PutRolePolicy", APP_ARN), permissions_boundary=arn), boundary)
    assert way == (APP, WRITE, APP)
    assert set(way.gains) == {"iam:PutRolePolicy on *", "s3:GetObject on *"}


def test_a_boundary_that_leaves_what_it_has_makes_a_written_policy_worth_nothing() -> None:
    boundary = managed_policy("edge", allow("iam:PutRolePolicy", APP_ARN))
    arn = f"arn:aws:iam::{ACCOUNT}:policy/edge"
    assert not ways(*app(allow("iam:PutRolePolicy", APP_ARN), permissions_boundary=arn), boundary)


def test_a_boundary_that_forbids_to_write_closes_the_way() -> None:
    boundary = managed_policy("edge", allow("s3:*"))
    arn = f"arn:aws:iam::{ACCOUNT}:policy/edge"
    assert not ways(*app(allow("iam:PutRolePolicy", APP_ARN), permissions_boundary=arn), boundary)


def attaching(*arns: str) -> Statement:
    return allow("iam:AttachRolePolicy", APP_ARN, Condition={"ArnEquals": {"iam:PolicyARN": list(arns)}})


def test_a_policy_is_attached_where_it_can_be() -> None:
    assert set(ways(*app(allow("iam:AttachRolePolicy")))) == {(APP, ATTACH, APP)}
    (way,) = ways(*app(attaching("arn:aws:iam::aws:policy/*")))
    assert way.gains == ("any action on any resource",)


def test_of_policies_that_a_condition_names_the_rights_are_those_in_them() -> None:
    (way,) = ways(*app(attaching(READ_ONLY)))
    assert (way.key, way.undecided) == ((APP, ATTACH, APP), "")
    assert all(gain.startswith(("s3:", "s3-object-lambda:")) for gain in way.gains)


def test_a_policy_that_gives_nothing_more_is_not_worth_attaching() -> None:
    assert not ways(*app(attaching(READ_ONLY), allow(["s3:*", "s3-object-lambda:*"])))


def test_a_policy_that_nobody_knows_is_undecided() -> None:
    (way,) = ways(*app(attaching(f"arn:aws:iam::{ACCOUNT}:policy/unknown")))
    assert "policy/unknown allows" in way.undecided


POLICY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/own"


def attachment(arn: str, to: str = "app") -> Entry:
    return entry(f"aws_iam_role_policy_attachment.{to}", role=to, policy_arn=arn)


def test_a_managed_policy_can_be_written_where_somebody_has_it() -> None:
    own = managed_policy("own", WORK)
    writes = app(allow("iam:CreatePolicyVersion", POLICY_ARN))
    assert set(ways(*writes, own, attachment(POLICY_ARN))) == {(APP, REWRITE, "aws_iam_policy.own")}
    assert not ways(*writes, own)
    assert not ways(*writes, own, *other(), attachment(POLICY_ARN, "other"))


def test_a_policy_of_aws_cannot_be_written() -> None:
    assert not ways(*app(allow("iam:CreatePolicyVersion")), attachment(READ_ONLY))


def test_a_managed_policy_outside_the_stack_can_be_written_too() -> None:
    elsewhere = f"arn:aws:iam::{ACCOUNT}:policy/elsewhere"
    found = ways(*app(allow("iam:CreatePolicyVersion")), attachment(elsewhere))
    assert (APP, REWRITE, elsewhere) in found


def test_what_other_versions_of_a_policy_allow_is_undecided() -> None:
    own = managed_policy("own", WORK)
    (way,) = ways(*app(allow("iam:SetDefaultPolicyVersion", POLICY_ARN)), own, attachment(POLICY_ARN))
    assert way.key == (APP, "go back to a policy's other version", "aws_iam_policy.own")
    assert "other versions" in way.undecided


def test_a_boundary_can_be_written_as_a_policy() -> None:
    edge = managed_policy("own", allow(["iam:CreatePolicyVersion", "s3:GetObject"]))
    found = ways(*app(allow(["iam:CreatePolicyVersion", "ec2:RunInstances"]), permissions_boundary=POLICY_ARN), edge)
    (way,) = (way for way in found if way.method == REWRITE)
    assert way.gains == ("ec2:RunInstances on *",)


@pytest.mark.parametrize(
    ("method", "action"),
    [(KEY, "iam:CreateAccessKey"), (PASSWORD, "iam:CreateLoginProfile")],
)
def test_another_user_s_rights_are_got_with_its_credentials(method: str, action: str) -> None:
    target = f"arn:aws:iam::{ACCOUNT}:user/bob"
    found = ways(*app(allow(action, target)), *user("bob", WORK))
    assert certain(found) == {(APP, method, "aws_iam_user.bob")}
    assert found[0].gains == ("s3:GetObject on arn:aws:s3:::data/*",)


@pytest.mark.parametrize("action", ["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"])
def test_credentials_of_oneself_are_no_way(action: str) -> None:
    own = f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"
    assert not ways(*user("ann", allow(action, own)), *user("bob", WORK))


@pytest.mark.parametrize(
    ("own", "others", "gains"),
    [({}, {}, False), (SECURE, SECURE, False), ({}, SECURE, False), (SECURE, {}, True), (SECURE, DATED, True)],
)
def test_rights_under_other_conditions_are_other_rights(
    own: dict[str, Any], others: dict[str, Any], gains: bool
) -> None:
    taking = allow("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/bob")
    assert bool(ways(*app(taking, {**WORK, **own}), *user("bob", {**WORK, **others}))) is gains


def test_credentials_of_a_user_who_may_do_no_more_are_no_way() -> None:
    assert not ways(*app(allow("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/bob"), WORK), *user("bob", WORK))
    assert not ways(*app(allow("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/bob")), *user("bob"))


def test_a_password_is_made_where_there_is_none_and_changed_where_there_is_one() -> None:
    target = f"arn:aws:iam::{ACCOUNT}:user/bob"
    profile = entry("aws_iam_user_login_profile.bob", user="bob")
    both = app(allow(["iam:CreateLoginProfile", "iam:UpdateLoginProfile"], target))
    bob = user("bob", WORK)
    assert certain(ways(*both, *bob)) == {(APP, PASSWORD, "aws_iam_user.bob")}
    assert set(ways(*both, *bob)) == {(APP, PASSWORD, "aws_iam_user.bob"), (APP, NEW_PASSWORD, "aws_iam_user.bob")}
    assert set(ways(*both, *bob, profile)) == {(APP, NEW_PASSWORD, "aws_iam_user.bob")}


def test_a_user_whose_policies_and_keys_can_be_written_is_a_way_though_it_may_do_nothing() -> None:
    target = f"arn:aws:iam::{ACCOUNT}:user/bob"
    found = ways(*app(allow(["iam:PutUserPolicy", "iam:CreateAccessKey"], target)), *user("bob"))
    assert set(found) == {(APP, "write a user's inline policy", "aws_iam_user.bob")}


def test_a_user_joins_a_group_that_may_do_more() -> None:
    joining = user("ann", allow("iam:AddUserToGroup", f"arn:aws:iam::{ACCOUNT}:group/*"))
    (way,) = certain(ways(*joining, *group("ops", WORK)))
    assert way == ("aws_iam_user.ann", "join a group", "aws_iam_group.ops")
    assert not certain(ways(*joining, *group("ops", WORK), member("ann", "ops")))
    assert not certain(ways(*app(allow("iam:AddUserToGroup")), *group("ops", WORK)))


@pytest.mark.parametrize(
    ("method", "action"),
    [
        ("write a group's inline policy", "iam:PutGroupPolicy"),
        ("attach a policy to a group", "iam:AttachGroupPolicy"),
    ],
)
def test_a_member_writes_the_policies_of_its_group(method: str, action: str) -> None:
    writing = user("ann", allow(action, f"arn:aws:iam::{ACCOUNT}:group/ops"))
    assert not ways(*writing, *group("ops", WORK))
    found = ways(*writing, *group("ops", WORK), member("ann", "ops"))
    assert set(found) == {("aws_iam_user.ann", method, "aws_iam_group.ops")}


def test_a_user_s_boundary_limits_what_it_gets_by_a_group() -> None:
    edge = managed_policy("own", allow("iam:PutGroupPolicy", f"arn:aws:iam::{ACCOUNT}:group/ops"))
    writing = user("ann", allow("iam:PutGroupPolicy"), permissions_boundary=POLICY_ARN)
    assert not certain(ways(*writing, *group("ops", allow("iam:GetUser")), member("ann", "ops"), edge))


def test_whom_a_role_trusts_can_be_changed_and_then_it_is_assumed() -> None:
    found = ways(*app(allow("iam:UpdateAssumeRolePolicy", OTHER_ARN)), *other())
    assert set(found) == {(APP, TRUST, OTHER)}
    assert found[0].gains == ("s3:GetObject on arn:aws:s3:::data/*",)


@pytest.mark.parametrize(
    "statements",
    [
        (allow("iam:UpdateAssumeRolePolicy", OTHER_ARN), deny("sts:AssumeRole")),
        (allow("iam:UpdateAssumeRolePolicy", OTHER_ARN), WORK),
        (allow("iam:UpdateAssumeRolePolicy", APP_ARN),),
    ],
    ids=["it must not assume roles", "it has as much", "its own trust"],
)
def test_a_role_that_it_could_trust_itself_with_is_no_way(statements: tuple[Statement, ...]) -> None:
    assert not ways(*app(*statements), *other())


EDGE = managed_policy("own", allow(["iam:*", "s3:ListBucket"]))


@pytest.mark.parametrize(
    ("method", "action"),
    [
        ("remove a role's boundary", "iam:DeleteRolePermissionsBoundary"),
        ("replace a role's boundary", "iam:PutRolePermissionsBoundary"),
    ],
)
def test_who_can_lift_its_boundary_has_what_it_kept_back(method: str, action: str) -> None:
    found = ways(*app(allow(action, APP_ARN), WORK, permissions_boundary=POLICY_ARN), EDGE)
    assert set(found) == {(APP, method, APP)}
    assert found[0].gains == ("s3:GetObject on arn:aws:s3:::data/*",)


def test_a_boundary_that_keeps_nothing_back_is_not_worth_lifting() -> None:
    lifting = allow("iam:DeleteRolePermissionsBoundary", APP_ARN)
    assert not ways(*app(lifting, permissions_boundary=POLICY_ARN), EDGE)
    assert not ways(*app(lifting, WORK))


def test_a_boundary_that_may_only_be_replaced_by_itself_stays() -> None:
    same = {"StringEquals": {"iam:PermissionsBoundary": POLICY_ARN}}
    replacing = allow("iam:PutRolePermissionsBoundary", APP_ARN, Condition=same)
    assert not ways(*app(replacing, WORK, permissions_boundary=POLICY_ARN), EDGE)


def test_who_can_take_a_deny_away_has_what_it_denied() -> None:
    entries = [*app(allow("iam:DeleteRolePolicy", APP_ARN), WORK), role_policy("app", deny("s3:*"), name="limits")]
    found = ways(*entries)
    assert set(found) == {(APP, "delete a role's inline policy", APP)}
    assert found[0].gains == ("s3:GetObject on arn:aws:s3:::data/*",)
    assert not ways(
        *app(allow("iam:DeleteRolePolicy", APP_ARN), WORK), role_policy("app", deny("sns:*"), name="limits")
    )


def test_an_attached_policy_that_denies_is_detached_not_deleted() -> None:
    limits = [managed_policy("own", deny("s3:*")), attachment(POLICY_ARN)]
    assert set(ways(*app(allow("iam:DetachRolePolicy", APP_ARN), WORK), *limits)) == {
        (APP, "detach a policy from a role", APP)
    }
    assert not ways(*app(allow("iam:DeleteRolePolicy", APP_ARN), WORK), *limits)


MAKING = ["iam:CreateRole", "iam:PutRolePolicy"]


def test_a_new_role_that_may_do_anything_is_made_and_assumed() -> None:
    found = ways(*app(allow(MAKING, f"arn:aws:iam::{ACCOUNT}:role/new-*")))
    assert set(found) == {(APP, "make a role", "a new role")}
    assert not found[0].undecided


@pytest.mark.parametrize(
    "statements",
    [
        (allow("iam:CreateRole"),),
        (allow("iam:CreateRole", f"{APP_ARN}-a-*"), allow("iam:PutRolePolicy", f"{APP_ARN}-b-*")),
        (allow(MAKING, Condition={"StringEquals": {"iam:PermissionsBoundary": POLICY_ARN}}),),
        (allow(MAKING, f"{APP_ARN}-*"), deny("iam:PutRolePolicy", f"{APP_ARN}-*")),
    ],
    ids=["without a policy", "not the same role", "only with a boundary", "denied"],
)
def test_a_new_role_that_may_do_nothing_is_no_way(statements: tuple[Statement, ...]) -> None:
    assert not [way for way in ways(*app(*statements)) if way.method == "make a role"]


def test_a_new_user_needs_credentials() -> None:
    making = ["iam:CreateUser", "iam:AttachUserPolicy"]
    on = f"arn:aws:iam::{ACCOUNT}:user/new/*"
    assert not ways(*app(allow(making, on)))
    assert (APP, "make a user", "a new user") in ways(*app(allow([*making, "iam:CreateAccessKey"], on)))


def passing(to: str = OTHER_ARN, service: str | None = None) -> Statement:
    condition = {"Condition": {"StringEquals": {"iam:PassedToService": service}}} if service else {}
    return allow("iam:PassRole", to, **condition)


PROFILE = entry("aws_iam_instance_profile.other", name="other", role="other")


def passed(method: PassRoleMethod, *statements: Statement, trust: Any = None) -> set[Escalation]:
    trusted = other(WORK, trust=trust or {"Service": method.service})
    return certain(ways(*app(*statements), *trusted, PROFILE))


def running(method: PassRoleMethod, without: int | None = None) -> list[Statement]:
    """One action of each group, but of one group none."""
    return [allow(group[0]) for number, group in enumerate(method.actions) if number != without]


by_name = pytest.mark.parametrize("method", PASS_ROLE_METHODS, ids=lambda method: method.name)


@by_name
def test_a_role_with_more_rights_is_passed_to_a_service_that_acts_with_it(method: PassRoleMethod) -> None:
    found = passed(method, passing(service=method.service), *running(method))
    assert (APP, method.name, OTHER) in found
    (way,) = (way for way in found if way.method == method.name)
    assert way.gains == ("s3:GetObject on arn:aws:s3:::data/*",)
    assert len(way.statements) == 1 + len(method.actions)


@by_name
def test_each_action_of_an_alternative_will_do(method: PassRoleMethod) -> None:
    for number, group in enumerate(method.actions):
        for action in group:
            statements = [*running(method, without=number), allow(action)]
            assert (APP, method.name, OTHER) in passed(method, passing(), *statements)


@by_name
def test_a_service_that_cannot_be_made_to_act_is_no_way(method: PassRoleMethod) -> None:
    for number in range(len(method.actions)):
        found = passed(method, passing(service=method.service), *running(method, without=number))
        assert method.name not in {way.method for way in found}


@by_name
def test_a_role_that_may_be_passed_to_another_service_only_is_no_way(method: PassRoleMethod) -> None:
    assert not passed(method, passing(service="rds.amazonaws.com"), *running(method))


@by_name
def test_a_role_that_does_not_trust_the_service_is_no_way(method: PassRoleMethod) -> None:
    assert not passed(method, passing(), *running(method), trust={"Service": "rds.amazonaws.com"})


function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{{}}".format

FUNCTION = next(method for method in PASS_ROLE_METHODS if method.name == "make a function")
TASK = next(method for method in PASS_ROLE_METHODS if method.name == "run a new task")
BUILD = next(method for method in PASS_ROLE_METHODS if method.name == "make a build")
INSTANCE = next(method for method in PASS_ROLE_METHODS if method.name == "start an instance")
ECS = {"Service": "ecs-tasks.amazonaws.com"}


@pytest.mark.parametrize(
    "statements",
    [
        (passing(APP_ARN), *running(FUNCTION)),
        (passing(), *running(FUNCTION), deny("iam:PassRole")),
        (passing(), *running(FUNCTION), deny("lambda:CreateFunction")),
        (passing(), *running(FUNCTION), WORK),
        (passing(), allow("lambda:CreateFunction", function("a")), allow("lambda:InvokeFunction", function("b"))),
    ],
    ids=["another role", "passing denied", "making denied", "no more rights", "not the same function"],
)
def test_a_role_that_cannot_be_used_is_no_way(statements: tuple[Statement, ...]) -> None:
    assert not passed(FUNCTION, *statements)


def test_a_deny_of_some_functions_leaves_the_others() -> None:
    denied = deny("lambda:*", [f"arn:*:function:{letter}*" for letter in "aeosx"])
    assert passed(FUNCTION, passing(), *running(FUNCTION), denied)


def test_functions_of_another_account_are_not_what_a_role_can_be_passed_to() -> None:
    assert not passed(FUNCTION, passing(), *running(FUNCTION), deny("lambda:*", f"arn:aws:lambda:*:{ACCOUNT}:*"))
    elsewhere = f"arn:aws:lambda:us-east-1:{OTHER_ACCOUNT}:function:*"
    assert not passed(FUNCTION, passing(), *(allow(group[0], elsewhere) for group in FUNCTION.actions))


def test_roles_of_another_account_can_be_assumed_only() -> None:
    elsewhere = f"arn:aws:iam::{OTHER_ACCOUNT}:role/*"
    found = ways(
        *app(allow(["sts:AssumeRole", "iam:PassRole", "iam:UpdateAssumeRolePolicy"], elsewhere), *running(TASK))
    )
    assert set(found) == {(APP, ASSUME, elsewhere)}


def test_patterns_that_meet_in_one_function_are_enough() -> None:
    making = allow("lambda:CreateFunction", function("a*")), allow("lambda:InvokeFunction", function("*z"))
    assert passed(FUNCTION, passing(), *making)


def test_all_that_an_instance_is_made_of_has_to_be_allowed() -> None:
    images = "arn:aws:ec2:*::image/*"
    rest = [f"arn:aws:ec2:*:*:{kind}/*" for kind in ("instance", "network-interface", "security-group", "subnet")]
    assert not passed(INSTANCE, passing(), allow("ec2:RunInstances", images))
    assert not passed(INSTANCE, passing(), allow("ec2:RunInstances", [images, *rest[:-1]]))
    assert passed(INSTANCE, passing(), allow("ec2:RunInstances", [images, *rest]))


def test_a_role_without_an_instance_profile_is_undecided_unless_one_can_be_made() -> None:
    trusted = other(WORK)
    (way,) = ways(*app(passing(), *running(INSTANCE)), *trusted)
    assert "instance profile" in way.undecided
    making = allow(["iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile"])
    assert certain(ways(*app(passing(), *running(INSTANCE), making), *trusted))


def test_a_boundary_that_forbids_to_pass_closes_the_way() -> None:
    edge = managed_policy("own", allow("ecs:*"))
    passes = app(passing(), *running(TASK), permissions_boundary=POLICY_ARN)
    assert not certain(ways(*passes, *other(WORK, trust=ECS), edge))


def on_behalf_of(arn: str, service: str) -> str:
    condition = {"ArnLike": {"aws:SourceArn": arn}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}
    return trusting({"Service": service}, Condition=condition)


@pytest.mark.parametrize(
    ("source", "project", "works"),
    [("a", "a", True), ("a*", "ab", True), ("a", "b", False), ("a", "*", True)],
)
def test_a_role_that_trusts_a_service_for_one_project_is_used_by_that_project(
    source: str, project: str, works: bool
) -> None:
    arn = "arn:aws:codebuild:us-east-1:123456789012:project/{}".format
    trust = on_behalf_of(arn(source), BUILD.service)
    builds = app(passing(), allow(["codebuild:CreateProject", "codebuild:StartBuild"], arn(project)))
    found = ways(*builds, role("other", trust=trust), role_policy("other", WORK))
    assert certain(found) == ({(APP, BUILD.name, OTHER)} if works else set())


def test_a_role_that_trusts_a_service_for_something_else_is_no_way() -> None:
    trust = on_behalf_of("arn:aws:s3:::data", BUILD.service)
    builds = app(passing(), *running(BUILD))
    assert not ways(*builds, role("other", trust=trust), role_policy("other", WORK))


def test_a_role_that_passes_itself_gets_nothing() -> None:
    trust = trusting({"Service": FUNCTION.service})
    passes = app(passing(APP_ARN), *running(FUNCTION), trust=trust)
    assert {way.method for way in ways(*passes, hidden("app"))} == {"use a policy that cannot be read"}


def test_a_role_that_trusts_a_service_in_another_account_only_is_no_way() -> None:
    condition = {"StringEquals": {"aws:SourceAccount": OTHER_ACCOUNT}}
    trust = trusting({"Service": FUNCTION.service}, Condition=condition)
    trusted = role("other", trust=trust), role_policy("other", WORK)
    assert not certain(ways(*app(passing(), *running(FUNCTION)), *trusted))


def test_a_trust_that_depends_on_something_else_is_undecided() -> None:
    trust = trusting({"Service": FUNCTION.service}, Condition={"StringEquals": {"sts:ExternalId": "x"}})
    (way,) = ways(*app(passing(), *running(FUNCTION)), role("other", trust=trust), role_policy("other", WORK))
    assert "sts:ExternalId" in way.undecided


DEFINITION_ARN = f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/web:1"


def definition(**values: Any) -> Entry:
    return entry("aws_ecs_task_definition.web", family="web", arn=DEFINITION_ARN, **values)


def test_a_task_is_overridden_with_another_command_and_role() -> None:
    runs = app(passing(), allow("ecs:RunTask", DEFINITION_ARN))
    trusted = other(WORK, trust=ECS)
    assert not ways(*runs, *trusted)
    assert certain(ways(*runs, *trusted, definition())) == {(APP, "override a task", OTHER)}


def test_a_task_runs_only_with_an_execution_role_that_can_be_passed() -> None:
    runs = app(passing(), allow("ecs:RunTask", DEFINITION_ARN))
    execution = role("execution", trust=trusting(ECS))
    task = definition(execution_role_arn=f"arn:aws:iam::{ACCOUNT}:role/execution")
    assert not ways(*runs, *other(WORK, trust=ECS), execution, task)


SERVICE_TYPES: dict[str, Callable[[], tuple[Entry, ...]]] = {
    "aws_apprunner_service": lambda: (
        running_as(
            "aws_apprunner_service",
            "apprunner:{}:service/web/1",
            instance_configuration=[{"instance_role_arn": OTHER_ARN}],
        ),
    ),
    "aws_cloudformation_stack": lambda: (
        entry("aws_cloudformation_stack.web", name="web", unknown=("id",), iam_role_arn=OTHER_ARN),
    ),
    "aws_codebuild_project": lambda: (
        running_as("aws_codebuild_project", "codebuild:{}:project/web", service_role=OTHER_ARN),
    ),
    "aws_ecs_service": lambda: (
        running_as(
            "aws_ecs_service",
            "ecs:{}:service/main/web",
            task_definition=DEFINITION_ARN,
            cluster=f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/main",
            enable_execute_command=True,
        ),
        running_as("aws_ecs_cluster", "ecs:{}:cluster/main", name="main"),
        definition(task_role_arn=OTHER_ARN),
    ),
    "aws_glue_dev_endpoint": lambda: (
        running_as("aws_glue_dev_endpoint", "glue:{}:devEndpoint/web", role_arn=OTHER_ARN),
    ),
    "aws_instance": lambda: (
        running_as("aws_instance", "ec2:{}:instance/i-1", iam_instance_profile="other"),
        PROFILE,
    ),
    "aws_lambda_function": lambda: (
        running_as("aws_lambda_function", "lambda:{}:function:web", function_name="web", role=OTHER_ARN),
    ),
    "aws_sagemaker_notebook_instance": lambda: (
        running_as("aws_sagemaker_notebook_instance", "sagemaker:{}:notebook-instance/web", role_arn=OTHER_ARN),
    ),
    "aws_sfn_state_machine": lambda: (
        running_as("aws_sfn_state_machine", "states:{}:stateMachine:web", role_arn=OTHER_ARN),
    ),
}


def running_as(kind: str, form: str, **values: Any) -> Entry:
    return entry(f"{kind}.web", arn="arn:aws:" + form.format(f"us-east-1:{ACCOUNT}"), **values)


by_take_over = pytest.mark.parametrize("method", TAKE_OVER_METHODS, ids=lambda method: method.name)


def taken(method: TakeOverMethod, *statements: Statement, rights: Statement = WORK) -> tuple[Escalation, ...]:
    return ways(*app(*statements), *other(rights), *SERVICE_TYPES[method.type]())


@by_take_over
def test_what_runs_with_a_role_is_taken_over(method: TakeOverMethod) -> None:
    found = taken(method, *(allow(group[0]) for group in method.actions))
    assert (APP, method.name, OTHER) in found
    assert found[0].gains == ("s3:GetObject on arn:aws:s3:::data/*",)
    assert [way.undecided for way in found] == [method.doubt for _ in found]


@by_take_over
def test_what_runs_with_a_role_and_is_not_what_it_may_change_is_no_way(method: TakeOverMethod) -> None:
    elsewhere = [f"arn:aws:{service}:us-east-1:{ACCOUNT}:other" for service in ("ec2", "ecs", "lambda")]
    assert not taken(method, *(allow(group[0], elsewhere) for group in method.actions))
    assert not taken(method, *(allow(group[0]) for group in method.actions), deny(method.actions[0][0]))
    assert not taken(method, *(allow(group[0]) for group in method.actions), WORK)
    for number, _ in enumerate(method.actions):
        rest = [allow(group[0]) for other, group in enumerate(method.actions) if other != number]
        assert method.name not in {way.method for way in taken(method, *rest, allow("sns:Publish"))}


def test_every_argument_that_leads_to_a_role_belongs_to_something_that_can_be_taken_over_or_leads_there() -> None:
    assert {method.type for method in TAKE_OVER_METHODS} <= RUNS_AS.keys()


def test_an_instance_with_a_role_for_the_agent_is_surely_managed_by_systems_manager() -> None:
    method = next(method for method in TAKE_OVER_METHODS if method.name == "send a command to an instance")
    (way,) = taken(method, allow("ssm:StartSession"), rights=allow("ssmmessages:*"))
    assert not way.undecided


def test_a_command_needs_a_document_as_well_as_the_instance() -> None:
    method = next(method for method in TAKE_OVER_METHODS if method.name == "send a command to an instance")
    instance = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"
    document = "arn:aws:ssm:us-east-1::document/AWS-RunShellScript"
    assert not taken(method, allow("ssm:SendCommand", instance))
    assert not taken(method, allow("ssm:SendCommand", document))
    assert taken(method, allow("ssm:SendCommand", [instance, document]))


@pytest.mark.parametrize(("cluster", "works"), [("main", True), ("test", False)])
def test_a_task_is_entered_in_the_cluster_where_it_runs(cluster: str, works: bool) -> None:
    method = next(method for method in TAKE_OVER_METHODS if method.name == "enter a task")
    prefix = f"arn:aws:ecs:us-east-1:{ACCOUNT}"
    entering = allow("ecs:ExecuteCommand", [f"{prefix}:cluster/main", f"{prefix}:task/{cluster}/*"])
    assert bool(certain(taken(method, entering))) is works


def test_a_task_that_nobody_can_enter_is_no_way() -> None:
    service, *rest = SERVICE_TYPES["aws_ecs_service"]()
    closed = entry(service.address, **{**service.values, "enable_execute_command": False})
    unknown = entry(
        service.address,
        unknown=("enable_execute_command",),
        **{name: value for name, value in service.values.items() if name != "enable_execute_command"},
    )
    entering = app(allow("ecs:ExecuteCommand"))
    assert not ways(*entering, *other(), closed, *rest)
    (way,) = ways(*entering, *other(), unknown, *rest)
    assert "enable_execute_command" in way.undecided


def test_a_role_that_runs_in_its_own_function_gets_nothing_by_changing_it() -> None:
    function = running_as("aws_lambda_function", "lambda:{}:function:web", function_name="web", role=APP_ARN)
    found = ways(*app(allow("lambda:UpdateFunctionCode"), WORK), hidden("app"), function)
    assert {way.method for way in found} == {"use a policy that cannot be read"}


def test_a_role_that_trusts_it_is_assumed_without_a_policy_of_its_own() -> None:
    found = ways(*app(allow("sns:Publish")), *other(WORK, trust={"AWS": APP_ARN}))
    assert certain(found) == {(APP, ASSUME, OTHER)}


def test_a_role_that_trusts_the_account_is_assumed_by_who_may() -> None:
    trust = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert certain(ways(*app(allow("sts:AssumeRole", OTHER_ARN)), *other(WORK, trust=trust))) == {(APP, ASSUME, OTHER)}
    assert not ways(*app(allow("sns:Publish")), *other(WORK, trust=trust))
    assert not ways(*app(allow("sts:AssumeRole", OTHER_ARN), WORK), *other(WORK, trust=trust))


def test_a_condition_that_the_plan_does_not_decide_leaves_a_way_undecided() -> None:
    (way,) = ways(*app(allow("iam:PutRolePolicy", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})))
    assert way == (APP, WRITE, APP)
    assert "aws:MultiFactorAuthPresent" in way.undecided


def test_a_deny_under_a_condition_leaves_a_way_undecided() -> None:
    denied = deny("iam:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})
    found = ways(*app(allow("iam:PutRolePolicy"), denied))
    assert (APP, WRITE, APP) in found
    assert all("aws:MultiFactorAuthPresent" in way.undecided for way in found)


def hidden(of: str) -> Entry:
    """A policy that is known after apply."""
    made = {"policy": {"references": ["random_id.it.hex", "random_id.it"]}}
    return entry("aws_iam_role_policy.hidden", role=of, unknown=("policy",), refers=made)


def test_a_policy_that_cannot_be_read_is_one_undecided_way() -> None:
    (way,) = ways(role("app"), hidden("app"), *other())
    assert way.key == (APP, "use a policy that cannot be read", APP)
    assert "cannot be read" in way.undecided


def test_a_role_whose_rights_cannot_be_read_is_an_undecided_target() -> None:
    found = ways(*app(allow("iam:UpdateAssumeRolePolicy", OTHER_ARN)), role("other"), hidden("other"))
    (way,) = (way for way in found if way.principal == APP)
    assert way.key == (APP, TRUST, OTHER)
    assert "cannot be read" in way.undecided


def test_identities_outside_the_stack_are_undecided_targets() -> None:
    elsewhere = f"arn:aws:iam::{OTHER_ACCOUNT}:role/admin"
    (way,) = ways(*app(allow("sts:AssumeRole", elsewhere)))
    assert way.key == (APP, ASSUME, elsewhere)
    assert OUTSIDE in way.undecided
    (way,) = ways(*app(allow("iam:CreateAccessKey")))
    assert (way.key, OUTSIDE in way.undecided) == ((APP, KEY, "*"), True)
    (way,) = ways(*app(passing("*"), *running(TASK)))
    assert (way.key, OUTSIDE in way.undecided) == ((APP, TASK.name, "*"), True)


def test_a_pattern_for_nothing_but_what_is_in_the_stack_has_no_target_outside() -> None:
    assert not ways(*app(allow("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/bob")), *user("bob"))


def test_a_certain_way_is_told_rather_than_the_same_undecided_one() -> None:
    asked = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    statements = [
        allow("sts:AssumeRole", OTHER_ARN, Condition=asked),
        allow(["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"], OTHER_ARN),
    ]
    found = ways(*app(*statements), *other(WORK, trust={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
    assert {(way.method, bool(way.undecided)) for way in found} == {(WRITE, False), (TRUST, False), (ASSUME, True)}
    assert len(found) == 3


def test_an_escalation_reads_as_a_sentence_and_as_data() -> None:
    (way,) = ways(*app(allow("iam:PutRolePolicy", APP_ARN)))
    assert str(way) == f"{APP} can {WRITE}: {APP}"
    assert way.as_dict() == {
        "principal": APP,
        "method": WRITE,
        "target": APP,
        "explanation": "it can write the role any policy",
        "gains": ["any action on any resource"],
        "statements": ["Statement[0] of identity policy aws_iam_role_policy.app_own"],
        "places": [],
        "source": "https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/",
        "undecided": "",
    }
