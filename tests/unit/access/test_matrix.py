"""The matrix of permissions: who may do what on what."""

from __future__ import annotations

import json

from stackproof.analysis.access import Access
from stackproof.analysis.access.actions import Level
from stackproof.analysis.access.matrix import Matrix, Permission

from .conftest import Entry, Statement, allow, bucket, deny, entry, managed_policy, role, role_policy, stack, user

LOGS = "arn:aws:s3:::logs"


def of(*entries: Entry) -> Matrix:
    return Access(stack(*entries)).matrix()


def app(*statements: Statement, **values: str) -> Matrix:
    return of(role("app", **values), role_policy("app", *statements), *bucket("logs"))


def only(matrix: Matrix) -> Permission:
    assert len(matrix) == 1, list(matrix)
    return next(iter(matrix))


def test_an_action_comes_with_level_resources_and_statement() -> None:
    found = only(app(allow("s3:getobject", f"{LOGS}/*", Sid="Read")))
    assert (found.principal, found.action, found.level) == ("aws_iam_role.app", "s3:GetObject", Level.READ)
    assert found.pattern == f"{LOGS}/*"
    assert found.resources == ("aws_s3_bucket.logs",)
    assert (found.statement.sid, found.limits, found.conditions) == ("Read", "", ())


def test_a_pattern_is_spelled_out() -> None:
    assert app(allow("ecr:BatchGet*", "*")).actions >= {"ecr:BatchGetImage"}
    assert all("*" not in action for action in app(allow("ecr:BatchGet*", "*")).actions)


def test_a_whole_service_and_everything_stay_one_row_each() -> None:
    matrix = app(allow(["s3:*", "*"], "*"))
    assert sorted(permission.action for permission in matrix) == ["*", "s3:*"]
    assert {permission.level for permission in matrix} == {Level.PERMISSIONS}


def test_actions_that_aws_does_not_have_are_rows_of_their_own() -> None:
    matrix = app(allow(["s3:GetObjekt", "nosuch:*", "s3:Gett*", "s3:GetObject"], f"{LOGS}/*"))
    assert {p.action for p in matrix.unknown_actions} == {"s3:GetObjekt", "nosuch:*", "s3:Gett*"}
    assert {p.action for p in matrix if p.known} == {"s3:GetObject"}


def test_what_a_deny_takes_away_is_not_there() -> None:
    matrix = app(allow(["s3:GetObject", "s3:PutObject"], f"{LOGS}/*"), deny("s3:PutObject"))
    assert only(matrix).action == "s3:GetObject"


def test_a_deny_under_a_condition_is_a_limit() -> None:
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    found = only(app(allow("s3:GetObject", f"{LOGS}/*"), deny("s3:*", Condition=plain)))
    assert "aws:SecureTransport" in found.limits


def test_what_a_boundary_does_not_allow_is_not_there() -> None:
    boundary = managed_policy("edge", allow("s3:GetObject"))
    arn = "arn:aws:iam::123456789012:policy/edge"
    matrix = of(
        boundary,
        role("app", permissions_boundary=arn),
        role_policy("app", allow(["s3:GetObject", "s3:PutObject"], f"{LOGS}/*")),
    )
    assert only(matrix.of("aws_iam_role.app")).action == "s3:GetObject"


def test_conditions_of_a_statement_are_told() -> None:
    found = only(app(allow("iam:PassRole", "*", Condition={"StringEquals": {"iam:PassedToService": "ecs"}})))
    assert [(c.operator, c.key, c.values) for c in found.conditions] == [
        ("StringEquals", "iam:PassedToService", ("ecs",))
    ]


def test_not_action_and_not_resource_are_said_as_they_are() -> None:
    statement = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": LOGS}
    found = only(app(statement))
    assert found.action == "everything but iam:*"
    assert found.pattern == f"everything but {LOGS}"


def test_users_are_in_it_and_a_policy_that_is_not_known_is_told() -> None:
    matrix = of(
        *user("ann", allow("s3:GetObject", f"{LOGS}/*")),
        role("app"),
        entry(
            "aws_iam_role_policy.hidden", role="app", unknown=("policy",), refers={"policy": {"references": ["var.x"]}}
        ),
    )
    assert only(matrix).principal == "aws_iam_user.ann"
    assert [reason.split(":")[0] for reason in matrix.undecided] == ["aws_iam_role.app"]
    assert matrix.of("aws_iam_role.app").undecided == matrix.undecided
    assert matrix.of("aws_iam_user.ann").undecided == ()


def test_it_can_be_asked_by_resource() -> None:
    matrix = app(allow("s3:GetObject", f"{LOGS}/*"), allow("s3:ListAllMyBuckets"))
    assert only(matrix.on("aws_s3_bucket.logs")).action == "s3:GetObject"


def test_a_pattern_with_a_wildcard_inside_means_what_it_matches_only() -> None:
    matrix = of(
        role("app"),
        role_policy("app", allow("s3:ListBucket", "arn:aws:s3:::lo*s")),
        *bucket("logs"),
        *bucket("lost"),
        *bucket("lows"),
    )
    assert set(only(matrix).resources) == {"aws_s3_bucket.logs", "aws_s3_bucket.lows"}


def test_it_is_json() -> None:
    data = json.loads(json.dumps(app(allow("s3:GetObject", f"{LOGS}/*")).as_dict()))
    assert data["permissions"][0]["action"] == "s3:GetObject"
    assert data["undecided"] == []
