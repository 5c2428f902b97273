"""The load balancer: the only thing that the internet reaches, and on the listeners' ports only."""

import pytest

from stackproof import Plan, Resource, Stack
from stackproof.analysis.wiring import consumers

from . import written
from .policies import DOCUMENT, allowed_actions, arn, denial, grant


def rules_that_admit_addresses(stack: Stack) -> list[Resource]:
    """The ingress rules whose source is not a security group."""
    rules = stack.resources("aws_vpc_security_group_ingress_rule")
    return [rule for rule in rules if "referenced_security_group_id" not in rule.arguments]


def security_group(stack: Stack) -> Resource:
    return stack.resource("aws_security_group", module="alb")


@pytest.mark.requirement("ALB-1")
def test_load_balancer_is_an_internet_facing_application_load_balancer(stack: Stack) -> None:
    load_balancer = stack.resource("aws_lb")
    assert load_balancer["load_balancer_type"] == "application"
    assert not load_balancer["internal"]


@pytest.mark.requirement("ALB-2")
def test_load_balancer_stands_in_the_public_subnets(resolved: Stack) -> None:
    load_balancer = resolved.resource("aws_lb")
    assert load_balancer.wired("subnets").is_exactly(resolved.resources("aws_subnet", name="public"))
    assert len(load_balancer["subnets"]) == 2


@pytest.mark.requirement("ALB-3")
def test_targets_are_addresses(stack: Stack) -> None:
    assert stack.resource("aws_lb_target_group")["target_type"] == "ip"


@pytest.mark.requirement("ALB-4")
def test_health_is_checked_at_the_root_path_every_30_seconds(stack: Stack) -> None:
    target_group = stack.resource("aws_lb_target_group")
    assert target_group["health_check[0].enabled"]
    assert target_group["health_check[0].path"] == "/"
    assert target_group["health_check[0].interval"] == 30


@pytest.mark.requirement("ALB-5")
def test_listener_on_80_forwards_unless_there_is_a_certificate(plan: Plan) -> None:
    listener = plan.resource("aws_lb_listener", name="http")
    action = "forward" if plan.variables["certificate_arn"] is None else "redirect"
    assert (listener["port"], listener["protocol"]) == (80, "HTTP")
    assert listener["default_action[0].type"] == action


@pytest.mark.requirement("ALB-5")
def test_what_listeners_forward_goes_to_the_target_group(resolved: Stack) -> None:
    for listener in resolved.resources("aws_lb_listener"):
        if listener["default_action[0].type"] == "forward":
            target_group = resolved.resource("aws_lb_target_group")
            assert listener.wired("default_action[0].target_group_arn").is_exactly(target_group)


@pytest.mark.requirement("ALB-6")
def test_a_certificate_and_nothing_else_brings_a_listener_on_443(plan: Plan) -> None:
    ports = {listener["port"] for listener in plan.resources("aws_lb_listener")}
    assert ports == ({80} if plan.variables["certificate_arn"] is None else {80, 443})


@pytest.mark.requirement("ALB-7")
def test_nothing_is_redirected_unless_there_is_a_certificate(plan: Plan) -> None:
    redirects = plan.resource("aws_lb_listener", name="http")["default_action[0].redirect"]
    assert len(redirects) == (0 if plan.variables["certificate_arn"] is None else 1)


@pytest.mark.requirement("ALB-8")
def test_internet_reaches_the_listeners_ports_only(stack: Stack) -> None:
    listening = {(listener["port"], listener["port"]) for listener in stack.resources("aws_lb_listener")}
    admitted = rules_that_admit_addresses(stack)
    assert {(rule["from_port"], rule["to_port"]) for rule in admitted} == listening
    assert {rule["ip_protocol"] for rule in admitted} == {"tcp"}


@pytest.mark.requirement("ALB-8")
def test_internet_reaches_nothing_but_the_load_balancer(resolved: Stack) -> None:
    for rule in rules_that_admit_addresses(resolved):
        assert rule.wired("security_group_id").is_exactly(security_group(resolved))


