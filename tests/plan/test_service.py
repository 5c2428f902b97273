"""The service: the cluster, the task, how it is deployed, and how it scales."""

import re
from typing import Any

import pytest

from stackproof import Plan, Resource, Stack
from stackproof.analysis.wiring import consumers
from stackproof.plan.wiring import plain

from . import written
from .lookup import secret


def container(resolved: Stack) -> Any:
    """The task's one container."""
    task = resolved.resource("aws_ecs_task_definition")
    containers = task.document("container_definitions")
    assert len(containers) == 1, f"{task.address} ({task.place}) has {len(containers)} containers"
    return containers[0]


def security_group(stack: Stack) -> Resource:
    """That of the tasks."""
    return stack.resource("aws_security_group", module="ecs")


@pytest.mark.requirement("ECS-1")
def test_cluster_has_container_insights(stack: Stack) -> None:
    cluster = stack.resource("aws_ecs_cluster")
    assert {setting["name"]: setting["value"] for setting in cluster["setting"]} == {"containerInsights": "enabled"}


@pytest.mark.requirement("ECS-2")
def test_tasks_run_on_fargate(stack: Stack) -> None:
    assert stack.resource("aws_ecs_service")["launch_type"] == "FARGATE"
    assert stack.resource("aws_ecs_task_definition")["requires_compatibilities"] == ["FARGATE"]


@pytest.mark.requirement("ECS-3")
@pytest.mark.environment("prod")
def test_task_in_prod_has_512_cpu_units_and_1024_mib(stack: Stack) -> None:
    task = stack.resource("aws_ecs_task_definition")
    assert (task["cpu"], task["memory"]) == ("512", "1024")


@pytest.mark.requirement("ECS-4")
def test_container_behind_the_load_balancer_is_called_stock_dashboard(resolved: Stack) -> None:
    assert resolved.resource("aws_ecs_service")["load_balancer[0].container_name"] == "stock-dashboard"
    assert container(resolved)["name"] == "stock-dashboard"


@pytest.mark.requirement("ECS-5")
def test_load_balancer_sends_requests_to_port_8080(stack: Stack) -> None:
    assert stack.resource("aws_ecs_service")["load_balancer[0].container_port"] == 8080
    assert stack.resource("aws_lb_target_group")["port"] == 8080


@pytest.mark.requirement("ECS-5")
def test_container_listens_on_port_8080_only(resolved: Stack) -> None:
    assert container(resolved)["portMappings"] == [{"containerPort": 8080, "protocol": "tcp"}]


@pytest.mark.requirement("ECS-6")
def test_root_file_system_is_read_only(resolved: Stack) -> None:
    assert container(resolved)["readonlyRootFilesystem"] == True  # noqa: E712  # and neither "true" nor 1


