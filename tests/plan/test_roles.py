"""The roles: who may assume each, and that each may do what it is for and nothing else."""

import re

import pytest

from stackproof import Plan, Resource, Stack
from stackproof.analysis.wiring import consumers, roles
from stackproof.plan.wiring import plain

from . import written
from .policies import DOCUMENT, allowed_actions, arn, grant, grants, policy_of, role_policies

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

USERS = {
    "task_execution": ("aws_ecs_service", "aws_ecs_task_definition"),
    "task": ("aws_ecs_service", "aws_ecs_task_definition"),
    "codebuild": ("aws_codebuild_project",),
    "codepipeline": ("aws_codepipeline",),
    "flow_logs": ("aws_flow_log",),
}
"""What runs under each role."""


def role(stack: Stack, name: str) -> Resource:
    return stack.resource("aws_iam_role", name=name)


def account(stack: Stack) -> str:
    return str(stack.data_source("aws_caller_identity", module="iam")["account_id"])


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
def test_execution_role_pulls_from_this_repository_only(resolved: Stack) -> None:
    pulling = grant(policy_of(resolved, "task_execution"), "ecr:BatchGetImage")
    repository = resolved.resource("aws_ecr_repository")
    assert pulling.wired("resources").is_exactly(repository)
    assert pulling.resources == {arn(repository)}


@pytest.mark.requirement("IAM-4")
def test_execution_role_writes_to_the_log_group_of_the_tasks_only(resolved: Stack) -> None:
    writing = grant(policy_of(resolved, "task_execution"), "logs:PutLogEvents")
    group = resolved.resource("aws_cloudwatch_log_group", module="ecs")
    assert set(writing["actions"]) == LOG_WRITING
    assert writing.resources == {f"{arn(group)}:*"}


@pytest.mark.requirement("IAM-5")
def test_execution_role_reads_exactly_the_secrets_that_the_task_uses(resolved: Stack) -> None:
    [container] = resolved.resource("aws_ecs_task_definition").document("container_definitions")
    reading = grant(policy_of(resolved, "task_execution"), "secretsmanager:GetSecretValue")
    assert reading["actions"] == ["secretsmanager:GetSecretValue"]
    assert set(reading["resources"]) == {secret["valueFrom"] for secret in container["secrets"]}


@pytest.mark.requirement("IAM-5")
def test_execution_role_decrypts_in_the_name_of_those_secrets_only(resolved: Stack) -> None:
    document = policy_of(resolved, "task_execution")
    reading, decrypting = grant(document, "secretsmanager:GetSecretValue"), grant(document, "kms:Decrypt")
    assert decrypting["actions"] == ["kms:Decrypt"]
    assert decrypting.conditions == {"StringEquals kms:EncryptionContext:SecretARN": reading["resources"]}


@pytest.mark.requirement("IAM-6")
def test_task_role_may_do_nothing(resolved: Stack) -> None:
    policies = resolved.resources("aws_iam_role_policy")
    assert {policy.name for policy in policies} == SERVICES.keys() - {"task"}
    for policy in policies:
        assert not policy.wired("role").is_any_of(role(resolved, "task"))


@pytest.mark.requirement("IAM-7")
def test_codebuild_role_may_push_log_and_exchange_artifacts_and_nothing_else(stack: Stack) -> None:
    assert allowed_actions(policy_of(stack, "codebuild")) == PUSHING | LOG_WRITING | ARTIFACTS


@pytest.mark.requirement("IAM-8")
def test_codebuild_role_pushes_to_this_repository_only(resolved: Stack) -> None:
    pushing = grant(policy_of(resolved, "codebuild"), "ecr:PutImage")
    repository = resolved.resource("aws_ecr_repository")
    assert set(pushing["actions"]) == PUSHING - {"ecr:GetAuthorizationToken"}
    assert pushing.wired("resources").is_exactly(repository)
    assert pushing.resources == {arn(repository)}


@pytest.mark.requirement("IAM-9")
def test_codebuild_role_writes_to_the_log_group_of_the_builds_only(resolved: Stack) -> None:
    writing = grant(policy_of(resolved, "codebuild"), "logs:PutLogEvents")
    group = resolved.resource("aws_cloudwatch_log_group", module="codebuild")
    assert set(writing["actions"]) == LOG_WRITING
    assert writing.resources == {f"{arn(group)}:*"}


@pytest.mark.requirement("IAM-10")
@pytest.mark.parametrize("name", ["codebuild", "codepipeline"])
def test_artifacts_are_read_and_written_in_the_artifact_bucket_only(resolved: Stack, name: str) -> None:
    exchange = grant(policy_of(resolved, name), "s3:PutObject")
    bucket = resolved.resource("aws_s3_bucket", name="artifacts")
    assert set(exchange["actions"]) == {"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"}
    assert exchange.resources == {f"{arn(bucket)}/*"}


