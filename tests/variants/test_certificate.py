"""With a certificate the load balancer serves HTTPS."""

import pytest

from stackproof import Plan

from .conftest import CERTIFICATE


@pytest.mark.requirement("ALB-6")
def test_listener_on_443_speaks_tls_1_3_with_that_certificate(connected: Plan) -> None:
    listener = connected.resource("aws_lb_listener", name="https")
    assert (listener["port"], listener["protocol"]) == (443, "HTTPS")
    assert listener["ssl_policy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert listener["certificate_arn"] == CERTIFICATE


@pytest.mark.requirement("ALB-6")
def test_that_listener_forwards_to_the_target_group(connected: Plan) -> None:
    listener = connected.resolved.resource("aws_lb_listener", name="https")
    target_group = connected.resolved.resource("aws_lb_target_group")
    assert listener["default_action[0].type"] == "forward"
    assert listener.wired("default_action[0].target_group_arn").is_exactly(target_group)
    assert listener.wired("load_balancer_arn").is_exactly(connected.resolved.resource("aws_lb"))


@pytest.mark.requirement("ALB-7")
def test_port_80_redirects_to_https_for_good(connected: Plan) -> None:
    listener = connected.resolved.resource("aws_lb_listener", name="http")
    assert (listener["port"], listener["default_action[0].type"]) == (80, "redirect")
    assert listener["default_action[0].redirect[0].protocol"] == "HTTPS"
    assert listener["default_action[0].redirect[0].port"] == "443"
    assert listener["default_action[0].redirect[0].status_code"] == "HTTP_301"
    assert not listener.wired("default_action").feeds


@pytest.mark.requirement("ALB-8")
def test_internet_reaches_both_listeners_and_nothing_else(connected: Plan) -> None:
    rules = connected.resources("aws_vpc_security_group_ingress_rule", module="alb")
    assert {(rule["from_port"], rule["to_port"], rule["ip_protocol"]) for rule in rules} == {
        (80, 80, "tcp"),
        (443, 443, "tcp"),
    }


@pytest.mark.requirement("OUT-1")
def test_address_of_the_dashboard_is_https(connected: Plan) -> None:
    assert connected.resolved.output("url").startswith("https://")
