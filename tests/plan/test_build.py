"""The build project."""

import pytest

from stackproof import Stack
from stackproof.analysis.wiring import consumers

from . import written


@pytest.mark.requirement("BLD-1")
def test_build_runs_in_the_standard_7_0_image(stack: Stack) -> None:
    project = stack.resource("aws_codebuild_project")
    assert project["environment[0].image"] == "aws/codebuild/standard:7.0"
    assert project["environment[0].type"] == "LINUX_CONTAINER"


@pytest.mark.requirement("BLD-2")
def test_build_runs_on_the_small_size(stack: Stack) -> None:
    assert stack.resource("aws_codebuild_project")["environment[0].compute_type"] == "BUILD_GENERAL1_SMALL"


@pytest.mark.requirement("BLD-3")
def test_build_may_run_docker(stack: Stack) -> None:
    assert stack.resource("aws_codebuild_project")["environment[0].privileged_mode"]


@pytest.mark.requirement("BLD-4")
def test_build_follows_the_buildspec_at_the_root(stack: Stack) -> None:
    assert stack.resource("aws_codebuild_project")["source[0].buildspec"] == "buildspec.yml"


@pytest.mark.requirement("BLD-5")
def test_build_knows_region_registry_and_repository(resolved: Stack) -> None:
    project = resolved.resource("aws_codebuild_project")
    variables = project["environment[0].environment_variable"]
    assert [variable["name"] for variable in variables] == ["AWS_REGION", "ECR_REGISTRY", "ECR_REPOSITORY"]
    assert variables[0]["value"] == resolved.data_source("aws_region", module="codebuild")["id"]
    for number in (1, 2):
        variable = f"environment[0].environment_variable[{number}].value"
        assert project.wired(variable).is_exactly(f"{resolved.resource('aws_ecr_repository').address}.repository_url")


@pytest.mark.requirement("BLD-5")
@pytest.mark.until_apply
def test_registry_and_repository_make_up_the_address_of_the_repository(resolved: Stack) -> None:
    # where AWS puts the registry in the address shows only once there is one
    variables = resolved.resource("aws_codebuild_project")["environment[0].environment_variable"]
    value = {variable["name"]: variable["value"] for variable in variables}
    repository = resolved.resource("aws_ecr_repository")
    assert f"{value['ECR_REGISTRY']}/{value['ECR_REPOSITORY']}" == repository["repository_url"]


@pytest.mark.requirement("BLD-6")
def test_build_logs_are_kept_30_days(stack: Stack) -> None:
    assert stack.resource("aws_cloudwatch_log_group", module="codebuild")["retention_in_days"] == 30


@pytest.mark.requirement("BLD-6")
def test_build_writes_to_that_log_group(resolved: Stack) -> None:
    project = resolved.resource("aws_codebuild_project")
    group = resolved.resource("aws_cloudwatch_log_group", module="codebuild")
    assert project["logs_config[0].cloudwatch_logs[0].status"] == "ENABLED"
    assert project.wired("logs_config[0].cloudwatch_logs[0].group_name").is_exactly(group)
    assert {use.address for use in consumers(resolved, group)} == {project.address}


@pytest.mark.requirement("BLD-7")
def test_build_is_part_of_a_pipeline(stack: Stack) -> None:
    project = stack.resource("aws_codebuild_project")
    assert project["source[0].type"] == "CODEPIPELINE"
    assert project["artifacts[0].type"] == "CODEPIPELINE"


@pytest.mark.requirement("BLD-8")
def test_build_runs_with_the_codebuild_role(resolved: Stack) -> None:
    role = resolved.resource("aws_iam_role", name="codebuild")
    assert resolved.resource("aws_codebuild_project").wired("service_role").is_exactly(role)


@pytest.mark.requirement("BLD-9")
def test_module_hands_out_name_and_arn() -> None:
    assert {"project_name", "project_arn"} <= written.module("codebuild").output_names


@pytest.mark.requirement("BLD-10")
def test_build_encrypts_what_it_makes_with_the_stacks_key(resolved: Stack) -> None:
    key = resolved.resource("aws_kms_key")
    assert resolved.resource("aws_codebuild_project").wired("encryption_key").is_exactly(key)
