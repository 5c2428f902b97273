"""What a change of an identity policy newly allows: every kind of change, and changes that are none."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.analysis.access import Answer
from stackproof.analysis.access.difference.difference import lost_access, new_access
from stackproof.analysis.access.documents.documents import PolicyKind

from .comparing import access, compared, moved, of_role, only
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
    user,
)

APP = "aws_iam_role.app"
OBJECTS = "arn:aws:s3:::b/*"
TASK_ROLE = f"arn:aws:iam::{ACCOUNT}:role/task"
ONLY_ECS = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


def in_region(*regions: str) -> dict[str, Any]:
    return {"Condition": {"StringEquals": {"aws:RequestedRegion": list(regions)}}}


def all_but(*actions: str, **more: Any) -> Statement:
    return {"Effect": "Allow", "NotAction": list(actions), "Resource": "*", **more}


NEWS: dict[str, tuple[list[Statement], list[Statement], str, str]] = {
    "an action is added": (
        [allow("s3:GetObject", OBJECTS)],
        [allow(["s3:GetObject", "s3:PutObject"], OBJECTS)],
        "s3:PutObject",
        OBJECTS,
    ),
    "a resource is widened": ([allow("s3:GetObject", "arn:aws:s3:::b/x")], [allow("s3:GetObject", OBJECTS)],
        "s3:GetObject", OBJECTS),
    "a resource is widened by a suffix": (
        [allow("s3:GetObject", OBJECTS)], [allow("s3:GetObject", "arn:aws:s3:::b*")], "s3:GetObject", "arn:aws:s3:::b*"
    ),
    "any role may be passed": ([allow("iam:PassRole", TASK_ROLE)], [allow("iam:PassRole")], "iam:PassRole", "*"),
    "a role may be passed to any service": (
        [allow("iam:PassRole", TASK_ROLE, Condition=ONLY_ECS)],
        [allow("iam:PassRole", TASK_ROLE)],
        "iam:PassRole",
        TASK_ROLE,
    ),
    "a value of a condition is another": (
        [allow("s3:GetObject", OBJECTS, **in_region("eu-west-1"))],
        [allow("s3:GetObject", OBJECTS, **in_region("us-east-1"))],
        "s3:GetObject",
        OBJECTS,
    ),
    "a deny is gone": ([allow("s3:*"), deny("s3:DeleteBucket")], [allow("s3:*")], "s3:DeleteBucket", "*"),
    "a deny is narrower": (
        [allow("s3:*"), deny("s3:DeleteObject")],
        [allow("s3:*"), deny("s3:DeleteObject", OBJECTS)],
        "s3:DeleteObject",
        "*",
    ),
    "a deny has a condition": (
        [allow("s3:*"), deny("s3:DeleteBucket")],
        [allow("s3:*"), deny("s3:DeleteBucket", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})],
        "s3:DeleteBucket",
        "*",
    ),
    "NotAction excepts less": ([all_but("iam:*", "s3:*")], [all_but("iam:*")], "s3:*", "*"),
    "NotResource excepts less": (
        [{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": ["arn:aws:s3:::a/*", OBJECTS]}],
        [{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": ["arn:aws:s3:::a/*"]}],
        "s3:GetObject",
        OBJECTS,
    ),
    "a service is added": ([allow("s3:*")], [allow("s3:*"), allow("sqs:SendMessage")], "sqs:SendMessage", "*"),
    "everything is allowed": ([allow("s3:*")], [allow("*")], "*", "*"),
}  # fmt: skip


@pytest.mark.parametrize(("base", "head", "action", "resource"), NEWS.values(), ids=NEWS.keys())
def test_what_is_new_is_told_with_a_request_that_shows_it(
    base: list[Statement], head: list[Statement], action: str, resource: str
) -> None:
    before, after = access(*of_role(*base)), access(*of_role(*head))
    new = only(new_access(before, after))
    assert (new.principal, new.kind) == (APP, PolicyKind.IDENTITY)
    assert new.actions.patterns == (action,)
    assert new.resources.patterns == (resource,)
    assert new.exact
    assert not new.undecided
    request = new.witness
    assert request is not None
    asked = (request.principal, request.action, request.resource, request.context)
    assert after.can(*asked, complete=True).verdict is Answer.ALLOW
    assert before.can(*asked, complete=True).verdict is Answer.DENY


SAME: dict[str, tuple[list[Statement], list[Statement]]] = {
    "nothing": ([allow("s3:GetObject", OBJECTS)], [allow("s3:GetObject", OBJECTS)]),
    "the order of statements": (
        [allow("s3:GetObject"), deny("s3:PutObject"), allow("kms:*")],
        [allow("kms:*"), allow("s3:GetObject"), deny("s3:PutObject")],
    ),
    "a Sid": ([allow("s3:GetObject", Sid="A")], [allow("s3:GetObject", Sid="B")]),
    "the case of an action": ([allow("s3:GetObject")], [allow("S3:getobject")]),
    "a list split in two statements": (
        [allow(["s3:GetObject", "s3:PutObject"], [OBJECTS, "arn:aws:s3:::c/*"])],
        [
            allow("s3:GetObject", OBJECTS),
            allow("s3:PutObject", OBJECTS),
            allow(["s3:PutObject", "s3:GetObject"], "arn:aws:s3:::c/*"),
        ],
    ),
    "statements joined in one": (
        [allow("s3:GetObject", [OBJECTS, "arn:aws:s3:::c/*"]), allow("s3:PutObject", ["arn:aws:s3:::c/*", OBJECTS])],
        [allow(["s3:GetObject", "s3:PutObject"], [OBJECTS, "arn:aws:s3:::c/*"])],
    ),
    "a pattern spelled out": ([allow("s3:Get*")], [allow(["s3:GetObject", "s3:GetBucketAcl"])]),
    "a narrower resource": ([allow("s3:GetObject", OBJECTS)], [allow("s3:GetObject", "arn:aws:s3:::b/x/*")]),
    "a condition added": ([allow("s3:*")], [allow("s3:*", **in_region("eu-west-1"))]),
    "a value taken away": (
        [allow("s3:*", **in_region("eu-west-1", "eu-west-3"))], [allow("s3:*", **in_region("eu-west-3"))]
    ),
    "a condition split by its values": (
        [allow("s3:*", **in_region("eu-west-1")), allow("s3:*", **in_region("eu-west-3"))],
        [allow("s3:*", **in_region("eu-west-1", "eu-west-3"))],
    ),
    "ArnLike for ArnEquals": (
        [allow("s3:*", Condition={"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-west-1:1:t"}})],
        [allow("s3:*", Condition={"ArnLike": {"AWS:sourcearn": ["arn:aws:sns:eu-west-1:1:t"]}})],
    ),
    "a deny added": ([allow("s3:*")], [allow("s3:*"), deny("s3:Delete*")]),
    "a deny widened": ([allow("s3:*"), deny("s3:DeleteObject")], [allow("s3:*"), deny("s3:Delete*")]),
    "an allow that is denied": ([allow("s3:*"), deny("kms:*")], [allow(["s3:*", "kms:Decrypt"]), deny("kms:*")]),
    "NotAction that excepts more": ([all_but("iam:*")], [all_but("iam:*", "s3:*")]),
    "Action for NotAction": ([all_but("iam:*")], [allow(["s3:*", "kms:*"])]),
    "a variable": (
        [allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*")],
        [allow("s3:GetObject", "arn:aws:s3:::b/${AWS:UserName}/x/*")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("base", "head"), SAME.values(), ids=SAME.keys())
def test_what_allows_no_more_is_no_news(base: list[Statement], head: list[Statement]) -> None:
    assert [str(new) for new in compared(of_role(*base), of_role(*head))] == []


def test_a_condition_names_only_the_value_that_is_new() -> None:
    new = only(
        compared(
            of_role(allow("s3:GetObject", OBJECTS, **in_region("eu-west-1"))),
            of_role(allow("s3:GetObject", OBJECTS, **in_region("eu-west-1", "us-east-1"))),
        )
    )
    assert [condition.values for condition in new.conditions] == [("us-east-1",)]
    assert new.reason == "its conditions are wider or changed"
    assert new.witness is not None
    assert new.witness.context == {"aws:RequestedRegion": "us-east-1"}


def test_a_request_may_show_it_by_a_key_that_it_does_not_have() -> None:
    given = {"Condition": {"Null": {"aws:RequestedRegion": "false"}}}
    new = only(compared(of_role(allow("s3:GetObject", OBJECTS, **given)), of_role(allow("s3:GetObject", OBJECTS))))
    assert new.exact
    assert new.witness is not None
    assert new.witness.context == {}


def test_conditions_that_cannot_be_compared_do_not_hide_what_is_new() -> None:
    def when(**condition: Any) -> list[Entry]:
        return list(of_role(allow("s3:ListBucket", "arn:aws:s3:::b", Condition=condition)))

    before = when(NumericLessThan={"s3:max-keys": "10"})
    assert only(compared(before, when(StringLike={"s3:max-keys": "*"}))).exact
    assert only(compared(before, when(StringEquals={"s3:max-keys": "${aws:PrincipalTag/most}"}))).principal == APP


def test_one_of_many_statements_is_found() -> None:
    many = [allow("s3:GetObject", f"arn:aws:s3:::{letter}{digit}/*") for letter in "abcd" for digit in range(9)]
    assert compared(of_role(*many), of_role(*many[::-1])) == ()
    assert compared(of_role(*many), of_role(*many, allow("s3:GetObject", "arn:aws:s3:::c4/x/*"))) == ()
    assert compared(of_role(*many, allow("s3:*", "arn:aws:s3:::d*")), of_role(allow("s3:*", "arn:aws:s3:::d7/*"))) == ()
    assert compared(of_role(*many), of_role(allow("s3:GetObject", "arn:aws:s3:::a?/x"))) != ()
    new = only(compared(of_role(*many), of_role(*many, allow("s3:GetObject", "arn:aws:s3:::c*"))))
    assert new.resources.patterns == ("arn:aws:s3:::c*",)


def test_variables_are_ordinary_text_in_a_document_of_the_old_version() -> None:
    own = allow(
        "s3:GetObject",
        "arn:aws:s3:::b/${aws:username}/*",
        Condition={"StringLike": {"aws:PrincipalTag/home": "${aws:username}*"}},
    )
    new, old = ([role("app"), role_policy("app", own, version=version)] for version in ("2012-10-17", "2008-10-17"))
    assert compared(old, old) == ()
    found = only(compared(new, old))
    assert found.resources.patterns == ("arn:aws:s3:::b/${aws:username}/*",)
    assert found.conditions[0].values == ("${aws:username}*",)


def test_a_variable_is_no_single_text_and_no_single_character() -> None:
    home = [allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*")]
    assert compared(of_role(*home), of_role(allow("s3:GetObject", "arn:aws:s3:::b/ann/*"))) != ()
    found = only(compared(of_role(allow("s3:GetObject", "arn:aws:s3:::b/?/*")), of_role(*home)))
    assert found.resources.patterns == ("arn:aws:s3:::b/${aws:username}/*",)


def test_a_statement_that_replaces_another_is_told_by_what_it_adds() -> None:
    new = only(
        compared(
            of_role(allow(["s3:GetObject", "s3:PutObject"], [OBJECTS, "arn:aws:s3:::c/*"])),
            of_role(allow(["s3:GetObject", "S3:PutObject"], [OBJECTS, "arn:aws:s3:::d/*"])),
        )
    )
    assert (new.actions.patterns, new.resources.patterns) == (("s3:GetObject", "S3:PutObject"), ("arn:aws:s3:::d/*",))
    assert new.statement is not None
    assert new.statement.number == 0


def test_a_deny_that_is_gone_comes_with_what_it_denied_and_what_allows_it_now() -> None:
    new = only(compared(of_role(allow("s3:*"), deny("s3:DeleteBucket")), of_role(allow("s3:*"))))
    assert new.reason == "a deny is gone or narrower"
    assert new.was is not None
    assert new.was.actions == ("s3:DeleteBucket",)
    assert new.statement is not None
    assert new.statement.actions == ("s3:*",)


def test_a_deny_of_what_nothing_allows_may_have_shut_out_what_is_allowed_elsewhere() -> None:
    new = only(compared(of_role(deny("s3:DeleteBucket")), of_role()))
    assert not new.exact
    assert not new.undecided
    assert "policies elsewhere may" in new.reason


def test_a_new_role_is_told_statement_by_statement() -> None:
    found = compared([role("old")], [role("old"), *of_role(allow(["s3:GetObject", "s3:PutObject"]), allow("kms:*"))])
    assert [(new.principal, new.reason) for new in found] == [
        (APP, "the principal is new"),
        (APP, "the principal is new"),
        ("ec2.amazonaws.com", "the resource is new"),
    ]
    assert found[0].actions.patterns == ("s3:GetObject", "s3:PutObject")
    assert all(new.exact for new in found)


@pytest.mark.parametrize("head", [role("app"), role("other")], ids=["address", "moved"])
def test_a_role_is_the_same_by_its_address_and_by_moved_blocks(head: Entry) -> None:
    statement = allow("s3:GetObject", OBJECTS)
    before = access(*of_role(statement))
    after = moved([head, role_policy(head.values["name"], statement)], {head.address: APP})
    assert [str(new) for new in new_access(before, after)] == []


def test_a_role_is_the_same_by_its_name() -> None:
    statement = allow("s3:GetObject", OBJECTS)
    elsewhere = entry("aws_iam_role.main", **role("app").values)
    assert compared(of_role(statement), [elsewhere, role_policy("app", statement)]) == ()
    wider = only(compared(of_role(statement), [elsewhere, role_policy("app", allow("s3:*", OBJECTS))]))
    assert wider.principal == "aws_iam_role.main"
    assert wider.exact


def test_an_address_that_moved_away_is_not_the_role_that_is_there_now() -> None:
    before = access(*of_role(allow("s3:GetObject")))
    entries = [entry(APP, **role("new").values), role("old"), role_policy("old", allow("s3:GetObject"))]
    entries.append(role_policy("new", allow("s3:GetObject")))
    found = new_access(before, moved(entries, {"aws_iam_role.old": APP}))
    assert {new.principal for new in found if new.kind is PolicyKind.IDENTITY} == {APP}


def with_boundary(*statements: Statement) -> list[Entry]:
    bounded = role("app", permissions_boundary=f"arn:aws:iam::{ACCOUNT}:policy/limit")
    return [bounded, managed_policy("limit", *statements), role_policy("app", allow(["s3:*", "kms:*"]))]


def test_a_boundary_that_is_gone_or_wider_is_news() -> None:
    without = [managed_policy("limit", allow("s3:*")), *of_role(allow(["s3:*", "kms:*"]))]
    gone = only(compared(with_boundary(allow("s3:*")), without))
    wider = only(compared(with_boundary(allow("s3:*")), with_boundary(allow(["s3:*", "kms:*"]))))
    assert [new.reason for new in (gone, wider)] == ["the permissions boundary is gone or wider"] * 2
    assert [new.exact for new in (gone, wider)] == [True, True]
    assert wider.actions.patterns == ("kms:*",)
    assert gone.witness is not None
    assert gone.witness.action.startswith("kms:")


def test_a_boundary_that_is_new_or_narrower_is_none() -> None:
    without = [managed_policy("limit", allow("s3:*")), *of_role(allow(["s3:*", "kms:*"]))]
    assert compared(without, with_boundary(allow("s3:*"))) == ()
    assert compared(with_boundary(allow("s3:*")), with_boundary(allow("s3:Get*"))) == ()


def test_what_a_boundary_does_not_leave_is_no_news() -> None:
    base = [*with_boundary(allow("s3:*"))[:2], role_policy("app", allow("s3:GetObject"))]
    assert compared(base, [*base[:2], role_policy("app", allow(["s3:GetObject", "ec2:*"]))]) == ()
    new = only(compared(base, [*base[:2], role_policy("app", allow(["s3:GetObject", "s3:PutObject"]))]))
    assert new.exact


def test_a_deny_in_a_boundary_counts() -> None:
    new = only(compared(with_boundary(allow("*"), deny("kms:*")), with_boundary(allow("*"))))
    assert (new.reason, new.actions.patterns, new.exact) == ("a deny is gone or narrower", ("kms:*",), True)


def test_users_get_what_their_groups_get() -> None:
    group = entry("aws_iam_group.g", name="g", arn=f"arn:aws:iam::{ACCOUNT}:group/g")
    member = entry("aws_iam_user_group_membership.m", user="ann", groups=["g"])

    def grouped(action: str) -> list[Entry]:
        own = entry("aws_iam_group_policy.p", group="g", policy=role_policy("x", allow(action)).values["policy"])
        return [*user("ann"), group, member, own]

    found = compared(grouped("s3:GetObject"), grouped("s3:*"))
    assert [(new.principal, new.exact) for new in found] == [("aws_iam_user.ann", True), ("aws_iam_group.g", False)]


def test_a_managed_policy_that_nothing_has_may_be_attached_elsewhere() -> None:
    new = only(compared([managed_policy("p", allow("s3:Get*"))], [managed_policy("p", allow("s3:*"))]))
    assert (new.principal, new.exact, new.undecided) == ("aws_iam_policy.p", False, False)
    assert compared([managed_policy("p", allow("s3:*"))], [managed_policy("p", allow("s3:Get*"))]) == ()


def test_actions_that_aws_does_not_have_are_not_proven() -> None:
    new = only(compared(of_role(allow("s3:Get*")), of_role(allow(["s3:Get*", "s3:Imagine*"]))))
    assert not new.exact
    assert new.witness is None
    assert "no request was found" in new.reason


def test_an_action_on_what_it_is_not_for_is_not_proven() -> None:
    new = only(compared(of_role(allow("s3:ListBucket", "arn:aws:s3:::b")), of_role(allow("s3:ListBucket", OBJECTS))))
    assert not new.exact


def test_what_is_lost_is_told_the_other_way_round() -> None:
    before, after = access(*of_role(allow("s3:*"))), access(*of_role(allow("s3:*"), deny("s3:Delete*")))
    assert new_access(before, after) == ()
    lost = only(lost_access(before, after))
    assert (lost.principal, lost.actions.patterns) == (APP, ("s3:Delete*",))
    assert lost.reason == "a deny is new or wider"
    assert lost.exact
    assert lost_access(after, before) == ()


def test_an_entry_is_json_data_and_a_sentence() -> None:
    new = only(compared(of_role(all_but("iam:*", "s3:*")), of_role(all_but("iam:*", **in_region("eu-west-1")))))
    data = new.as_dict()
    assert (data["principal"], data["actions"], data["resources"]) == (APP, ["s3:*"], ["*"])
    assert data["conditions"] == ["StringEquals aws:RequestedRegion = eu-west-1"]
    assert data["witness"]["context"] == {"aws:RequestedRegion": "eu-west-1"}
    assert (data["exact"], data["undecided"], data["kind"]) == (True, False, "identity policy")
    assert str(new).startswith(f"{APP}: s3:* on *: nothing allowed it; such as {APP} s3:")
    rest = only(compared(of_role(), of_role(all_but("iam:*"))))
    assert rest.as_dict()["actions"] == ["all but iam:*"]
