"""What AWS says of the service that runs the application."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from smoke.problem import Problem, require

CALM = {"healthy", "draining"}
"""States of targets in a settled service: what a deployment replaced drains for some time."""


class Service:
    """The ECS service `name` in `cluster`, asked with the caller's AWS identity and region.

    It needs `ecs:DescribeServices`, `elasticloadbalancing:DescribeTargetHealth`, `codepipeline:ListPipelines`,
    `codepipeline:GetPipeline` and `codepipeline:ListPipelineExecutions`. Every method raises Problem.
    """

    def __init__(self, cluster: str, name: str) -> None:
        self.cluster = cluster
        self.name = name
        self.subject = f"service {name} in cluster {cluster}"

    def check_steady(self) -> None:
        """One deployment, rolled out, with as many tasks running as desired.

        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
        """
        described = self._describe()
        running, desired = described["runningCount"], described["desiredCount"]
        deployments = described.get("deployments", [])
        last = next((event["message"] for event in described.get("events", [])), "")
        failed = [each for each in deployments if each.get("rolloutState") == "FAILED"]
        if failed:
            why = failed[0].get("rolloutStateReason") or last
            raise Problem(self.subject, "has a failed deployment", detail=why, final=True)
        require(desired > 0, self.subject, "is scaled to no task at all")
        require(running == desired, self.subject, f"runs {running} of {desired} tasks", detail=last)
        rolling = len(deployments) != 1 or deployments[0].get("rolloutState", "COMPLETED") != "COMPLETED"
        require(not rolling, self.subject, "is still being deployed", detail=last)

    def check_targets(self) -> None:
        """Every target group of the service has healthy targets, as many as desired, and no others.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
        """
        described = self._describe()
        groups = [each["targetGroupArn"] for each in described.get("loadBalancers", []) if "targetGroupArn" in each]
        require(groups, self.subject, "is behind no load balancer")
        for group in groups:
            with _asking("elasticloadbalancing:DescribeTargetHealth"):
                answer = _client("elbv2").describe_target_health(TargetGroupArn=group)
            targets = answer["TargetHealthDescriptions"]
            subject = f"target group {group.split('/')[-2]}"
            states = Counter(each["TargetHealth"]["State"] for each in targets)
            sick = [each for each in targets if each["TargetHealth"]["State"] not in CALM]
            if sick:
                shown = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
                raise Problem(subject, f"has targets that are not healthy: {shown}", detail=_health(sick[0]))
            healthy, desired = states["healthy"], described["desiredCount"]
            require(healthy >= max(desired, 1), subject, f"has {healthy} healthy targets for {desired} tasks")

    def check_pipelines(self) -> int:
        """No pipeline that deploys to the service failed in its last run; returns how many there are.

        https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineExecutionSummary.html
        """
        pipelines = self._pipelines()
        for pipeline in pipelines:
            with _asking("codepipeline:ListPipelineExecutions"):
                # paged, since the newest runs may all be superseded
                pages = _client("codepipeline").get_paginator("list_pipeline_executions")
                found = pages.paginate(pipelineName=pipeline, PaginationConfig={"MaxItems": 100})
                runs = [run for page in found for run in page["pipelineExecutionSummaries"]]
            ended = next((run for run in runs if run["status"] not in ("InProgress", "Stopping", "Superseded")), None)
            if ended and ended["status"] != "Succeeded":
                what = f"ended its last run {ended['pipelineExecutionId']} as {ended['status']}"
                raise Problem(f"pipeline {pipeline}", what, detail=ended.get("statusSummary", ""), final=True)
        return len(pipelines)

    def _describe(self) -> dict[str, Any]:
        with _asking("ecs:DescribeServices"):
            answer = _client("ecs").describe_services(cluster=self.cluster, services=[self.name])
        active = [each for each in answer["services"] if each["status"] == "ACTIVE"]
        if not active:
            raise Problem(self.subject, "is not there", final=True)
        found: dict[str, Any] = active[0]
        return found

    def _pipelines(self) -> list[str]:
        """The names of the pipelines that have an action which deploys to the service."""
        client = _client("codepipeline")
        with _asking("codepipeline:ListPipelines"):
            names = [
                each["name"] for page in client.get_paginator("list_pipelines").paginate() for each in page["pipelines"]
            ]
        found = []
        for name in names:
            with _asking("codepipeline:GetPipeline"):
                stages = client.get_pipeline(name=name)["pipeline"]["stages"]
            asked = [action.get("configuration", {}) for stage in stages for action in stage["actions"]]
            if any((each.get("ClusterName"), each.get("ServiceName")) == (self.cluster, self.name) for each in asked):
                found.append(name)
        return found


def _client(service: str) -> Any:  # noqa: ANN401  # boto3's clients have no types
    import boto3  # type: ignore[import-untyped]
    from botocore.config import Config  # type: ignore[import-untyped]

    patience = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 3})
    with _asking(service):
        return boto3.client(service, config=patience)


@contextlib.contextmanager
def _asking(action: str) -> Iterator[None]:
    """Say in a sentence what AWS, or boto3 on the way to it, has against a call."""
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

    try:
        yield
    except ClientError as error:
        told = error.response.get("Error", {})
        raise Problem(action, f"was refused: {told.get('Code')}: {told.get('Message')}", final=True) from None
    except BotoCoreError as error:
        raise Problem(action, f"could not be asked: {error}", final=True) from None


def _health(target: dict[str, Any]) -> str:
    health = target["TargetHealth"]
    why = health.get("Description") or health.get("Reason") or health["State"]
    return f"{target['Target']['Id']}: {why}"
