"""What IAM will allow, computed from identity, resource, trust and key policies together."""

from collections.abc import Callable
from typing import Any

import pytest

from stackproof import Resource
from stackproof.analysis.access import Access
from stackproof.analysis.access.catalog.actions import Level
from stackproof.plan import ResolvedStack

STRANGER = "arn:aws:iam::999999999999:root"
TASKS = "ecs-tasks.amazonaws.com"
SERVICES = {
    "task_execution": TASKS,
    "task": TASKS,
    "codebuild": "codebuild.amazonaws.com",
    "codepipeline": "codepipeline.amazonaws.com",
    "flow_logs": "vpc-flow-logs.amazonaws.com",
}
FetchRole = Callable[[str], Resource]


@pytest.fixture(scope="session")
def role(resolved: ResolvedStack) -> FetchRole:
    """A role of the stack by its name in the configuration."""
    return lambda name: resolved.resource("aws_iam_role", name=name)


@pytest.fixture(scope="session")
def account(resolved: ResolvedStack) -> str:
    """The account that the stack is planned for."""
    return str(resolved.data_source("aws_caller_identity", module="iam")["account_id"])


def on_behalf_of(account: str, service: str, environment: str) -> dict[str, Any]:
    """What a service says of the request on whose behalf it assumes a role."""
    own = f"stock-dashboard-{environment}"
    source = {
        TASKS: f"ecs:us-east-1:{account}:task/{own}/0",
        "codebuild.amazonaws.com": f"codebuild:us-east-1:{account}:project/{own}",
        "vpc-flow-logs.amazonaws.com": f"ec2:us-east-1:{account}:vpc-flow-log/fl-0",
    }.get(service, f"codepipeline:us-east-1:{account}:{own}")
    return {"aws:SourceAccount": account, "aws:SourceArn": f"arn:aws:{source}"}


@pytest.mark.requirement("PERM-1")
def test_the_execution_role_pulls_from_its_repository_and_no_other(
    access: Access, role: FetchRole, resolved: ResolvedStack, account: str
) -> None:
    other = f"arn:aws:ecr:us-east-1:{account}:repository/other"
    assert access.can(role("task_execution"), "ecr:BatchGetImage", resolved.resource("aws_ecr_repository"))
    assert not access.can(role("task_execution"), "ecr:BatchGetImage", other)
    assert not access.can(role("task_execution"), "ecr:PutImage", resolved.resource("aws_ecr_repository"))


@pytest.mark.requirement("PERM-2")
def test_the_execution_role_reads_the_secret_of_the_task_and_no_other(
    access: Access, role: FetchRole, resolved: ResolvedStack
) -> None:
    for secret in resolved.resources("aws_secretsmanager_secret"):
        read = access.can(role("task_execution"), "secretsmanager:GetSecretValue", secret)
        assert bool(read) is (secret.index == "alpha_vantage_api_key"), read


@pytest.mark.requirement("PERM-2")
@pytest.mark.parametrize("name", ["task", "codebuild", "codepipeline", "flow_logs"])
def test_no_other_role_reads_a_secret(access: Access, role: FetchRole, resolved: ResolvedStack, name: str) -> None:
    for secret in resolved.resources("aws_secretsmanager_secret"):
        assert not access.can(role(name), "secretsmanager:GetSecretValue", secret)


@pytest.mark.requirement("PERM-3")
@pytest.mark.parametrize(
    ("name", "module"), [("task_execution", "ecs"), ("codebuild", "codebuild"), ("flow_logs", "vpc")]
)
def test_each_role_writes_to_its_own_log_group_only(
    access: Access, role: FetchRole, resolved: ResolvedStack, name: str, module: str
) -> None:
    for group in resolved.resources("aws_cloudwatch_log_group"):
        own = group.module_path == (module,)
        written = access.can(role(name), "logs:PutLogEvents", group)
        assert bool(written) is own, written


@pytest.mark.requirement("PERM-4")
@pytest.mark.parametrize("name", list(SERVICES))
def test_the_pipeline_passes_the_roles_of_the_task_to_tasks_and_nothing_else_does(
    access: Access, role: FetchRole, resolved: ResolvedStack, name: str
) -> None:
    for passed in resolved.resources("aws_iam_role"):
        expected = name == "codepipeline" and passed.name in ("task", "task_execution")
        to_tasks = access.can(role(name), "iam:PassRole", passed, {"iam:PassedToService": TASKS})
        assert bool(to_tasks) is expected, to_tasks
        assert not access.can(role(name), "iam:PassRole", passed, {"iam:PassedToService": "ec2.amazonaws.com"})
        assert not access.can(role(name), "iam:PassRole", passed, complete=True)


