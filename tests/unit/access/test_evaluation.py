"""IAM's evaluation order: the examples of AWS's documentation, and an evaluator that tries every possible request.

Pages without an address of their own are below https://docs.aws.amazon.com/IAM/latest/UserGuide/.
"""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackproof.analysis.access.access import Access
from stackproof.analysis.access.evaluation.evaluation import Answer, Decision
from stackproof.verdict import Undecided

from .conftest import (
    ACCOUNT,
    OTHER_ACCOUNT,
    Entry,
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

KEY_ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1-2-3"
TOPIC_ARN = f"arn:aws:sns:eu-west-1:{ACCOUNT}:alerts"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/task-1"


def access(*entries: Entry) -> Access:
    return Access(stack(*entries))


def key(*statements: dict[str, Any]) -> Entry:
    return entry("aws_kms_key.k", arn=KEY_ARN, key_id="1-2-3", policy=policy(*statements))


def topic(*statements: dict[str, Any]) -> Entry:
    return entry("aws_sns_topic.alerts", arn=TOPIC_ARN, policy=policy(*statements))


def boundary(*statements: dict[str, Any]) -> Entry:
    return managed_policy("limit", *statements)


LIMIT = f"arn:aws:iam::{ACCOUNT}:policy/limit"


def verdict(decision: Decision) -> str:
    return decision.verdict.value


# -- the documented examples ------------------------------------------------------------------------------------------


def carlos(account: str) -> tuple[Entry, ...]:
    return user(
        "carlossalazar",
        allow(["s3:GetBucketLocation", "s3:ListAllMyBuckets"], "arn:aws:s3:::*", Sid="AllowS3ListRead"),
        allow("s3:*", ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"], Sid="AllowS3Self"),
        deny("s3:*", "arn:aws:s3:::*log*", Sid="DenyS3Logs"),
        account=account,
    )


def test_an_explicit_deny_overrides_and_either_policy_is_enough() -> None:
    # reference_policies_evaluation-logic_policy-eval-basics.html, the example at the end
    own_bucket = bucket(
        "carlossalazar",
        allow(
            "s3:*",
            ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"],
            Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/carlossalazar"},
        ),
    )
    asked = access(*carlos(ACCOUNT), *own_bucket, *bucket("carlossalazar-logs"))
    decision = asked.can("aws_iam_user.carlossalazar", "s3:PutObject", "arn:aws:s3:::carlossalazar-logs/file")
    assert decision.verdict is Answer.DENY
    assert decision.statement is not None
    assert decision.statement.sid == "DenyS3Logs"
    assert asked.can("aws_iam_user.carlossalazar", "s3:PutObject", "arn:aws:s3:::carlossalazar/file")
    # the pattern meets every object with "log" in its name as well, in any bucket
    assert not asked.can("aws_iam_user.carlossalazar", "s3:PutObject", "arn:aws:s3:::carlossalazar/blog")
    assert asked.can("aws_iam_user.carlossalazar", "s3:ListAllMyBuckets", "*")


def test_what_nobody_allows_is_denied_and_what_is_denied_stays_so() -> None:
    # reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
    asked = access(
        role("app"),
        role_policy(
            "app",
            allow(["iam:Get*", "iam:List*"], Sid="AllowGetList"),
            deny("iam:*Report", Sid="DenyReports"),
            allow("iam:GenerateCredentialReport"),
        ),
    )
    assert asked.can("aws_iam_role.app", "iam:GetRole", ROLE_ARN)
    implicit = asked.can("aws_iam_role.app", "iam:CreatePolicy", f"arn:aws:iam::{ACCOUNT}:policy/x")
    explicit = asked.can("aws_iam_role.app", "iam:GenerateCredentialReport", "*")
    assert (implicit.verdict, implicit.statement) == (Answer.DENY, None)
    assert explicit.statement is not None
    assert explicit.statement.sid == "DenyReports"


def test_a_boundary_limits_identity_policies_and_grants_nothing() -> None:
    # access_policies_boundaries.html
    limit = boundary(allow(["s3:*", "cloudwatch:*", "ec2:*"]))
    asked = access(
        *user("shirley", allow("iam:CreateUser"), permissions_boundary=LIMIT),
        *user("reader", allow("s3:GetObject"), permissions_boundary=LIMIT),
        limit,
    )
    anyone = f"arn:aws:iam::{ACCOUNT}:user/new"
    decision = asked.can("aws_iam_user.shirley", "iam:CreateUser", anyone)
    assert decision.verdict is Answer.DENY
    assert "permissions boundary aws_iam_policy.limit does not allow it" in decision.reason
    assert not asked.can("aws_iam_user.shirley", "s3:GetObject", "arn:aws:s3:::b/x")
    assert asked.can("aws_iam_user.reader", "s3:GetObject", "arn:aws:s3:::b/x")
    assert not asked.can("aws_iam_user.reader", "s3:PutObject", "arn:aws:s3:::b/x")


def test_a_deny_in_the_boundary_counts() -> None:
    # access_policies_boundaries.html: an explicit deny in any of these policies overrides
    asked = access(
        role("app", permissions_boundary=LIMIT),
        role_policy("app", allow("s3:*")),
        boundary(allow("*"), deny("s3:*", ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"], Sid="DenyS3Logs")),
    )
    assert not asked.can("aws_iam_role.app", "s3:GetObject", "arn:aws:s3:::logs/x")
    assert asked.can("aws_iam_role.app", "s3:GetObject", "arn:aws:s3:::other/x")


@pytest.mark.parametrize(
    ("principal", "who", "within", "expected"),
    [
        (ROLE_ARN, "aws_iam_role.app", "none", True),
        (ROLE_ARN, "aws_iam_role.app", "closed", False),
        (ROLE_ARN, SESSION_ARN, "closed", False),
        (SESSION_ARN, SESSION_ARN, "closed", True),
        (f"arn:aws:iam::{ACCOUNT}:user/ann", "aws_iam_user.ann", "closed", True),
        ("*", "aws_iam_role.app", "closed", True),
        (ACCOUNT, "aws_iam_role.app", "none", False),
    ],
)
def test_whom_a_resource_policy_names_tells_what_else_it_needs(
    principal: str, who: str, within: str, expected: bool
) -> None:
    # reference_policies_evaluation-logic_policy-eval-denyallow.html, the table of implicit denies within an account,
    # and reference_policies_elements_principal.html for everybody
    limit = {"permissions_boundary": LIMIT} if within == "closed" else {}
    asked = access(
        role("app", **limit),
        *user("ann", **limit),
        boundary(allow("ec2:*")),
        topic(allow("sns:Publish", TOPIC_ARN, Principal={"AWS": principal})),
    )
    assert bool(asked.can(who, "sns:Publish", "aws_sns_topic.alerts")) is expected


def test_a_grant_to_one_session_of_a_role_depends_on_the_session() -> None:
    asked = access(role("app"), topic(allow("sns:Publish", Principal={"AWS": SESSION_ARN})))
    decision = asked.can("aws_iam_role.app", "sns:Publish", "aws_sns_topic.alerts")
    assert decision.verdict is Answer.UNDECIDED
    assert "task-1" in decision.reason
    assert not asked.can(SESSION_ARN.replace("task-1", "task-2"), "sns:Publish", "aws_sns_topic.alerts")
    others = SESSION_ARN.replace(ACCOUNT, OTHER_ACCOUNT)
    elsewhere = access(role("app"), topic(allow("sns:Publish", Principal={"AWS": others})))
    assert elsewhere.can("aws_iam_role.app", "sns:Publish", "aws_sns_topic.alerts").verdict is Answer.DENY


def test_across_accounts_both_sides_have_to_allow() -> None:
    # reference_policies_evaluation-logic-cross-account.html#policies_evaluation_example-cross-account
    everything = allow("sns:*", Sid="Identity")
    named = allow("sns:Publish", TOPIC_ARN, Principal={"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/app"})
    for identity, entrance, expected in (
        (everything, named, True),
        (everything, allow("sns:Publish", Principal={"AWS": OTHER_ACCOUNT}), True),
        (everything, allow("sns:Publish", Principal="*"), True),
        (everything, allow("sns:Publish", Principal={"AWS": ACCOUNT}), False),
        (allow("s3:*"), named, False),
        (allow("s3:*"), allow("sns:Publish", Principal="*"), False),
        (deny("sns:*"), named, False),
        (everything, deny("sns:*", Principal={"AWS": OTHER_ACCOUNT}), False),
    ):
        asked = access(role("app", account=OTHER_ACCOUNT), role_policy("app", identity), topic(entrance))
        decision = asked.can("aws_iam_role.app", "sns:Publish", "aws_sns_topic.alerts")
        assert bool(decision) is expected, (identity, entrance)


def test_across_accounts_a_boundary_limits_the_identity_side() -> None:
    asked = access(
        role("app", account=OTHER_ACCOUNT, permissions_boundary=LIMIT),
        role_policy("app", allow("sns:*")),
        boundary(allow("s3:*")),
        topic(allow("sns:Publish", Principal={"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/app"})),
    )
    assert not asked.can("aws_iam_role.app", "sns:Publish", "aws_sns_topic.alerts")


def test_across_accounts_the_other_side_may_be_open() -> None:
    condition = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
    named = {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/app"}
    for identity, entrance in (
        (allow("sns:*"), allow("sns:Publish", Principal=named, Condition=condition)),
        (allow("sns:*", Condition=condition), allow("sns:Publish", Principal=named)),
    ):
        asked = access(role("app", account=OTHER_ACCOUNT), role_policy("app", identity), topic(entrance))
        question = ("aws_iam_role.app", "sns:Publish", "aws_sns_topic.alerts")
        assert asked.can(*question).verdict is Answer.UNDECIDED
        assert asked.can(*question, {"aws:SourceVpc": "vpc-1"})
        assert not asked.can(*question, {"aws:SourceVpc": None})


def test_a_resource_of_another_account_has_a_policy_that_nobody_knows() -> None:
    elsewhere = TOPIC_ARN.replace(ACCOUNT, OTHER_ACCOUNT)
    asked = access(role("app"), role_policy("app", allow("sns:Publish")), role("other"))
    assert asked.can("aws_iam_role.app", "sns:Publish", elsewhere).verdict is Answer.UNDECIDED
    assert asked.can("aws_iam_role.other", "sns:Publish", elsewhere).verdict is Answer.DENY
    # and so it is for who needs no policy of its own
    assert asked.can("events.amazonaws.com", "sns:Publish", TOPIC_ARN).verdict is Answer.UNDECIDED
    assert asked.can("aws_iam_role.other", "sns:Publish", TOPIC_ARN).verdict is Answer.DENY


def test_in_a_stack_of_two_accounts_a_bucket_may_be_in_either() -> None:
    entries = (
        role("app"),
        role_policy("app", allow("s3:GetObject")),
        role("far", account=OTHER_ACCOUNT),
        role_policy("far", allow("s3:*")),
        *bucket("b", allow("s3:PutObject", "arn:aws:s3:::b/*", Principal={"AWS": OTHER_ACCOUNT})),
    )
    asked = access(*entries)
    decision = asked.can("aws_iam_role.app", "s3:GetObject", "aws_s3_bucket.b")
    assert decision.verdict is Answer.UNDECIDED
    assert "it depends on the account of aws_s3_bucket.b" in decision.reason
    # either way it is the same
    assert asked.can("aws_iam_role.app", "s3:PutObject", "aws_s3_bucket.b").verdict is Answer.DENY
    assert asked.can("aws_iam_role.far", "s3:PutObject", "aws_s3_bucket.b")


OUTSIDER = f"arn:aws:iam::{OTHER_ACCOUNT}:role/elsewhere"


def test_who_is_outside_the_stack_is_never_allowed_for_sure() -> None:
    asked = access(topic(allow("sns:Publish", Principal={"AWS": OUTSIDER}), deny("sns:Subscribe", Principal="*")))
    decision = asked.can(OUTSIDER, "sns:Publish", "aws_sns_topic.alerts")
    assert decision.verdict is Answer.UNDECIDED
    assert OTHER_ACCOUNT in decision.reason
    assert asked.can(OUTSIDER, "sns:GetTopicAttributes", "aws_sns_topic.alerts").verdict is Answer.DENY
    assert asked.can(OUTSIDER, "sns:Subscribe", "aws_sns_topic.alerts").verdict is Answer.DENY
    # a bucket is in the account of the stack
    known = access(role("app"), *bucket("b", allow("s3:PutObject", "arn:aws:s3:::b/*", Principal={"AWS": ACCOUNT})))
    assert known.can(OUTSIDER, "s3:GetObject", "aws_s3_bucket.b").verdict is Answer.DENY
    stranger = asked.can(f"arn:aws:iam::{ACCOUNT}:role/unheard-of", "sns:GetTopicAttributes", "aws_sns_topic.alerts")
    assert stranger.verdict is Answer.UNDECIDED


def test_the_root_user_may_everything_in_its_account_but_what_is_denied() -> None:
    # reference_policies_evaluation-logic_policy-eval-denyallow.html
    asked = access(topic(deny("sns:Publish", Principal={"AWS": ACCOUNT})), key(allow("kms:*", Principal="*")))
    assert asked.can(ACCOUNT, "sns:Subscribe", "aws_sns_topic.alerts")
    assert not asked.can(ACCOUNT, "sns:Publish", "aws_sns_topic.alerts")
    assert not asked.can(OTHER_ACCOUNT, "sns:Subscribe", "aws_sns_topic.alerts")
    assert asked.can(f"arn:aws:iam::{ACCOUNT}:root", "kms:Decrypt", "aws_kms_key.k")


# https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
@pytest.mark.parametrize(
    ("key_policy", "identity", "expected"),
    [
        ([allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})], allow("kms:Decrypt"), True),
        ([allow("kms:*", Principal={"AWS": ACCOUNT})], allow("s3:*"), False),
        ([allow("kms:Encrypt", Principal={"AWS": ACCOUNT})], allow("kms:*"), False),
        ([allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/admin"})], allow("kms:*"), False),
        ([allow("kms:Decrypt", Principal={"AWS": ROLE_ARN})], allow("s3:*"), True),
        ([allow("kms:Decrypt", Principal={"AWS": ROLE_ARN})], deny("kms:*"), False),
    ],
)
def test_a_key_policy_has_to_allow_or_to_leave_it_to_the_account(
    key_policy: list[dict[str, Any]], identity: dict[str, Any], expected: bool
) -> None:
    asked = access(role("app"), role_policy("app", identity), key(*key_policy))
    assert bool(asked.can("aws_iam_role.app", "kms:Decrypt", "aws_kms_key.k")) is expected


def test_a_key_without_a_policy_of_the_stack_has_the_default_one() -> None:
    # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    itself = entry("aws_kms_key.k", arn=KEY_ARN, unknown=("policy",))
    asked = access(role("app"), role_policy("app", allow("kms:Decrypt")), role("other"), itself)
    assert asked.can("aws_iam_role.app", "kms:Decrypt", "aws_kms_key.k")
    assert not asked.can("aws_iam_role.other", "kms:Decrypt", "aws_kms_key.k")


def test_a_key_outside_the_stack_has_a_policy_that_nobody_knows() -> None:
    outside = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/4-5-6"
    asked = access(role("app"), role_policy("app", allow("kms:Decrypt")), role("other"))
    assert asked.can("aws_iam_role.app", "kms:Decrypt", outside).verdict is Answer.UNDECIDED
    assert asked.can("aws_iam_role.other", "kms:Decrypt", outside).verdict is Answer.DENY


def test_a_service_needs_the_trust_policy_alone() -> None:
    asked = access(role("app", trust=trusting({"Service": ["ecs.amazonaws.com", "ec2.amazonaws.com"]})))
    assert asked.can("ec2.amazonaws.com", "sts:AssumeRole", "aws_iam_role.app")
    assert not asked.can("lambda.amazonaws.com", "sts:AssumeRole", "aws_iam_role.app")
    assert not asked.can("*", "sts:AssumeRole", "aws_iam_role.app")
    federated = access(role("app", trust=trusting({"Federated": "ec2.amazonaws.com"})))
    assert not federated.can("ec2.amazonaws.com", "sts:AssumeRole", "aws_iam_role.app")


@pytest.mark.parametrize(
    ("trusted", "identity", "expected"),
    [
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/caller"}, [], True),
        ({"AWS": ACCOUNT}, [], False),
        ({"AWS": ACCOUNT}, [allow("sts:AssumeRole", ROLE_ARN)], True),
        ({"AWS": OTHER_ACCOUNT}, [allow("sts:AssumeRole", ROLE_ARN)], False),
        ({"Service": "ec2.amazonaws.com"}, [allow("sts:AssumeRole", ROLE_ARN)], False),
        ("*", [deny("sts:AssumeRole", ROLE_ARN)], False),
    ],
)
def test_a_trust_policy_has_to_name_a_role_or_to_leave_it_to_the_account(
    trusted: Any, identity: list[dict[str, Any]], expected: bool
) -> None:
    # id_roles_compare-resource-policies.html
    entries = (role("caller"), role_policy("caller", *identity)) if identity else (role("caller"),)
    asked = access(role("app", trust=trusting(trusted)), *entries)
    assert bool(asked.can("aws_iam_role.caller", "sts:AssumeRole", "aws_iam_role.app")) is expected


def test_a_trust_policy_says_nothing_of_other_actions_on_the_role() -> None:
    asked = access(role("app", trust=trusting("*")), role("caller"), role_policy("caller", allow("iam:GetRole")))
    assert asked.can("aws_iam_role.caller", "iam:GetRole", "aws_iam_role.app")
    assert not asked.can("aws_iam_role.caller", "iam:DeleteRole", "aws_iam_role.app")


def test_an_identity_provider_is_named_by_its_arn() -> None:
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    condition = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:me/mine:*"}}
    document = policy(
        allow("sts:AssumeRoleWithWebIdentity", None, Principal={"Federated": provider}, Condition=condition)
    )
    asked = access(role("app", trust=document))
    claims = {"token.actions.githubusercontent.com:sub": "repo:me/mine:ref:refs/heads/main"}
    assert asked.can(provider, "sts:AssumeRoleWithWebIdentity", "aws_iam_role.app", claims)
    claims = {"token.actions.githubusercontent.com:sub": "repo:you/yours:ref:refs/heads/main"}
    assert not asked.can(provider, "sts:AssumeRoleWithWebIdentity", "aws_iam_role.app", claims)
    assert not asked.can("accounts.google.com", "sts:AssumeRoleWithWebIdentity", "aws_iam_role.app", claims)


def test_anybody_gets_in_where_everybody_is_let_in() -> None:
    # reference_policies_elements_principal.html#principal-anonymous
    open_to_all = bucket("b", allow("s3:GetObject", "arn:aws:s3:::b/*", Principal="*"))
    asked = access(*open_to_all, *bucket("c", allow("s3:GetObject", "arn:aws:s3:::c/*", Principal={"AWS": ACCOUNT})))
    assert asked.can("*", "s3:GetObject", "aws_s3_bucket.b")
    assert not asked.can("*", "s3:GetObject", "aws_s3_bucket.c")
    assert not asked.can("*", "s3:PutObject", "aws_s3_bucket.b")
    assert asked.can("*", "s3:GetObject", "*").verdict is Answer.UNDECIDED


# reference_policies_elements_notprincipal.html
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"


@pytest.mark.parametrize(
    ("excepted", "who", "expected"),
    [
        ([BOB, ACCOUNT], "aws_iam_user.bob", "allow"),
        ([BOB, ACCOUNT], "aws_iam_user.ann", "deny"),
        ([BOB], "aws_iam_user.bob", "undecided"),
        ([ACCOUNT], "aws_iam_user.bob", "deny"),
        ([SESSION_ARN, ROLE_ARN, ACCOUNT], SESSION_ARN, "allow"),
        ([ROLE_ARN, ACCOUNT], SESSION_ARN, "deny"),
        ([SESSION_ARN, ROLE_ARN], SESSION_ARN, "undecided"),
        ([SESSION_ARN, ACCOUNT], SESSION_ARN, "undecided"),
        ([ROLE_ARN, ACCOUNT], "aws_iam_role.app", "undecided"),
        ([ACCOUNT], "aws_iam_role.app", "deny"),
        ([ACCOUNT], ACCOUNT, "allow"),
        ([BOB], ACCOUNT, "deny"),
        (["*"], "aws_iam_user.ann", "allow"),
    ],
)
def test_a_deny_with_not_principal_meets_all_but_who_is_excepted_entirely(
    excepted: list[str], who: str, expected: str
) -> None:
    everybody = allow("sns:Publish", Principal="*")
    asked = access(
        role("app"),
        *user("bob"),
        *user("ann"),
        topic(everybody, deny("sns:Publish", NotPrincipal={"AWS": excepted})),
    )
    assert verdict(asked.can(who, "sns:Publish", "aws_sns_topic.alerts")) == expected


def test_a_deny_with_not_principal_meets_whoever_has_a_boundary() -> None:
    asked = access(
        *user("bob", permissions_boundary=LIMIT),
        boundary(allow("*")),
        topic(allow("sns:Publish", Principal="*"), deny("sns:Publish", NotPrincipal={"AWS": [BOB, ACCOUNT]})),
    )
    assert not asked.can("aws_iam_user.bob", "sns:Publish", "aws_sns_topic.alerts")


def test_a_deny_with_not_principal_spares_a_service() -> None:
    services = {"Service": "events.amazonaws.com"}
    asked = access(topic(allow("sns:Publish", Principal="*"), deny("sns:Publish", NotPrincipal=services)))
    assert asked.can("events.amazonaws.com", "sns:Publish", "aws_sns_topic.alerts")
    assert not asked.can("lambda.amazonaws.com", "sns:Publish", "aws_sns_topic.alerts")


def test_everybody_but_one_by_the_principals_arn() -> None:
    # reference_policies_elements_principal.html#principal-anonymous, instead of NotPrincipal
    others = deny("sns:*", Principal="*", Condition={"ArnNotEquals": {"aws:PrincipalArn": ROLE_ARN}})
    asked = access(role("app"), role("other"), topic(allow("sns:Publish", Principal="*"), others))
    assert asked.can("aws_iam_role.app", "sns:Publish", "aws_sns_topic.alerts")
    assert asked.can(SESSION_ARN, "sns:Publish", "aws_sns_topic.alerts")
    assert not asked.can("aws_iam_role.other", "sns:Publish", "aws_sns_topic.alerts")


def test_a_policy_variable_is_the_name_of_the_user_who_asks() -> None:
    # reference_policies_variables.html
    home = allow("s3:GetObject", "arn:aws:s3:::mybucket/${aws:username}/*")
    asked = access(*user("david", home), role("app"), role_policy("app", home))
    assert asked.can("aws_iam_user.david", "s3:GetObject", "arn:aws:s3:::mybucket/david/x")
    assert not asked.can("aws_iam_user.david", "s3:GetObject", "arn:aws:s3:::mybucket/other/x")
    # a role has no user name
    assert not asked.can("aws_iam_role.app", "s3:GetObject", "arn:aws:s3:::mybucket/app/x")
    # nor has the old version of the language variables
    old = entry("aws_iam_user_policy.old", user="eve", policy=policy(home, version="2008-10-17"))
    assert not access(*user("eve"), old).can("aws_iam_user.eve", "s3:GetObject", "arn:aws:s3:::mybucket/eve/x")


def test_a_variable_without_a_value_leaves_a_not_resource_open() -> None:
    mine = {**allow("s3:GetObject", None), "NotResource": "arn:aws:s3:::b/${aws:username}/*"}
    asked = access(role("app"), role_policy("app", mine))
    assert asked.can("aws_iam_role.app", "s3:GetObject", "arn:aws:s3:::b/x/y").verdict is Answer.UNDECIDED
    assert asked.can("aws_iam_role.app", "s3:GetObject", "arn:aws:s3:::c/x")


def test_a_service_acts_for_a_source() -> None:
    # reference_policies_elements_condition_operators.html#Conditions_ARN
    source = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/nightly"
    condition = {"ArnEquals": {"aws:SourceArn": source}}
    asked = access(topic(allow("sns:Publish", Principal={"Service": "events.amazonaws.com"}, Condition=condition)))
    question = ("events.amazonaws.com", "sns:Publish", "aws_sns_topic.alerts")
    assert asked.can(*question, {"aws:SourceArn": source})
    assert not asked.can(*question, {"aws:SourceArn": f"{source}-other"})
    assert not asked.can(*question, {"aws:SourceArn": None})
    assert "aws:SourceArn" in asked.can(*question).reason


# -- matching ---------------------------------------------------------------------------------------------------------


def test_actions_have_no_case_and_resources_have() -> None:
    asked = access(role("app"), role_policy("app", allow("S3:getOBJECT", "arn:aws:s3:::B/*")))
    assert asked.can("aws_iam_role.app", "s3:GetObject", "arn:aws:s3:::B/x")
    assert asked.can("aws_iam_role.app", "s3:getobject", "arn:aws:s3:::B/x")
    assert not asked.can("aws_iam_role.app", "s3:GetObject", "arn:aws:s3:::b/x")


def test_a_wildcard_in_a_resource_crosses_slashes_and_colons() -> None:
    asked = access(role("app"), role_policy("app", allow("logs:PutLogEvents", "arn:aws:logs:*:log-stream:x")))
    stream = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/a/b:log-stream:x"
    assert asked.can("aws_iam_role.app", "logs:PutLogEvents", stream)


def test_not_action_and_not_resource_mean_all_others() -> None:
    others = {"Effect": "Deny", "NotAction": ["s3:Get*", "S3:LIST*"], "NotResource": "arn:aws:s3:::free/*"}
    asked = access(role("app"), role_policy("app", allow("s3:*"), others))
    assert asked.can("aws_iam_role.app", "s3:GetObject", "arn:aws:s3:::b/x")
    assert asked.can("aws_iam_role.app", "s3:PutObject", "arn:aws:s3:::free/x")
    assert not asked.can("aws_iam_role.app", "s3:PutObject", "arn:aws:s3:::b/x")


def test_a_question_about_several_resources_is_about_all_of_them() -> None:
    asked = access(
        role("app"),
        role_policy("app", allow("s3:GetObject", ["arn:aws:s3:::b/?*", "arn:aws:s3:::b/"])),
        role("part"),
        role_policy("part", allow("s3:GetObject", "arn:aws:s3:::b/public/*")),
        role("none"),
        role_policy("none", allow("s3:GetObject", "arn:aws:s3:::c/*")),
        role("hole"),
        role_policy("hole", allow("s3:GetObject"), deny("s3:GetObject", "arn:aws:s3:::b/secret/*")),
    )
    answers = {
        name: verdict(asked.can(f"aws_iam_role.{name}", "s3:GetObject", "arn:aws:s3:::b/*"))
        for name in ("app", "part", "none", "hole")
    }
    assert answers == {"app": "allow", "part": "undecided", "none": "deny", "hole": "undecided"}


def test_a_star_on_all_meets_the_policies_of_the_stacks_resources() -> None:
    asked = access(
        role("app"), role_policy("app", allow("sns:Publish")), topic(deny("sns:Publish", TOPIC_ARN, Principal="*"))
    )
    decision = asked.can("aws_iam_role.app", "sns:Publish", "*")
    assert decision.verdict is Answer.UNDECIDED
    assert "a part of * only" in decision.reason


def test_a_star_on_all_meets_what_some_of_the_stacks_resources_grant() -> None:
    for principal, expected in ((ROLE_ARN, "undecided"), (ACCOUNT, "deny"), (OTHER_ACCOUNT, "deny")):
        asked = access(role("app"), topic(allow("sns:Publish", TOPIC_ARN, Principal={"AWS": principal})))
        assert verdict(asked.can("aws_iam_role.app", "sns:Publish", "*")) == expected, principal


def test_a_star_on_all_keys_depends_on_their_policies() -> None:
    asked = access(role("app"), role_policy("app", allow(["kms:Decrypt", "kms:ListKeys"])))
    assert asked.can("aws_iam_role.app", "kms:Decrypt", "*").verdict is Answer.UNDECIDED
    assert asked.can("aws_iam_role.app", "kms:ListKeys", "*")


def test_a_role_below_the_path_of_another_is_another_role() -> None:
    below = f"{ROLE_ARN}/below"
    trust = trusting({"Service": "ec2.amazonaws.com"})
    without_arn = entry("aws_iam_role.app", name="app", assume_role_policy=trust, unknown=("arn",))
    for itself in (role("app", trust=trust), without_arn):
        asked = access(itself)
        assert asked.can("ec2.amazonaws.com", "sts:AssumeRole", ROLE_ARN)
        assert asked.can("ec2.amazonaws.com", "sts:AssumeRole", below).verdict is Answer.UNDECIDED


def test_an_undecided_policy_matters_only_where_it_could() -> None:
    outside = entry("aws_iam_role_policy_attachment.a", role="app", policy_arn=f"arn:aws:iam::{ACCOUNT}:policy/else")
    asked = access(role("app"), role_policy("app", allow("s3:GetObject"), deny("s3:PutObject")), outside)
    assert asked.can("aws_iam_role.app", "s3:PutObject", "arn:aws:s3:::b/x").verdict is Answer.DENY
    for action in ("s3:GetObject", "s3:DeleteObject"):
        decision = asked.can("aws_iam_role.app", action, "arn:aws:s3:::b/x")
        assert decision.verdict is Answer.UNDECIDED
        assert "policy/else" in decision.reason


def test_an_undecided_answer_is_neither_true_nor_false() -> None:
    secure = {"Bool": {"aws:SecureTransport": "false"}}
    asked = access(
        role("app"),
        role_policy("app", allow("s3:GetObject")),
        *bucket("b", deny("s3:*", ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], Principal="*", Condition=secure)),
    )
    question = ("aws_iam_role.app", "s3:GetObject", "aws_s3_bucket.b")
    with pytest.raises(Undecided, match="aws:SecureTransport"):
        bool(asked.can(*question))
    assert asked.can(*question, {"aws:SecureTransport": True})
    assert not asked.can(*question, {"aws:SecureTransport": False})
    assert asked.can(*question, complete=True)
    # whatever the key is, nothing allows this
    assert not asked.can("aws_iam_role.app", "s3:PutObject", "aws_s3_bucket.b")


# -- every possible request -------------------------------------------------------------------------------------------

ACTIONS = ("sns:Publish", "sns:Subscribe", "sns:GetTopicAttributes")
TOPICS = tuple(f"arn:aws:sns:eu-west-1:{ACCOUNT}:{name}" for name in ("x", "y"))
CALLERS = {
    "aws_iam_role.near": f"arn:aws:iam::{ACCOUNT}:role/near",
    "aws_iam_role.far": f"arn:aws:iam::{OTHER_ACCOUNT}:role/far",
    "aws_iam_user.ann": f"arn:aws:iam::{ACCOUNT}:user/ann",
    "events.amazonaws.com": "events.amazonaws.com",
    "*": "",
}
VALUES = ("1", "2", "another", None)


PARTS: tuple[tuple[Any, ...], ...] = (
    ("Allow", "Allow", "Deny"),
    ("Action", "Action", "NotAction"),
    (["sns:*"], ["*"], ["sns:Publish"], ["SNS:sub*", "sns:?ublish"], ["sns:GetTopicAttributes", "s3:*"]),
    ("Resource", "Resource", "NotResource"),
    (["*"], [TOPICS[0]], [TOPICS[1]], ["arn:aws:sns:*:x"], ["arn:aws:sns:eu-west-1:*:?"], [TOPICS[0].upper(), "s3"]),
    (None, "StringEquals", "StringNotEquals", "StringEqualsIfExists"),
    (["1"], ["2"], ["1", "2"]),
    (
        "*",
        {"AWS": ACCOUNT},
        {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"},
        {"AWS": [CALLERS["aws_iam_role.near"], CALLERS["aws_iam_user.ann"]]},
        {"AWS": CALLERS["aws_iam_role.far"]},
        {"Service": "events.amazonaws.com"},
    ),
)


def _made(number: int, *, principal: bool) -> dict[str, Any]:
    """The statement of a number: one draw for each is quicker than one for each of its parts."""
    chosen = []
    for choices in PARTS:
        number, index = divmod(number, len(choices))
        chosen.append(choices[index])
    effect, action, actions, resource, resources, operator, values, who = chosen
    return {
        "Effect": effect,
        action: actions,
        resource: resources,
        **({"Condition": {operator: {"aws:RequestTag/k": values}}} if operator else {}),
        **({"Principal": who} if principal else {}),
    }


def statements(*, principal: bool = False) -> st.SearchStrategy[list[dict[str, Any]]]:
    numbers = st.integers(0, math.prod(map(len, PARTS)) - 1)
    return st.lists(numbers.map(lambda number: _made(number, principal=principal)), max_size=3)


def _matches(patterns: list[str], text: str) -> bool:
    return any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns)


def _applies(statement: Mapping[str, Any], action: str, resource: str, value: str | None) -> bool:
    actions = [pattern.lower() for pattern in statement.get("Action", statement.get("NotAction"))]
    resources = statement.get("Resource", statement.get("NotResource"))
    if _matches(actions, action.lower()) is ("NotAction" in statement):
        return False
    if _matches(resources, resource) is ("NotResource" in statement):
        return False
    for operator, keys in statement.get("Condition", {}).items():
        for wanted in keys.values():
            holds = {
                "StringEquals": value is not None and value in wanted,
                "StringNotEquals": value not in wanted,
                "StringEqualsIfExists": value is None or value in wanted,
            }
            if not holds[operator]:
                return False
    return True


def _named(statement: Mapping[str, Any]) -> set[str]:
    principal = statement["Principal"]
    if principal == "*":
        return {"*"}
    return {name for names in principal.values() for name in (names if isinstance(names, list) else [names])}


def _evaluate(
    policies: Mapping[str, list[dict[str, Any]]], who: str, action: str, resource: str, value: str | None
) -> bool:
    """IAM's flow chart for one request of which all is known."""
    arn = CALLERS[who]
    account = arn.split(":")[4] if arn.startswith("arn:") else ""
    roots = {account, f"arn:aws:iam::{account}:root"} if account else set()

    def found(where: str, effect: str, names: set[str] | None = None) -> bool:
        return any(
            statement["Effect"] == effect
            and _applies(statement, action, resource, value)
            and (names is None or bool(_named(statement) & names))
            for statement in policies.get(where, [])
        )

    on_it = "resource" if resource == TOPICS[0] else "nothing"
    everyone = {"*", arn, *roots}
    if found(who, "Deny") or found(f"limit of {who}", "Deny") or found(on_it, "Deny", everyone):
        return False
    within = f"limit of {who}" not in policies or found(f"limit of {who}", "Allow")
    own = found(who, "Allow") and within
    if not account:
        return found(on_it, "Allow", {"*", arn})
    if account != resource.split(":")[4]:
        return own and found(on_it, "Allow", everyone)
    if found(on_it, "Allow", {"*"}) or own:
        return True
    return found(on_it, "Allow", {arn}) and (within or ":user/" in arn)


def _entries(policies: Mapping[str, list[dict[str, Any]]]) -> Iterator[Entry]:
    for index, arn in enumerate(TOPICS):
        itself = {"arn": arn, "policy": policy(*policies["resource"])} if index == 0 else {"arn": arn}
        yield Entry(f"aws_sns_topic.{arn[-1]}", itself)
    for who, arn in CALLERS.items():
        if not arn.startswith("arn:"):
            continue
        _, kind, name = who.replace(".", "_").split("_")[-3:]
        values = {"name": name, "arn": arn}
        if f"limit of {who}" in policies:
            limit = f"{arn}-limit".replace(f":{kind}/", ":policy/")
            values["permissions_boundary"] = limit
            document = policy(*policies[f"limit of {who}"])
            yield Entry(f"aws_iam_policy.{name}", {"arn": limit, "policy": document})
        if kind == "role":
            values["assume_role_policy"] = policy()
        yield Entry(who, values)
        yield Entry(f"aws_iam_{kind}_policy.{name}", {kind: name, "policy": policy(*policies[who])})


POLICIES = st.fixed_dictionaries(
    {"resource": statements(principal=True), **{who: statements() for who in CALLERS if who.startswith("aws_iam")}},
    optional={f"limit of {who}": statements() for who in CALLERS if who.startswith("aws_iam")},
)


@settings(max_examples=300)
@given(POLICIES, st.sampled_from([*VALUES, "not given"]), st.sampled_from(ACTIONS), st.sampled_from(TOPICS))
def test_answers_are_those_of_every_possible_request(
    policies: dict[str, list[dict[str, Any]]], value: str | None, action: str, resource: str
) -> None:
    asked = access(*_entries(policies))
    context = {} if value == "not given" else {"aws:RequestTag/k": value}
    worlds = VALUES if value == "not given" else (value,)
    conditions = sum("Condition" in statement for statements in policies.values() for statement in statements)
    for who in CALLERS:
        expected = {_evaluate(policies, who, action, resource, world) for world in worlds}
        decision = asked.can(who, action, resource, context)
        if decision.verdict is Answer.UNDECIDED:
            # several conditions on one key may cancel each other out, which is not seen
            assert len(expected) == 2 or (value == "not given" and conditions > 1), decision
            assert "aws:RequestTag/k" in decision.reason
        else:
            assert expected == {bool(decision)}, decision
