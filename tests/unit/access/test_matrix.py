"""The matrix of permissions: who may do what on what, spelled out, less what is denied."""

from __future__ import annotations

import gc
import json
import weakref
from typing import Any

import pytest

from stackproof.analysis.access import Access
from stackproof.analysis.access.catalog.actions import Level
from stackproof.analysis.access.matrix.matrix import Matrix
from stackproof.analysis.access.matrix.permissions import Permission, Standing

from .conftest import (
    ACCOUNT,
    Entry,
    Statement,
    allow,
    bucket,
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

APP, DATA = "aws_iam_role.app", "aws_s3_bucket.data"
APP_ARN = f"arn:aws:iam::{ACCOUNT}:role/app"
BUCKET, OBJECTS = "arn:aws:s3:::data", "arn:aws:s3:::data/*"
EDGE_ARN = f"arn:aws:iam::{ACCOUNT}:policy/edge"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def matrix(*entries: Entry) -> Matrix:
    return Access(stack(*entries)).matrix()


def of_app(*statements: Statement, around: tuple[Entry, ...] = (), boundary: tuple[Statement, ...] = ()) -> Matrix:
    """What a role may do by these statements, within a boundary."""
    itself = role("app", permissions_boundary=EDGE_ARN) if boundary else role("app")
    edge = (managed_policy("edge", *boundary),) if boundary else ()
    return matrix(itself, role_policy("app", *statements), *edge, *around)


def pairs(found: Matrix) -> set[tuple[str, str]]:
    return {(permission.action, permission.pattern) for permission in found}


def only(found: Matrix) -> Permission:
    (permission,) = found
    return permission


def test_a_permission_says_who_may_do_what_on_what_and_by_what() -> None:
    found = only(of_app(allow("s3:getobject", OBJECTS, Sid="Read"), around=bucket("data")))
    assert (found.principal, found.action, found.pattern) == (APP, "s3:GetObject", OBJECTS)
    assert (found.level, found.resources) == (Level.READ, (DATA,))
    assert (found.standing, found.conditions, found.limits) == (Standing.ALLOWED, (), "")
    assert (found.statement.sid, found.known, found.place) == ("Read", True, None)


def test_patterns_are_spelled_out_with_the_level_of_each_action() -> None:
    found = of_app(allow(["sns:Pub*", "sns:TagResource"], f"arn:aws:sns:*:{ACCOUNT}:topic"))
    assert {(p.action, p.level, p.written) for p in found} == {
        ("sns:Publish", Level.WRITE, "sns:Pub*"),
        ("sns:TagResource", Level.TAGGING, "sns:TagResource"),
    }


def test_an_action_that_two_patterns_mean_is_told_once() -> None:
    assert pairs(of_app(allow(["s3:GetObject", "s3:GetObjec?"], OBJECTS))) == {("s3:GetObject", OBJECTS)}
    assert len(of_app(allow(["s3:GetObject", "s3:GetObjec?"], OBJECTS))) == 1


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("*", Level.PERMISSIONS),
        ("s3:*", Level.PERMISSIONS),
        ("ecr:*", Level.PERMISSIONS),
        ("sts:*", Level.WRITE),
        ("*:TagRole", Level.TAGGING),
    ],
)
def test_all_of_a_service_or_more_is_one_row(written: str, level: Level) -> None:
    found = only(of_app(allow(written)))
    assert (found.action, found.level, found.standing) == (written, level, Standing.ALLOWED)