@pytest.mark.requirement("IAM-10")
@pytest.mark.parametrize("name", ["codebuild", "codepipeline"])
def test_no_other_bucket_is_looked_at(resolved: Stack, name: str) -> None:
    looking = grant(policy_of(resolved, name), "s3:GetBucketLocation")
    assert looking.resources == {arn(resolved.resource("aws_s3_bucket", name="artifacts"))}


@pytest.mark.requirement("IAM-11")
def test_codepipeline_role_may_exchange_artifacts_build_and_deploy_and_nothing_else(plan: Plan) -> None:
    connecting = {"codeconnections:UseConnection", "codestar-connections:UseConnection"}
    allowed = ARTIFACTS | {"s3:GetBucketVersioning"} | BUILDING | DEPLOYING
    if plan.variables["github_connection_arn"] is not None:
        allowed |= connecting
    assert allowed_actions(policy_of(plan, "codepipeline")) == allowed


@pytest.mark.requirement("IAM-12")
def test_codepipeline_role_starts_this_build_project_only(resolved: Stack) -> None:
    starting = grant(policy_of(resolved, "codepipeline"), "codebuild:StartBuild")
    assert set(starting["actions"]) == BUILDING
    assert starting.resources == {arn(resolved.resource("aws_codebuild_project"))}


@pytest.mark.requirement("IAM-13")
def test_codepipeline_role_deploys_this_service_only(resolved: Stack) -> None:
    deploying = grant(policy_of(resolved, "codepipeline"), "ecs:UpdateService")
    cluster, service = resolved.resource("aws_ecs_cluster"), resolved.resource("aws_ecs_service")
    assert set(deploying["actions"]) == {"ecs:DescribeServices", "ecs:UpdateService"}
    assert deploying.resources == {f"{arn(cluster).replace(':cluster/', ':service/')}/{service['name']}"}


@pytest.mark.requirement("IAM-13")
@pytest.mark.parametrize("action", ["ecs:RegisterTaskDefinition", "ecs:TagResource"])
def test_codepipeline_role_registers_revisions_of_this_family_only(resolved: Stack, action: str) -> None:
    registering = grant(policy_of(resolved, "codepipeline"), action)
    revision = arn(resolved.resource("aws_ecs_task_definition"))
    assert registering.resources == {f"{revision.rpartition(':')[0]}:*"}


@pytest.mark.requirement("IAM-13")
def test_codepipeline_role_tags_what_it_registers_only(resolved: Stack) -> None:
    tagging = grant(policy_of(resolved, "codepipeline"), "ecs:TagResource")
    assert tagging["actions"] == ["ecs:TagResource"]
    assert tagging.conditions == {"StringEquals ecs:CreateAction": ["RegisterTaskDefinition"]}


@pytest.mark.requirement("IAM-14")
def test_codepipeline_role_passes_the_two_roles_of_the_task(resolved: Stack) -> None:
    passing = grant(policy_of(resolved, "codepipeline"), "iam:PassRole")
    two = [role(resolved, "task_execution"), role(resolved, "task")]
    assert passing["actions"] == ["iam:PassRole"]
    assert passing.wired("resources").is_exactly(two)
    assert passing.resources == {arn(one) for one in two}


@pytest.mark.requirement("IAM-14")
def test_no_other_role_may_pass_roles(stack: Stack) -> None:
    able = {policy.name for policy in role_policies(stack) if "iam:PassRole" in allowed_actions(policy)}
    assert able == {"codepipeline"}


@pytest.mark.requirement("IAM-15")
def test_roles_are_passed_to_ecs_tasks_only(resolved: Stack) -> None:
    passing = grant(policy_of(resolved, "codepipeline"), "iam:PassRole")
    assert passing.conditions == {"StringEquals iam:PassedToService": ["ecs-tasks.amazonaws.com"]}


# Who may assume each role


@pytest.mark.requirement("IAM-16")
@pytest.mark.parametrize("name", SERVICES)
def test_each_role_trusts_its_own_service_only(stack: Stack, name: str) -> None:
    [statement] = role(stack, name).document("assume_role_policy")["Statement"]
    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Principal"] == {"Service": SERVICES[name]}


@pytest.mark.requirement("IAM-17")
@pytest.mark.parametrize("name", SERVICES)
def test_each_role_is_assumed_on_behalf_of_this_account_only(stack: Stack, name: str) -> None:
    [statement] = role(stack, name).document("assume_role_policy")["Statement"]
    assert statement.get("Condition", {}).get("StringEquals") == {"aws:SourceAccount": account(stack)}


@pytest.mark.requirement("IAM-18")
@pytest.mark.parametrize("name", SOURCES)
def test_each_role_is_assumed_for_its_own_kind_of_resource_only(stack: Stack, name: str) -> None:
    source = SOURCES[name].format(
        region=stack.data_source("aws_region", module="iam")["id"],
        account=account(stack),
        project=stack.resource("aws_codebuild_project")["name"],
    )
    [statement] = role(stack, name).document("assume_role_policy")["Statement"]
    assert statement.get("Condition", {}).get("ArnLike") == {"aws:SourceArn": source}


