"""The pipeline: its artifacts, its three stages, and whom it tells."""

import pytest

from stackproof import Plan, Stack

from . import written
from .policies import DOCUMENT, denial, grants


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
def test_artifacts_are_encrypted_with_a_key(stack: Stack) -> None:
    encryption = stack.resource("aws_s3_bucket_server_side_encryption_configuration", name="artifacts")
    by_default = "rule[0].apply_server_side_encryption_by_default[0]"
    assert encryption[f"{by_default}.sse_algorithm"] == "aws:kms"
    assert encryption.get(f"{by_default}.kms_master_key_id") is not None


@pytest.mark.requirement("PIP-2")
def test_pipeline_encrypts_what_it_stores(stack: Stack) -> None:
    pipeline = stack.resource("aws_codepipeline")
    assert pipeline["artifact_store[0].encryption_key[0].type"] == "KMS"
    assert pipeline.get("artifact_store[0].encryption_key[0].id") is not None


@pytest.mark.requirement("PIP-2")
@pytest.mark.until_apply
def test_that_key_is_the_stacks(stack: Stack) -> None:
    key = stack.resource("aws_kms_key")["arn"]
    encryption = stack.resource("aws_s3_bucket_server_side_encryption_configuration", name="artifacts")
    by_default = "rule[0].apply_server_side_encryption_by_default[0]"
    assert encryption[f"{by_default}.kms_master_key_id"] == key
    assert stack.resource("aws_codepipeline")["artifact_store[0].encryption_key[0].id"] == key


@pytest.mark.requirement("PIP-3")
def test_artifacts_are_closed_to_the_public(stack: Stack) -> None:
    block = stack.resource("aws_s3_bucket_public_access_block", name="artifacts")
    assert block["block_public_acls"]
    assert block["block_public_policy"]
    assert block["ignore_public_acls"]
    assert block["restrict_public_buckets"]


@pytest.mark.requirement("PIP-4")
def test_artifacts_travel_over_tls_only(stack: Stack) -> None:
    refused = denial(stack.data_source(DOCUMENT, name="artifacts"))
    assert refused["actions"] == ["s3:*"]
    assert refused["principals"] == [{"type": "*", "identifiers": ["*"]}]
    assert refused["condition"] == [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}]
    assert len(refused["resources"]) == 2


@pytest.mark.requirement("PIP-4")
@pytest.mark.until_apply
def test_that_holds_of_the_bucket_and_all_in_it(stack: Stack) -> None:
    refused = denial(stack.data_source(DOCUMENT, name="artifacts"))
    bucket = stack.resource("aws_s3_bucket", name="artifacts")
    assert set(refused["resources"]) == {bucket["arn"], f"{bucket['arn']}/*"}
    assert stack.resource("aws_s3_bucket_policy", name="artifacts")["bucket"] == bucket["id"]


@pytest.mark.requirement("PIP-5")
def test_old_versions_of_artifacts_expire(stack: Stack) -> None:
    [rule] = stack.resource("aws_s3_bucket_lifecycle_configuration", name="artifacts")["rule"]
    assert rule["status"] == "Enabled"
    assert rule["filter"][0]["prefix"] == ""
    assert rule["noncurrent_version_expiration"][0]["noncurrent_days"] == 7


@pytest.mark.requirement("PIP-6")
def test_pipeline_has_an_artifact_store(stack: Stack) -> None:
    pipeline = stack.resource("aws_codepipeline")
    assert pipeline["artifact_store[0].type"] == "S3"
    assert pipeline.get("artifact_store[0].location") is not None


@pytest.mark.requirement("PIP-6")
@pytest.mark.until_apply
def test_that_store_is_the_artifact_bucket(stack: Stack) -> None:
    bucket = stack.resource("aws_s3_bucket", name="artifacts")
    assert stack.resource("aws_codepipeline")["artifact_store[0].location"] == bucket["id"]


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
def test_token_is_read_from_secrets_manager_unless_there_is_a_connection(plan: Plan) -> None:
    tokens = plan.data_sources("aws_secretsmanager_secret_version", name="github_oauth_token")
    assert len(tokens) == (1 if plan.variables["github_connection_arn"] is None else 0)


@pytest.mark.requirement("PIP-9")
def test_pipeline_is_given_that_token_and_no_other() -> None:
    call = written.root().block("module", "codepipeline")
    read = "one(data.aws_secretsmanager_secret_version.github_oauth_token[*].secret_string)"
    assert written.expression(call, "github_oauth_token") == read, written.place(call)


@pytest.mark.requirement("PIP-10")
def test_one_variable_switches_to_a_connection() -> None:
    call = written.root().block("module", "codepipeline")
    [switch] = [block for block in written.module("codepipeline").blocks if block.argument("use_connection")]
    assert written.expression(call, "github_connection_arn") == "var.github_connection_arn", written.place(call)
    assert written.expression(switch, "use_connection") == "var.github_connection_arn != null", written.place(switch)


