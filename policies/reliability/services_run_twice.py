"""In production, a service runs more than one task."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence

from stackproof.plan import Resource, Stack
from stackproof.policy.rule import About, Case, Rule, Severity
from stackproof.verdict import Undecided


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
        scaling, perhaps = _scaling(case)
        if scaling:
            perhaps = []
        for resource, path in [(target, "min_capacity") for target in scaling] or [(case.resource, "desired_count")]:
            count = case.given(path, 0, of=resource)
            is_few = count < case.options["least"]
            for target in perhaps:
                if (case.given("min_capacity", 0, of=target) < case.options["least"]) != is_few:
                    reason = f"whether it scales {case.resource.address} is not known"
                    raise Undecided(target.address, "resource_id", reason)
            if is_few:
                case.fail(f"{path} is {count}", path, of=resource)


def _scaling(case: Case) -> tuple[list[Resource], list[Resource]]:
    """What scales the service for certain, and what may."""
    targets = _targets(case.stack)
    named = targets.get(f"{case.resource['name']}", ()) if targets else ()
    certain, possible = [], [target for key in (case.resource.address, "") for target in targets.get(key, ())]
    for target in named:
        try:
            if _is_for(target, _scaled_as(case)):
                certain.append(target)
        except Undecided:
            possible.append(target)
    return certain, possible


@functools.lru_cache(maxsize=1)
def _targets(stack: Stack) -> Mapping[str, Sequence[Resource]]:
    """What scales services, by the service's name; where that is not known, by the service's address, or by nothing."""
    found: dict[str, list[Resource]] = defaultdict(list)
    for target in stack.resources("aws_appautoscaling_target"):
        if target.get("service_namespace") == "ecs":
            for key in _keys(stack, target):
                found[key].append(target)
    return found


def _keys(stack: Stack, target: Resource) -> list[str]:
    scaled = target.get("resource_id")
    if isinstance(scaled, str):
        return [scaled.rpartition("/")[2]]
    wiring = target.wired("resource_id")
    services = [address for address in wiring.addresses if _is_service(stack, address)]
    return services * wiring.exact or [""]


def _is_service(stack: Stack, address: str) -> bool:
    return address in stack and stack[address].type == "aws_ecs_service"


def _is_for(target: Resource, scaled: str) -> bool:
    # equal texts are equal, with whatever is not known in them
    return str.__str__(target["resource_id"]) == scaled or bool(target["resource_id"] == scaled)


def _scaled_as(case: Case) -> str:
    """The name by which autoscaling knows the service."""
    known = case.facts.links.find(case.resource, "cluster", ("aws_ecs_cluster",)).resources
    # which a data source calls cluster_name
    found = [cluster.get("name") or cluster.get("cluster_name") for cluster in known]
    cluster = found[0] if found else case.given("cluster", "default").rpartition("/")[2]
    return f"service/{cluster}/{case.resource['name']}"


check = ServicesRunTwice()
