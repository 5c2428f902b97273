"""The secrets: created or found, encrypted, and never with a value in what is written."""

import re

import pytest

from stackproof import Plan, Resource, Stack
from stackproof.analysis.wiring import consumers

from . import written
from .lookup import secret, secrets
from .policies import DOCUMENT, arn, grants

CREDENTIALS = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"  # AWS access key ids
    r"|\bgh[pousr]_[A-Za-z0-9]{36,}"  # GitHub tokens
    r"|\bgithub_pat_[A-Za-z0-9_]{22,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
USING = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:CreateGrant"}
"""What makes use of a key, in contrast to administering it."""

ASSIGNED = re.compile(r'^\s*\w*(?:api_?key|password|secret|token)\w*\s*=\s*"([^"$]+)"', re.IGNORECASE | re.MULTILINE)


def key_policy(stack: Stack) -> Resource:
    return stack.data_source(DOCUMENT, name="key")


@pytest.mark.requirement("SEC-1")
def test_api_key_is_in_secrets_manager(stack: Stack) -> None:
    assert secret(stack, "alpha_vantage_api_key").type == "aws_secretsmanager_secret"


@pytest.mark.requirement("SEC-2")
def test_github_token_is_in_secrets_manager_unless_there_is_a_connection(plan: Plan) -> None:
    indexes = [secret.index for secret in secrets(plan)]
    assert indexes.count("github_oauth_token") == (1 if plan.variables["github_connection_arn"] is None else 0)


@pytest.mark.requirement("SEC-3")
def test_secrets_are_encrypted_with_the_stacks_key(resolved: Stack) -> None:
    for created in resolved.resources("aws_secretsmanager_secret"):
        assert created.wired("kms_key_id").is_exactly(resolved.resource("aws_kms_key"))


@pytest.mark.requirement("SEC-4")
def test_key_is_rotated(stack: Stack) -> None:
    assert stack.resource("aws_kms_key")["enable_key_rotation"]


@pytest.mark.requirement("SEC-5")
def test_key_serves_what_it_is_for_and_nobody_else(plan: Plan, resolved: Stack) -> None:
    using = [statement for statement in grants(key_policy(resolved)) if set(statement["actions"]) & USING]
    topic, region = resolved.resource("aws_sns_topic"), plan.variables["aws_region"]
    services = [f"s3.{region}.amazonaws.com", f"secretsmanager.{region}.amazonaws.com"]
    assert [statement.conditions for statement in using] == [
        {"StringEquals kms:ViaService": services},
        {"StringEquals kms:EncryptionContext:aws:sns:topicArn": [arn(topic)]},
    ]


@pytest.mark.requirement("SEC-5")
def test_administration_of_the_key_grants_no_use_of_it(resolved: Stack) -> None:
    [administering] = [statement for statement in grants(key_policy(resolved)) if not statement["condition"]]
    assert not [action for action in administering["actions"] if action in USING or "*" in action]


@pytest.mark.requirement("SEC-5")
def test_nobody_outside_the_account_may_use_the_key(resolved: Stack) -> None:
    account = resolved.data_source("aws_caller_identity", module="")["account_id"]
    principals = [one for statement in grants(key_policy(resolved)) for one in statement["principals"]]
    known = {"AWS": [f"arn:aws:iam::{account}:root"], "Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]}
    assert {one["type"] for one in principals} == known.keys()
    for one in principals:
        assert one["identifiers"] == known[one["type"]]


@pytest.mark.requirement("SEC-5")
def test_that_policy_is_the_keys(resolved: Stack) -> None:
    assert resolved.resource("aws_kms_key").document("policy") == key_policy(resolved).document("json")


@pytest.mark.requirement("SEC-6")
@pytest.mark.parametrize(
    ("secret", "variable"),
    [
        ("alpha_vantage_api_key", "alpha_vantage_secret_name"),
        ("github_oauth_token", "github_token_secret_name"),
    ],
)
def test_a_name_makes_terraform_find_a_secret_instead_of_creating_it(plan: Plan, secret: str, variable: str) -> None:
    created = {resource.index for resource in plan.resources("aws_secretsmanager_secret")}
    found = {source.index: source["name"] for source in plan.data_sources("aws_secretsmanager_secret")}
    name = plan.variables[variable]
    assert found.get(secret) == name
    assert name is None or secret not in created


@pytest.mark.requirement("SEC-7")
def test_terraform_writes_no_value_of_a_secret(stack: Stack) -> None:
    assert not stack.resources("aws_secretsmanager_secret_version")


@pytest.mark.requirement("SEC-8")
def test_no_file_holds_a_credential() -> None:
    files = [file for file in written.TERRAFORM.rglob("*") if file.is_file() and ".terraform" not in file.parts]
    assert files
    assert not [str(file) for file in files if CREDENTIALS.search(file.read_text(encoding="utf-8"))]


@pytest.mark.requirement("SEC-8")
@pytest.mark.parametrize("file", [f"environments/{name}.tfvars" for name in written.ENVIRONMENTS])
def test_no_variables_file_assigns_something_secret(file: str) -> None:
    assert not ASSIGNED.findall((written.TERRAFORM / file).read_text(encoding="utf-8"))


@pytest.mark.requirement("SEC-9")
def test_token_is_marked_sensitive_on_its_way_to_the_pipeline() -> None:
    token = written.module("codepipeline").block("variable", "github_oauth_token")
    assert written.expression(token, "sensitive") == "true", written.place(token)


@pytest.mark.requirement("SEC-10")
def test_plain_environment_refuses_names_of_secrets() -> None:
    variable = written.root().block("variable", "environment_variables")
    [validation] = written.nested(variable, "validation")
    for word in ("api_?key", "password", "secret", "token"):
        assert word in written.expression(validation, "condition"), written.place(validation)


@pytest.mark.requirement("SEC-11")
def test_api_key_is_used_by_the_task_and_the_role_that_starts_it_and_by_nothing_else(resolved: Stack) -> None:
    uses = consumers(resolved, secret(resolved, "alpha_vantage_api_key"))
    assert {(resolved[use.address].type, resolved[use.address].name) for use in uses} == {
        ("aws_ecs_task_definition", "this"),
        ("aws_iam_policy_document", "task_execution"),
        ("aws_iam_role_policy", "task_execution"),
    }


@pytest.mark.requirement("SEC-12")
def test_github_token_is_read_for_the_source_of_the_pipeline_and_for_nothing_else(resolved: Stack) -> None:
    for value in resolved.data_sources("aws_secretsmanager_secret_version"):
        readers = consumers(resolved, secret(resolved, "github_oauth_token"))
        assert {use.address for use in readers} == {value.address}
        users = consumers(resolved, value)
        assert {use.address for use in users} == {resolved.resource("aws_codepipeline").address}


@pytest.mark.requirement("SEC-13")
def test_stacks_key_encrypts_secrets_artifacts_and_notifications_and_nothing_else(resolved: Stack) -> None:
    users = {resolved[use.address].type for use in consumers(resolved, resolved.resource("aws_kms_key"))}
    assert users - {"aws_kms_alias", "aws_iam_role_policy", DOCUMENT} == {
        "aws_codebuild_project",
        "aws_codepipeline",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_secretsmanager_secret",
        "aws_sns_topic",
    }


@pytest.mark.requirement("SEC-14")
def test_alias_is_another_name_of_the_stacks_key(resolved: Stack) -> None:
    assert resolved.resource("aws_kms_alias").wired("target_key_id").is_exactly(resolved.resource("aws_kms_key"))
