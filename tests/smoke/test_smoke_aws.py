"""What AWS says of a service, in an emulated account: whole, and broken in every way that is looked at."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest

from smoke.problem import Problem
from smoke.service import Service
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.proxy.proxy import Proxy

if TYPE_CHECKING:
    from stackproof.sandbox.api.requests import ApiRequest
    from stackproof.sandbox.api.wire import Answer
    from tests.smoke.conftest import Smoke

TASKS = 2
NAME = "dashboard-test"

# the botocore that checkov asks for is older than the warning
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


class Changed:
    """What the account is made to say, by action: for what it has no call to bring about."""

    def __init__(self) -> None:
        self.edits: dict[str, Callable[[str], str]] = {}

    def before(self, request: ApiRequest, ended: threading.Event) -> Answer | None:  # noqa: ARG002
        return None

    def after(self, request: ApiRequest, answer: Answer) -> Answer | None:
        edit = self.edits.get(request.action)
        if edit is None:
            return None
        body = edit(answer.body.decode()).encode()
        kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
        return replace(answer, headers=kept, body=body)


@dataclass
class World:
    """An account with a service of two tasks behind a load balancer, and a pipeline that deploys to it."""

    changed: Changed
    environment: dict[str, str]
    group: str

    def service(self, name: str = NAME) -> Service:
        return Service(NAME, name)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    changed = Changed()
    with pytest.MonkeyPatch.context() as patch:
        # so many tasks run as soon as there is a service
        patch.setenv("MOTO_ECS_SERVICE_RUNNING", str(TASKS))
        with EmulatedAccount() as account, Proxy(account, interceptors=[changed]) as proxy:
            environment = dict(proxy.environment())
            for name, value in environment.items():
                patch.setenv(name, value)
            yield World(changed, environment, fill())


@pytest.fixture(autouse=True)
def as_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    yield
    world.changed.edits.clear()


def fill() -> str:
    """Make all that the tests ask about; the target group's ARN."""
    ec2, elb, ecs = boto3.client("ec2"), boto3.client("elbv2"), boto3.client("ecs")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    settings = {"Protocol": "HTTP", "Port": 8080, "VpcId": vpc, "TargetType": "ip"}
    group = str(elb.create_target_group(Name=f"{NAME}-tg", **settings)["TargetGroups"][0]["TargetGroupArn"])
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": f"10.0.0.{10 + task}"} for task in range(TASKS)])
    ecs.create_cluster(clusterName=NAME)
    container = {"name": "dashboard", "image": "dashboard:1", "memory": 512}
    ecs.register_task_definition(family=NAME, containerDefinitions=[container])
    behind = [{"targetGroupArn": group, "containerName": "dashboard", "containerPort": 8080}]
    ecs.create_service(cluster=NAME, serviceName=NAME, taskDefinition=NAME, desiredCount=TASKS, loadBalancers=behind)
    ecs.create_service(cluster=NAME, serviceName="alone", taskDefinition=NAME, desiredCount=TASKS)
    role = boto3.client("iam").create_role(RoleName="pipeline", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    boto3.client("codepipeline").create_pipeline(pipeline=pipeline(role))
    boto3.client("codepipeline").start_pipeline_execution(name=NAME)
    return group


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "codepipeline.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def pipeline(role: str) -> dict[str, Any]:
    def action(category: str, provider: str, **configuration: str) -> dict[str, Any]:
        kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
        return {"name": provider, "actionTypeId": kind, "configuration": configuration}

    return {
        "name": NAME,
        "roleArn": role,
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "stages": [
            {"name": "Source", "actions": [action("Source", "CodeStarSourceConnection", BranchName="main")]},
            {"name": "Deploy", "actions": [action("Deploy", "ECS", ClusterName=NAME, ServiceName=NAME)]},
        ],
        "version": 1,
    }


def described(change: Callable[[dict[str, Any]], None]) -> Callable[[str], str]:
    """Change what DescribeServices says of the service."""

    def edit(body: str) -> str:
        content = json.loads(body)
        change(content["services"][0])
        return json.dumps(content)

    return edit


def test_a_whole_service_has_no_problem(world: World) -> None:
    world.service().check_steady()
    world.service().check_targets()
    assert world.service().check_pipelines() == 1


def test_the_run_asks_aws_too(world: World, smoke: Smoke) -> None:
    """In one run, with one thing broken: the others pass, though the site itself is not to be reached."""
    world.changed.edits["DescribeTargetHealth"] = lambda body: body.replace("healthy", "unhealthy", 1)
    options = ("--alb-url", "http://127.0.0.1:9", "--timeout", "1", "--cluster", NAME, "--service", NAME)
    outcome = smoke(*options, "-k", "aws", env=world.environment, everything=True)
    assert outcome.failed == {"test_all_targets_are_healthy"}
    assert outcome.problems[0].startswith(
        f"target group {NAME}-tg has targets that are not healthy: 1 healthy, 1 unhealthy for "
    )
    assert "2 passed" in outcome.said
    outcome.require_plain_words()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"runningCount": 1}, r"runs 1 of 2 tasks \(last: unable to place a task\)$"),
        ({"desiredCount": 0, "runningCount": 0}, r"is scaled to no task at all$"),
        ({"deployments": [{"rolloutState": "IN_PROGRESS"}]}, r"is still being deployed \("),
        (
            {"deployments": [{"rolloutState": "COMPLETED"}, {"rolloutState": "COMPLETED"}]},
            r"is still being deployed \(",
        ),
        (
            {"deployments": [{"rolloutState": "FAILED", "rolloutStateReason": "circuit breaker"}]},
            r"has a failed deployment \(last: circuit breaker\)$",
        ),
        ({"status": "INACTIVE"}, r"is not there$"),
    ],
)
def test_a_service_that_is_not_steady_is_named(world: World, change: dict[str, Any], message: str) -> None:
    event = {"events": [{"id": "1", "message": "unable to place a task"}]}
    world.changed.edits["DescribeServices"] = described(lambda service: service.update(event | change))
    with pytest.raises(Problem, match=rf"^service {NAME} in cluster {NAME} {message}"):
        world.service().check_steady()


