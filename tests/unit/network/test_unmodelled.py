"""What is not modelled is listed, and leaves undecided what it could change."""

from __future__ import annotations

import pytest

from stackproof.analysis.network import ANY, Network, tcp
from stackproof.verdict import Undecided

from .conftest import Base, Service
from .sketch import Handle


def network(base: Base) -> Network:
    return Network(base.sketch.stack())


def test_everything_in_a_usual_service_is_modelled(service: Service) -> None:
    assert network(service.base).unmodelled == ()


def test_a_front_door_outside_of_vpcs_may_be_reached(service: Service) -> None:
    service.base.sketch.add("aws_apigatewayv2_api.main", name="api", protocol_type="HTTP")
    answer = network(service.base)
    (listed,) = answer.unmodelled
    assert (listed.address, listed.type) == ("aws_apigatewayv2_api.main", "aws_apigatewayv2_api")
    assert listed.as_dict()["consequence"] in str(listed)
    exposures = answer.reachable_from_internet()
    with pytest.raises(Undecided, match="aws_apigatewayv2_api is not modelled"):
        bool(exposures.only({service.balancer.address: tcp(443)}))
    assert exposures.within({service.balancer.address: tcp(443), listed.address: ANY})
    with pytest.raises(Undecided, match="not modelled"):
        bool(answer.paths("internet", listed.address))
    with pytest.raises(Undecided, match="not modelled"):
        bool(answer.egress(listed.address))
    with pytest.raises(Undecided, match="not modelled"):
        bool(answer.ingress(listed.address))


@pytest.fixture
def novelty(base: Base) -> Handle:
    """A resource of a type that this analysis has never heard of, in the private subnet."""
    group = base.group("novel")
    base.let_in(group, "novel", cidr_ipv4="0.0.0.0/0")
    base.let_out(group, "novel", protocol="-1", cidr_ipv4="0.0.0.0/0")
    return base.sketch.add(
        "aws_novelty_cluster.main", settings=[{"subnet_ids": [base.private.id], "security_group_ids": [group.id]}]
    )


def test_a_type_without_a_shape_is_taken_for_what_it_looks_like(base: Base, novelty: Handle) -> None:
    answer = network(base)
    assert [each.address for each in answer.unmodelled] == [novelty.address]
    # wherever it stands, no route leads there from the internet
    assert not answer.reachable_from_internet()
    base.instance("web", base.public, base.group("closed"))
    assert not network(base).paths(novelty.address, "aws_instance.web")


def test_in_a_public_subnet_it_may_be_reached(base: Base, novelty: Handle) -> None:
    base.sketch.resources[novelty.address]["settings"][0]["subnet_ids"] = [base.public.id]
    exposures = network(base).reachable_from_internet()
    with pytest.raises(Undecided, match="aws_novelty_cluster is not modelled"):
        bool(exposures)
    assert exposures.within({novelty.address: tcp(443)})


def test_what_others_may_send_to_it_is_undecided(base: Base, novelty: Handle) -> None:
    client = base.group("client")
    base.let_out(client, "all", protocol="-1", cidr_ipv4="0.0.0.0/0")
    base.instance("client", base.public, client)
    paths = network(base).paths("aws_instance.client", novelty.address)
    with pytest.raises(Undecided, match="not modelled"):
        bool(paths)
    assert paths.within(tcp(443))


def test_groups_of_subnets_and_the_like_are_no_interfaces(base: Base) -> None:
    base.sketch.add("aws_db_subnet_group.main", name="main", subnet_ids=[base.public.id])
    base.sketch.add("aws_flow_log.main", subnet_id=base.public.id)
    assert not network(base).unmodelled


def test_a_gateway_with_a_route_table_of_its_own_leaves_ways_in_undecided(service: Service) -> None:
    base = service.base
    base.sketch.add(
        "aws_route_table_association.edge", gateway_id=base.gateway.id, route_table_id=base.private_table.id
    )
    answer = network(base)
    assert [each.address for each in answer.unmodelled] == ["aws_route_table_association.edge"]
    with pytest.raises(Undecided, match="gateway route tables"):
        bool(answer.reachable_from_internet())


def test_a_way_through_an_appliance_is_undecided(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "open", cidr_ipv4="0.0.0.0/0")
    base.let_out(group, "open", cidr_ipv4="0.0.0.0/0")
    base.instance("web", base.private, group, public=True)
    appliance = base.sketch.add(
        "aws_vpc_endpoint.appliance",
        vpc_id=base.vpc.id,
        vpc_endpoint_type="GatewayLoadBalancer",
        service_name="com.amazonaws.vpce.x",
        subnet_ids=[base.public.id],
    )
    base.sketch.add(
        "aws_route.inspected",
        route_table_id=base.private_table.id,
        destination_cidr_block="0.0.0.0/0",
        vpc_endpoint_id=appliance.id,
    )
    answer = network(base)
    assert [each.address for each in answer.unmodelled] == [appliance.address]
    with pytest.raises(Undecided, match="appliance"):
        bool(answer.reachable_from_internet())
    with pytest.raises(Undecided, match="appliance"):
        bool(answer.paths("aws_instance.web", "internet"))


def test_a_propagated_route_is_not_modelled(service: Service) -> None:
    base = service.base
    gateway = base.sketch.add("aws_vpn_gateway.main", vpc_id=base.vpc.id)
    base.sketch.add(
        "aws_vpn_gateway_route_propagation.main", route_table_id=base.private_table.id, vpn_gateway_id=gateway.id
    )
    answer = network(base)
    assert gateway.address in [each.address for each in answer.unmodelled]
    egress = answer.egress(service.tasks.address)
    assert egress.of("internet")
    assert egress.is_undecided
    assert egress.within(tcp(443))
    # inside the VPC the local route wins over what is propagated
    assert not answer.paths(service.balancer.address, service.tasks.address).is_undecided
