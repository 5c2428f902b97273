"""What reaches what: computed from routes, network ACLs, security groups and listeners together."""

import pytest

from stackproof import Resource
from stackproof.analysis.network import INTERNET_NAME, Network, Traffic, tcp
from stackproof.plan import ResolvedStack

TASK_PORT = 8080


@pytest.fixture(scope="session")
def load_balancer(resolved: ResolvedStack) -> Resource:
    """The load balancer."""
    return resolved.resource("aws_lb")


@pytest.fixture(scope="session")
def service(resolved: ResolvedStack) -> Resource:
    """The service, by which its tasks are meant."""
    return resolved.resource("aws_ecs_service")


@pytest.fixture(scope="session")
def listened(resolved: ResolvedStack) -> Traffic:
    """The traffic that listeners wait for."""
    ports = [listener["port"] for listener in resolved.resources("aws_lb_listener")]
    together = tcp(ports[0])
    for port in ports[1:]:
        together |= tcp(port)
    return together


@pytest.mark.requirement("REACH-1")
def test_the_internet_reaches_the_load_balancer_on_its_listeners_and_nothing_else(
    network: Network, load_balancer: Resource, listened: Traffic
) -> None:
    assert network.reachable_from_internet().only({load_balancer: listened})


@pytest.mark.requirement("REACH-2")
def test_the_load_balancer_lets_nothing_in_but_what_it_listens_for(
    network: Network, load_balancer: Resource, listened: Traffic
) -> None:
    assert network.ingress(load_balancer).within(listened)


@pytest.mark.requirement("REACH-3")
def test_no_rule_would_let_the_internet_in_if_a_route_were_opened(network: Network) -> None:
    assert not network.reachable_from_internet().latent


@pytest.mark.requirement("REACH-4")
def test_tasks_are_entered_by_the_load_balancer_only(
    network: Network, service: Resource, load_balancer: Resource
) -> None:
    assert network.ingress(service).only({load_balancer: tcp(TASK_PORT)})


@pytest.mark.requirement("REACH-5")
def test_there_is_no_way_to_the_tasks_around_the_load_balancer(
    network: Network, service: Resource, load_balancer: Resource
) -> None:
    ways = network.paths(INTERNET_NAME, service)
    assert ways.through(load_balancer)
    assert not ways.around(load_balancer)


@pytest.mark.requirement("REACH-6")
def test_what_the_load_balancer_forwards_arrives_at_the_tasks_port(network: Network, service: Resource) -> None:
    assert {str(found.arrives) for found in network.reachable_from_internet().forwarded.of(service)} == {
        str(tcp(TASK_PORT))
    }


@pytest.mark.requirement("REACH-7")
def test_tasks_send_https_and_nothing_else(network: Network, service: Resource) -> None:
    assert network.egress(service).within(tcp(443))


@pytest.mark.requirement("REACH-8")
def test_tasks_reach_the_internet_through_nat_gateways_only(
    network: Network, service: Resource, resolved: ResolvedStack
) -> None:
    gateways = {gateway.address for gateway in resolved.resources("aws_nat_gateway")}
    flows = network.egress(service).of(INTERNET_NAME)
    assert flows
    assert {flow.via for flow in flows} <= gateways


@pytest.mark.requirement("REACH-9")
def test_tasks_reach_s3_without_leaving_the_network(
    network: Network, service: Resource, resolved: ResolvedStack
) -> None:
    endpoint = resolved.resource("aws_vpc_endpoint")
    assert network.egress(service).of(endpoint)


@pytest.mark.requirement("REACH-10")
def test_the_load_balancer_sends_to_tasks_only_what_they_take(network: Network, load_balancer: Resource) -> None:
    assert network.egress(load_balancer).within(tcp(TASK_PORT))
    assert not network.egress(load_balancer).of(INTERNET_NAME)


@pytest.mark.requirement("REACH-11")
def test_everything_in_the_network_is_modelled(network: Network) -> None:
    assert network.unmodelled == ()
    assert network.notes == ()
