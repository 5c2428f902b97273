"""Secrets that exist already are found by their names, used where created ones would be, and never told."""

import json

import pytest

from stackproof import Plan, Resource

from .conftest import API_KEY_SECRET, TOKEN, TOKEN_SECRET


def found(plan: Plan, key: str) -> Resource:
    return plan.resolved.data_source("aws_secretsmanager_secret", index=key)


@pytest.mark.requirement("SEC-6")
def test_secrets_are_found_by_their_names_and_not_created(existing: Plan) -> None:
    assert found(existing, "alpha_vantage_api_key")["name"] == API_KEY_SECRET
    assert found(existing, "github_oauth_token")["name"] == TOKEN_SECRET
    assert not existing.resources("aws_secretsmanager_secret")


@pytest.mark.requirement("SEC-6", "ECS-10")
def test_task_gets_the_key_that_was_found(existing: Plan) -> None:
    [container] = existing.resolved.resource("aws_ecs_task_definition").document("container_definitions")
    key = found(existing, "alpha_vantage_api_key")
    assert container["secrets"] == [{"name": "ALPHA_VANTAGE_API_KEY", "valueFrom": key["arn"]}]


@pytest.mark.requirement("SEC-6", "IAM-5")
def test_execution_role_reads_and_decrypts_that_key_only(existing: Plan) -> None:
    policy = existing.resolved.resource("aws_iam_role_policy", name="task_execution").document("policy")
    statements = {statement["Sid"]: statement for statement in policy["Statement"]}
    key, stacks_key = found(existing, "alpha_vantage_api_key"), existing.resolved.resource("aws_kms_key")
    assert statements["ReadSecrets"]["Resource"] == key["arn"]
    assert set(statements["DecryptSecrets"]["Resource"]) == {stacks_key["arn"], key["kms_key_id"]}
    assert statements["DecryptSecrets"]["Condition"] == {
        "StringEquals": {"kms:EncryptionContext:SecretARN": key["arn"]}
    }


@pytest.mark.requirement("SEC-6", "PIP-9")
def test_pipeline_gets_the_token_that_was_found(existing: Plan) -> None:
    value = existing.resolved.data_source("aws_secretsmanager_secret_version")
    pipeline = existing.resolved.resource("aws_codepipeline")
    assert value.wired("secret_id").is_exactly(found(existing, "github_oauth_token"))
    assert pipeline.wired("stage[0].action[0].configuration.OAuthToken").is_exactly(value)


@pytest.mark.requirement("SEC-9")
def test_token_is_sensitive_and_in_nothing_that_is_kept(existing: Plan) -> None:
    assert existing.resource("aws_codepipeline").is_sensitive("stage[0].action[0].configuration.OAuthToken")
    assert TOKEN not in json.dumps(existing.document)
