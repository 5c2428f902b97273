"""The roles: who may assume each, and that each may do what it is for and nothing else."""

import re

import pytest

from stackproof import Plan, Resource, Stack

from . import written
from .policies import DOCUMENT, Grant, allowed_actions, grant, grants, role_policies

LOG_WRITING = {"logs:CreateLogStream", "logs:PutLogEvents"}
PULLING = {"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
PUSHING = PULLING | {
    "ecr:GetAuthorizationToken",
    "ecr:CompleteLayerUpload",
    "ecr:DescribeImages",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
}
ARTIFACTS = {
    "s3:GetBucketAcl",
    "s3:GetBucketLocation",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKey",
}
BUILDING = {"codebuild:BatchGetBuilds", "codebuild:StartBuild"}
DEPLOYING = {
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:RegisterTaskDefinition",
    "ecs:TagResource",
    "ecs:UpdateService",
    "iam:PassRole",
}
WITHOUT_RESOURCE_TYPE = {"ecr:GetAuthorizationToken", "ecs:DescribeTaskDefinition", "logs:DescribeLogGroups"}
"""What the service authorization reference lists without a resource type, of all that the stack allows.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

SERVICES = {
    "task_execution": "ecs-tasks.amazonaws.com",
    "task": "ecs-tasks.amazonaws.com",
    "codebuild": "codebuild.amazonaws.com",
    "codepipeline": "codepipeline.amazonaws.com",
    "flow_logs": "vpc-flow-logs.amazonaws.com",
}
"""Every role of the stack and the service that it is for."""

SOURCES = {
    "task_execution": "arn:aws:ecs:{region}:{account}:*",
    "task": "arn:aws:ecs:{region}:{account}:*",
    "codebuild": "arn:aws:codebuild:{region}:{account}:project/{project}",
    "flow_logs": "arn:aws:ec2:{region}:{account}:vpc-flow-log/*",
}
"""What each service assumes its role for; CodePipeline does not say."""


def policy_of(stack: Stack, role: str) -> Resource:
    return stack.data_source(DOCUMENT, name=role)


def account(stack: Stack) -> str:
    return str(stack.data_source("aws_caller_identity", module="iam")["account_id"])


def conditions(statement: Grant) -> dict[str, tuple[str, ...]]:
    """The condition values of a statement by operator and key."""
    return {f"{one['test']} {one['variable']}": tuple(one["values"]) for one in statement["condition"]}


# What each role may do


@pytest.mark.requirement("IAM-1")
def test_there_are_no_roles_but_the_known_ones(stack: Stack) -> None:
    assert {role.name for role in stack.resources("aws_iam_role")} == SERVICES.keys()


@pytest.mark.requirement("IAM-2")
def test_execution_role_may_start_a_task_and_nothing_else(stack: Stack) -> None:
    secrets = {"secretsmanager:GetSecretValue", "kms:Decrypt"}
    assert allowed_actions(policy_of(stack, "task_execution")) == (
        {"ecr:GetAuthorizationToken"} | PULLING | LOG_WRITING | secrets
    )


@pytest.mark.requirement("IAM-3")
@pytest.mark.until_apply
def test_execution_role_pulls_from_this_repository_only(stack: Stack) -> None:
    pulling = grant(policy_of(stack, "task_execution"), "ecr:BatchGetImage")
    assert pulling["resources"] == [stack.resource("aws_ecr_repository")["arn"]]


@pytest.mark.requirement("IAM-3")
def test_execution_role_names_one_repository(stack: Stack) -> None:
    assert len(grant(policy_of(stack, "task_execution"), "ecr:BatchGetImage")["resources"]) == 1


@pytest.mark.requirement("IAM-4")
def test_execution_role_writes_to_the_log_group_of_the_tasks_only(stack: Stack) -> None:
    [written_to] = grant(policy_of(stack, "task_execution"), "logs:PutLogEvents")["resources"]
    group = stack.resource("aws_cloudwatch_log_group", module="ecs")
    assert written_to.endswith(f":{account(stack)}:log-group:{group['name']}:*")


@pytest.mark.requirement("IAM-5")
def test_execution_role_reads_one_secret(stack: Stack) -> None:
    reading = grant(policy_of(stack, "task_execution"), "secretsmanager:GetSecretValue")
    assert reading["actions"] == ["secretsmanager:GetSecretValue"]
    assert len(reading["resources"]) == 1


@pytest.mark.requirement("IAM-5")
@pytest.mark.until_apply
def test_execution_role_reads_exactly_the_secrets_that_the_task_uses(stack: Stack) -> None:
    [container] = stack.resource("aws_ecs_task_definition").document("container_definitions")
    reading = grant(policy_of(stack, "task_execution"), "secretsmanager:GetSecretValue")
    assert set(reading["resources"]) == {secret["valueFrom"] for secret in container["secrets"]}


@pytest.mark.requirement("IAM-5")
def test_execution_role_decrypts_in_the_name_of_a_secret_only(stack: Stack) -> None:
    [condition] = grant(policy_of(stack, "task_execution"), "kms:Decrypt")["condition"]
    assert (condition["test"], condition["variable"]) == ("StringEquals", "kms:EncryptionContext:SecretARN")
    assert len(condition["values"]) == 1


@pytest.mark.requirement("IAM-6")
def test_task_role_may_do_nothing(stack: Stack) -> None:
    assert {policy.name for policy in stack.resources("aws_iam_role_policy")} == SERVICES.keys() - {"task"}


@pytest.mark.requirement("IAM-6")
@pytest.mark.until_apply
def test_each_policy_belongs_to_the_role_of_its_name(stack: Stack) -> None:
    for policy in stack.resources("aws_iam_role_policy"):
        assert policy["role"] == stack.resource("aws_iam_role", name=policy.name)["id"]
        assert policy.document("policy") == policy_of(stack, policy.name).document("json")


@pytest.mark.requirement("IAM-7")
def test_codebuild_role_may_push_log_and_exchange_artifacts_and_nothing_else(stack: Stack) -> None:
    assert allowed_actions(policy_of(stack, "codebuild")) == PUSHING | LOG_WRITING | ARTIFACTS


@pytest.mark.requirement("IAM-8")
def test_codebuild_role_pushes_to_one_repository(stack: Stack) -> None:
    pushing = grant(policy_of(stack, "codebuild"), "ecr:PutImage")
    assert {"ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"} <= set(pushing["actions"])
    assert len(pushing["resources"]) == 1


@pytest.mark.requirement("IAM-8")
@pytest.mark.until_apply
def test_codebuild_role_pushes_to_this_repository_only(stack: Stack) -> None:
    pushing = grant(policy_of(stack, "codebuild"), "ecr:PutImage")
    assert pushing["resources"] == [stack.resource("aws_ecr_repository")["arn"]]


@pytest.mark.requirement("IAM-9")
def test_codebuild_role_writes_to_the_log_group_of_the_builds_only(stack: Stack) -> None:
    writing = grant(policy_of(stack, "codebuild"), "logs:PutLogEvents")
    group = stack.resource("aws_cloudwatch_log_group", module="codebuild")
    assert set(writing["actions"]) == LOG_WRITING
    assert [arn.split(":log-group:")[1] for arn in writing["resources"]] == [f"{group['name']}:*"]


@pytest.mark.requirement("IAM-10")
@pytest.mark.parametrize("role", ["codebuild", "codepipeline"])
def test_artifacts_are_read_and_written_in_the_artifact_bucket_only(stack: Stack, role: str) -> None:
    bucket = stack.resource("aws_s3_bucket", name="artifacts")
    exchange = grant(policy_of(stack, role), "s3:PutObject")
    assert set(exchange["actions"]) == {"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"}
    assert exchange["resources"] == [f"arn:aws:s3:::{bucket['bucket']}/*"]


@pytest.mark.requirement("IAM-10")
@pytest.mark.parametrize("role", ["codebuild", "codepipeline"])
def test_no_other_bucket_is_looked_at(stack: Stack, role: str) -> None:
    bucket = stack.resource("aws_s3_bucket", name="artifacts")
    looking = grant(policy_of(stack, role), "s3:GetBucketLocation")
    assert looking["resources"] == [f"arn:aws:s3:::{bucket['bucket']}"]


@pytest.mark.requirement("IAM-11")
def test_codepipeline_role_may_exchange_artifacts_build_and_deploy_and_nothing_else(plan: Plan) -> None:
    connecting = {"codeconnections:UseConnection", "codestar-connections:UseConnection"}
    allowed = ARTIFACTS | {"s3:GetBucketVersioning"} | BUILDING | DEPLOYING
    if plan.variables["github_connection_arn"] is not None:
        allowed |= connecting
    assert allowed_actions(policy_of(plan, "codepipeline")) == allowed


@pytest.mark.requirement("IAM-12")
def test_codepipeline_role_starts_this_build_project_only(stack: Stack) -> None:
    starting = grant(policy_of(stack, "codepipeline"), "codebuild:StartBuild")
    project = stack.resource("aws_codebuild_project")["name"]
    assert set(starting["actions"]) == {"codebuild:BatchGetBuilds", "codebuild:StartBuild"}
    assert [arn.split(":", 5)[5] for arn in starting["resources"]] == [f"project/{project}"]


@pytest.mark.requirement("IAM-13")
def test_codepipeline_role_deploys_this_service_only(stack: Stack) -> None:
    deploying = grant(policy_of(stack, "codepipeline"), "ecs:UpdateService")
    cluster, service = stack.resource("aws_ecs_cluster")["name"], stack.resource("aws_ecs_service")["name"]
    assert set(deploying["actions"]) == {"ecs:DescribeServices", "ecs:UpdateService"}
    assert [arn.split(":", 5)[5] for arn in deploying["resources"]] == [f"service/{cluster}/{service}"]


@pytest.mark.requirement("IAM-13")
def test_codepipeline_role_registers_revisions_of_this_family_only(stack: Stack) -> None:
    registering = grant(policy_of(stack, "codepipeline"), "ecs:RegisterTaskDefinition")
    family = stack.resource("aws_ecs_task_definition")["family"]
    assert [arn.split(":", 5)[5] for arn in registering["resources"]] == [f"task-definition/{family}:*"]


@pytest.mark.requirement("IAM-14")
def test_codepipeline_role_passes_two_roles(stack: Stack) -> None:
    passing = grant(policy_of(stack, "codepipeline"), "iam:PassRole")
    assert passing["actions"] == ["iam:PassRole"]
    assert len(passing["resources"]) == 2


@pytest.mark.requirement("IAM-14")
@pytest.mark.until_apply
def test_those_two_are_the_roles_of_the_task(stack: Stack) -> None:
    passing = grant(policy_of(stack, "codepipeline"), "iam:PassRole")
    roles = [stack.resource("aws_iam_role", name=name) for name in ("task_execution", "task")]
    assert set(passing["resources"]) == {role["arn"] for role in roles}


@pytest.mark.requirement("IAM-14")
def test_no_other_role_may_pass_roles(stack: Stack) -> None:
    able = {policy.name for policy in role_policies(stack) if "iam:PassRole" in allowed_actions(policy)}
    assert able == {"codepipeline"}


@pytest.mark.requirement("IAM-15")
def test_roles_are_passed_to_ecs_tasks_only(stack: Stack) -> None:
    passing = grant(policy_of(stack, "codepipeline"), "iam:PassRole")
    assert conditions(passing) == {"StringEquals iam:PassedToService": ("ecs-tasks.amazonaws.com",)}


# Who may assume each role


@pytest.mark.requirement("IAM-16")
@pytest.mark.parametrize("role", SERVICES)
def test_each_role_trusts_its_own_service_only(stack: Stack, role: str) -> None:
    [statement] = stack.resource("aws_iam_role", name=role).document("assume_role_policy")["Statement"]
    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Principal"] == {"Service": SERVICES[role]}


@pytest.mark.requirement("IAM-17")
@pytest.mark.parametrize("role", SERVICES)
def test_each_role_is_assumed_on_behalf_of_this_account_only(stack: Stack, role: str) -> None:
    [statement] = stack.resource("aws_iam_role", name=role).document("assume_role_policy")["Statement"]
    assert statement.get("Condition", {}).get("StringEquals") == {"aws:SourceAccount": account(stack)}


@pytest.mark.requirement("IAM-18")
@pytest.mark.parametrize("role", SOURCES)
def test_each_role_is_assumed_for_its_own_kind_of_resource_only(stack: Stack, role: str) -> None:
    source = SOURCES[role].format(
        region=stack.data_source("aws_region", module="iam")["id"],
        account=account(stack),
        project=stack.resource("aws_codebuild_project")["name"],
    )
    [statement] = stack.resource("aws_iam_role", name=role).document("assume_role_policy")["Statement"]
    assert statement.get("Condition", {}).get("ArnLike") == {"aws:SourceArn": source}


# What holds of every policy


@pytest.mark.requirement("IAM-19")
def test_no_policy_allows_an_action_by_wildcard(stack: Stack) -> None:
    documents = stack.data_sources(DOCUMENT)
    assert documents
    for document in documents:
        assert not [action for action in allowed_actions(document) if "*" in action or "?" in action]


@pytest.mark.requirement("IAM-19")
def test_no_policy_allows_all_but_something(stack: Stack) -> None:
    for document in stack.data_sources(DOCUMENT):
        for statement in grants(document):
            assert not statement["not_actions"]
            assert not statement["not_resources"]
            assert not statement["not_principals"]


@pytest.mark.requirement("IAM-20")
def test_every_resource_is_named_unless_the_action_has_none(stack: Stack) -> None:
    for policy in role_policies(stack):
        for statement in grants(policy):
            # a resource known only after apply is some resource's ARN, not a wildcard
            if [arn for arn in statement["resources"] if isinstance(arn, str) and arn == "*"]:
                assert set(statement["actions"]) <= WITHOUT_RESOURCE_TYPE


@pytest.mark.requirement("IAM-21")
def test_a_comment_names_every_action_that_has_no_resource() -> None:
    uncommented = []
    for module in (written.module("iam"), written.module("vpc")):
        for statement in (inner for block in module.blocks for inner in written.inside(block)):
            if statement.kind == "statement" and written.expression(statement, "resources") == '["*"]':
                lines = statement.file.read_text(encoding="utf-8").splitlines()
                comment = lines[statement.line - 2]
                actions = re.findall(r'"([^"]+)"', written.expression(statement, "actions"))
                if not comment.strip().startswith("#") or not all(action in comment for action in actions):
                    uncommented.append(written.place(statement))
    assert not uncommented


@pytest.mark.requirement("IAM-22")
def test_every_policy_is_written_as_a_policy_document() -> None:
    strangers = [
        written.place(block)
        for module in written.every_module()
        for block in module.blocks
        for name in ("policy", "assume_role_policy")
        if block.kind == "resource"
        and block.argument(name)
        and not re.fullmatch(r"data\.aws_iam_policy_document\..+\.json", written.expression(block, name))
        and block.labels[0] != "aws_ecr_lifecycle_policy"
    ]
    assert not strangers


@pytest.mark.requirement("IAM-22")
def test_no_ready_made_policy_is_attached(stack: Stack) -> None:
    attaching = ("aws_iam_role_policy_attachment", "aws_iam_policy_attachment", "aws_iam_role_policies_exclusive")
    assert not [resource.address for kind in attaching for resource in stack.resources(kind)]
    assert not stack.resources("aws_iam_policy")


@pytest.mark.requirement("IAM-22")
def test_no_role_has_a_policy_inside_itself() -> None:
    roles = [block for module in written.every_module() for block in module.blocks if "aws_iam_role" in block.labels]
    assert len(roles) == len(SERVICES)
    assert not [written.place(role) for role in roles if role.blocks or role.argument("managed_policy_arns")]


@pytest.mark.requirement("IAM-23")
def test_module_hands_out_every_roles_arn() -> None:
    arns = {"task_execution_role_arn", "task_role_arn", "codebuild_role_arn", "codepipeline_role_arn"}
    assert arns <= written.module("iam").output_names
