"""The secrets: created or found, encrypted, and never with a value in what is written."""

import re

import pytest

from stackproof import Plan, Stack

from . import written

CREDENTIALS = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"  # AWS access key ids
    r"|\bgh[pousr]_[A-Za-z0-9]{36,}"  # GitHub tokens
    r"|\bgithub_pat_[A-Za-z0-9_]{22,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
ASSIGNED = re.compile(r'^\s*\w*(?:api_?key|password|secret|token)\w*\s*=\s*"([^"$]+)"', re.IGNORECASE | re.MULTILINE)


@pytest.mark.requirement("SEC-1")
def test_api_key_is_in_secrets_manager(plan: Plan) -> None:
    indexes = [secret.index for secret in plan.resources("aws_secretsmanager_secret")]
    indexes += [secret.index for secret in plan.data_sources("aws_secretsmanager_secret")]
    assert indexes.count("alpha_vantage_api_key") == 1


@pytest.mark.requirement("SEC-2")
def test_github_token_is_in_secrets_manager_unless_there_is_a_connection(plan: Plan) -> None:
    indexes = [secret.index for secret in plan.resources("aws_secretsmanager_secret")]
    indexes += [secret.index for secret in plan.data_sources("aws_secretsmanager_secret")]
    assert indexes.count("github_oauth_token") == (1 if plan.variables["github_connection_arn"] is None else 0)


@pytest.mark.requirement("SEC-3")
def test_secrets_are_encrypted_with_a_key(stack: Stack) -> None:
    for secret in stack.resources("aws_secretsmanager_secret"):
        assert secret.get("kms_key_id") is not None


@pytest.mark.requirement("SEC-3")
@pytest.mark.until_apply
def test_that_key_is_the_stacks(stack: Stack) -> None:
    for secret in stack.resources("aws_secretsmanager_secret"):
        assert secret["kms_key_id"] == stack.resource("aws_kms_key")["arn"]


@pytest.mark.requirement("SEC-4")
def test_key_is_rotated(stack: Stack) -> None:
    assert stack.resource("aws_kms_key")["enable_key_rotation"]


@pytest.mark.requirement("SEC-5")
def test_key_serves_what_it_is_for_and_nobody_else(stack: Stack) -> None:
    statements = stack.resource("aws_kms_key").document("policy")["Statement"]
    using = [statement for statement in statements if "kms:Decrypt" in statement["Action"]]
    assert [list(statement.get("Condition", {}).get("StringEquals", ())) for statement in using] == [
        ["kms:ViaService"],
        ["kms:EncryptionContext:aws:sns:topicArn"],
    ]


@pytest.mark.requirement("SEC-5")
def test_nobody_outside_the_account_may_use_the_key(stack: Stack) -> None:
    account = stack.data_source("aws_caller_identity", module="")["account_id"]
    principals = [statement["Principal"] for statement in stack.resource("aws_kms_key").document("policy")["Statement"]]
    assert {principal["AWS"] for principal in principals if "AWS" in principal} == {f"arn:aws:iam::{account}:root"}
    assert {service for principal in principals for service in principal.get("Service", ())} == {
        "cloudwatch.amazonaws.com",
        "events.amazonaws.com",
    }


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
    found = {source.index for source in plan.data_sources("aws_secretsmanager_secret")}
    named = plan.variables[variable] is not None
    assert secret not in (created if named else found)


@pytest.mark.requirement("SEC-6")
def test_existing_secrets_are_read_by_those_names() -> None:
    secrets = written.root().block("data", "aws_secretsmanager_secret", "existing")
    [locals_] = [block for block in written.root().blocks if block.kind == "locals" and block.argument("secrets")]
    names = re.findall(r"existing_name = (\S+)", written.expression(locals_, "secrets"))
    assert written.expression(secrets, "name") == "each.value.existing_name", written.place(secrets)
    assert names == ["var.alpha_vantage_secret_name", "var.github_token_secret_name"], written.place(locals_)


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
