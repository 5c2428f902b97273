"""In production, a service runs more than one task."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class ServicesRunTwice(Rule):
    about = About(
        id="SP_REL_008",
        title="ECS services in production run at least two tasks",
        severity=Severity.MEDIUM,
        types=("aws_ecs_service",),
        why="when the only task fails, or its machine or zone does, nobody is served",
        remedy="set desired_count to 2 or more, and min_capacity where the service is scaled",
        source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html",
        options={"environments": ("prod",), "least": 2},
    )

    def judge(self, case: Case) -> None:
        is_there = case.is_in(case.options["environments"])
        if not is_there or case.given("scheduling_strategy") == "DAEMON":  # one on every machine
            return
        targets = case.stack.resources("aws_appautoscaling_target")
        scaling = [target for target in targets if target["resource_id"] == _scaled_as(case)]
        for resource, path in [(target, "min_capacity") for target in scaling] or [(case.resource, "desired_count")]:
            count = case.given(path, 0, of=resource)
            if count < case.options["least"]:
                case.fail(f"{path} is {count}", path, of=resource)


def _scaled_as(case: Case) -> str:
    """The name by which autoscaling knows the service."""
    known = case.facts.links.find(case.resource, "cluster", ("aws_ecs_cluster",)).resources
    # which a data source calls cluster_name
    found = [cluster.get("name") or cluster.get("cluster_name") for cluster in known]
    (cluster,) = found or [case.given("cluster", "default").rpartition("/")[2]]
    return f"service/{cluster}/{case.resource['name']}"


check = ServicesRunTwice()