# What holds of every policy


@pytest.mark.requirement("IAM-19")
def test_no_policy_allows_an_action_by_wildcard(stack: Stack) -> None:
    documents = stack.data_sources(DOCUMENT)
    assert documents
    for document in documents:
        wildcards = [action for action in allowed_actions(document) if "*" in action or "?" in action]
        assert not wildcards, f"{document.address} ({document.place}) allows {wildcards}"


@pytest.mark.requirement("IAM-19")
def test_no_policy_allows_all_but_something(stack: Stack) -> None:
    for document in stack.data_sources(DOCUMENT):
        for statement in grants(document):
            assert not statement["not_actions"]
            assert not statement["not_resources"]
            assert not statement["not_principals"]


@pytest.mark.requirement("IAM-20")
def test_every_resource_is_named_unless_the_action_has_none(resolved: Stack) -> None:
    for policy in role_policies(resolved):
        for statement in grants(policy):
            if "*" in statement.resources:
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
def test_every_policy_is_a_policy_document(resolved: Stack) -> None:
    documents = [plain(document.document("json")) for document in resolved.data_sources(DOCUMENT)]
    policies = [
        (resource, path)
        for resource in resolved.resources()
        for path in {"policy", "assume_role_policy"} & set(resource.arguments)
        if resource.type != "aws_ecr_lifecycle_policy"
    ]
    assert len(policies) > len(SERVICES)
    for resource, path in policies:
        made_by_hand = plain(resource.document(path)) not in documents
        assert not made_by_hand, f"{resource.address}: {path} ({resource.place_of(path)}) is no policy document"


@pytest.mark.requirement("IAM-22")
def test_no_ready_made_policy_is_attached(stack: Stack) -> None:
    attaching = ("aws_iam_role_policy_attachment", "aws_iam_policy_attachment", "aws_iam_role_policies_exclusive")
    assert not [resource.address for kind in attaching for resource in stack.resources(kind)]
    assert not stack.resources("aws_iam_policy")


@pytest.mark.requirement("IAM-22")
def test_no_role_has_a_policy_inside_itself(resolved: Stack) -> None:
    for one in resolved.resources("aws_iam_role"):
        assert not {"inline_policy", "managed_policy_arns"} & set(one.arguments), one.place


@pytest.mark.requirement("IAM-23")
def test_module_hands_out_every_roles_arn() -> None:
    arns = {"task_execution_role_arn", "task_role_arn", "codebuild_role_arn", "codepipeline_role_arn"}
    assert arns <= written.module("iam").output_names


# Who has which role


@pytest.mark.requirement("IAM-24")
def test_each_policy_belongs_to_the_role_that_it_is_for(resolved: Stack) -> None:
    for policy in resolved.resources("aws_iam_role_policy"):
        assert policy.wired("role").is_exactly(role(resolved, policy.name))
        assert policy.document("policy") == policy_of(resolved, policy.name).document("json")


@pytest.mark.requirement("IAM-25")
@pytest.mark.parametrize(
    ("type", "names"),
    [
        ("aws_ecs_service", {"task_execution", "task"}),
        ("aws_codebuild_project", {"codebuild"}),
        ("aws_codepipeline", {"codepipeline"}),
    ],
)
def test_each_service_runs_under_its_own_roles_and_no_other(resolved: Stack, type: str, names: set[str]) -> None:
    assert {one.name for one in roles(resolved, resolved.resource(type))} == names


@pytest.mark.requirement("IAM-26")
@pytest.mark.parametrize("name", SERVICES)
def test_no_role_is_used_by_anything_that_it_is_not_for(resolved: Stack, name: str) -> None:
    # CodePipeline names the roles of the task, since it passes them
    passing = {"task_execution": {"codepipeline"}, "task": {"codepipeline"}}.get(name, set())
    for use in consumers(resolved, role(resolved, name)):
        user = resolved[use.address]
        assert user.type in USERS[name] or user.name in {name, *passing}, use


@pytest.mark.requirement("IAM-27")
@pytest.mark.parametrize("name", ["task_execution", "codebuild", "codepipeline"])
def test_roles_that_decrypt_use_the_stacks_key_only(resolved: Stack, name: str) -> None:
    using = grant(policy_of(resolved, name), "kms:Decrypt")
    key = resolved.resource("aws_kms_key")
    assert using.wired("resources").is_exactly(key)
    assert using.resources == {arn(key)}


@pytest.mark.requirement("IAM-28")
def test_flow_log_role_writes_to_the_log_group_of_the_flow_logs_only(resolved: Stack) -> None:
    document = policy_of(resolved, "flow_logs")
    writing = grant(document, "logs:PutLogEvents")
    group = resolved.resource("aws_cloudwatch_log_group", name="flow_logs")
    assert allowed_actions(document) == LOG_WRITING | {"logs:DescribeLogGroups", "logs:DescribeLogStreams"}
    assert writing.wired("resources").is_exactly(group)
    assert writing.resources == {f"{arn(group)}:*"}
