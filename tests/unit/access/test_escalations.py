"""Ways to more rights: each that works is found, and what comes near it is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stackproof.analysis.access import Access
from stackproof.analysis.access import actions as known_actions
from stackproof.analysis.access.escalations import ASSUME, UNKNOWN, Escalation
from stackproof.analysis.access.methods import COMPUTE_METHODS, IDENTITY_METHODS, PASS_ROLE_METHODS

from .conftest import (
    ACCOUNT,
    Entry,
    Statement,
    allow,
    deny,
    entry,
    managed_policy,
    role,
    role_policy,
    stack,
    trusting,
    user,
)

ADMIN = f"arn:aws:iam::{ACCOUNT}:role/admin"
APP = f"arn:aws:iam::{ACCOUNT}:role/app"


def found(*entries: Entry) -> list[Escalation]:
    return list(Access(stack(*entries)).escalations())


def admin(service: str = "ecs-tasks.amazonaws.com", **values: Any) -> tuple[Entry, ...]:
    """A role with rights that nobody else has, which a service may assume."""
    return role("admin", trust=trusting({"Service": service}), **values), role_policy(
        "admin", allow("dynamodb:PutItem")
    )


def by(*statements: Statement, service: str = "ecs-tasks.amazonaws.com") -> list[Escalation]:
    """What a role with these statements can do beside that role."""
    escalations = found(*admin(service), role("app"), role_policy("app", *statements))
    return [escalation for escalation in escalations if escalation.principal == "aws_iam_role.app"]


def keys(escalations: list[Escalation]) -> list[tuple[str, str]]:
    return [(escalation.method, escalation.target) for escalation in escalations]


@pytest.mark.parametrize("method", [m for m in IDENTITY_METHODS if m.target == "role"], ids=lambda m: m.action)
def test_changing_a_role_is_found_on_that_role_only(method: Any) -> None:
    edge = f"arn:aws:iam::{ACCOUNT}:policy/edge"
    others = (
        managed_policy("edge", allow("dynamodb:*")),
        role("admin", permissions_boundary=edge),
        role_policy("admin", allow("dynamodb:PutItem"), deny("s3:*")),
    )
    near = found(*others, role("app"), role_policy("app", allow(method.action, ADMIN)))
    far = found(*others, role("app"), role_policy("app", allow(method.action, f"{ADMIN}-other")))
    assert ("aws_iam_role.app", method.name, "aws_iam_role.admin") in near
    assert all(escalation.principal != "aws_iam_role.app" for escalation in far)


@pytest.mark.parametrize(
    ("action", "target"),
    [(m.action, m.target) for m in IDENTITY_METHODS if m.target in ("user", "group", "managed policy")],
)
def test_changing_users_groups_and_policies_is_found(action: str, target: str) -> None:
    edge = managed_policy("edge", allow("dynamodb:*"))
    bounded = user("ann", permissions_boundary=f"arn:aws:iam::{ACCOUNT}:policy/edge")
    group = entry("aws_iam_group.admins", name="admins", arn=f"arn:aws:iam::{ACCOUNT}:group/admins")
    address = {"user": "aws_iam_user.ann", "group": "aws_iam_group.admins", "managed policy": "aws_iam_policy.edge"}
    (method,) = [m for m in IDENTITY_METHODS if m.action == action]
    escalations = found(edge, *bounded, group, role("app"), role_policy("app", allow(action)))
    assert ("aws_iam_role.app", method.name, address[target]) in escalations


def test_writing_the_own_policy_is_found() -> None:
    assert keys(by(allow("iam:PutRolePolicy", APP))) == [("write a role's inline policy", "aws_iam_role.app")]


def test_the_own_password_is_nothing_new() -> None:
    itself = f"arn:aws:iam::{ACCOUNT}:user/ann"
    assert found(*user("ann", allow(["iam:CreateAccessKey", "iam:UpdateLoginProfile"], itself))) == []


def test_a_deny_and_a_boundary_end_a_way() -> None:
    assert by(allow("iam:PutRolePolicy"), deny("iam:Put*")) == []
    edge = managed_policy("edge", allow("s3:*"))
    bounded = role("app", permissions_boundary=f"arn:aws:iam::{ACCOUNT}:policy/edge")
    assert found(edge, bounded, role_policy("app", allow("iam:PutRolePolicy"))) == []


@pytest.mark.parametrize("method", PASS_ROLE_METHODS, ids=lambda m: m.name)
def test_passing_a_role_to_a_service_that_runs_something_is_found(method: Any) -> None:
    needed = [group[0] for group in method.actions]
    assert (method.name, "aws_iam_role.admin") in keys(
        by(allow("iam:PassRole", ADMIN), allow(needed), service=method.service)
    )
    assert by(allow("iam:PassRole", ADMIN), allow(needed), service="edgelambda.amazonaws.com") == []
    for left_out in needed:
        rest = [action for action in needed if action != left_out] or ["s3:ListAllMyBuckets"]
        assert by(allow("iam:PassRole", ADMIN), allow(rest), service=method.service) == []


def test_passing_is_bound_to_role_and_service() -> None:
    run = allow(["ecs:RegisterTaskDefinition", "ecs:RunTask"])
    to = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    elsewhere = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    assert keys(by(allow("iam:PassRole", ADMIN, Condition=to), run)) == [("run a new task", "aws_iam_role.admin")]
    assert by(allow("iam:PassRole", ADMIN, Condition=elsewhere), run) == []
    assert by(allow("iam:PassRole", f"{ADMIN}2"), run) == []


def test_a_passed_role_that_has_nothing_more_is_no_way() -> None:
    rights = allow("dynamodb:PutItem")
    run = allow(["ecs:RegisterTaskDefinition", "ecs:RunTask"])
    assert by(allow("iam:PassRole", ADMIN), run, rights) == []


def test_running_on_named_resources_only_is_running() -> None:
    service = f"arn:aws:ecs:us-east-1:{ACCOUNT}:service/shop/shop"
    statements = allow("iam:PassRole", ADMIN), allow("ecs:RegisterTaskDefinition"), allow("ecs:UpdateService", service)
    (escalation,) = by(*statements)
    assert escalation.undecided == ""
    assert len(escalation.statements) == 3
    assert escalation.gains == ("dynamodb:PutItem on *",)


def test_what_depends_on_a_condition_is_undecided() -> None:
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "x"}}
    (escalation,) = by(allow("iam:PutRolePolicy", APP, Condition=tagged))
    assert "aws:PrincipalTag/team" in escalation.undecided


def test_a_policy_that_is_not_known_is_said_once() -> None:
    hidden = entry(
        "aws_iam_role_policy.hidden", role="app", unknown=("policy",), refers={"policy": {"references": ["var.x"]}}
    )
    escalations = [e for e in found(*admin(), role("app"), hidden) if e.principal == "aws_iam_role.app"]
    assert keys(escalations) == [(UNKNOWN, "aws_iam_role_policy.hidden")]
    assert escalations[0].undecided


def test_assuming_another_role_takes_both_sides() -> None:
    trusting_all = role("admin", trust=trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
    trusting_app = role("admin", trust=trusting({"AWS": APP}))
    rights = role_policy("admin", allow("dynamodb:PutItem"))
    allowed = role("app"), role_policy("app", allow("sts:AssumeRole", ADMIN))
    assert keys(found(trusting_all, rights, *allowed)) == [(ASSUME, "aws_iam_role.admin")]
    assert found(trusting_all, rights, role("app"), role_policy("app", allow("s3:ListAllMyBuckets"))) == []
    assert keys(found(trusting_app, rights, role("app"), role_policy("app", allow("s3:ListAllMyBuckets")))) == [
        (ASSUME, "aws_iam_role.admin")
    ]
    assert found(*admin(), *allowed) == []


@pytest.mark.parametrize(
    "method", [m for m in COMPUTE_METHODS if m.types != ("aws_ecs_cluster",)], ids=lambda m: m.name
)
def test_taking_over_what_runs_with_a_role_is_found(method: Any) -> None:
    kind = method.types[0]
    argument = {
        "aws_lambda_function": "role",
        "aws_codebuild_project": "service_role",
        "aws_sfn_state_machine": "role_arn",
        "aws_instance": "iam_instance_profile",
    }[kind]
    profile = entry(
        "aws_iam_instance_profile.p", name="p", refers={"role": {"references": ["aws_iam_role.admin.name"]}}
    )
    target = "aws_iam_instance_profile.p.name" if kind == "aws_instance" else "aws_iam_role.admin.arn"
    arns = {
        "aws_lambda_function": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f",
        "aws_codebuild_project": f"arn:aws:codebuild:us-east-1:{ACCOUNT}:project/f",
        "aws_sfn_state_machine": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:f",
        "aws_instance": f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1",
    }
    running = entry(f"{kind}.f", arn=arns[kind], unknown=(argument,), refers={argument: {"references": [target]}})
    known = Entry(profile.address, {"name": "p"}, {"role": True}, profile.references)
    needed = [group[0] for group in method.actions]
    far = arns[kind] + "-other"
    others = (*admin(), known, running, role("app"))
    near = found(*others, role_policy("app", allow(needed, arns[kind])))
    assert ("aws_iam_role.app", method.name, "aws_iam_role.admin") in near
    assert found(*others, role_policy("app", allow(needed, far))) == []


def test_every_method_names_actions_that_aws_has() -> None:
    names = [method.action for method in IDENTITY_METHODS]
    names += [action for method in PASS_ROLE_METHODS for group in method.actions for action in group]
    names += [action for computing in COMPUTE_METHODS for group in computing.actions for action in group]
    assert [name for name in names if not known_actions.is_known(name)] == []


def test_a_finding_is_json_and_says_where_it_comes_from() -> None:
    (escalation,) = by(allow("iam:PutRolePolicy", APP))
    data = json.loads(json.dumps(escalation.as_dict()))
    assert data["principal"] == data["target"] == "aws_iam_role.app"
    assert data["source"].startswith("https://")
    assert "aws_iam_role.app can write a role's inline policy" in repr(escalation)
