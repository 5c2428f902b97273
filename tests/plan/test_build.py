"""The build project."""

import pytest

from stackproof import Stack

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
def test_build_knows_region_registry_and_repository(stack: Stack) -> None:
    variables = stack.resource("aws_codebuild_project")["environment[0].environment_variable"]
    assert {variable["name"] for variable in variables} == {"AWS_REGION", "ECR_REGISTRY", "ECR_REPOSITORY"}


@pytest.mark.requirement("BLD-5")
@pytest.mark.until_apply
def test_registry_and_repository_are_those_of_the_stack(stack: Stack) -> None:
    variables = stack.resource("aws_codebuild_project")["environment[0].environment_variable"]
    value = {variable["name"]: variable["value"] for variable in variables}
    repository = stack.resource("aws_ecr_repository")
    assert value["AWS_REGION"] == stack.data_source("aws_region", module="codebuild")["id"]
    assert f"{value['ECR_REGISTRY']}/{value['ECR_REPOSITORY']}" == repository["repository_url"]


@pytest.mark.requirement("BLD-6")
def test_build_logs_are_kept_30_days(stack: Stack) -> None:
    assert stack.resource("aws_cloudwatch_log_group", module="codebuild")["retention_in_days"] == 30


@pytest.mark.requirement("BLD-6")
def test_build_writes_to_that_log_group(stack: Stack) -> None:
    project = stack.resource("aws_codebuild_project")
    group = stack.resource("aws_cloudwatch_log_group", module="codebuild")
    assert project["logs_config[0].cloudwatch_logs[0].status"] == "ENABLED"
    assert project["logs_config[0].cloudwatch_logs[0].group_name"] == group["name"]


@pytest.mark.requirement("BLD-7")
def test_build_is_part_of_a_pipeline(stack: Stack) -> None:
    project = stack.resource("aws_codebuild_project")
    assert project["source[0].type"] == "CODEPIPELINE"
    assert project["artifacts[0].type"] == "CODEPIPELINE"


@pytest.mark.requirement("BLD-8")
def test_build_is_given_the_codebuild_role() -> None:
    call = written.root().block("module", "codebuild")
    project = written.module("codebuild").resource("aws_codebuild_project")
    assert written.expression(call, "service_role_arn") == "module.iam.codebuild_role_arn", written.place(call)
    assert written.expression(project, "service_role") == "var.service_role_arn", written.place(project)


@pytest.mark.requirement("BLD-8")
@pytest.mark.until_apply
def test_build_runs_with_the_codebuild_role(stack: Stack) -> None:
    role = stack.resource("aws_iam_role", name="codebuild")
    assert stack.resource("aws_codebuild_project")["service_role"] == role["arn"]


@pytest.mark.requirement("BLD-9")
def test_module_hands_out_name_and_arn() -> None:
    assert {"project_name", "project_arn"} <= written.module("codebuild").output_names