def test_a_service_that_there_is_not_is_named(world: World) -> None:
    with pytest.raises(Problem, match=r"^service other in cluster dashboard-test is not there$") as caught:
        world.service("other").check_steady()
    assert caught.value.final


def test_a_cluster_that_there_is_not_is_named() -> None:
    with pytest.raises(Problem, match=r"^ecs:DescribeServices was refused: ClusterNotFoundException"):
        Service("other", NAME).check_steady()


def test_too_few_targets_are_named(world: World) -> None:
    boto3.client("elbv2").deregister_targets(TargetGroupArn=world.group, Targets=[{"Id": "10.0.0.11"}])
    try:
        with pytest.raises(Problem, match=rf"^target group {NAME}-tg has 1 healthy targets for 2 tasks$"):
            world.service().check_targets()
    finally:
        boto3.client("elbv2").register_targets(TargetGroupArn=world.group, Targets=[{"Id": "10.0.0.11"}])


def test_targets_that_drain_do_no_harm(world: World) -> None:
    elb = boto3.client("elbv2")
    elb.register_targets(TargetGroupArn=world.group, Targets=[{"Id": "10.0.0.12"}])
    world.changed.edits["DescribeTargetHealth"] = lambda body: body.replace("healthy", "draining", 1)
    try:
        world.service().check_targets()
    finally:
        elb.deregister_targets(TargetGroupArn=world.group, Targets=[{"Id": "10.0.0.12"}])


def test_a_service_without_a_load_balancer_is_named(world: World) -> None:
    with pytest.raises(Problem, match="is behind no load balancer"):
        world.service("alone").check_targets()


@pytest.mark.parametrize("status", ["Failed", "Stopped", "Cancelled"])
def test_a_pipeline_that_failed_is_named(world: World, status: str) -> None:
    world.changed.edits["ListPipelineExecutions"] = lambda body: body.replace("Succeeded", status)
    with pytest.raises(Problem, match=rf"^pipeline {NAME} ended its last run [\w-]+ as {status}$"):
        world.service().check_pipelines()


def test_a_pipeline_that_runs_is_judged_by_its_run_before(world: World) -> None:
    def running(body: str) -> str:
        content = json.loads(body)
        last = content["pipelineExecutionSummaries"][0]
        before = last | {"status": "Failed", "pipelineExecutionId": "before"}
        content["pipelineExecutionSummaries"] = [last | {"status": "InProgress"}, before]
        return json.dumps(content)

    world.changed.edits["ListPipelineExecutions"] = running
    with pytest.raises(Problem, match="ended its last run before as Failed"):
        world.service().check_pipelines()


def test_pipelines_of_other_services_do_not_matter(world: World) -> None:
    world.changed.edits["ListPipelineExecutions"] = lambda body: body.replace("Succeeded", "Failed")
    assert world.service("alone").check_pipelines() == 0


def test_no_credentials_are_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    # the session of this process has found some
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with pytest.raises(Problem, match=r"^ecs:DescribeServices could not be asked: Unable to locate credentials$"):
        Service(NAME, NAME).check_steady()
