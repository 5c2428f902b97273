"""Gathering every policy of a stack, by whatever resource attaches it to whatever it is on."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.analysis.access.catalog import managed
from stackproof.analysis.access.documents.documents import Effect, Policy
from stackproof.analysis.access.gathering.collection import Identities, Identity, collect
from stackproof.errors import PlanError

from .conftest import ACCOUNT, Entry, allow, bucket, deny, entry, managed_policy, policy, role, role_policy, stack, user

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def identities(*entries: Entry) -> Identities:
    return collect(stack(*entries).resolved)


def sids(identity: Identity) -> list[str]:
    return [statement.sid for policy in identity.policies for statement in policy.statements]


def only(found: tuple[Any, ...]) -> Any:
    (one,) = found
    return one


def read(sid: str) -> dict[str, Any]:
    return allow("s3:GetObject", Sid=sid)


def test_a_role_has_its_trust_policy() -> None:
    found = only(identities(role("app")).roles)
    assert (found.address, found.name, found.arn) == ("aws_iam_role.app", "app", f"arn:aws:iam::{ACCOUNT}:role/app")
    assert found.trust.statements[0].principals[0].value == "ec2.amazonaws.com"
    assert found.policies == ()
    assert found.boundary is None


def test_inline_policies_come_from_blocks_and_from_resources() -> None:
    blocks = [{"name": "one", "policy": policy(read("Block"))}, {"name": "two", "policy": policy(read("Second"))}]
    found = only(identities(role("app", inline_policy=blocks), role_policy("app", read("Resource"))).roles)
    assert sids(found) == ["Block", "Second", "Resource"]
    assert [(policy.name, policy.path) for policy in found.policies] == [
        ("one", "inline_policy[0].policy"),
        ("two", "inline_policy[1].policy"),
        ("own", "policy"),
    ]


@pytest.mark.parametrize(
    "attachment",
    [
        entry("aws_iam_role_policy_attachment.a", role="app", policy_arn=f"arn:aws:iam::{ACCOUNT}:policy/shared"),
        entry("aws_iam_policy_attachment.a", roles=["app"], policy_arn=f"arn:aws:iam::{ACCOUNT}:policy/shared"),
        entry(
            "aws_iam_role_policy_attachments_exclusive.a",
            role_name="app",
            policy_arns=[f"arn:aws:iam::{ACCOUNT}:policy/shared"],
        ),
    ],
    ids=lambda attachment: attachment.address,
)
def test_a_managed_policy_of_the_stack_is_attached_by_name_and_arn(attachment: Entry) -> None:
    entries = (role("app"), role("other"), managed_policy("shared", read("Shared")), attachment)
    by_address = {role.address: sids(role) for role in identities(*entries).roles}
    assert by_address == {"aws_iam_role.app": ["Shared"], "aws_iam_role.other": []}


def test_a_role_names_its_managed_policies_itself() -> None:
    arns = [f"arn:aws:iam::{ACCOUNT}:policy/shared", READ_ONLY]
    found = only(identities(role("app", managed_policy_arns=arns), managed_policy("shared", read("Shared"))).roles)
    assert sids(found)[0] == "Shared"
    assert found.policies[1].managed_arn == READ_ONLY


def test_a_policy_that_is_attached_twice_is_there_once() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/shared"
    attachment = entry("aws_iam_role_policy_attachment.a", role="app", policy_arn=arn)
    entries = (role("app", managed_policy_arns=[arn]), managed_policy("shared", read("Shared")), attachment)
    assert sids(only(identities(*entries).roles)) == ["Shared"]


def test_an_attachment_finds_role_and_policy_by_what_feeds_it() -> None:
    entries = (
        entry("aws_iam_role.app", unknown=("name", "arn"), assume_role_policy=policy()),
        entry("aws_iam_role.other", unknown=("name", "arn"), assume_role_policy=policy()),
        entry("aws_iam_policy.shared", unknown=("arn",), policy=policy(read("Shared"))),
        entry(
            "aws_iam_role_policy_attachment.a",
            unknown=("role", "policy_arn"),
            refers={
                "role": {"references": ["aws_iam_role.app.name", "aws_iam_role.app"]},
                "policy_arn": {"references": ["aws_iam_policy.shared.arn", "aws_iam_policy.shared"]},
            },
        ),
    )
    by_address = {role.address: sids(role) for role in identities(*entries).roles}
    assert by_address == {"aws_iam_role.app": ["Shared"], "aws_iam_role.other": []}


def test_a_list_of_policies_may_be_known_in_part() -> None:
    arns = [READ_ONLY, None]
    attaching = Entry(
        "aws_iam_role_policy_attachments_exclusive.a",
        {"role_name": "app", "policy_arns": arns},
        {"policy_arns": [False, True]},
        {"policy_arns": {"references": ["aws_iam_policy.shared.arn", "aws_iam_policy.shared"]}},
    )
    shared = entry("aws_iam_policy.shared", unknown=("arn",), policy=policy(read("Shared")))
    found = only(identities(role("app"), shared, attaching).roles)
    assert {policy.holder for policy in found.policies} == {shared.address, attaching.address}


def test_an_attachment_that_could_be_to_several_roles_leaves_each_undecided() -> None:
    attaching = entry(
        "aws_iam_role_policy.maybe",
        unknown=("role",),
        policy=policy(read("Maybe")),
        refers={"role": {"references": ["aws_iam_role.app.name", "aws_iam_role.app", "aws_iam_role.b", "var.which"]}},
    )
    app = entry("aws_iam_role.app", unknown=("name",), assume_role_policy=policy())
    other = entry("aws_iam_role.b", unknown=("name",), assume_role_policy=policy())
    for found in identities(app, other, attaching).roles:
        assert "aws_iam_role_policy.maybe" in only(found.policies).undecided


def test_an_attachment_that_may_be_to_a_role_leaves_it_undecided() -> None:
    attaching = entry(
        "aws_iam_role_policy.maybe",
        unknown=("role",),
        policy=policy(read("Maybe")),
        refers={"role": {"references": ["aws_iam_role.app.name", "aws_iam_role.app", "local.other"]}},
    )
    app = entry("aws_iam_role.app", unknown=("name",), assume_role_policy=policy())
    found = only(only(identities(app, attaching).roles).policies)
    assert found.statements == ()
    assert "aws_iam_role_policy.maybe: role" in found.undecided


def test_policies_of_aws_are_known_by_their_arn() -> None:
    attachment = entry("aws_iam_role_policy_attachment.a", role="app", policy_arn=READ_ONLY)
    found = only(only(identities(role("app"), attachment).roles).policies)
    assert found.managed_arn == READ_ONLY
    assert found.holder == attachment.address
    document = managed.document(READ_ONLY)
    assert document is not None
    assert len(found.statements) == len(document["Statement"])


@pytest.mark.parametrize(
    ("arn", "reason"),
    [
        ("arn:aws:iam::aws:policy/NoSuchPolicy", "not among the bundled ones"),
        (f"arn:aws:iam::{ACCOUNT}:policy/elsewhere", "outside this stack"),
    ],
)
def test_a_policy_whose_document_nobody_has_is_undecided(arn: str, reason: str) -> None:
    attachment = entry("aws_iam_role_policy_attachment.a", role="app", policy_arn=arn)
    found = only(only(identities(role("app"), attachment).roles).policies)
    assert arn in found.undecided
    assert reason in found.undecided


def test_a_policy_that_the_stack_only_reads_is_read() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/elsewhere"
    data = entry("data.aws_iam_policy.elsewhere", arn=arn, name="elsewhere", policy=policy(read("Elsewhere")))
    attachment = entry("aws_iam_role_policy_attachment.a", role="app", policy_arn=arn)
    assert sids(only(identities(role("app"), data, attachment).roles)) == ["Elsewhere"]


def test_a_permissions_boundary_is_a_policy_of_its_own_kind() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/limit"
    found = only(identities(role("app", permissions_boundary=arn), managed_policy("limit", read("Limit"))).roles)
    assert found.policies == ()
    assert found.boundary.kind == "permissions boundary"
    assert found.boundary.statements[0].sid == "Limit"


@pytest.mark.parametrize("value", ["", None])
def test_an_empty_permissions_boundary_is_none(value: str | None) -> None:
    assert only(identities(role("app", permissions_boundary=value)).roles).boundary is None


@pytest.mark.parametrize(
    "membership",
    [
        entry("aws_iam_user_group_membership.m", user="ann", groups=["admins"]),
        entry("aws_iam_group_membership.m", users=["ann"], group="admins"),
    ],
    ids=lambda membership: membership.address,
)
def test_a_user_has_the_policies_of_its_groups(membership: Entry) -> None:
    group = entry("aws_iam_group.admins", name="admins", arn=f"arn:aws:iam::{ACCOUNT}:group/admins")
    inline = entry("aws_iam_group_policy.p", group="admins", policy=policy(read("Inline")))
    attached = entry("aws_iam_group_policy_attachment.a", group="admins", policy_arn=READ_ONLY)
    found = identities(*user("ann", read("Own")), *user("bob"), group, inline, attached, membership)
    ann, bob = found.users
    assert ann.groups == ("aws_iam_group.admins",)
    assert sids(ann)[:2] == ["Own", "Inline"]
    assert ann.policies[2].managed_arn == READ_ONLY
    assert (bob.groups, bob.policies) == ((), ())
    assert sids(only(found.groups))[0] == "Inline"


def test_a_group_outside_the_stack_may_bring_anything() -> None:
    membership = entry("aws_iam_user_group_membership.m", user="ann", groups=["elsewhere"])
    found = only(identities(*user("ann"), membership).users)
    assert "elsewhere" in only(found.policies).undecided


def test_a_membership_that_may_be_a_users_leaves_its_policies_undecided() -> None:
    group = entry("aws_iam_group.admins", name="admins")
    membership = entry(
        "aws_iam_user_group_membership.m",
        unknown=("user",),
        groups=["admins"],
        refers={"user": {"references": ["aws_iam_user.ann.name", "aws_iam_user.ann", "local.other"]}},
    )
    ann = entry("aws_iam_user.ann", unknown=("name",))
    found = only(identities(ann, group, membership).users)
    assert found.groups == ()
    assert "aws_iam_user_group_membership.m: user" in only(found.policies).undecided


def test_what_is_attached_to_somebody_outside_is_told() -> None:
    found = identities(role_policy("elsewhere", read("Own")))
    assert only(found.unmodelled) == "aws_iam_role_policy.elsewhere_own: attached to elsewhere, outside this stack"


RESOURCE_POLICIES = [
    ("aws_s3_bucket", "policy", {"bucket": "x"}),
    ("aws_sns_topic", "policy", {}),
    ("aws_sqs_queue", "policy", {}),
    ("aws_kms_key", "policy", {}),
    ("aws_secretsmanager_secret", "policy", {}),
    ("aws_opensearch_domain", "access_policies", {}),
    ("aws_glacier_vault", "access_policy", {}),
    ("aws_api_gateway_rest_api", "policy", {}),
]


@pytest.mark.parametrize(("kind", "path", "values"), RESOURCE_POLICIES)
def test_a_resource_holds_its_own_policy(kind: str, path: str, values: dict[str, str]) -> None:
    document = policy(read("Own") | {"Principal": "*"})
    found = identities(Entry(f"{kind}.x", {**values, path: document})).resource_policies
    assert sid_of(only(found[f"{kind}.x"])) == "Own"


@pytest.mark.parametrize(
    ("kind", "attributes", "attaching", "argument", "path"),
    [
        ("aws_s3_bucket", {"bucket": "x"}, "aws_s3_bucket_policy", "bucket", "policy"),
        ("aws_sns_topic", {"arn": "arn:aws:sns:eu-west-1:1:x"}, "aws_sns_topic_policy", "arn", "policy"),
        ("aws_sqs_queue", {"url": "https://sqs/x"}, "aws_sqs_queue_policy", "queue_url", "policy"),
        ("aws_kms_key", {"key_id": "1-2-3"}, "aws_kms_key_policy", "key_id", "policy"),
        ("aws_ecr_repository", {"name": "x"}, "aws_ecr_repository_policy", "repository", "policy"),
        ("aws_secretsmanager_secret", {"arn": "arn:x"}, "aws_secretsmanager_secret_policy", "secret_arn", "policy"),
        ("aws_cloudwatch_event_bus", {"name": "x"}, "aws_cloudwatch_event_bus_policy", "event_bus_name", "policy"),
        ("aws_efs_file_system", {"id": "fs-1"}, "aws_efs_file_system_policy", "file_system_id", "policy"),
        ("aws_backup_vault", {"name": "x"}, "aws_backup_vault_policy", "backup_vault_name", "policy"),
        ("aws_dynamodb_table", {"arn": "arn:x"}, "aws_dynamodb_resource_policy", "resource_arn", "policy"),
        (
            "aws_opensearch_domain",
            {"domain_name": "x"},
            "aws_opensearch_domain_policy",
            "domain_name",
            "access_policies",
        ),
    ],
)
def test_another_resource_gives_it_its_policy(
    kind: str, attributes: dict[str, str], attaching: str, argument: str, path: str
) -> None:
    (name,) = attributes.values()
    document = policy(read("Attached") | {"Principal": "*"})
    other = Entry(f"{kind}.other", dict.fromkeys(attributes, "other"))
    attached = Entry(f"{attaching}.x", {argument: name, path: document})
    found = identities(Entry(f"{kind}.x", dict(attributes)), other, attached).resource_policies
    assert {address: sid_of(only(policies)) for address, policies in found.items()} == {f"{kind}.x": "Attached"}


def sid_of(policy: Policy) -> str:
    (statement,) = policy.statements
    return statement.sid


def test_a_policy_of_its_own_resource_replaces_the_one_inside() -> None:
    inside = policy(read("Inside") | {"Principal": "*"})
    itself = entry("aws_s3_bucket.x", bucket="x", policy=inside)
    attached = entry("aws_s3_bucket_policy.x", bucket="x", policy=policy(read("Attached") | {"Principal": "*"}))
    assert sid_of(only(identities(itself, attached).resource_policies["aws_s3_bucket.x"])) == "Attached"


def test_a_policy_that_aws_chooses_is_none() -> None:
    topic = entry("aws_sns_topic.x", name="x", unknown=("policy",))
    assert identities(topic).resource_policies == {}


def test_a_policy_for_a_whole_service_is_found_by_the_service() -> None:
    document = policy(allow("logs:PutLogEvents", Principal={"Service": "es.amazonaws.com"}))
    logs = entry("aws_cloudwatch_log_resource_policy.x", policy_name="x", policy_document=document)
    assert only(identities(logs).service_policies["logs"]).holder == logs.address


def test_a_permission_of_a_function_is_a_statement() -> None:
    function = entry("aws_lambda_function.f", function_name="f", arn=f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f")
    permission = entry(
        "aws_lambda_permission.p",
        function_name="f",
        action="lambda:InvokeFunction",
        principal="events.amazonaws.com",
        source_arn="arn:aws:events:eu-west-1:1:rule/r",
        source_account=ACCOUNT,
    )
    statement = only(only(identities(function, permission).resource_policies[function.address]).statements)
    assert statement.effect is Effect.ALLOW
    assert statement.actions == ("lambda:InvokeFunction",)
    assert [(principal.kind, principal.value) for principal in statement.principals] == [
        ("Service", "events.amazonaws.com")
    ]
    assert [(condition.operator, condition.key, condition.values) for condition in statement.conditions] == [
        ("ArnLike", "aws:SourceArn", ("arn:aws:events:eu-west-1:1:rule/r",)),
        ("StringEquals", "aws:SourceAccount", (ACCOUNT,)),
    ]


def test_a_permission_for_an_account_names_it_as_one() -> None:
    function = entry("aws_lambda_function.f", function_name="f")
    permission = entry("aws_lambda_permission.p", function_name="f", action="lambda:InvokeFunction", principal=ACCOUNT)
    statement = only(only(identities(function, permission).resource_policies[function.address]).statements)
    assert [(principal.kind, principal.value) for principal in statement.principals] == [("AWS", ACCOUNT)]


def test_a_document_that_is_no_policy_is_an_error_with_its_address() -> None:
    with pytest.raises(PlanError, match="not JSON") as caught:
        identities(role("app"), entry("aws_iam_role_policy.p", role="app", policy="{oops"))
    assert caught.value.where == "aws_iam_role_policy.p: policy"


def test_a_sensitive_document_is_undecided() -> None:
    values = {"role": "app", "policy": policy(read("Own"))}
    secret = Entry("aws_iam_role_policy.p", values, sensitive={"policy": True})
    assert only(only(identities(role("app"), secret).roles).policies).undecided == "sensitive"


def test_what_grants_access_in_another_way_is_told() -> None:
    entries = (
        entry("aws_kms_grant.g", key_id="1"),
        entry("aws_s3_bucket_acl.public", bucket="x", acl="public-read"),
        entry("aws_s3_bucket_acl.private", bucket="x", acl="private"),
        entry("aws_vpc_endpoint.limited", policy=policy(deny("s3:*", Principal="*"))),
        entry("aws_vpc_endpoint.plain", vpc_id="vpc-1"),
        entry("aws_new_thing.x", document=policy(allow("s3:*", Principal="*"))),
        *bucket("x"),
    )
    assert identities(*entries).unmodelled == (
        "aws_kms_grant.g: KMS grants",
        "aws_s3_bucket_acl.public: S3 access control lists",
        "aws_vpc_endpoint.limited: policies of VPC endpoints",
        "aws_new_thing.x: the policy in document",
    )


def rendered(*statements: dict[str, Any], **more: Any) -> tuple[Entry, ...]:
    """A role with a policy that a data source will render on apply."""
    document = entry("data.aws_iam_policy_document.d", unknown=("json",), statement=list(statements), **more)
    inline = entry(
        "aws_iam_role_policy.p",
        unknown=("policy",),
        role="app",
        refers={"policy": {"references": [f"{document.address}.json", document.address]}},
    )
    return role("app"), document, inline


def block(**changes: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "not_actions": None,
        "not_resources": [],
        "principals": [],
        "not_principals": [],
        "condition": [],
    }
    return {"sid": "", "effect": "Allow", "actions": ["s3:GetObject"], "resources": ["*"], **empty, **changes}


def test_a_document_that_is_rendered_on_apply_is_put_together_from_its_statements() -> None:
    conditions = [
        {"test": "StringLike", "variable": "s3:prefix", "values": ["home/&{aws:username}"]},
        {"test": "StringLike", "variable": "s3:prefix", "values": ["public"]},
        {"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]},
    ]
    entries = rendered(
        block(sid="Read", resources=["arn:aws:s3:::b/&{aws:username}"], condition=conditions),
        block(effect="Deny", actions=[], not_actions=["s3:*"], resources=[], not_resources=["a"]),
        block(effect=None),
    )
    first, second, third = only(only(identities(*entries).roles).policies).statements
    assert third.effect is Effect.ALLOW
    assert (first.sid, first.effect, first.actions) == ("Read", Effect.ALLOW, ("s3:GetObject",))
    assert first.resources == ("arn:aws:s3:::b/${aws:username}",)
    assert [(condition.operator, condition.key, condition.values) for condition in first.conditions] == [
        ("StringLike", "s3:prefix", ("home/${aws:username}", "public")),
        ("Bool", "aws:SecureTransport", ("true",)),
    ]
    assert (second.effect, second.actions, second.not_actions) == (Effect.DENY, (), ("s3:*",))
    assert (second.resources, second.not_resources) == ((), ("a",))


def test_a_rendered_document_names_principals() -> None:
    document = entry(
        "data.aws_iam_policy_document.d",
        unknown=("json",),
        statement=[
            block(
                principals=[
                    {"type": "AWS", "identifiers": [ACCOUNT]},
                    {"type": "Service", "identifiers": ["s3.amazonaws.com"]},
                ]
            ),
            block(not_principals=[{"type": "*", "identifiers": ["*"]}]),
        ],
    )
    bucket_policy = entry(
        "aws_s3_bucket_policy.b",
        unknown=("policy",),
        bucket="b",
        refers={"policy": {"references": [f"{document.address}.json", document.address]}},
    )
    found = identities(*bucket("b"), document, bucket_policy).resource_policies["aws_s3_bucket.b"]
    first, second = only(found).statements
    assert [(p.kind, p.value) for p in first.principals or ()] == [("AWS", ACCOUNT), ("Service", "s3.amazonaws.com")]
    assert [(p.kind, p.value) for p in second.not_principals or ()] == [("AWS", "*")]


def test_an_element_that_is_not_known_is_the_only_open_one() -> None:
    known = block(resources=["arn:aws:s3:::b", None])
    document = Entry(
        "data.aws_iam_policy_document.d",
        {"statement": [known]},
        {"json": True, "statement": [{"resources": [False, True]}]},
    )
    role_itself, _, inline = rendered()
    first = only(only(only(identities(role_itself, document, inline).roles).policies).statements)
    assert first.actions == ("s3:GetObject",)
    assert first.resources[0] == "arn:aws:s3:::b"
    assert first.resources[1].path == "statement[0].resources[1]"


@pytest.mark.parametrize(
    "more",
    [{"source_policy_documents": ["{}"]}, {"override_policy_documents": ["{}"]}],
    ids=lambda more: next(iter(more)),
)
def test_a_document_that_is_merged_from_others_is_undecided(more: dict[str, Any]) -> None:
    found = only(only(identities(*rendered(block(), **more)).roles).policies)
    assert found.statements == ()
    assert found.undecided
