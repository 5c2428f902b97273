"""The load balancer: the only thing that the internet reaches, and on the listeners' ports only."""

import pytest

from stackproof import Plan, Resource, Stack

from . import written
from .policies import DOCUMENT, denial, grants


def rules_that_admit_addresses(stack: Stack) -> list[Resource]:
    """The ingress rules whose source is not a security group."""
    rules = stack.resources("aws_vpc_security_group_ingress_rule")
    return [rule for rule in rules if rule.get("referenced_security_group_id") is None]


@pytest.mark.requirement("ALB-1")
def test_load_balancer_is_an_internet_facing_application_load_balancer(stack: Stack) -> None:
    load_balancer = stack.resource("aws_lb")
    assert load_balancer["load_balancer_type"] == "application"
    assert not load_balancer["internal"]


@pytest.mark.requirement("ALB-2")
def test_load_balancer_is_given_the_public_subnets() -> None:
    call = written.root().block("module", "alb")
    assert written.expression(call, "public_subnet_ids") == "module.vpc.public_subnet_ids", written.place(call)
    load_balancer = written.module("alb").resource("aws_lb")
    assert written.expression(load_balancer, "subnets") == "var.public_subnet_ids", written.place(load_balancer)


@pytest.mark.requirement("ALB-2")
@pytest.mark.until_apply
def test_load_balancer_stands_in_the_public_subnets(stack: Stack) -> None:
    public = {subnet["id"] for subnet in stack.resources("aws_subnet", name="public")}
    assert set(stack.resource("aws_lb")["subnets"]) == public


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
@pytest.mark.until_apply
def test_every_listener_belongs_to_the_load_balancer_and_forwards_to_the_target_group(stack: Stack) -> None:
    for listener in stack.resources("aws_lb_listener"):
        assert listener["load_balancer_arn"] == stack.resource("aws_lb")["arn"]
        if listener["default_action[0].type"] == "forward":
            target_group = stack.resource("aws_lb_target_group")
            assert listener["default_action[0].target_group_arn"] == target_group["arn"]


@pytest.mark.requirement("ALB-6")
def test_a_certificate_and_nothing_else_brings_a_listener_on_443(plan: Plan) -> None:
    ports = {listener["port"] for listener in plan.resources("aws_lb_listener")}
    assert ports == ({80} if plan.variables["certificate_arn"] is None else {80, 443})


@pytest.mark.requirement("ALB-6")
def test_https_listener_speaks_tls_1_3_with_that_certificate() -> None:
    listener = written.module("alb").resource("aws_lb_listener", "https")
    assert written.expression(listener, "protocol") == '"HTTPS"', written.place(listener)
    assert written.expression(listener, "ssl_policy").startswith('"ELBSecurityPolicy-TLS13-'), written.place(listener)
    assert written.expression(listener, "certificate_arn") == "var.certificate_arn", written.place(listener)


@pytest.mark.requirement("ALB-7")
def test_with_a_certificate_port_80_redirects_to_https() -> None:
    [action] = written.nested(written.module("alb").resource("aws_lb_listener", "http"), "default_action")
    [redirect] = written.nested(action, "redirect")
    assert written.expression(action, "type") == 'local.https ? "redirect" : "forward"', written.place(action)
    assert written.expression(redirect, "protocol") == '"HTTPS"', written.place(redirect)
    assert written.expression(redirect, "status_code") == '"HTTP_301"', written.place(redirect)


@pytest.mark.requirement("ALB-8")
def test_internet_reaches_the_listeners_ports_only(stack: Stack) -> None:
    listening = {(listener["port"], listener["port"]) for listener in stack.resources("aws_lb_listener")}
    admitted = rules_that_admit_addresses(stack)
    assert {(rule["from_port"], rule["to_port"]) for rule in admitted} == listening
    assert {rule["ip_protocol"] for rule in admitted} == {"tcp"}


@pytest.mark.requirement("ALB-8")
def test_internet_reaches_nothing_but_the_load_balancer(stack: Stack) -> None:
    assert {rule.module_path for rule in rules_that_admit_addresses(stack)} == {("alb",)}


@pytest.mark.requirement("ALB-8")
@pytest.mark.until_apply
def test_those_rules_are_the_load_balancers(stack: Stack) -> None:
    group = stack.resource("aws_security_group", module="alb")
    assert stack.resource("aws_lb")["security_groups"] == [group["id"]]
    for rule in rules_that_admit_addresses(stack):
        assert rule["security_group_id"] == group["id"]


@pytest.mark.requirement("ALB-9")
def test_invalid_headers_are_dropped(stack: Stack) -> None:
    assert stack.resource("aws_lb")["drop_invalid_header_fields"]


@pytest.mark.requirement("ALB-10")
def test_load_balancer_is_protected_from_deletion_where_the_environment_says_so(plan: Plan) -> None:
    assert plan.resource("aws_lb")["enable_deletion_protection"] == plan.variables["deletion_protection"]


@pytest.mark.requirement("ALB-11")
def test_access_is_logged_to_a_bucket(stack: Stack) -> None:
    load_balancer = stack.resource("aws_lb")
    assert load_balancer["access_logs[0].enabled"]
    assert load_balancer.get("access_logs[0].bucket") is not None


@pytest.mark.requirement("ALB-11")
@pytest.mark.until_apply
def test_that_bucket_is_the_log_bucket(stack: Stack) -> None:
    bucket = stack.resource("aws_s3_bucket", name="access_logs")
    assert stack.resource("aws_lb")["access_logs[0].bucket"] == bucket["id"]


@pytest.mark.requirement("ALB-12")
def test_log_bucket_is_closed_to_the_public(stack: Stack) -> None:
    block = stack.resource("aws_s3_bucket_public_access_block", module="alb")
    assert block["block_public_acls"]
    assert block["block_public_policy"]
    assert block["ignore_public_acls"]
    assert block["restrict_public_buckets"]


@pytest.mark.requirement("ALB-12")
def test_log_bucket_is_encrypted_and_takes_tls_only(stack: Stack) -> None:
    encryption = stack.resource("aws_s3_bucket_server_side_encryption_configuration", module="alb")
    refused = denial(stack.data_source(DOCUMENT, module="alb"))
    assert encryption["rule[0].apply_server_side_encryption_by_default[0].sse_algorithm"] == "AES256"
    assert refused["actions"] == ["s3:*"]
    assert refused["condition"] == [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}]


@pytest.mark.requirement("ALB-12")
def test_only_log_delivery_writes_to_the_log_bucket(stack: Stack) -> None:
    [delivery] = grants(stack.data_source(DOCUMENT, module="alb"))
    assert delivery["actions"] == ["s3:PutObject"]
    assert delivery["principals"] == [
        {"type": "Service", "identifiers": ["logdelivery.elasticloadbalancing.amazonaws.com"]}
    ]


@pytest.mark.requirement("ALB-13")
def test_module_hands_out_name_arns_and_security_group() -> None:
    assert {"dns_name", "arn", "target_group_arn", "security_group_id"} <= written.module("alb").output_names
