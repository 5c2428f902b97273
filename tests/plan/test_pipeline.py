"""The pipeline: its artifacts, its three stages, and whom it tells."""

import pytest

from stackproof import Plan, Stack
from stackproof.analysis.wiring import consumers

from . import written
from .lookup import secret
from .policies import DOCUMENT, allowed_actions, arn, denial, grants


def stage(number: int) -> str:
    """The path of a stage's one action."""
    return f"stage[{number}].action[0]"


SOURCE, BUILD, DEPLOY = stage(0), stage(1), stage(2)


# Artifacts


@pytest.mark.requirement("PIP-1")
def test_artifacts_are_versioned(stack: Stack) -> None:
    versioning = stack.resource("aws_s3_bucket_versioning", name="artifacts")
    assert versioning["versioning_configuration[0].status"] == "Enabled"


@pytest.mark.requirement("PIP-2")
def test_artifacts_are_encrypted_with_the_stacks_key(resolved: Stack) -> None:
    encryption = resolved.resource("aws_s3_bucket_server_side_encryption_configuration", name="artifacts")
    by_default = "rule[0].apply_server_side_encryption_by_default[0]"
    assert encryption[f"{by_default}.sse_algorithm"] == "aws:kms"
    assert encryption.wired(f"{by_default}.kms_master_key_id").is_exactly(resolved.resource("aws_kms_key"))


@pytest.mark.requirement("PIP-2")
def test_pipeline_encrypts_what_it_stores_with_the_stacks_key(resolved: Stack) -> None:
    pipeline = resolved.resource("aws_codepipeline")
    assert pipeline["artifact_store[0].encryption_key[0].type"] == "KMS"
    assert pipeline.wired("artifact_store[0].encryption_key[0].id").is_exactly(resolved.resource("aws_kms_key"))


@pytest.mark.requirement("PIP-3")
def test_artifacts_are_closed_to_the_public(stack: Stack) -> None:
    block = stack.resource("aws_s3_bucket_public_access_block", name="artifacts")
    assert block["block_public_acls"]
    assert block["block_public_policy"]
    assert block["ignore_public_acls"]
    assert block["restrict_public_buckets"]


@pytest.mark.requirement("PIP-4")
def test_artifacts_travel_over_tls_only(resolved: Stack) -> None:
    refused = denial(resolved.data_source(DOCUMENT, name="artifacts"))
    bucket = resolved.resource("aws_s3_bucket", name="artifacts")
    assert refused["actions"] == ["s3:*"]
    assert refused["principals"] == [{"type": "*", "identifiers": ["*"]}]
    assert refused.conditions == {"Bool aws:SecureTransport": ["false"]}
    assert refused.resources == {arn(bucket), f"{arn(bucket)}/*"}


@pytest.mark.requirement("PIP-4")
def test_policy_of_the_artifact_bucket_allows_nobody_anything(resolved: Stack) -> None:
    assert not allowed_actions(resolved.data_source(DOCUMENT, name="artifacts"))


@pytest.mark.requirement("PIP-5")
def test_old_versions_of_artifacts_expire(stack: Stack) -> None:
    [rule] = stack.resource("aws_s3_bucket_lifecycle_configuration", name="artifacts")["rule"]
    assert rule["status"] == "Enabled"
    assert rule["filter"][0]["prefix"] == ""
    assert rule["noncurrent_version_expiration"][0]["noncurrent_days"] == 7


@pytest.mark.requirement("PIP-6")
def test_pipeline_stores_its_artifacts_in_the_artifact_bucket(resolved: Stack) -> None:
    pipeline = resolved.resource("aws_codepipeline")
    assert pipeline["artifact_store[0].type"] == "S3"
    assert pipeline.wired("artifact_store[0].location").is_exactly(resolved.resource("aws_s3_bucket", name="artifacts"))
    assert len(pipeline["artifact_store"]) == 1


# Stages


@pytest.mark.requirement("PIP-7")
def test_stages_are_source_build_and_deploy(stack: Stack) -> None:
    stages = stack.resource("aws_codepipeline")["stage"]
    assert [stage["name"] for stage in stages] == ["Source", "Build", "Deploy"]
    assert [len(stage["action"]) for stage in stages] == [1, 1, 1]


@pytest.mark.requirement("PIP-7")
def test_each_stage_takes_what_the_one_before_made(stack: Stack) -> None:
    pipeline = stack.resource("aws_codepipeline")
    assert pipeline[f"{BUILD}.input_artifacts"] == pipeline[f"{SOURCE}.output_artifacts"]
    assert pipeline[f"{DEPLOY}.input_artifacts"] == pipeline[f"{BUILD}.output_artifacts"]


@pytest.mark.requirement("PIP-8")
def test_source_is_github_by_token_unless_there_is_a_connection(plan: Plan) -> None:
    pipeline = plan.resource("aws_codepipeline")
    by_token = plan.variables["github_connection_arn"] is None
    assert pipeline[f"{SOURCE}.provider"] == ("GitHub" if by_token else "CodeStarSourceConnection")
    assert pipeline[f"{SOURCE}.owner"] == ("ThirdParty" if by_token else "AWS")


@pytest.mark.requirement("PIP-9")
def test_pipeline_is_given_that_token_and_nothing_else_that_is_secret(plan: Plan, resolved: Stack) -> None:
    pipeline = resolved.resource("aws_codepipeline")
    tokens = resolved.data_sources("aws_secretsmanager_secret_version", name="github_oauth_token")
    assert len(tokens) == (1 if plan.variables["github_connection_arn"] is None else 0)
    assert pipeline.wired(f"{SOURCE}.configuration").is_exactly(tokens)