@pytest.mark.requirement("PIP-10")
def test_every_part_of_the_source_follows_that_switch() -> None:
    action = written.nested(
        written.nested(written.module("codepipeline").resource("aws_codepipeline"), "stage")[0], "action"
    )[0]
    for part in ("owner", "provider", "configuration"):
        assert written.expression(action, part).startswith("local.use_connection ? "), written.place(action)


@pytest.mark.requirement("PIP-11")
def test_build_stage_runs_the_build_project(stack: Stack) -> None:
    pipeline = stack.resource("aws_codepipeline")
    project = stack.resource("aws_codebuild_project")["name"]
    assert pipeline[f"{BUILD}.provider"] == "CodeBuild"
    assert pipeline[f"{BUILD}.configuration"] == {"ProjectName": project}


@pytest.mark.requirement("PIP-12")
def test_deploy_stage_updates_the_service(stack: Stack) -> None:
    pipeline = stack.resource("aws_codepipeline")
    assert pipeline[f"{DEPLOY}.provider"] == "ECS"
    assert pipeline[f"{DEPLOY}.configuration.ClusterName"] == stack.resource("aws_ecs_cluster")["name"]
    assert pipeline[f"{DEPLOY}.configuration.ServiceName"] == stack.resource("aws_ecs_service")["name"]


@pytest.mark.requirement("PIP-12")
def test_deploy_stage_reads_the_image_from_imagedefinitions_json(stack: Stack) -> None:
    assert stack.resource("aws_codepipeline")[f"{DEPLOY}.configuration.FileName"] == "imagedefinitions.json"


# Notifications


@pytest.mark.requirement("PIP-13")
def test_notifications_are_encrypted(stack: Stack) -> None:
    assert stack.resource("aws_sns_topic").get("kms_master_key_id") is not None


@pytest.mark.requirement("PIP-13")
@pytest.mark.until_apply
def test_notifications_are_encrypted_with_the_stacks_key(stack: Stack) -> None:
    assert stack.resource("aws_sns_topic")["kms_master_key_id"] == stack.resource("aws_kms_key")["arn"]


@pytest.mark.requirement("PIP-14")
def test_only_alarms_and_events_publish_to_the_topic(stack: Stack) -> None:
    publishing = grants(stack.data_source(DOCUMENT, name="notifications"))
    services = [principal for statement in publishing for principal in statement["principals"]]
    assert [statement["actions"] for statement in publishing] == [["sns:Publish"], ["sns:Publish"]]
    assert services == [
        {"type": "Service", "identifiers": ["cloudwatch.amazonaws.com"]},
        {"type": "Service", "identifiers": ["events.amazonaws.com"]},
    ]


@pytest.mark.requirement("PIP-14")
def test_only_alarms_of_this_account_publish_to_the_topic(stack: Stack) -> None:
    alarms, _ = grants(stack.data_source(DOCUMENT, name="notifications"))
    account = stack.data_source("aws_caller_identity", module="codepipeline")["account_id"]
    allowed = {condition["variable"]: condition["values"] for condition in alarms["condition"]}
    assert allowed["aws:SourceAccount"] == [account]
    assert f":{account}:alarm:" in allowed["aws:SourceArn"][0]


@pytest.mark.requirement("PIP-14")
@pytest.mark.until_apply
def test_that_policy_is_the_topics(stack: Stack) -> None:
    policy = stack.resource("aws_sns_topic_policy")
    assert policy["arn"] == stack.resource("aws_sns_topic")["arn"]
    assert policy.document("policy") == stack.data_source(DOCUMENT, name="notifications").document("json")


@pytest.mark.requirement("PIP-15")
def test_pipeline_is_given_the_codepipeline_role() -> None:
    call = written.root().block("module", "codepipeline")
    pipeline = written.module("codepipeline").resource("aws_codepipeline")
    assert written.expression(call, "service_role_arn") == "module.iam.codepipeline_role_arn", written.place(call)
    assert written.expression(pipeline, "role_arn") == "var.service_role_arn", written.place(pipeline)


@pytest.mark.requirement("PIP-15")
@pytest.mark.until_apply
def test_pipeline_runs_with_the_codepipeline_role(stack: Stack) -> None:
    role = stack.resource("aws_iam_role", name="codepipeline")
    assert stack.resource("aws_codepipeline")["role_arn"] == role["arn"]


@pytest.mark.requirement("PIP-16")
def test_module_hands_out_name_arn_and_topic() -> None:
    assert {"pipeline_name", "pipeline_arn", "topic_arn"} <= written.module("codepipeline").output_names