@pytest.mark.requirement("PERM-5")
@pytest.mark.parametrize("name", list(SERVICES))
def test_each_role_is_assumed_by_its_service_on_behalf_of_the_account_only(
    access: Access, role: FetchRole, resolved: ResolvedStack, account: str, name: str
) -> None:
    for service in dict.fromkeys([*SERVICES.values(), "ec2.amazonaws.com", "lambda.amazonaws.com"]):
        own = on_behalf_of(account, service, resolved.environment)
        assumed = access.can(service, "sts:AssumeRole", role(name), own)
        assert bool(assumed) is (service == SERVICES[name]), assumed
        other = on_behalf_of("999999999999", service, resolved.environment)
        assert not access.can(service, "sts:AssumeRole", role(name), other)


@pytest.mark.requirement("PERM-6")
def test_nobody_else_assumes_a_role(access: Access, resolved: ResolvedStack) -> None:
    roles = resolved.resources("aws_iam_role")
    for assumed in roles:
        others: list[Resource | str] = ["*", STRANGER, *roles]
        for principal in others:
            assert not access.can(principal, "sts:AssumeRole", assumed)


@pytest.mark.requirement("PERM-7")
def test_no_role_gets_more_rights_than_deploying_and_building_needs(access: Access, role: FetchRole) -> None:
    """A pipeline that deploys tasks can have them do what the task's roles may do, and likewise with builds."""
    pipeline = role("codepipeline").address
    assert set(access.escalations()) == {
        (pipeline, "run a new task", role("task_execution").address),
        (pipeline, "override a build", role("codebuild").address),
    }


@pytest.mark.requirement("PERM-8")
def test_every_policy_is_known_and_names_actions_that_aws_has(access: Access) -> None:
    matrix = access.matrix()
    assert matrix.undecided == ()
    assert matrix.unknown_actions == ()


@pytest.mark.requirement("PERM-9")
def test_no_role_manages_permissions(access: Access) -> None:
    managing = [p for p in access.matrix() if p.level is Level.PERMISSIONS]
    assert [permission for permission in managing if permission.action != "iam:PassRole"] == []


@pytest.mark.requirement("PERM-10")
@pytest.mark.parametrize("module", ["alb", "codepipeline"])
def test_a_bucket_takes_no_request_without_tls(access: Access, resolved: ResolvedStack, module: str) -> None:
    bucket = resolved.resource("aws_s3_bucket", module=module)
    everybody: list[Resource | str] = ["*", "logdelivery.elasticloadbalancing.amazonaws.com"]
    everybody += resolved.resources("aws_iam_role")
    for principal in everybody:
        for action in ("s3:GetObject", "s3:PutObject"):
            plain = access.can(principal, action, bucket, {"aws:SecureTransport": "false"})
            assert not plain


@pytest.mark.requirement("PERM-10")
def test_with_tls_the_pipeline_reaches_its_artifacts(access: Access, role: FetchRole, resolved: ResolvedStack) -> None:
    bucket = resolved.resource("aws_s3_bucket", module="codepipeline")
    for name in ("codepipeline", "codebuild"):
        assert access.can(role(name), "s3:GetObject", bucket, {"aws:SecureTransport": "true"})


@pytest.mark.requirement("PERM-11")
@pytest.mark.parametrize("principal", ["*", STRANGER])
def test_nobody_from_outside_gets_at_anything(access: Access, resolved: ResolvedStack, principal: str) -> None:
    asked = [
        ("s3:GetObject", resolved.resources("aws_s3_bucket")),
        ("s3:PutObject", resolved.resources("aws_s3_bucket")),
        ("sns:Publish", resolved.resources("aws_sns_topic")),
        ("sns:Subscribe", resolved.resources("aws_sns_topic")),
        ("kms:Decrypt", resolved.resources("aws_kms_key")),
        ("secretsmanager:GetSecretValue", resolved.resources("aws_secretsmanager_secret")),
        ("ecr:BatchGetImage", resolved.resources("aws_ecr_repository")),
    ]
    for action, resources in asked:
        assert resources
        for resource in resources:
            assert not access.can(principal, action, resource)


@pytest.mark.requirement("PERM-12")
def test_notifications_come_from_this_account_s_alarms_and_rules_only(
    access: Access, resolved: ResolvedStack, account: str
) -> None:
    topic = resolved.resource("aws_sns_topic")
    alarm = resolved.resources("aws_cloudwatch_metric_alarm")[0]
    own = {"aws:SourceAccount": account, "aws:SourceArn": str.__str__(alarm["arn"])}
    foreign = {
        "aws:SourceAccount": "999999999999",
        "aws:SourceArn": "arn:aws:cloudwatch:us-east-1:999999999999:alarm:x",
    }
    assert access.can("cloudwatch.amazonaws.com", "sns:Publish", topic, own)
    assert not access.can("cloudwatch.amazonaws.com", "sns:Publish", topic, foreign)
    assert not access.can("ses.amazonaws.com", "sns:Publish", topic, own)