@pytest.mark.requirement("ECS-7")
def test_container_gains_no_privileges(resolved: Stack) -> None:
    user, group = container(resolved)["user"].split(":")
    assert user != "0"
    assert group != "0"
    assert container(resolved)["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
    assert not container(resolved).get("privileged")


@pytest.mark.requirement("ECS-8")
def test_container_logs_to_the_log_group_of_the_task(resolved: Stack) -> None:
    group = resolved.resource("aws_cloudwatch_log_group", module="ecs")
    task = resolved.resource("aws_ecs_task_definition")
    logging = container(resolved)["logConfiguration"]
    assert logging["logDriver"] == "awslogs"
    assert logging["options"]["awslogs-group"] == group["name"]
    assert logging["options"]["awslogs-region"] == resolved.data_source("aws_region", module="ecs")["id"]
    assert {use.address for use in consumers(resolved, group)} == {task.address}


@pytest.mark.requirement("ECS-9")
def test_container_logs_are_kept_7_days(stack: Stack) -> None:
    assert stack.resource("aws_cloudwatch_log_group", module="ecs")["retention_in_days"] == 7


@pytest.mark.requirement("ECS-10")
def test_api_key_is_injected_from_secrets_manager(resolved: Stack) -> None:
    key = secret(resolved, "alpha_vantage_api_key")
    assert container(resolved)["secrets"] == [{"name": "ALPHA_VANTAGE_API_KEY", "valueFrom": key["arn"]}]


@pytest.mark.requirement("ECS-11")
def test_plain_environment_is_what_its_variable_says_and_nothing_else(plan: Plan, resolved: Stack) -> None:
    variables = plan.variables["environment_variables"]
    assert container(resolved)["environment"] == [
        {"name": name, "value": variables[name]} for name in sorted(variables)
    ]
    assert not container(resolved).get("environmentFiles")


@pytest.mark.requirement("ECS-11")
def test_no_plain_variable_is_named_like_a_secret(resolved: Stack) -> None:
    names = [variable["name"] for variable in container(resolved)["environment"]]
    assert not [name for name in names if re.search("api_?key|password|secret|token", name, re.IGNORECASE)]


@pytest.mark.requirement("ECS-12")
@pytest.mark.environment("prod")
def test_prod_runs_2_tasks(stack: Stack) -> None:
    assert stack.resource("aws_ecs_service")["desired_count"] == 2


@pytest.mark.requirement("ECS-13")
def test_service_stands_behind_the_target_group_of_the_load_balancer(resolved: Stack) -> None:
    service = resolved.resource("aws_ecs_service")
    assert service.wired("load_balancer[0].target_group_arn").is_exactly(resolved.resource("aws_lb_target_group"))
    assert len(service["load_balancer"]) == 1


@pytest.mark.requirement("ECS-14")
def test_tasks_run_in_the_private_subnets(resolved: Stack) -> None:
    service = resolved.resource("aws_ecs_service")
    private = resolved.resources("aws_subnet", name="private")
    assert service.wired("network_configuration[0].subnets").is_exactly(private)
    assert len(service["network_configuration[0].subnets"]) == 2


@pytest.mark.requirement("ECS-15")
def test_tasks_have_no_public_ip(stack: Stack) -> None:
    assert not stack.resource("aws_ecs_service")["network_configuration[0].assign_public_ip"]


@pytest.mark.requirement("ECS-16")
def test_circuit_breaker_stops_a_failing_deployment(stack: Stack) -> None:
    assert stack.resource("aws_ecs_service")["deployment_circuit_breaker[0].enable"]


@pytest.mark.requirement("ECS-17")
def test_failed_deployment_is_rolled_back(stack: Stack) -> None:
    assert stack.resource("aws_ecs_service")["deployment_circuit_breaker[0].rollback"]


@pytest.mark.requirement("ECS-18")
def test_nobody_can_open_a_shell_in_a_task(stack: Stack) -> None:
    assert not stack.resource("aws_ecs_service")["enable_execute_command"]


@pytest.mark.requirement("ECS-19")
def test_service_scales_on_its_average_cpu(stack: Stack) -> None:
    policy = stack.resource("aws_appautoscaling_policy")
    scaling = "target_tracking_scaling_policy_configuration[0]"
    metric = policy[f"{scaling}.predefined_metric_specification[0].predefined_metric_type"]
    assert policy["policy_type"] == "TargetTrackingScaling"
    assert metric == "ECSServiceAverageCPUUtilization"
    assert not policy[f"{scaling}.disable_scale_in"]


@pytest.mark.requirement("ECS-19")
def test_what_scales_is_this_service(resolved: Stack) -> None:
    target, policy = resolved.resource("aws_appautoscaling_target"), resolved.resource("aws_appautoscaling_policy")
    cluster, service = resolved.resource("aws_ecs_cluster"), resolved.resource("aws_ecs_service")
    assert target["scalable_dimension"] == "ecs:service:DesiredCount"
    assert target["resource_id"] == f"service/{cluster['name']}/{service['name']}"
    assert target.wired("resource_id").is_exactly(cluster, service)
    for argument in ("resource_id", "scalable_dimension", "service_namespace"):
        assert policy.wired(argument).is_exactly(target)


@pytest.mark.requirement("ECS-20")
def test_service_scales_between_the_bounds_of_its_environment(plan: Plan) -> None:
    target = plan.resource("aws_appautoscaling_target")
    assert target["min_capacity"] == plan.variables["min_tasks"]
    assert target["max_capacity"] == plan.variables["max_tasks"]
    assert target["min_capacity"] < target["max_capacity"]


@pytest.mark.requirement("ECS-21")
def test_tasks_let_in_the_load_balancer_on_8080_and_nothing_else(resolved: Stack) -> None:
    rules = resolved.resources("aws_vpc_security_group_ingress_rule")
    tasks, load_balancer = security_group(resolved), resolved.resource("aws_security_group", module="alb")
    [rule] = [rule for rule in rules if rule.wired("security_group_id").is_any_of(tasks)]
    assert (rule["ip_protocol"], rule["from_port"], rule["to_port"]) == ("tcp", 8080, 8080)
    assert rule.wired("referenced_security_group_id").is_exactly(load_balancer)
    assert not {"cidr_ipv4", "cidr_ipv6", "prefix_list_id"} & set(rule.arguments)


@pytest.mark.requirement("ECS-22")
def test_task_runs_with_its_two_roles(resolved: Stack) -> None:
    task = resolved.resource("aws_ecs_task_definition")
    assert task.wired("execution_role_arn").is_exactly(resolved.resource("aws_iam_role", name="task_execution"))
    assert task.wired("task_role_arn").is_exactly(resolved.resource("aws_iam_role", name="task"))


@pytest.mark.requirement("ECS-23")
def test_module_hands_out_cluster_and_service() -> None:
    assert {"cluster_id", "cluster_name", "service_name"} <= written.module("ecs").output_names


@pytest.mark.requirement("ECS-24")
def test_service_runs_its_task_definition_in_its_cluster(resolved: Stack) -> None:
    service = resolved.resource("aws_ecs_service")
    assert service.wired("cluster").is_exactly(resolved.resource("aws_ecs_cluster"))
    assert service.wired("task_definition").is_exactly(resolved.resource("aws_ecs_task_definition"))


@pytest.mark.requirement("ECS-25")
def test_container_runs_the_image_of_its_environment_from_the_repository(plan: Plan, resolved: Stack) -> None:
    repository = resolved.resource("aws_ecr_repository")
    image = f"{plain(repository['repository_url'])}:{plan.variables['image_tag']}"
    assert resolved.resource("aws_ecs_task_definition").wired("container_definitions").is_any_of(repository)
    assert plain(container(resolved)["image"]) == image


@pytest.mark.requirement("ECS-26")
def test_tasks_are_in_a_security_group_that_nothing_else_is_in(resolved: Stack) -> None:
    service, group = resolved.resource("aws_ecs_service"), security_group(resolved)
    rules = {rule.address for rule in resolved.resources() if rule.type.startswith("aws_vpc_security_group_")}
    assert service.wired("network_configuration[0].security_groups").is_exactly(group)
    assert len(service["network_configuration[0].security_groups"]) == 1
    assert {use.address for use in consumers(resolved, group)} - rules == {service.address}


@pytest.mark.requirement("ECS-27")
def test_one_target_group_has_one_service(resolved: Stack) -> None:
    uses = consumers(resolved, resolved.resource("aws_lb_target_group"))
    assert {resolved[use.address].type for use in uses} == {
        "aws_ecs_service",
        "aws_lb_listener",
        "aws_cloudwatch_metric_alarm",
    }
