"""Instances, their network interfaces, and autoscaling groups."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.analysis.network import Network, tcp
from stackproof.verdict import Undecided

from .conftest import Base
from .sketch import Handle


@pytest.fixture
def open_group(base: Base) -> Handle:
    group = base.group("open")
    base.let_in(group, "open", cidr_ipv4="0.0.0.0/0")
    return group


def network(base: Base) -> Network:
    return Network(base.sketch.stack())


def test_an_elastic_address_makes_an_instance_public(base: Base, open_group: Handle) -> None:
    instance = base.instance("web", base.public, open_group)
    assert not network(base).reachable_from_internet()
    address = base.sketch.add("aws_eip.web", domain="vpc")
    base.sketch.add("aws_eip_association.web", instance_id=instance.id, allocation_id=address.id)
    assert network(base).reachable_from_internet().only({instance.address: tcp(443)})


def test_an_elastic_address_of_something_else_does_not(base: Base, open_group: Handle) -> None:
    base.instance("web", base.public, open_group)
    other = base.instance("other", base.private, open_group)
    base.sketch.add("aws_eip.other", instance=other.id)
    assert not network(base).reachable_from_internet()


def test_a_network_interface_speaks_for_the_instance_that_it_is_in(base: Base, open_group: Handle) -> None:
    interface = base.sketch.add("aws_network_interface.web", subnet_id=base.public.id, security_groups=[open_group.id])
    base.sketch.add("aws_eip.web", network_interface=interface.id)
    assert network(base).reachable_from_internet().only({interface.address: tcp(443)})
    base.sketch.add("aws_instance.web", network_interface=[{"network_interface_id": interface.id, "device_index": 0}])
    assert network(base).reachable_from_internet().only({"aws_instance.web": tcp(443)})


def test_a_network_interface_outside_the_stack_leaves_the_instance_undecided(base: Base) -> None:
    base.sketch.add("aws_instance.web", network_interface=[{"network_interface_id": "eni-12345678", "device_index": 0}])
    assert network(base).addresses == ("aws_instance.web",)
    with pytest.raises(Undecided, match=r"aws_instance\.web"):
        bool(network(base).reachable_from_internet())


def test_an_elastic_address_of_an_instance_is_its_interfaces(base: Base, open_group: Handle) -> None:
    interface = base.sketch.add("aws_network_interface.web", subnet_id=base.public.id, security_groups=[open_group.id])
    instance = base.sketch.add(
        "aws_instance.web", network_interface=[{"network_interface_id": interface.id, "device_index": 0}]
    )
    base.sketch.add("aws_eip.web", instance=instance.id)
    assert network(base).reachable_from_internet().only({instance.address: tcp(443)})


def test_a_second_interface_counts(base: Base, open_group: Handle) -> None:
    instance = base.instance("web", base.private, base.group("closed"))
    interface = base.sketch.add(
        "aws_network_interface.second", subnet_id=base.public.id, security_groups=[open_group.id]
    )
    base.sketch.add(
        "aws_network_interface_attachment.second",
        instance_id=instance.id,
        network_interface_id=interface.id,
        device_index=1,
    )
    base.sketch.add("aws_eip.second", network_interface=interface.id)
    assert network(base).reachable_from_internet().only({instance.address: tcp(443)})


def test_a_group_can_be_attached_apart(base: Base, open_group: Handle) -> None:
    interface = base.sketch.add(
        "aws_network_interface.web", subnet_id=base.public.id, security_groups=[base.group("closed").id]
    )
    base.sketch.add("aws_eip.web", network_interface=interface.id)
    assert not network(base).reachable_from_internet()
    base.sketch.add(
        "aws_network_interface_sg_attachment.open",
        network_interface_id=interface.id,
        security_group_id=open_group.id,
    )
    assert network(base).reachable_from_internet().only({interface.address: tcp(443)})


def template(base: Base, name: str = "web", **arguments: Any) -> Handle:
    return base.sketch.add(f"aws_launch_template.{name}", name=name, **arguments)


def group_of(base: Base, launch: Handle, **more: Any) -> Handle:
    return base.sketch.add(
        "aws_autoscaling_group.web",
        vpc_zone_identifier=[base.public.id],
        launch_template=[{"id": launch.id, "version": "$Latest"}],
        **more,
    )


def test_an_autoscaling_group_follows_its_launch_template(base: Base, open_group: Handle) -> None:
    launch = template(
        base, network_interfaces=[{"associate_public_ip_address": "true", "security_groups": [open_group.id]}]
    )
    group = group_of(base, launch)
    assert network(base).reachable_from_internet().only({group.address: tcp(443)})


def test_a_launch_template_without_interfaces_leaves_addresses_to_the_subnet(base: Base, open_group: Handle) -> None:
    group = group_of(base, template(base, vpc_security_group_ids=[open_group.id]))
    assert not network(base).reachable_from_internet()
    base.sketch.resources[base.public.address]["map_public_ip_on_launch"] = True
    assert network(base).reachable_from_internet().only({group.address: tcp(443)})


def test_instances_of_mixed_types_follow_their_template(base: Base, open_group: Handle) -> None:
    launch = template(
        base, network_interfaces=[{"associate_public_ip_address": "true", "security_groups": [open_group.id]}]
    )
    group = base.sketch.add(
        "aws_autoscaling_group.mixed",
        vpc_zone_identifier=[base.public.id],
        mixed_instances_policy=[
            {"launch_template": [{"launch_template_specification": [{"launch_template_id": launch.id}]}]}
        ],
    )
    assert network(base).reachable_from_internet().only({group.address: tcp(443)})


def test_a_launch_configuration_does_the_same(base: Base, open_group: Handle) -> None:
    launch = base.sketch.add(
        "aws_launch_configuration.web",
        name="old",
        security_groups=[open_group.id],
        associate_public_ip_address=True,
    )
    group = base.sketch.add(
        "aws_autoscaling_group.web", vpc_zone_identifier=[base.public.id], launch_configuration=launch["name"]
    )
    assert network(base).reachable_from_internet().only({group.address: tcp(443)})


def test_an_autoscaling_group_registers_its_instances(base: Base) -> None:
    balancer_group, inner = base.group("balancer"), base.group("inner")
    base.let_in(balancer_group, "in", cidr_ipv4="0.0.0.0/0")
    base.let_out(balancer_group, "out", ports=(80, 80), referenced_security_group_id=inner.id)
    base.let_in(inner, "in80", ports=(80, 80), referenced_security_group_id=balancer_group.id)
    balancer = base.sketch.add("aws_lb.web", subnets=[base.public.id], security_groups=[balancer_group.id])
    targets = base.sketch.add(
        "aws_lb_target_group.web", port=80, protocol="HTTP", target_type="instance", vpc_id=base.vpc.id
    )
    base.sketch.add(
        "aws_lb_listener.web",
        load_balancer_arn=balancer.arn,
        port=443,
        protocol="HTTPS",
        default_action=[{"type": "forward", "target_group_arn": targets.arn}],
    )
    group = group_of(base, template(base, vpc_security_group_ids=[inner.id]), target_group_arns=[targets.arn])
    assert network(base).reachable_from_internet().forwarded.only({group.address: tcp(443)})
    base.sketch.resources[group.address]["target_group_arns"] = []
    assert not network(base).reachable_from_internet().forwarded
    base.sketch.add("aws_autoscaling_attachment.web", autoscaling_group_name=group.id, lb_target_group_arn=targets.arn)
    assert network(base).paths(balancer.address, group.address).only(tcp(80))


def test_an_address_that_is_known_decides_a_rule_for_a_part_of_a_subnet(base: Base) -> None:
    client, server = base.group("client"), base.group("server")
    base.let_out(client, "out", cidr_ipv4="10.0.0.0/16")
    base.let_in(server, "in", cidr_ipv4="10.0.2.0/25")
    base.instance("client", base.private, client)
    base.instance("server", base.public, server)
    answer = network(base).paths("aws_instance.client", "aws_instance.server")
    assert answer.is_undecided
    assert not answer.definite
    for address, reached in (("10.0.2.7", True), ("10.0.2.200", False)):
        base.sketch.resources["aws_instance.client"]["private_ip"] = address
        assert bool(network(base).paths("aws_instance.client", "aws_instance.server")) == reached
