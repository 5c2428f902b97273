"""A web service: its load balancer is all that the internet reaches, and its tasks reach out on 443 only."""

from __future__ import annotations

import pytest

from stackproof.analysis.network import INTERNET_NAME, Network, tcp

from .conftest import Service


def network(service: Service) -> Network:
    return Network(service.base.sketch.stack())


def test_only_the_load_balancer_is_reached_on_its_listener(service: Service) -> None:
    exposures = network(service).reachable_from_internet()
    assert exposures.only({service.balancer.address: tcp(443)})
    (exposure,) = exposures
    assert exposure.sources == ("0.0.0.0/0",)
    assert exposure.from_everywhere


def test_the_tasks_are_reached_through_it_and_not_by_themselves(service: Service) -> None:
    exposures = network(service).reachable_from_internet()
    assert service.tasks.address not in exposures
    (forwarded,) = exposures.forwarded
    assert (forwarded.address, forwarded.through) == (service.tasks.address, (service.balancer.address,))
    assert (forwarded.traffic, forwarded.arrives) == (tcp(443), tcp(8080))
    assert not exposures.latent


def test_the_tasks_are_entered_from_the_load_balancer_on_8080_only(service: Service) -> None:
    assert network(service).ingress(service.tasks.address).only({service.balancer.address: tcp(8080)})


def test_the_tasks_reach_out_on_443_only(service: Service) -> None:
    egress = network(service).egress(service.tasks.address)
    assert egress.only(tcp(443))
    assert egress.of(INTERNET_NAME).only({INTERNET_NAME: tcp(443)})
    assert {flow.via for flow in egress.of(INTERNET_NAME)} == {service.nat.address}


def test_no_path_leads_around_the_load_balancer(service: Service) -> None:
    paths = network(service).paths(INTERNET_NAME, service.tasks.address)
    assert paths.through(service.balancer.address)
    assert not paths.around(service.balancer.address)


def test_load_balancer_and_tasks_are_joined_on_8080(service: Service) -> None:
    answer = network(service)
    assert answer.paths(service.balancer.address, service.tasks.address).only(tcp(8080))
    # out to everywhere and in from everywhere meet inside the VPC, too
    assert answer.paths(service.tasks.address, service.balancer.address).only(tcp(443))


@pytest.mark.parametrize("halves", [["0.0.0.0/0"], ["0.0.0.0/1"], ["0.0.0.0/1", "128.0.0.0/1"], ["8.8.8.0/24"]])
def test_tasks_opened_to_a_part_of_the_internet_are_latent_in_a_private_subnet(
    service: Service, halves: list[str]
) -> None:
    for number, half in enumerate(halves):
        service.base.let_in(service.tasks_group, f"open{number}", ports=(8080, 8080), cidr_ipv4=half)
    answer = network(service)
    latent = answer.reachable_from_internet().latent
    assert latent.only({service.tasks.address: tcp(8080)})
    (exposure,) = latent
    assert exposure.from_everywhere == (len(halves) == 2 or halves == ["0.0.0.0/0"])
    assert exposure.barred == "it has no public address"
    assert not answer.ingress(service.tasks.address).only({service.balancer.address: tcp(8080)})
    assert answer.reachable_from_internet().only({service.balancer.address: tcp(443)})


def test_a_private_range_is_no_part_of_the_internet(service: Service) -> None:
    for number, block in enumerate(
        ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "203.0.113.0/24")
    ):
        service.base.let_in(service.tasks_group, f"inside{number}", ports=(8080, 8080), cidr_ipv4=block)
    assert not network(service).reachable_from_internet().latent


def test_a_private_subnet_with_a_route_to_the_internet_gateway_still_needs_a_public_address(service: Service) -> None:
    base = service.base
    base.sketch.add(
        "aws_route.wrong",
        route_table_id=base.private_table.id,
        destination_cidr_block="8.0.0.0/8",
        gateway_id=base.gateway.id,
    )
    base.let_in(service.tasks_group, "open", ports=(8080, 8080), cidr_ipv4="0.0.0.0/0")
    assert network(service).reachable_from_internet().only({service.balancer.address: tcp(443)})
    service.base.sketch.resources[service.tasks.address]["network_configuration"][0]["assign_public_ip"] = True
    exposures = network(service).reachable_from_internet()
    assert exposures.only({service.balancer.address: tcp(443), service.tasks.address: tcp(8080)})
    (exposure,) = exposures.of(service.tasks.address)
    # replies take the more specific route, so that nobody else can open a connection
    assert exposure.sources == ("8.0.0.0/8",)
    assert network(service).paths(INTERNET_NAME, service.tasks.address).around(service.balancer.address)


def test_tasks_get_no_public_address_by_default(service: Service) -> None:
    base = service.base
    base.let_in(service.tasks_group, "open", ports=(8080, 8080), cidr_ipv4="0.0.0.0/0")
    own = {"subnets": [base.public.id], "security_groups": [service.tasks_group.id]}
    base.sketch.resources[service.tasks.address]["network_configuration"] = [own]
    assert network(service).reachable_from_internet().only({service.balancer.address: tcp(443)})


def test_tasks_that_may_send_anything_are_told(service: Service) -> None:
    service.base.let_out(service.tasks_group, "all", protocol="-1", cidr_ipv4="0.0.0.0/0")
    claim = network(service).egress(service.tasks.address).only(tcp(443))
    assert not claim
    assert "aws_vpc_security_group_egress_rule" in repr(claim) or "all" in repr(claim)


def test_without_an_egress_rule_nothing_leaves(service: Service) -> None:
    del service.base.sketch.resources["aws_vpc_security_group_egress_rule.https"]
    assert not network(service).egress(service.tasks.address)


def test_without_a_nat_gateway_route_only_the_vpc_is_left(service: Service) -> None:
    del service.base.sketch.resources["aws_route.nat"]
    egress = network(service).egress(service.tasks.address)
    assert egress.only({service.base.vpc.address: tcp(443)})
    assert not network(service).paths(service.tasks.address, INTERNET_NAME)
