"""With a CodeConnections connection the pipeline needs no token."""

import pytest

from stackproof import Plan

from .conftest import CONNECTION

SOURCE = "stage[0].action[0]"


@pytest.mark.requirement("PIP-8", "PIP-10")
def test_source_is_that_connection(connected: Plan) -> None:
    pipeline = connected.resource("aws_codepipeline")
    assert (pipeline[f"{SOURCE}.owner"], pipeline[f"{SOURCE}.provider"]) == ("AWS", "CodeStarSourceConnection")
    assert pipeline[f"{SOURCE}.configuration"] == {
        "ConnectionArn": CONNECTION,
        "FullRepositoryId": connected.variables["github_repository"],
        "BranchName": connected.variables["github_branch"],
        "DetectChanges": "true",
    }


@pytest.mark.requirement("PIP-9", "SEC-2")
def test_no_token_is_created_or_read(connected: Plan) -> None:
    secrets = [*connected.resources("aws_secretsmanager_secret"), *connected.data_sources("aws_secretsmanager_secret")]
    assert [secret.index for secret in secrets] == ["alpha_vantage_api_key"]
    assert not connected.data_sources("aws_secretsmanager_secret_version")


@pytest.mark.requirement("IAM-11")
def test_codepipeline_role_uses_that_connection_only(connected: Plan) -> None:
    policy = connected.resolved.resource("aws_iam_role_policy", name="codepipeline").document("policy")
    [using] = [statement for statement in policy["Statement"] if statement["Sid"] == "ReadSource"]
    assert set(using["Action"]) == {"codeconnections:UseConnection", "codestar-connections:UseConnection"}
    assert (using["Effect"], using["Resource"]) == ("Allow", CONNECTION)


@pytest.mark.requirement("ECS-11")
def test_container_gets_every_plain_variable(connected: Plan) -> None:
    [container] = connected.resolved.resource("aws_ecs_task_definition").document("container_definitions")
    assert container["environment"] == [
        {"name": "CACHE_SECONDS", "value": "60"},
        {"name": "LOG_LEVEL", "value": "debug"},
    ]


@pytest.mark.requirement("MON-6")
def test_every_subscriber_hears_of_the_topic(connected: Plan) -> None:
    subscriptions = connected.resolved.resources("aws_sns_topic_subscription")
    assert {subscription["endpoint"] for subscription in subscriptions} == {"team@example.com", "duty@example.com"}
    for subscription in subscriptions:
        assert subscription["protocol"] == "email"
        assert subscription.wired("topic_arn").is_exactly(connected.resolved.resource("aws_sns_topic"))