def test_all_but_some_actions_is_one_row() -> None:
    statement = {"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}
    assert only(of_app(statement)).action == "all but iam:*, sts:*"


def test_all_but_some_resources_is_one_row() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": OBJECTS}
    assert only(of_app(statement)).pattern == f"all but {OBJECTS}"


def test_an_action_that_aws_does_not_have_is_a_row_of_its_own() -> None:
    found = of_app(allow(["s3:GetObjekt", "s3:GetObject", "nosuch:Do", "s3:Gett*"], OBJECTS))
    assert {p.action for p in found.unknown_actions} == {"s3:GetObjekt", "nosuch:Do", "s3:Gett*"}
    assert {p.action for p in found} - {p.action for p in found.unknown_actions} == {"s3:GetObject"}


def test_what_aws_itself_misspells_is_not_told() -> None:
    read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    attached = entry("aws_iam_role_policy_attachment.a", role="app", policy_arn=read_only)
    found = matrix(role("app"), attached)
    assert len(found) > 1000
    assert not found.unknown_actions


def test_actions_go_with_the_resources_of_a_statement_that_they_are_for() -> None:
    found = of_app(allow(["s3:GetObject", "s3:ListBucket", "s3:ListAllMyBuckets"], [BUCKET, OBJECTS]))
    assert pairs(found) == {
        ("s3:GetObject", OBJECTS),
        ("s3:ListBucket", BUCKET),
        ("s3:ListAllMyBuckets", BUCKET),
        ("s3:ListAllMyBuckets", OBJECTS),
    }


def test_an_action_that_is_for_none_of_its_resources_is_without_effect() -> None:
    found = of_app(allow(["s3:GetObject", "s3:ListBucket"], BUCKET), allow("ecs:ListClusters", "arn:aws:ecs:*:*:x/y"))
    assert {p.action for p in found.without_effect} == {"s3:GetObject", "ecs:ListClusters"}
    assert not found.unknown_actions


@pytest.mark.parametrize(
    ("action", "pattern", "meant"),
    [
        ("s3:GetObject", OBJECTS, (DATA,)),
        ("s3:GetObject", "arn:aws:s3:::data/public/*", (DATA,)),
        ("s3:GetObject", "arn:aws:s3:::d*/*", (DATA,)),
        ("s3:GetObject", "*", (DATA, "aws_s3_bucket.logs")),
        ("s3:ListBucket", BUCKET, (DATA,)),
        ("s3:*", OBJECTS, (DATA,)),
        ("s3:GetObject", "arn:aws:s3:::dat/*", ()),
        ("s3:GetObject", "arn:aws:s3:::data2/*", ()),
        ("s3:ListAllMyBuckets", "*", ()),
        ("sns:Publish", "*", ("aws_sns_topic.t",)),
        ("iam:PassRole", f"{APP_ARN}/*", ()),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/*", (APP,)),
        ("*", "*", ()),
    ],
)
def test_resources_are_those_of_the_stack_that_the_pattern_means(
    action: str, pattern: str, meant: tuple[str, ...]
) -> None:
    topic = entry("aws_sns_topic.t", name="t", arn=f"arn:aws:sns:us-east-1:{ACCOUNT}:t")
    found = of_app(allow(action, pattern), around=(*bucket("data"), *bucket("logs"), topic))
    assert [set(permission.resources) for permission in found] == [set(meant)]


def test_a_resource_whose_arn_is_not_known_is_meant_by_what_is_known_of_it() -> None:
    group = entry("aws_cloudwatch_log_group.web", name="/ecs/web", unknown=("arn",))
    other = entry("aws_cloudwatch_log_group.api", name="/ecs/api", unknown=("arn",))
    pattern = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/ecs/web:*"
    found = only(of_app(allow("logs:PutLogEvents", pattern), around=(group, other)))
    assert found.resources == ("aws_cloudwatch_log_group.web",)


def test_what_is_denied_is_left_out() -> None:
    statements = [allow(["s3:GetObject", "s3:PutObject"], OBJECTS), deny("s3:Put*")]
    assert pairs(of_app(*statements)) == {("s3:GetObject", OBJECTS)}


def test_a_deny_of_one_resource_takes_it_from_the_pattern() -> None:
    found = only(of_app(allow("s3:GetObject", OBJECTS), deny("s3:*", "arn:aws:s3:::data/secret/*")))
    assert found.standing is Standing.ALLOWED
    assert found.limits == "not s3:* on arn:aws:s3:::data/secret/*"


def test_denies_that_together_hold_all_leave_nothing() -> None:
    denies = [deny("s3:Get*", "arn:aws:s3:::data/a*"), deny("s3:*", "arn:aws:s3:::data/?/*")]
    named = ["arn:aws:s3:::data/a", "arn:aws:s3:::data/b/c"]
    assert len(of_app(allow("s3:GetObject", named), *denies)) == 0
    assert len(of_app(allow("s3:GetObject", [*named, "arn:aws:s3:::data/b"]), *denies)) == 1


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ({"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}, {"s3:GetObject"}),
        ({"Effect": "Deny", "NotAction": ["sns:*"], "Resource": "*"}, {"sns:Publish"}),
        ({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::*"}, {"s3:GetObject"}),
        ({"Effect": "Deny", "Action": "*", "Resource": "*"}, set()),
    ],
)
def test_a_deny_by_what_it_excepts_leaves_that(statement: Statement, left: set[str]) -> None:
    allows = [allow("s3:GetObject", OBJECTS), allow("sns:Publish", f"arn:aws:sns:us-east-1:{ACCOUNT}:t")]
    assert {permission.action for permission in of_app(*allows, statement)} == left


def test_a_deny_with_a_condition_is_a_limit() -> None:
    found = only(of_app(allow("s3:GetObject", OBJECTS), deny("s3:*", Sid="Safe", Condition=MFA)))
    assert found.standing is Standing.CONDITIONAL
    assert '"Safe"' in found.limits
    assert found.limits.endswith("denies it where Bool aws:MultiFactorAuthPresent")


def test_a_deny_with_a_condition_that_is_about_something_else_is_none() -> None:
    found = only(of_app(allow("s3:GetObject", OBJECTS), deny("s3:Put*", Condition=MFA)))
    assert (found.standing, found.limits) == (Standing.ALLOWED, "")


def test_conditions_of_the_statement_are_told() -> None:
    found = only(of_app(allow("s3:GetObject", OBJECTS, Condition=MFA)))
    assert found.standing is Standing.CONDITIONAL
    assert [(c.operator, c.key, c.values) for c in found.conditions] == [
        ("Bool", "aws:MultiFactorAuthPresent", ("true",))
    ]


ALLOWED = (allow(["s3:GetObject", "s3:PutObject"], OBJECTS), allow("sns:*"))


@pytest.mark.parametrize(
    ("boundary", "left"),
    [
        (allow("*"), {("s3:GetObject", OBJECTS), ("s3:PutObject", OBJECTS), ("sns:*", "*")}),
        (allow("s3:Get*"), {("s3:GetObject", OBJECTS)}),
        (allow("sns:Publish", "arn:aws:sns:*:*:t"), {("sns:Publish", "arn:aws:sns:*:*:t")}),
        (
            allow("*", "arn:aws:s3:::data/a/*"),
            {("s3:GetObject", "arn:aws:s3:::data/a/*"), ("s3:PutObject", "arn:aws:s3:::data/a/*")},
        ),
        (allow("ec2:*"), set()),
    ],
)
def test_what_the_boundary_does_not_allow_is_left_out(boundary: Statement, left: set[tuple[str, str]]) -> None:
    found = of_app(*ALLOWED, boundary=(boundary,))
    assert {pair for pair in pairs(found) if not pair[0].startswith("sns:*") or pair in left} == left


def test_a_boundary_spells_out_what_a_wide_statement_gives() -> None:
    found = of_app(allow("*"), boundary=(allow(["sns:*", "s3:GetObject"], "*"), allow("iam:GetUser", Condition=MFA)))
    assert pairs(found) == {("sns:*", "*"), ("s3:GetObject", "*"), ("iam:GetUser", "*")}
    assert [p.standing for p in found if p.action == "iam:GetUser"] == [Standing.CONDITIONAL]


def test_a_condition_of_the_boundary_is_one_of_the_permission() -> None:
    found = only(of_app(allow("s3:GetObject", OBJECTS), boundary=(allow("*", Condition=MFA),)))
    assert (found.standing, len(found.conditions)) == (Standing.CONDITIONAL, 1)
    both = (allow("*", Condition=MFA), allow("s3:*"))
    assert only(of_app(allow("s3:GetObject", OBJECTS), boundary=both)).standing is Standing.ALLOWED


def test_what_the_boundary_denies_is_left_out() -> None:
    found = of_app(*ALLOWED, boundary=(allow("*"), deny("s3:PutObject")))
    assert pairs(found) == {("s3:GetObject", OBJECTS), ("sns:*", "*")}


def test_a_boundary_that_meets_a_pattern_half_way_is_told_with_it() -> None:
    found = only(
        of_app(allow("s3:GetObject", "arn:aws:s3:::data/a*"), boundary=(allow("s3:*", "arn:aws:s3:::data/*z"),))
    )
    assert found.pattern == "arn:aws:s3:::data/a* and arn:aws:s3:::data/*z"


def test_a_boundary_that_cannot_be_read_leaves_all_undecided() -> None:
    elsewhere = f"arn:aws:iam::{ACCOUNT}:policy/elsewhere"
    found = matrix(role("app", permissions_boundary=elsewhere), role_policy("app", allow("s3:GetObject", OBJECTS)))
    assert only(found).standing is Standing.UNDECIDED
    assert "cannot be read" in only(found).limits
    assert len(found.undecided) == 1


def test_a_policy_that_cannot_be_read_is_told_by_itself() -> None:
    made = {"policy": {"references": ["random_id.it.hex", "random_id.it"]}}
    hidden = entry("aws_iam_role_policy.hidden", role="app", unknown=("policy",), refers=made)
    found = matrix(role("app"), hidden)
    assert (len(found), len(found.undecided)) == (0, 1)
    assert found.undecided[0].startswith(f"{APP}: ")
    assert found.of(APP).undecided == found.undecided
    assert found.of("aws_iam_role.other").undecided == ()


def document(*, resources: dict[int, bool]) -> tuple[Entry, Entry]:
    """A policy with a resource that is known after apply."""
    statement = {"effect": "Allow", "actions": ["s3:GetObject"], "resources": [OBJECTS, None]}
    data = entry(
        "data.aws_iam_policy_document.d",
        unknown=("json",),
        refers={"statement": [{"resources": {"references": ["aws_sns_topic.t.arn", "aws_sns_topic.t"]}}]},
        statement=[statement],
    )
    hidden = {"json": True, "statement": [{"resources": [resources.get(0, False), resources.get(1, False)]}]}
    own = entry(
        "aws_iam_role_policy.app",
        role="app",
        unknown=("policy",),
        refers={"policy": {"references": [f"{data.address}.json", data.address]}},
    )
    return Entry(data.address, data.values, hidden, data.references), own


def test_a_resource_that_is_not_known_leaves_its_permission_undecided() -> None:
    found = matrix(role("app"), *document(resources={1: True}))
    standings = {permission.pattern: permission.standing for permission in found}
    assert standings == {OBJECTS: Standing.UNDECIDED, "(known after apply)": Standing.UNDECIDED}


def test_policies_of_resources_take_away_what_they_deny() -> None:
    closed = bucket("data", deny("s3:*", OBJECTS, Principal="*"))
    assert len(of_app(allow("s3:GetObject", OBJECTS), around=closed)) == 0
    others = bucket("data", deny("s3:*", OBJECTS, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"}))
    assert only(of_app(allow("s3:GetObject", OBJECTS), around=others)).limits == ""
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    secure = bucket("data", deny("s3:*", [BUCKET, OBJECTS], Principal="*", Condition=plain))
    assert "aws:SecureTransport" in only(of_app(allow("s3:GetObject", OBJECTS), around=secure)).limits


def test_a_deny_on_one_bucket_leaves_the_others() -> None:
    closed = (*bucket("data", deny("s3:*", OBJECTS, Principal="*")), *bucket("logs"))
    found = only(of_app(allow("s3:GetObject"), around=closed))
    assert found.limits == f"not s3:* on {OBJECTS}"


def test_policies_of_resources_give_to_those_whom_they_name() -> None:
    shared = bucket("data", allow("s3:GetObject", OBJECTS, Principal={"AWS": APP_ARN}))
    found = only(matrix(role("app"), role("other"), *shared))
    assert (found.principal, found.action, found.resources) == (APP, "s3:GetObject", (DATA,))
    assert found.statement.policy.holder == "aws_s3_bucket_policy.data"


@pytest.mark.parametrize("arn", [{"arn": APP_ARN}, {"unknown": ("arn",)}])
@pytest.mark.parametrize("principal", ["*", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"AWS": ACCOUNT}])
def test_a_policy_that_names_everybody_or_the_account_names_nobody(principal: Any, arn: dict[str, Any]) -> None:
    app = entry(APP, name="app", assume_role_policy=trusting({"Service": "ec2.amazonaws.com"}), **arn)
    assert len(matrix(app, *bucket("data", allow("s3:GetObject", OBJECTS, Principal=principal)))) == 0


def test_a_policy_for_its_whole_resource_is_for_that_one_only() -> None:
    queue_policy = policy(allow("sqs:SendMessage", "*", Principal={"AWS": APP_ARN}))
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
    queue = entry("aws_sqs_queue.q", name="q", arn=arn, policy=queue_policy)
    other = entry("aws_sqs_queue.other", name="other", arn=f"arn:aws:sqs:us-east-1:{ACCOUNT}:other")
    found = only(matrix(role("app"), queue, other))
    assert (found.pattern, found.resources) == (arn, ("aws_sqs_queue.q",))


def test_a_trust_policy_gives_to_those_whom_it_names() -> None:
    found = only(matrix(role("app"), role("other", trust=trusting({"AWS": APP_ARN}))))
    assert (found.principal, found.action, found.resources) == (APP, "sts:AssumeRole", ("aws_iam_role.other",))


def test_a_role_that_trusts_nobody_here_is_not_assumed() -> None:
    assuming = allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/other")
    assert len(of_app(assuming, around=(role("other"),))) == 0
    trusting_account = role("other", trust=trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
    assert only(of_app(assuming, around=(trusting_account,))).resources == ("aws_iam_role.other",)


def test_of_several_roles_those_that_trust_are_meant() -> None:
    entrusting = role("a", trust=trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
    found = of_app(allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/*"), around=(entrusting, role("b")))
    assert only(found).resources == ("aws_iam_role.a",)


def test_variables_have_the_values_of_the_user() -> None:
    own = f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"
    statement = allow("iam:GetUser", own)
    found = matrix(*user("ann", statement), *user("bob"), role("app"), role_policy("app", statement))
    assert [(p.principal, p.pattern, p.resources) for p in found] == [
        ("aws_iam_user.ann", own, ("aws_iam_user.ann",)),
    ]


def test_a_user_has_what_its_groups_have_and_so_have_they() -> None:
    group = entry("aws_iam_group.g", name="g", arn=f"arn:aws:iam::{ACCOUNT}:group/g")
    own = entry("aws_iam_group_policy.g", group="g", policy=policy(allow("s3:GetObject", OBJECTS)))
    found = matrix(*user("ann"), group, own, entry("aws_iam_user_group_membership.m", user="ann", groups=["g"]))
    assert {p.principal for p in found} == {"aws_iam_user.ann", "aws_iam_group.g"}


def test_a_matrix_is_asked_by_principal_and_by_resource() -> None:
    found = matrix(
        *(role(name) for name in ("app", "other")),
        role_policy("app", allow("s3:GetObject", OBJECTS)),
        role_policy("other", allow("s3:GetObject", "arn:aws:s3:::logs/*")),
        *bucket("data"),
        *bucket("logs"),
    )
    assert pairs(found.of(APP)) == {("s3:GetObject", OBJECTS)}
    assert {p.principal for p in found.on("aws_s3_bucket.logs")} == {"aws_iam_role.other"}
    assert found.actions == {"s3:GetObject"}


def test_a_matrix_is_json() -> None:
    found = of_app(allow("s3:GetObject", OBJECTS, Condition=MFA), around=bucket("data"))
    assert json.loads(json.dumps(found.as_dict())) == {
        "permissions": [
            {
                "principal": APP,
                "action": "s3:GetObject",
                "written": "s3:GetObject",
                "level": "Read",
                "pattern": OBJECTS,
                "resources": [DATA],
                "standing": "allowed under conditions",
                "conditions": [{"operator": "Bool", "key": "aws:MultiFactorAuthPresent", "values": ["true"]}],
                "limits": "",
                "known": True,
                "statement": "Statement[0] of identity policy aws_iam_role_policy.app_own",
                "place": "",
            }
        ],
        "undecided": [],
    }


def test_a_matrix_does_not_keep_the_access_that_it_was_made_of() -> None:
    access = Access(stack(role("app"), role_policy("app", allow("s3:GetObject", OBJECTS))))
    assert len(access.matrix()) == 1
    reference = weakref.ref(access)
    del access
    gc.collect()
    assert reference() is None
