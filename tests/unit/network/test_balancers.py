"""Load balancers: what their listeners receive, and to whom it gets."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.analysis.network import ANY, INTERNET_NAME, Network, tcp, udp
from stackproof.verdict import Undecided

from .conftest import Base, Service
from .sketch import Handle


def network(base: Base) -> Network:
    return Network(base.sketch.stack())


def test_an_internal_load_balancer_is_not_reached(service: Service) -> None:
    service.base.sketch.resources[service.balancer.address]["internal"] = True
    exposures = network(service.base).reachable_from_internet()
    assert not exposures
    assert not exposures.forwarded
    assert exposures.latent.only({service.balancer.address: tcp(443)})


def test_a_port_without_a_listener_is_not_reached(service: Service) -> None:
    service.base.let_in(service.balancer_group, "http", ports=(80, 80), cidr_ipv4="0.0.0.0/0")
    assert network(service.base).reachable_from_internet().only({service.balancer.address: tcp(443)})


def test_a_listener_that_redirects_is_reached_and_forwards_nothing(service: Service) -> None:
    sketch = service.base.sketch
    service.base.let_in(service.balancer_group, "http", ports=(80, 80), cidr_ipv4="0.0.0.0/0")
    sketch.add(
        "aws_lb_listener.http",
        load_balancer_arn=service.balancer.arn,
        port=80,
        protocol="HTTP",
        default_action=[{"type": "redirect", "redirect": [{"port": "443", "status_code": "HTTP_301"}]}],
    )
    exposures = network(service.base).reachable_from_internet()
    assert exposures.only({service.balancer.address: tcp(80, 443)})
    assert exposures.forwarded.only({service.tasks.address: tcp(443)})


def second_service(service: Service) -> tuple[Handle, Handle]:
    """Other tasks on another port, with a target group of their own."""
    base, sketch = service.base, service.base.sketch
    group = sketch.add("aws_lb_target_group.other", port=9090, protocol="HTTP", target_type="ip", vpc_id=base.vpc.id)
    base.let_out(
        service.balancer_group, "other", ports=(9090, 9090), referenced_security_group_id=service.tasks_group.id
    )
    base.let_in(
        service.tasks_group, "other", ports=(9090, 9090), referenced_security_group_id=service.balancer_group.id
    )
    tasks = sketch.add(
        "aws_ecs_service.other",
        network_configuration=[{"subnets": [base.private.id], "security_groups": [service.tasks_group.id]}],
        load_balancer=[{"target_group_arn": group.arn, "container_name": "app", "container_port": 9090}],
    )
    return group, tasks


def test_paths_through_a_load_balancer_end_where_it_is_asked(service: Service) -> None:
    base = service.base
    base.let_in(service.balancer_group, "inside", cidr_ipv4="10.0.0.0/16")
    base.instance("client", base.private, service.tasks_group)
    closed = base.instance("closed", base.private, base.group("closed"))
    base.sketch.add(
        "aws_lb_target_group_attachment.closed", target_group_arn=service.target_group.arn, target_id=closed.id
    )
    answer = network(base)
    assert answer.paths("aws_instance.client", service.tasks.address).through(service.balancer.address)
    assert not answer.paths("aws_instance.client", closed.address)


def test_a_listener_rule_forwards(service: Service) -> None:
    group, tasks = second_service(service)
    answer = network(service.base)
    assert not answer.paths(service.balancer.address, tasks.address)
    service.base.sketch.add(
        "aws_lb_listener_rule.other",
        listener_arn=Handle("aws_lb_listener.https").arn,
        action=[{"type": "forward", "target_group_arn": group.arn}],
    )
    answer = network(service.base)
    assert answer.paths(service.balancer.address, tasks.address).only(tcp(9090))
    assert answer.reachable_from_internet().forwarded.only({service.tasks.address: tcp(443), tasks.address: tcp(443)})


def test_a_listener_can_forward_to_several_groups(service: Service) -> None:
    group, tasks = second_service(service)
    both = [{"target_group": [{"arn": service.target_group.arn}, {"arn": group.arn}]}]
    service.base.sketch.resources["aws_lb_listener.https"]["default_action"] = [{"type": "forward", "forward": both}]
    forwarded = network(service.base).reachable_from_internet().forwarded
    assert forwarded.only({service.tasks.address: tcp(443), tasks.address: tcp(443)})


def test_subnets_can_be_mapped_one_by_one(service: Service) -> None:
    balancer = service.base.sketch.resources[service.balancer.address]
    del balancer["subnets"]
    balancer["subnet_mapping"] = [{"subnet_id": service.base.public.id}]
    assert network(service.base).reachable_from_internet().only({service.balancer.address: tcp(443)})
    balancer["subnet_mapping"] = [{"subnet_id": service.base.private.id}]
    assert not network(service.base).reachable_from_internet()


def test_a_blue_green_deployment_uses_both_of_its_target_groups(service: Service) -> None:
    sketch = service.base.sketch
    sketch.resources[service.tasks.address]["name"] = "tasks"
    green = sketch.add(
        "aws_lb_target_group.green",
        name="green",
        port=8080,
        protocol="HTTP",
        target_type="ip",
        vpc_id=service.base.vpc.id,
    )
    service.base.let_in(service.balancer_group, "test", ports=(9443, 9443), cidr_ipv4="0.0.0.0/0")
    sketch.add(
        "aws_lb_listener.test",
        load_balancer_arn=service.balancer.arn,
        port=9443,
        protocol="HTTPS",
        default_action=[{"type": "forward", "target_group_arn": green.arn}],
    )
    assert network(service.base).reachable_from_internet().forwarded.only({service.tasks.address: tcp(443)})
    sketch.add(
        "aws_codedeploy_deployment_group.main",
        ecs_service=[{"cluster_name": "main", "service_name": service.tasks["name"]}],
        load_balancer_info=[{"target_group_pair_info": [{"target_group": [{"name": green["name"]}]}]}],
    )
    assert network(service.base).reachable_from_internet().forwarded.only({service.tasks.address: tcp(443, 9443)})


def test_health_checks_use_their_own_port(service: Service) -> None:
    base = service.base
    base.let_out(service.balancer_group, "all", protocol="-1", cidr_ipv4="10.0.0.0/16")
    base.let_in(service.tasks_group, "all", protocol="-1", referenced_security_group_id=service.balancer_group.id)
    assert network(base).paths(service.balancer.address, service.tasks.address).only(tcp(8080))
    base.sketch.resources[service.target_group.address]["health_check"] = [{"port": "9000", "path": "/"}]
    assert network(base).paths(service.balancer.address, service.tasks.address).only(tcp(8080, 9000))


def test_an_instance_can_be_attached_on_a_port_of_its_own(service: Service) -> None:
    base = service.base
    group = base.group("instance")
    base.let_in(group, "instance", ports=(8000, 9000), cidr_ipv4="10.0.1.0/24")
    base.let_out(service.balancer_group, "instance", ports=(8000, 9000), cidr_ipv4="10.0.0.0/16")
    instance = base.instance("target", base.private, group)
    base.sketch.add(
        "aws_lb_target_group_attachment.one",
        target_group_arn=service.target_group.arn,
        target_id=instance.id,
        port=8888,
    )
    answer = network(base)
    assert answer.paths(service.balancer.address, instance.address).only(tcp(8888))
    (path,) = answer.paths(INTERNET_NAME, instance.address)
    assert (path.traffic, path.arrives, path.through) == (tcp(443), tcp(8888), (service.balancer.address,))


def network_balancer(base: Base, target_type: str = "instance", protocol: str = "TCP", **more: Any) -> Handle:
    sketch = base.sketch
    balancer = sketch.add("aws_lb.net", load_balancer_type="network", subnets=[base.public.id], **more)
    group = sketch.add(
        "aws_lb_target_group.net", port=5000, protocol=protocol, target_type=target_type, vpc_id=base.vpc.id
    )
    sketch.add(
        "aws_lb_listener.net",
        load_balancer_arn=balancer.arn,
        port=50,
        protocol=protocol,
        default_action=[{"type": "forward", "target_group_arn": group.arn}],
    )
    web = base.group("web")
    instance = base.instance("web", base.private, web)
    sketch.add("aws_lb_target_group_attachment.net", target_group_arn=group.arn, target_id=instance.id)
    return web


def test_a_network_load_balancer_without_groups_is_open_on_its_listeners(base: Base) -> None:
    network_balancer(base)
    exposures = network(base).reachable_from_internet()
    assert exposures.only({"aws_lb.net": tcp(50)})
    # nothing lets clients into the instance
    assert not exposures.forwarded


def test_it_shows_clients_to_instances(base: Base) -> None:
    web = network_balancer(base)
    base.let_in(web, "clients", ports=(5000, 5000), cidr_ipv4="8.8.8.0/24")
    (exposure,) = network(base).reachable_from_internet().forwarded
    assert (exposure.address, exposure.sources, exposure.arrives) == ("aws_instance.web", ("8.8.8.0/24",), tcp(5000))


def test_clients_that_a_target_does_not_let_in_do_not_get_there(base: Base) -> None:
    web = network_balancer(base)
    base.let_in(web, "clients", ports=(5000, 5000), cidr_ipv4="10.0.0.0/8")
    assert not network(base).reachable_from_internet().forwarded


def test_hops_are_in_order_where_several_rules_let_in_the_same(service: Service) -> None:
    service.base.let_in(service.balancer_group, "half", cidr_ipv4="0.0.0.0/1")
    (exposure,) = network(service.base).reachable_from_internet()
    kinds = [hop.what for hop in exposure.hops]
    assert kinds == [
        "the internet",
        "internet gateway",
        "route",
        "security group rule",
        "security group rule",
        "listener",
        "application load balancer",
    ]


def test_it_hides_clients_from_addresses(base: Base) -> None:
    web = network_balancer(base, target_type="ip")
    base.let_in(web, "clients", ports=(5000, 5000), cidr_ipv4="8.8.8.0/24")
    assert not network(base).reachable_from_internet().forwarded
    base.let_in(web, "balancer", ports=(5000, 5000), cidr_ipv4="10.0.1.0/24")
    (exposure,) = network(base).reachable_from_internet().forwarded
    assert exposure.sources == ("0.0.0.0/0",)


def test_the_target_group_can_say_so(base: Base) -> None:
    web = network_balancer(base, target_type="ip")
    base.let_in(web, "clients", ports=(5000, 5000), cidr_ipv4="8.8.8.0/24")
    base.sketch.resources["aws_lb_target_group.net"]["preserve_client_ip"] = "true"
    assert network(base).reachable_from_internet().forwarded.only({"aws_instance.web": tcp(50)})


@pytest.mark.parametrize("source", ["8.8.8.0/24", "10.0.1.0/24"])
def test_whether_it_shows_clients_can_be_unknown(base: Base, source: str) -> None:
    web = network_balancer(base, target_type="ip")
    base.let_in(web, "clients", ports=(5000, 5000), cidr_ipv4=source)
    base.sketch.hide(Handle("aws_lb_target_group.net"), "preserve_client_ip")
    with pytest.raises(Undecided, match="preserve_client_ip"):
        bool(network(base).reachable_from_internet().forwarded)


def test_datagrams_always_show_their_client(base: Base) -> None:
    web = network_balancer(base, target_type="ip", protocol="UDP")
    base.let_in(web, "clients", protocol="udp", ports=(5000, 5000), cidr_ipv4="8.8.8.0/24")
    exposures = network(base).reachable_from_internet()
    assert exposures.only({"aws_lb.net": udp(50)})
    assert exposures.forwarded.only({"aws_instance.web": udp(50)})


def test_its_groups_filter_and_can_be_named(base: Base) -> None:
    group = base.group("balancer")
    base.let_in(group, "office", ports=(50, 50), cidr_ipv4="9.9.9.9/32")
    base.let_out(group, "all", protocol="-1", cidr_ipv4="0.0.0.0/0")
    web = network_balancer(base, security_groups=[group.id])
    base.let_in(web, "balancer", ports=(5000, 5000), referenced_security_group_id=group.id)
    exposures = network(base).reachable_from_internet()
    (exposure,) = exposures
    assert exposure.sources == ("9.9.9.9/32",)
    (forwarded,) = exposures.forwarded
    assert (forwarded.address, forwarded.sources) == ("aws_instance.web", ("9.9.9.9/32",))


def test_inside_the_vpc_it_shows_clients_too(base: Base) -> None:
    web = network_balancer(base, internal=True)
    client = base.group("client")
    base.let_out(client, "all", protocol="-1", cidr_ipv4="0.0.0.0/0")
    base.instance("client", base.private, client)
    assert not network(base).paths("aws_instance.client", "aws_instance.web")
    base.let_in(web, "clients", ports=(5000, 5000), cidr_ipv4="10.0.2.0/24")
    paths = network(base).paths("aws_instance.client", "aws_instance.web")
    assert paths.around("aws_lb.net").only(tcp(5000))
    (path,) = paths.through("aws_lb.net")
    assert (path.traffic, path.arrives) == (tcp(50), tcp(5000))


def test_one_load_balancer_behind_another(service: Service) -> None:
    base, sketch = service.base, service.base.sketch
    sketch.resources[service.balancer.address]["internal"] = True
    front = sketch.add("aws_lb.front", load_balancer_type="network", subnets=[base.public.id])
    group = sketch.add("aws_lb_target_group.front", port=443, protocol="TCP", target_type="alb", vpc_id=base.vpc.id)
    sketch.add(
        "aws_lb_listener.front",
        load_balancer_arn=front.arn,
        port=8443,
        protocol="TCP",
        default_action=[{"type": "forward", "target_group_arn": group.arn}],
    )
    sketch.add(
        "aws_lb_target_group_attachment.front", target_group_arn=group.arn, target_id=service.balancer.arn, port=443
    )
    exposures = network(base).reachable_from_internet()
    assert exposures.only({front.address: tcp(8443)})
    (tasks,) = exposures.forwarded.of(service.tasks.address)
    assert tasks.through == (front.address, service.balancer.address)
    assert (tasks.traffic, tasks.arrives) == (tcp(8443), tcp(8080))


def test_a_classic_load_balancer_forwards_to_its_instances(base: Base) -> None:
    outside, inside = base.group("outside"), base.group("inside")
    base.let_in(outside, "outside", ports=(0, 65535), cidr_ipv4="0.0.0.0/0")
    base.let_out(outside, "outside", protocol="-1", cidr_ipv4="0.0.0.0/0")
    base.let_in(inside, "inside", ports=(8080, 8080), referenced_security_group_id=outside.id)
    instance = base.instance("web", base.private, inside)
    balancer = base.sketch.add(
        "aws_elb.old",
        subnets=[base.public.id],
        security_groups=[outside.id],
        internal=False,
        instances=[instance.id],
        listener=[{"lb_port": 80, "lb_protocol": "http", "instance_port": 8080, "instance_protocol": "http"}],
    )
    exposures = network(base).reachable_from_internet()
    assert exposures.only({balancer.address: tcp(80)})
    assert exposures.forwarded.only({instance.address: tcp(80)})
    assert network(base).paths(balancer.address, instance.address).only(tcp(8080))


def test_a_listener_on_an_unknown_port_leaves_it_undecided(service: Service) -> None:
    service.base.sketch.hide(Handle("aws_lb_listener.https"), "port")
    exposures = network(service.base).reachable_from_internet()
    with pytest.raises(Undecided, match="port"):
        bool(exposures)
    assert exposures.within({service.balancer.address: ANY})


def test_a_gateway_load_balancer_is_not_modelled(base: Base) -> None:
    base.sketch.add("aws_lb.appliances", load_balancer_type="gateway", subnets=[base.public.id])
    assert [each.address for each in network(base).unmodelled] == ["aws_lb.appliances"]