@pytest.mark.requirement("PIP-9")
def test_token_is_that_of_the_secret_for_it(resolved: Stack) -> None:
    for token in resolved.data_sources("aws_secretsmanager_secret_version"):
        assert token.wired("secret_id").is_exactly(secret(resolved, "github_oauth_token"))


@pytest.mark.requirement("PIP-10")
def test_source_holds_a_token_or_a_connection_as_that_one_variable_says(plan: Plan, resolved: Stack) -> None:
    connection = plan.variables["github_connection_arn"]
    configuration = resolved.resource("aws_codepipeline")[f"{SOURCE}.configuration"]
    assert ("OAuthToken" in configuration) == (connection is None)
    assert configuration.get("ConnectionArn") == connection


@pytest.mark.requirement("PIP-11")
def test_build_stage_runs_the_build_project(resolved: Stack) -> None:
    pipeline = resolved.resource("aws_codepipeline")
    assert pipeline[f"{BUILD}.provider"] == "CodeBuild"
    assert list(pipeline[f"{BUILD}.configuration"]) == ["ProjectName"]
    assert pipeline.wired(f"{BUILD}.configuration.ProjectName").is_exactly(resolved.resource("aws_codebuild_project"))


@pytest.mark.requirement("PIP-12")
def test_deploy_stage_updates_the_service_in_its_cluster(resolved: Stack) -> None:
    pipeline = resolved.resource("aws_codepipeline")
    assert pipeline[f"{DEPLOY}.provider"] == "ECS"
    assert pipeline.wired(f"{DEPLOY}.configuration.ClusterName").is_exactly(resolved.resource("aws_ecs_cluster"))
    assert pipeline.wired(f"{DEPLOY}.configuration.ServiceName").is_exactly(resolved.resource("aws_ecs_service"))


@pytest.mark.requirement("PIP-12")
def test_deploy_stage_names_cluster_and_service_as_they_are_called(resolved: Stack) -> None:
    pipeline = resolved.resource("aws_codepipeline")
    assert pipeline[f"{DEPLOY}.configuration.ClusterName"] == resolved.resource("aws_ecs_cluster")["name"]
    assert pipeline[f"{DEPLOY}.configuration.ServiceName"] == resolved.resource("aws_ecs_service")["name"]


@pytest.mark.requirement("PIP-12")
def test_deploy_stage_reads_the_image_from_imagedefinitions_json(stack: Stack) -> None:
    assert stack.resource("aws_codepipeline")[f"{DEPLOY}.configuration.FileName"] == "imagedefinitions.json"


# Notifications


@pytest.mark.requirement("PIP-13")
def test_notifications_are_encrypted_with_the_stacks_key(resolved: Stack) -> None:
    assert resolved.resource("aws_sns_topic").wired("kms_master_key_id").is_exactly(resolved.resource("aws_kms_key"))


@pytest.mark.requirement("PIP-14")
def test_only_alarms_and_events_publish_to_the_topic(resolved: Stack) -> None:
    publishing = grants(resolved.data_source(DOCUMENT, name="notifications"))
    services = [principal for statement in publishing for principal in statement["principals"]]
    assert [statement["actions"] for statement in publishing] == [["sns:Publish"], ["sns:Publish"]]
    assert services == [
        {"type": "Service", "identifiers": ["cloudwatch.amazonaws.com"]},
        {"type": "Service", "identifiers": ["events.amazonaws.com"]},
    ]
    for statement in publishing:
        assert statement.wired("resources").is_exactly(resolved.resource("aws_sns_topic"))
        assert statement.resources == {arn(resolved.resource("aws_sns_topic"))}


@pytest.mark.requirement("PIP-14")
def test_only_alarms_of_this_account_publish_to_the_topic(resolved: Stack) -> None:
    alarms, _ = grants(resolved.data_source(DOCUMENT, name="notifications"))
    account = resolved.data_source("aws_caller_identity", module="codepipeline")["account_id"]
    region = resolved.data_source("aws_region", module="codepipeline")["id"]
    assert alarms.conditions == {
        "StringEquals aws:SourceAccount": [account],
        "ArnLike aws:SourceArn": [f"arn:aws:cloudwatch:{region}:{account}:alarm:*"],
    }


@pytest.mark.requirement("PIP-14")
def test_that_policy_is_the_topics(resolved: Stack) -> None:
    policy, document = resolved.resource("aws_sns_topic_policy"), resolved.data_source(DOCUMENT, name="notifications")
    assert policy.wired("arn").is_exactly(resolved.resource("aws_sns_topic"))
    assert policy.document("policy") == document.document("json")


@pytest.mark.requirement("PIP-15")
def test_pipeline_runs_with_the_codepipeline_role(resolved: Stack) -> None:
    role = resolved.resource("aws_iam_role", name="codepipeline")
    assert resolved.resource("aws_codepipeline").wired("role_arn").is_exactly(role)


@pytest.mark.requirement("PIP-16")
def test_module_hands_out_name_arn_and_topic() -> None:
    assert {"pipeline_name", "pipeline_arn", "topic_arn"} <= written.module("codepipeline").output_names


@pytest.mark.requirement("PIP-18")
def test_artifact_bucket_is_named_by_the_pipeline_and_its_own_settings_only(resolved: Stack) -> None:
    uses = consumers(resolved, resolved.resource("aws_s3_bucket", name="artifacts"))
    others = {use.address for use in uses if resolved[use.address].name != "artifacts"}
    assert others == {resolved.resource("aws_codepipeline").address}
