"""Network ACLs: the first rule that matches decides, and replies have to pass, too."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.analysis.network import ANY, Network, tcp, udp
from stackproof.analysis.network.fabric.acls import Acls
from stackproof.analysis.network.fabric.addressing import Addressing
from stackproof.analysis.network.facts.links import Links
from stackproof.plan import Resource, Stack

from .conftest import Base, Service
from .sketch import Handle

ALL = {"protocol": "-1", "from_port": 0, "to_port": 0}


def rule(number: int, action: str = "allow", cidr: str = "0.0.0.0/0", **traffic: Any) -> dict[str, Any]:
    return {"rule_no": number, "action": action, "cidr_block": cidr, **(traffic or ALL)}


def acl(base: Base, *subnets: Handle, ingress: list[dict[str, Any]], egress: list[dict[str, Any]]) -> Handle:
    return base.sketch.add(
        "aws_network_acl.main",
        vpc_id=base.vpc.id,
        subnet_ids=[subnet.id for subnet in subnets],
        ingress=ingress,
        egress=egress,
    )


@pytest.fixture
def web(base: Base) -> Handle:
    group = base.group("web")
    base.let_in(group, "all", protocol="-1", cidr_ipv4="0.0.0.0/0")
    base.let_out(group, "all", protocol="-1", cidr_ipv4="0.0.0.0/0")
    return base.instance("web", base.public, group, public=True)


def network(base: Base) -> Network:
    return Network(base.sketch.stack())


def test_the_unmanaged_default_acl_lets_everything_pass(base: Base, web: Handle) -> None:
    assert network(base).reachable_from_internet().only({web.address: ANY})


def test_an_acl_denies(base: Base, web: Handle) -> None:
    acl(
        base,
        base.public,
        ingress=[rule(20), rule(10, "deny", protocol="tcp", from_port=22, to_port=22)],
        egress=[rule(10)],
    )
    assert network(base).reachable_from_internet().only({web.address: ANY - tcp(22)})


def test_the_lowest_number_decides(base: Base, web: Handle) -> None:
    acl(
        base,
        base.public,
        ingress=[rule(10), rule(20, "deny", protocol="tcp", from_port=22, to_port=22)],
        egress=[rule(10)],
    )
    assert network(base).reachable_from_internet().only({web.address: ANY})


def test_a_part_of_the_internet_can_be_denied(base: Base, web: Handle) -> None:
    acl(base, base.public, ingress=[rule(10, "deny", cidr="0.0.0.0/1"), rule(20)], egress=[rule(10)])
    (exposure,) = network(base).reachable_from_internet()
    assert exposure.address == web.address
    assert not exposure.from_everywhere
    assert not any(source.startswith("8.") for source in exposure.sources)


def test_an_acl_without_rules_lets_nothing_pass(base: Base, web: Handle) -> None:
    base.sketch.add("aws_network_acl.main", vpc_id=base.vpc.id, subnet_ids=[base.public.id])
    exposures = network(base).reachable_from_internet()
    assert not exposures
    assert exposures.latent.definite[0].address == web.address
    assert "ACL" in exposures.latent.definite[0].barred
    assert not network(base).egress(web.address)


def test_an_acl_of_other_subnets_does_not_matter(base: Base, web: Handle) -> None:
    base.sketch.add("aws_network_acl.main", vpc_id=base.vpc.id, subnet_ids=[base.private.id])
    assert network(base).reachable_from_internet().only({web.address: ANY})


def test_rules_written_apart_count(base: Base, web: Handle) -> None:
    own = base.sketch.add("aws_network_acl.main", vpc_id=base.vpc.id, subnet_ids=[base.public.id])
    common = {"network_acl_id": own.id, "rule_number": 100, "rule_action": "allow", "cidr_block": "0.0.0.0/0"}
    https = {"protocol": "tcp", "from_port": 443, "to_port": 443}
    base.sketch.add("aws_network_acl_rule.in", egress=False, **common, **https)
    base.sketch.add("aws_network_acl_rule.out", egress=True, **common, protocol="-1")
    assert network(base).reachable_from_internet().only({web.address: tcp(443)})


def test_an_association_names_the_acl(base: Base, web: Handle) -> None:
    own = base.sketch.add("aws_network_acl.main", vpc_id=base.vpc.id)
    base.sketch.add("aws_network_acl_association.main", network_acl_id=own.id, subnet_id=base.public.id)
    assert not network(base).reachable_from_internet()
    assert web


def test_the_default_acl_that_is_taken_over_denies_what_it_does_not_name(base: Base, web: Handle) -> None:
    base.sketch.add(
        "aws_default_network_acl.main",
        default_network_acl_id=base.vpc["default_network_acl_id"],
        ingress=[rule(10, protocol="udp", from_port=53, to_port=53)],
        egress=[rule(10)],
    )
    assert network(base).reachable_from_internet().only({web.address: udp(53)})


def test_tcp_needs_a_way_back_and_udp_does_not(base: Base, web: Handle) -> None:
    acl(base, base.public, ingress=[rule(10)], egress=[rule(10, protocol="tcp", from_port=443, to_port=443)])
    assert network(base).reachable_from_internet().only({web.address: ANY - tcp()})


def test_a_narrow_way_back_leaves_tcp_undecided(base: Base, web: Handle) -> None:
    acl(base, base.public, ingress=[rule(10)], egress=[rule(10, protocol="tcp", from_port=1024, to_port=2000)])
    exposures = network(base).reachable_from_internet()
    assert exposures.within({web.address: ANY})
    assert {str(exposure.traffic) for exposure in exposures.possible} == {"tcp"}


def test_replies_of_the_internet_have_to_come_in(service: Service) -> None:
    base = service.base
    acl(base, base.private, ingress=[rule(10, cidr="10.0.0.0/16")], egress=[rule(10)])
    answer = network(base)
    assert not answer.paths(service.tasks.address, "internet")
    assert answer.paths(service.balancer.address, service.tasks.address).only(tcp(8080))


def test_acls_of_both_subnets_are_asked(service: Service) -> None:
    base = service.base
    acl(base, base.public, ingress=[rule(10)], egress=[rule(10, "deny", cidr="10.0.2.0/24"), rule(20)])
    answer = network(base)
    assert not answer.paths(service.balancer.address, service.tasks.address)
    assert not answer.reachable_from_internet().forwarded
    assert answer.reachable_from_internet().only({service.balancer.address: tcp(443)})


def test_the_acl_of_the_nat_gateways_subnet_is_asked(service: Service) -> None:
    base = service.base
    acl(base, base.public, ingress=[rule(10)], egress=[rule(10, "deny", protocol="tcp", from_port=443, to_port=443)])
    assert not network(base).paths(service.tasks.address, "internet")


def test_inside_a_subnet_no_acl_is_asked(base: Base, web: Handle) -> None:
    base.sketch.add("aws_network_acl.main", vpc_id=base.vpc.id, subnet_ids=[base.public.id])
    group = Handle("aws_security_group.web")
    base.instance("neighbour", base.public, group)
    base.instance("far", base.private, group)
    answer = network(base)
    assert answer.paths("aws_instance.neighbour", web.address).only(ANY)
    assert not answer.paths("aws_instance.far", web.address)


@pytest.mark.parametrize(("kind", "number"), [("icmp", "1"), ("tcp", "6")])
def test_protocols_are_names_or_numbers(base: Base, web: Handle, kind: str, number: str) -> None:
    more: dict[str, Any] = {"icmp_type": -1, "icmp_code": -1} if kind == "icmp" else {"from_port": 0, "to_port": 65535}
    found = []
    for protocol in (kind, number):
        acl(base, base.public, ingress=[rule(10, protocol=protocol, **more)], egress=[rule(10)])
        found.append(network(base).reachable_from_internet().traffic)
    assert found[0] == found[1]
    assert web


entries = st.lists(
    st.builds(
        lambda action, low, size, port, length: {
            "action": action,
            "cidr_block": str(ipaddress.ip_network((167772160 + low, length), strict=False)),
            "protocol": "tcp",
            "from_port": port,
            "to_port": port + size,
        },
        st.sampled_from(["allow", "deny"]),
        st.integers(0, 7),
        st.integers(0, 3),
        st.integers(0, 5),
        st.integers(29, 32),
    ),
    max_size=7,
)


@given(entries)
def test_passages_are_what_the_first_match_allows(listed: list[dict[str, Any]]) -> None:
    after = {"id": "acl-1", "ingress": [{**e, "rule_no": number} for number, e in enumerate(listed)], "egress": []}
    resource = Resource(
        address="aws_network_acl.a", module="", mode="managed", type="aws_network_acl", name="a", index=None,
        provider="aws", raw={"change": {"actions": ["no-op"]}}, values=(after, {}, None), sources=None,
    )  # fmt: skip
    stack = Stack("test", [resource], {})
    links = Links(stack)
    passages = Acls(stack, links, Addressing(stack, links)).passages("aws_network_acl.a", inbound=True)
    for address in range(167772160, 167772168):
        for port in range(9):
            matching = [
                e["action"]
                for e in listed
                if ipaddress.ip_address(address) in ipaddress.ip_network(e["cidr_block"])
                and e["from_port"] <= port <= e["to_port"]
            ]
            allowed = matching[:1] == ["allow"]
            passed = any(
                low <= address <= high and tcp(port) <= p.traffic for p in passages for low, high in p.peers.v4
            )
            assert passed == allowed
