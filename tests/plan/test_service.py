"""The service: the cluster, the task, how it is deployed, and how it scales."""

import re
from typing import Any

import pytest

from stackproof import Plan, Stack

from . import written


def container(stack: Stack) -> Any:
    """The task's one container; unknown in a plan as long as its image or its secret is."""
    [only] = stack.resource("aws_ecs_task_definition").document("container_definitions")
    return only


def written_container() -> str:
    """The same as it is written, in one line."""
    return written.expression(written.module("ecs").resource("aws_ecs_task_definition"), "container_definitions")


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
def test_container_behind_the_load_balancer_is_called_stock_dashboard(stack: Stack) -> None:
    assert stack.resource("aws_ecs_service")["load_balancer[0].container_name"] == "stock-dashboard"


@pytest.mark.requirement("ECS-4")
@pytest.mark.until_apply
def test_task_has_a_container_of_that_name(stack: Stack) -> None:
    assert container(stack)["name"] == "stock-dashboard"


@pytest.mark.requirement("ECS-5")
def test_load_balancer_sends_requests_to_port_8080(stack: Stack) -> None:
    assert stack.resource("aws_ecs_service")["load_balancer[0].container_port"] == 8080
    assert stack.resource("aws_lb_target_group")["port"] == 8080


@pytest.mark.requirement("ECS-5")
@pytest.mark.until_apply
def test_container_listens_on_port_8080_only(stack: Stack) -> None:
    assert [mapping["containerPort"] for mapping in container(stack)["portMappings"]] == [8080]


@pytest.mark.requirement("ECS-6")
def test_root_file_system_is_written_as_read_only() -> None:
    assert "readonlyRootFilesystem = true" in written_container()


@pytest.mark.requirement("ECS-6")
@pytest.mark.until_apply
def test_root_file_system_is_read_only(stack: Stack) -> None:
    assert container(stack)["readonlyRootFilesystem"]


@pytest.mark.requirement("ECS-7")
def test_container_is_written_without_capabilities() -> None:
    assert 'capabilities = { drop = ["ALL"] }' in written_container()


@pytest.mark.requirement("ECS-7")
@pytest.mark.until_apply
def test_container_gains_no_privileges(stack: Stack) -> None:
    user, group = container(stack)["user"].split(":")
    assert user != "0"
    assert group != "0"
    assert container(stack)["linuxParameters"]["capabilities"].get("drop") == ["ALL"]
    assert not container(stack)["linuxParameters"]["capabilities"].get("add")
    assert not container(stack).get("privileged")


@pytest.mark.requirement("ECS-8")
def test_container_is_written_to_log_to_the_log_group_of_the_task() -> None:
    assert 'logDriver = "awslogs"' in written_container()
    assert "awslogs-group = aws_cloudwatch_log_group.this.name" in written_container()


@pytest.mark.requirement("ECS-8")
@pytest.mark.until_apply
def test_container_logs_to_the_log_group_of_the_task(stack: Stack) -> None:
    logging = container(stack)["logConfiguration"]
    assert logging["logDriver"] == "awslogs"
    assert logging["options"]["awslogs-group"] == stack.resource("aws_cloudwatch_log_group", module="ecs")["name"]


@pytest.mark.requirement("ECS-9")
def test_container_logs_are_kept_7_days(stack: Stack) -> None:
    assert stack.resource("aws_cloudwatch_log_group", module="ecs")["retention_in_days"] == 7


@pytest.mark.requirement("ECS-10")
def test_api_key_is_handed_to_the_task_as_a_secret() -> None:
    call = written.root().block("module", "ecs")
    handed = "{ ALPHA_VANTAGE_API_KEY = local.secret_arns.alpha_vantage_api_key }"
    assert written.expression(call, "secrets") == handed, written.place(call)


@pytest.mark.requirement("ECS-10")
@pytest.mark.until_apply
def test_api_key_is_injected_from_secrets_manager(stack: Stack) -> None:
    secrets = [*stack.resources("aws_secretsmanager_secret"), *stack.data_sources("aws_secretsmanager_secret")]
    [key] = [secret for secret in secrets if secret.index == "alpha_vantage_api_key"]
    assert container(stack)["secrets"] == [{"name": "ALPHA_VANTAGE_API_KEY", "valueFrom": key["arn"]}]


@pytest.mark.requirement("ECS-11")
def test_plain_environment_is_written_from_plain_variables_only() -> None:
    call = written.root().block("module", "ecs")
    [environment] = re.findall(r"environment = (\[[^\]]*\][^\]]*\])", written_container())
    assert written.expression(call, "environment_variables") == "var.environment_variables", written.place(call)
    assert set(re.findall(r"\b(?:var|local|data|module|aws_\w+)\.\w+", environment)) == {"var.environment_variables"}


@pytest.mark.requirement("ECS-11")
def test_no_plain_variable_is_named_like_a_secret(plan: Plan) -> None:
    names = list(plan.variables["environment_variables"])
    assert not [name for name in names if re.search("api_?key|password|secret|token", name, re.IGNORECASE)]