@pytest.mark.requirement("ALB-9")
def test_invalid_headers_are_dropped(stack: Stack) -> None:
    assert stack.resource("aws_lb")["drop_invalid_header_fields"]


@pytest.mark.requirement("ALB-10")
def test_load_balancer_is_protected_from_deletion_where_the_environment_says_so(plan: Plan) -> None:
    assert plan.resource("aws_lb")["enable_deletion_protection"] == plan.variables["deletion_protection"]


@pytest.mark.requirement("ALB-11")
def test_access_is_logged_to_the_log_bucket(resolved: Stack) -> None:
    load_balancer, bucket = resolved.resource("aws_lb"), resolved.resource("aws_s3_bucket", name="access_logs")
    assert load_balancer["access_logs[0].enabled"]
    assert load_balancer.wired("access_logs[0].bucket").is_exactly(bucket)


@pytest.mark.requirement("ALB-12")
def test_log_bucket_is_closed_to_the_public(stack: Stack) -> None:
    block = stack.resource("aws_s3_bucket_public_access_block", module="alb")
    assert block["block_public_acls"]
    assert block["block_public_policy"]
    assert block["ignore_public_acls"]
    assert block["restrict_public_buckets"]


@pytest.mark.requirement("ALB-12")
def test_log_bucket_is_encrypted(stack: Stack) -> None:
    encryption = stack.resource("aws_s3_bucket_server_side_encryption_configuration", module="alb")
    assert encryption["rule[0].apply_server_side_encryption_by_default[0].sse_algorithm"] == "AES256"


@pytest.mark.requirement("ALB-12")
def test_log_bucket_takes_tls_only(resolved: Stack) -> None:
    refused = denial(resolved.data_source(DOCUMENT, module="alb"))
    bucket = resolved.resource("aws_s3_bucket", name="access_logs")
    assert refused["actions"] == ["s3:*"]
    assert refused["principals"] == [{"type": "*", "identifiers": ["*"]}]
    assert refused.conditions == {"Bool aws:SecureTransport": ["false"]}
    assert refused.resources == {arn(bucket), f"{arn(bucket)}/*"}


@pytest.mark.requirement("ALB-12")
def test_only_log_delivery_writes_to_the_log_bucket(resolved: Stack) -> None:
    document = resolved.data_source(DOCUMENT, module="alb")
    delivery = grant(document, "s3:PutObject")
    account = resolved.data_source("aws_caller_identity", module="alb")["account_id"]
    bucket = resolved.resource("aws_s3_bucket", name="access_logs")
    assert allowed_actions(document) == {"s3:PutObject"}
    assert delivery["principals"] == [
        {"type": "Service", "identifiers": ["logdelivery.elasticloadbalancing.amazonaws.com"]}
    ]
    assert delivery.resources == {f"{arn(bucket)}/AWSLogs/{account}/*"}


@pytest.mark.requirement("ALB-13")
def test_module_hands_out_name_arns_and_security_group() -> None:
    assert {"dns_name", "arn", "target_group_arn", "security_group_id"} <= written.module("alb").output_names


@pytest.mark.requirement("ALB-14")
def test_every_listener_is_the_load_balancers(resolved: Stack) -> None:
    for listener in resolved.resources("aws_lb_listener"):
        assert listener.wired("load_balancer_arn").is_exactly(resolved.resource("aws_lb"))


@pytest.mark.requirement("ALB-15")
def test_load_balancer_is_in_a_security_group_that_nothing_else_is_in(resolved: Stack) -> None:
    load_balancer, group = resolved.resource("aws_lb"), security_group(resolved)
    assert load_balancer.wired("security_groups").is_exactly(group)
    assert len(load_balancer["security_groups"]) == 1
    rules = {rule.address for rule in resolved.resources() if rule.type.startswith("aws_vpc_security_group_")}
    assert {use.address for use in consumers(resolved, group)} - rules == {load_balancer.address}
