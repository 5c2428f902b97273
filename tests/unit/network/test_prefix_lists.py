"""Prefix lists: of the stack, of AWS, and of nobody that is known."""

from __future__ import annotations

import pytest

from stackproof.analysis.network import ANY, INTERNET_NAME, Network, tcp
from stackproof.verdict import Undecided

from .conftest import Base, Service
from .sketch import Handle

S3 = "com.amazonaws.eu-west-1.s3"
CLOUDFRONT = "com.amazonaws.global.cloudfront.origin-facing"


def prefix_list(base: Base, *blocks: str) -> Handle:
    return base.sketch.add(
        "aws_ec2_managed_prefix_list.offices",
        name="offices",
        address_family="IPv4",
        entry=[{"cidr": block} for block in blocks],
    )


def reached_by(base: Base, peer: Handle) -> Network:
    group = base.group("web")
    base.let_in(group, "listed", prefix_list_id=peer.id)
    base.instance("web", base.public, group, public=True)
    return Network(base.sketch.stack())


def test_entries_of_a_list_are_evaluated(base: Base) -> None:
    network = reached_by(base, prefix_list(base, "8.8.8.0/24", "10.0.0.0/8"))
    (exposure,) = network.reachable_from_internet()
    assert exposure.sources == ("8.8.8.0/24",)


def test_a_list_of_private_ranges_is_no_exposure(base: Base) -> None:
    exposures = reached_by(base, prefix_list(base, "10.0.0.0/8")).reachable_from_internet()
    assert not exposures
    assert not exposures.latent


def test_entries_written_apart_count(base: Base) -> None:
    offices = prefix_list(base, "10.0.0.0/8")
    base.sketch.add("aws_ec2_managed_prefix_list_entry.more", prefix_list_id=offices.id, cidr="9.9.9.9/32")
    (exposure,) = reached_by(base, offices).reachable_from_internet()
    assert exposure.sources == ("9.9.9.9/32",)


def test_a_list_that_aws_keeps_is_named(base: Base) -> None:
    cloudfront = base.sketch.add(
        "data.aws_ec2_managed_prefix_list.cloudfront",
        id="pl-93a247fa",
        name=CLOUDFRONT,
        owner_id="AWS",
        entries=[{"cidr": "13.32.0.0/15"}],
    )
    (exposure,) = reached_by(base, cloudfront).reachable_from_internet()
    assert exposure.sources == (CLOUDFRONT,)
    assert not exposure.from_everywhere


def test_what_is_in_a_list_outside_the_stack_is_not_known(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "listed", prefix_list_id="pl-12345678")
    base.instance("web", base.public, group, public=True)
    exposures = Network(base.sketch.stack()).reachable_from_internet()
    with pytest.raises(Undecided, match="pl-12345678"):
        bool(exposures)
    assert exposures.within({"aws_instance.web": tcp(443)})


def endpoint(service: Service) -> Handle:
    base = service.base
    return base.sketch.add(
        "aws_vpc_endpoint.s3",
        vpc_id=base.vpc.id,
        service_name=S3,
        vpc_endpoint_type="Gateway",
        route_table_ids=[base.private_table.id],
    )


def test_a_gateway_endpoint_takes_its_service(service: Service) -> None:
    gateway = endpoint(service)
    egress = Network(service.base.sketch.stack()).egress(service.tasks.address)
    (flow,) = egress.of(S3)
    assert (flow.via, flow.traffic) == (gateway.address, tcp(443))
    assert egress.of(INTERNET_NAME)


def test_a_rule_for_the_endpoints_list_reaches_the_service_only(service: Service) -> None:
    gateway = endpoint(service)
    sketch = service.base.sketch
    del sketch.resources["aws_vpc_security_group_egress_rule.https"]
    listed = sketch.add("data.aws_prefix_list.s3", id="pl-6da54004", name=S3)
    service.base.let_out(service.tasks_group, "s3", prefix_list_id=listed.id)
    egress = Network(sketch.stack()).egress(service.tasks.address)
    assert egress.only({S3: tcp(443)})
    assert [flow.via for flow in egress] == [gateway.address]


def test_without_the_endpoint_the_service_is_reached_over_nat(service: Service) -> None:
    sketch = service.base.sketch
    del sketch.resources["aws_vpc_security_group_egress_rule.https"]
    listed = sketch.add("data.aws_prefix_list.s3", id="pl-6da54004", name=S3)
    service.base.let_out(service.tasks_group, "s3", prefix_list_id=listed.id)
    (flow,) = Network(sketch.stack()).egress(service.tasks.address)
    assert (flow.peer, flow.via) == (S3, service.nat.address)


def test_an_endpoint_can_be_tied_to_a_table_apart(service: Service) -> None:
    base = service.base
    gateway = base.sketch.add(
        "aws_vpc_endpoint.s3", vpc_id=base.vpc.id, service_name=S3, vpc_endpoint_type="Gateway", route_table_ids=[]
    )
    base.sketch.add(
        "aws_vpc_endpoint_route_table_association.s3",
        vpc_endpoint_id=gateway.id,
        route_table_id=base.private_table.id,
    )
    assert Network(base.sketch.stack()).egress(service.tasks.address).of(S3).only(tcp(443))


def test_a_route_can_name_a_list(base: Base) -> None:
    offices = prefix_list(base, "8.8.8.0/24")
    group = base.group("web")
    base.let_in(group, "all", protocol="-1", cidr_ipv4="0.0.0.0/0")
    base.instance("web", base.private, group, public=True)
    base.sketch.add(
        "aws_route.listed",
        route_table_id=base.private_table.id,
        destination_prefix_list_id=offices.id,
        gateway_id=base.gateway.id,
    )
    (exposure,) = Network(base.sketch.stack()).reachable_from_internet()
    assert (exposure.sources, exposure.traffic) == (("8.8.8.0/24",), ANY)