@pytest.mark.requirement("ECS-11")
@pytest.mark.until_apply
def test_nothing_in_the_plain_environment_is_secret(stack: Stack) -> None:
    plain = {variable["name"] for variable in container(stack)["environment"]}
    assert not plain & {secret["name"] for secret in container(stack)["secrets"]}
    assert not [name for name in plain if re.search("api_?key|password|secret|token", name, re.IGNORECASE)]


@pytest.mark.requirement("ECS-12")
@pytest.mark.environment("prod")
def test_prod_runs_2_tasks(stack: Stack) -> None:
    assert stack.resource("aws_ecs_service")["desired_count"] == 2


@pytest.mark.requirement("ECS-13")
def test_service_stands_behind_one_target_group(stack: Stack) -> None:
    service = stack.resource("aws_ecs_service")
    assert len(service["load_balancer"]) == 1
    assert service.get("load_balancer[0].target_group_arn") is not None


@pytest.mark.requirement("ECS-13")
@pytest.mark.until_apply
def test_that_target_group_is_the_load_balancers(stack: Stack) -> None:
    target_group = stack.resource("aws_lb_target_group")
    assert stack.resource("aws_ecs_service")["load_balancer[0].target_group_arn"] == target_group["arn"]


@pytest.mark.requirement("ECS-14")
def test_service_is_given_the_private_subnets() -> None:
    call = written.root().block("module", "ecs")
    [network] = written.nested(written.module("ecs").resource("aws_ecs_service"), "network_configuration")
    assert written.expression(call, "private_subnet_ids") == "module.vpc.private_subnet_ids", written.place(call)
    assert written.expression(network, "subnets") == "var.private_subnet_ids", written.place(network)


@pytest.mark.requirement("ECS-14")
@pytest.mark.until_apply
def test_tasks_run_in_the_private_subnets(stack: Stack) -> None:
    private = {subnet["id"] for subnet in stack.resources("aws_subnet", name="private")}
    assert set(stack.resource("aws_ecs_service")["network_configuration[0].subnets"]) == private


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
def test_what_scales_is_this_service(stack: Stack) -> None:
    cluster, service = stack.resource("aws_ecs_cluster")["name"], stack.resource("aws_ecs_service")["name"]
    for scaling in ("aws_appautoscaling_target", "aws_appautoscaling_policy"):
        assert stack.resource(scaling)["resource_id"] == f"service/{cluster}/{service}"
        assert stack.resource(scaling)["scalable_dimension"] == "ecs:service:DesiredCount"


@pytest.mark.requirement("ECS-20")
def test_service_scales_between_the_bounds_of_its_environment(plan: Plan) -> None:
    target = plan.resource("aws_appautoscaling_target")
    assert target["min_capacity"] == plan.variables["min_tasks"]
    assert target["max_capacity"] == plan.variables["max_tasks"]
    assert target["min_capacity"] < target["max_capacity"]


@pytest.mark.requirement("ECS-21")
def test_tasks_let_in_a_security_group_on_8080_and_nothing_else(stack: Stack) -> None:
    rule = stack.resource("aws_vpc_security_group_ingress_rule", module="ecs")
    assert (rule["ip_protocol"], rule["from_port"], rule["to_port"]) == ("tcp", 8080, 8080)
    assert rule.get("referenced_security_group_id") is not None
    assert rule.get("cidr_ipv4") is None
    assert rule.get("cidr_ipv6") is None
    assert rule.get("prefix_list_id") is None


@pytest.mark.requirement("ECS-21")
@pytest.mark.until_apply
def test_that_security_group_is_the_load_balancers(stack: Stack) -> None:
    rule = stack.resource("aws_vpc_security_group_ingress_rule", module="ecs")
    tasks, load_balancer = (stack.resource("aws_security_group", module=module) for module in ("ecs", "alb"))
    assert rule["referenced_security_group_id"] == load_balancer["id"]
    assert rule["security_group_id"] == tasks["id"]
    assert stack.resource("aws_ecs_service")["network_configuration[0].security_groups"] == [tasks["id"]]


@pytest.mark.requirement("ECS-22")
@pytest.mark.until_apply
def test_task_runs_with_its_two_roles(stack: Stack) -> None:
    task = stack.resource("aws_ecs_task_definition")
    assert task["execution_role_arn"] == stack.resource("aws_iam_role", name="task_execution")["arn"]
    assert task["task_role_arn"] == stack.resource("aws_iam_role", name="task")["arn"]


@pytest.mark.requirement("ECS-22")
def test_task_is_given_its_two_roles(stack: Stack) -> None:
    task = stack.resource("aws_ecs_task_definition")
    assert task.get("execution_role_arn") is not None
    assert task.get("task_role_arn") is not None


@pytest.mark.requirement("ECS-23")
def test_module_hands_out_cluster_and_service() -> None:
    assert {"cluster_id", "cluster_name", "service_name"} <= written.module("ecs").output_names
