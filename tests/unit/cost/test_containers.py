from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Costs, Round
from .plans import LATER, Ref

Cost = Callable[..., Costs]

TASK = {"family": "shop", "cpu": "512", "memory": "1024", "runtime_platform": [], "ephemeral_storage": []}
SERVICE: dict[str, Any] = {
    "name": "shop",
    "launch_type": "FARGATE",
    "desired_count": 3,
    "task_definition": Ref("aws_ecs_task_definition.this.arn"),
    "network_configuration": [{"assign_public_ip": False}],
    "capacity_provider_strategy": [],
}


def fargate(service: dict[str, Any] | None = None, task: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "aws_ecs_task_definition.this": {**TASK, **(task or {})},
        "aws_ecs_service.this": {**SERVICE, **(service or {})},
        **more,
    }


def test_tasks_are_charged_for_vcpus_and_memory_in_every_hour(costs: Cost) -> None:
    found = costs(fargate())
    assert found.quantity("Fargate vCPU") == (3 * 0.5 * 730, 3 * 0.5 * 730)
    assert found.quantity("Fargate memory") == (3 * 730, 3 * 730)
    assert found.key("Fargate vCPU") == "fargate.x86.vcpu"
    assert not found.gaps


@pytest.mark.parametrize(("cpu", "memory"), [("512", "1024"), (".5 vCPU", "1 GB"), ("0.5 vcpu", "1GB")])
def test_sizes_are_read_in_units_and_in_words(costs: Cost, cpu: str, memory: str) -> None:
    found = costs(fargate(task={"cpu": cpu, "memory": memory}))
    assert found.quantity("Fargate vCPU")[0] == 3 * 0.5 * 730
    assert found.quantity("Fargate memory")[0] == 3 * 730


def test_autoscaling_gives_the_least_and_the_most(costs: Cost) -> None:
    target = {
        "service_namespace": "ecs",
        "resource_id": "service/shop-cluster/shop",
        "min_capacity": 2,
        "max_capacity": 6,
    }
    found = costs(fargate(**{"aws_appautoscaling_target.this": target}))
    assert found.quantity("Fargate memory") == (2 * 730, 6 * 730)


def test_autoscaling_of_another_service_does_not_count(costs: Cost) -> None:
    target = {"service_namespace": "ecs", "resource_id": "service/c/workshop", "min_capacity": 2, "max_capacity": 6}
    found = costs(fargate(**{"aws_appautoscaling_target.this": target}))
    assert found.quantity("Fargate memory") == (3 * 730, 3 * 730)


def test_a_service_that_is_scaled_is_found_by_reference_where_its_name_is_unknown(costs: Cost) -> None:
    target = {
        "service_namespace": "ecs",
        "resource_id": Ref("aws_ecs_service.this.name"),
        "min_capacity": 1,
        "max_capacity": 4,
    }
    found = costs(fargate(**{"aws_appautoscaling_target.this": target}))
    assert found.quantity("Fargate memory") == (730, 4 * 730)


def test_an_unknown_count_has_no_upper_bound_and_is_said(costs: Cost) -> None:
    found = costs(fargate({"desired_count": LATER}))
    assert found.quantity("Fargate memory") == (0, None)
    assert found.estimate.total.high is None
    assert found.gaps == ["undecided: desired_count: (known after apply)"]


def test_arm_has_its_own_price(costs: Cost) -> None:
    platform = {"runtime_platform": [{"cpu_architecture": "ARM64", "operating_system_family": "LINUX"}]}
    assert costs(fargate(task=platform)).key("Fargate vCPU") == "fargate.arm.vcpu"


def test_windows_is_named_as_unpriced(costs: Cost) -> None:
    platform = {"runtime_platform": [{"operating_system_family": "WINDOWS_SERVER_2022_CORE"}]}
    found = costs(fargate(task=platform))
    assert not found.parts
    assert found.gaps == ["unpriced: Fargate on WINDOWS_SERVER_2022_CORE"]


def test_a_strategy_splits_tasks_between_fargate_and_spot(costs: Cost) -> None:
    strategy = [{"capacity_provider": "FARGATE", "weight": 1}, {"capacity_provider": "FARGATE_SPOT", "weight": 3}]
    found = costs(fargate({"launch_type": None, "capacity_provider_strategy": strategy, "desired_count": 4}))
    assert found.quantity("Fargate memory")[0] == 730
    assert found.quantity("Fargate Spot memory")[0] == 3 * 730
    assert found.key("Fargate Spot memory") == "fargate.x86.spot.gb"


def test_the_default_strategy_of_the_cluster_holds_where_a_service_has_none(costs: Cost) -> None:
    resources = fargate({"launch_type": None, "cluster": Ref("aws_ecs_cluster.this.id")})
    resources["aws_ecs_cluster.this"] = {"name": "shop", "setting": []}
    resources["aws_ecs_cluster_capacity_providers.this"] = {
        "cluster_name": Ref("aws_ecs_cluster.this.name"),
        "default_capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT", "weight": 1}],
    }
    assert costs(resources).parts == ["Fargate Spot vCPU", "Fargate Spot memory"]


def test_tasks_on_instances_cost_nothing_by_themselves(costs: Cost) -> None:
    found = costs(fargate({"launch_type": "EC2"}))
    assert not found.parts
    assert not found.gaps
    assert "aws_ecs_service.this" in found.estimate.free


def test_storage_above_the_free_20_gb_is_charged(costs: Cost) -> None:
    found = costs(fargate(task={"ephemeral_storage": [{"size_in_gib": 50}]}))
    assert found.quantity("ephemeral storage") == (3 * 30 * 730, 3 * 30 * 730)


def test_public_addresses_of_tasks_are_charged(costs: Cost) -> None:
    found = costs(fargate({"network_configuration": [{"assign_public_ip": True}]}))
    assert found.quantity("public IPv4 addresses")[0] == 3 * 730


def test_a_task_definition_of_another_stack_leaves_the_service_undecided(costs: Cost) -> None:
    found = costs(
        {"aws_ecs_service.this": {**SERVICE, "task_definition": "arn:aws:ecs:eu-west-1:1:task-definition/x:1"}}
    )
    assert found.gaps == ["undecided: task_definition: it is none of this stack, or not known which"]


def test_a_task_definition_is_found_by_family_once_it_is_known(costs: Cost) -> None:
    arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:7"
    assert costs(fargate({"task_definition": arn})).quantity("Fargate memory")[0] == 3 * 730


def test_an_unknown_size_is_said(costs: Cost) -> None:
    found = costs(fargate(task={"cpu": LATER}))
    assert not found.parts
    assert found.gaps == ["undecided: aws_ecs_task_definition.this: cpu is (known after apply)"]


def test_each_instance_of_a_service_is_charged(costs: Cost) -> None:
    resources = {
        "aws_ecs_task_definition.this": TASK,
        'aws_ecs_service.this["a"]': {**SERVICE, "desired_count": 1},
        'aws_ecs_service.this["b"]': {**SERVICE, "desired_count": 2},
    }
    found = costs(resources).estimate.by_resource()
    assert list(found) == ['aws_ecs_service.this["b"]', 'aws_ecs_service.this["a"]']


def test_container_insights_needs_assumptions(costs: Cost) -> None:
    cluster = {"aws_ecs_cluster.this": {"setting": [{"name": "containerInsights", "value": "enabled"}]}}
    assert costs(cluster).gaps == ["no assumption: insights_metrics", "no assumption: insights_gb_logged"]
    usage = '[[assume]]\nof = "aws_ecs_cluster"\ninsights_metrics = 12\ninsights_gb_logged = 0.5'
    assert costs(cluster, usage).quantity("Container Insights metrics") == (12, 12)


def test_target_tracking_makes_two_alarms_and_other_policies_none(costs: Cost) -> None:
    policy = {"policy_type": "TargetTrackingScaling", "service_namespace": "ecs"}
    assert costs({"aws_appautoscaling_policy.cpu": policy}).quantity("alarms of target tracking") == (2, 2)
    step = {"policy_type": "StepScaling", "service_namespace": "ecs"}
    assert not costs({"aws_appautoscaling_policy.cpu": step}).parts


def test_a_part_without_a_price_in_the_region_is_named(costs: Cost) -> None:
    found = costs(fargate(), prices=Round(unknown=("fargate.x86.gb",)))
    assert found.gaps == ["unpriced: Fargate memory: no price of fargate.x86.gb in eu-west-1"]
    assert not found.estimate.is_complete
