"""Security group rules, in every way in which they can be written."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.analysis.network import ANY, INTERNET_NAME, Network, icmp, tcp, udp

from .conftest import Base
from .sketch import PLANNED, Handle


def opened(base: Base, group: Handle) -> Network:
    """A network in which one public instance is in a group."""
    base.instance("web", base.public, group, public=True)
    return Network(base.sketch.stack())


def test_an_ingress_rule_resource_lets_in(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "https", cidr_ipv4="0.0.0.0/0")
    assert opened(base, group).reachable_from_internet().only({"aws_instance.web": tcp(443)})


def test_a_rule_resource_of_the_older_kind_lets_in(base: Base) -> None:
    group = base.group("web")
    base.sketch.add(
        "aws_security_group_rule.https",
        security_group_id=group.id,
        type="ingress",
        protocol="tcp",
        from_port=443,
        to_port=444,
        cidr_blocks=["0.0.0.0/0", "::/0"],
    )
    assert opened(base, group).reachable_from_internet().only({"aws_instance.web": tcp((443, 444))})


def test_an_egress_rule_of_the_older_kind_lets_nothing_in(base: Base) -> None:
    group = base.group("web")
    base.sketch.add(
        "aws_security_group_rule.all",
        security_group_id=group.id,
        type="egress",
        protocol="-1",
        from_port=0,
        to_port=0,
        cidr_blocks=["0.0.0.0/0"],
    )
    network = opened(base, group)
    assert not network.reachable_from_internet()
    assert network.egress("aws_instance.web").only(ANY)


def test_inline_blocks_let_in_and_out(base: Base) -> None:
    group = base.sketch.add(
        "aws_security_group.web",
        vpc_id=base.vpc.id,
        ingress=[
            {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["8.8.8.8/32"]},
            {"protocol": "udp", "from_port": 53, "to_port": 53, "cidr_blocks": ["0.0.0.0/0"]},
        ],
        egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["10.0.0.0/16"]}],
    )
    network = opened(base, group)
    exposures = network.reachable_from_internet()
    assert exposures.only({"aws_instance.web": tcp(22) | udp(53)})
    assert exposures.where(lambda exposure: exposure.from_everywhere).only(udp(53))
    assert network.egress("aws_instance.web").only({base.vpc.address: ANY})


def test_attributes_as_blocks_can_be_emptied(base: Base) -> None:
    group = base.sketch.add("aws_security_group.web", vpc_id=base.vpc.id, ingress=[], egress=[])
    network = opened(base, group)
    assert not network.reachable_from_internet()
    assert not network.egress("aws_instance.web")


def test_a_new_group_without_egress_blocks_lets_nothing_out(base: Base) -> None:
    network = opened(base, base.group("web"))
    assert not network.egress("aws_instance.web")
    assert not network.reachable_from_internet().latent


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "ingress", "protocol": "tcp", "from_port": 80, "to_port": 80, "self": True},
        {"type": "ingress", "protocol": "tcp", "from_port": 80, "to_port": 80, "source_security_group_id": "itself"},
    ],
)
def test_members_of_a_group_that_names_itself_reach_each_other(base: Base, rule: dict[str, Any]) -> None:
    group = base.group("web")
    base.let_out(group, "all", protocol="-1", cidr_ipv4="0.0.0.0/0")
    peer = {key: group.id if value == "itself" else value for key, value in rule.items()}
    base.sketch.add("aws_security_group_rule.self", security_group_id=group.id, **peer)
    base.instance("other", base.private, group)
    base.instance("stranger", base.private, base.group("strangers"))
    network = opened(base, group)
    assert network.paths("aws_instance.web", "aws_instance.other").only(tcp(80))
    assert network.paths("aws_instance.web", "aws_instance.web").only(tcp(80))
    assert not network.paths("aws_instance.stranger", "aws_instance.web")
    assert not network.reachable_from_internet()


def test_inline_self_and_groups_are_references(base: Base) -> None:
    other = base.group("other")
    base.let_out(other, "all", protocol="-1", cidr_ipv4="0.0.0.0/0")
    group = base.sketch.add(
        "aws_security_group.web",
        vpc_id=base.vpc.id,
        ingress=[
            {"protocol": "tcp", "from_port": 80, "to_port": 80, "security_groups": [other.id]},
            {"protocol": "tcp", "from_port": 81, "to_port": 81, "self": True},
        ],
    )
    base.instance("other", base.private, other)
    network = opened(base, group)
    assert network.paths("aws_instance.other", "aws_instance.web").only(tcp(80))
    assert network.ingress("aws_instance.web").only({"aws_instance.other": tcp(80), "aws_instance.web": tcp(81)})


def test_groups_that_refer_to_each_other_are_followed_once(base: Base) -> None:
    first, second = base.group("first"), base.group("second")
    for mine, name, theirs in ((first, "first", second), (second, "second", first)):
        base.let_in(mine, f"in_{name}", referenced_security_group_id=theirs.id)
        base.let_out(mine, f"out_{name}", referenced_security_group_id=theirs.id)
    base.instance("first", base.private, first)
    base.instance("second", base.public, second)
    network = Network(base.sketch.stack())
    assert network.paths("aws_instance.first", "aws_instance.second").only(tcp(443))
    assert network.paths("aws_instance.second", "aws_instance.first").only(tcp(443))
    assert network.egress("aws_instance.first").only({"aws_instance.second": tcp(443)})
    assert not network.paths("aws_instance.first", "aws_instance.first")


def test_everybody_in_a_group_has_to_be_allowed(base: Base) -> None:
    group, clients = base.group("web"), base.group("clients")
    base.let_in(group, "clients", referenced_security_group_id=clients.id)
    base.instance("one", base.private, clients)
    base.instance("two", base.private, clients)
    ingress = opened(base, group).ingress("aws_instance.web")
    assert not ingress.within({"aws_instance.one": tcp(443)})
    assert ingress.within({"aws_instance.one": tcp(443), "aws_instance.two": tcp(443)})
    assert ingress.only({clients.address: tcp(443)})


def test_icmp_is_told_by_type(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "ping", protocol="icmp", ports=(8, -1), cidr_ipv4="0.0.0.0/0")
    assert opened(base, group).reachable_from_internet().only({"aws_instance.web": icmp(8)})


def test_rules_for_everything_let_every_protocol_in(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "all", protocol="-1", cidr_ipv4="0.0.0.0/0")
    assert opened(base, group).reachable_from_internet().only({"aws_instance.web": ANY})


def test_both_sides_have_to_agree(base: Base) -> None:
    client, server = base.group("client"), base.group("server")
    base.let_out(client, "low", ports=(1, 500), cidr_ipv4="10.0.0.0/16")
    base.let_in(server, "high", ports=(400, 900), referenced_security_group_id=client.id)
    base.instance("client", base.public, client)
    base.instance("server", base.private, server)
    network = Network(base.sketch.stack())
    assert network.paths("aws_instance.client", "aws_instance.server").only(tcp((400, 500)))
    assert not network.paths("aws_instance.server", "aws_instance.client")


def test_rules_inline_and_apart_are_noted_as_a_conflict(base: Base) -> None:
    group = base.sketch.add(
        "aws_security_group.web",
        vpc_id=base.vpc.id,
        ingress=[{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["8.8.8.8/32"]}],
    )
    base.let_in(group, "https", cidr_ipv4="0.0.0.0/0")
    base.let_in(base.group("clean"), "clean", cidr_ipv4="10.0.0.0/8")
    network = opened(base, group)
    assert network.reachable_from_internet().only({"aws_instance.web": tcp(22, 443)})
    # a state shows all rules in the group, wherever they are written
    if base.sketch.form == PLANNED:
        (note,) = network.notes
        assert note.address == group.address
        assert "aws_vpc_security_group_ingress_rule.https" in note.text
    else:
        assert not network.notes


def test_a_rule_names_a_group_of_another_account(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "foreign", referenced_security_group_id="999988887777/sg-12345678")
    network = opened(base, group)
    assert network.ingress("aws_instance.web").only({"sg-12345678": tcp(443)})
    assert not network.reachable_from_internet()


def test_the_unmanaged_default_group_lets_its_members_talk_and_everything_out(base: Base) -> None:
    base.sketch.add("aws_instance.one", subnet_id=base.public.id, associate_public_ip_address=True)
    base.sketch.add(
        "aws_instance.two",
        subnet_id=base.private.id,
        vpc_security_group_ids=[base.vpc["default_security_group_id"]],
        associate_public_ip_address=False,
    )
    network = Network(base.sketch.stack())
    assert not network.reachable_from_internet()
    assert network.paths("aws_instance.one", "aws_instance.two").only(ANY)
    assert network.egress("aws_instance.one").of(INTERNET_NAME).only(ANY)


def test_a_default_group_that_is_taken_over_without_rules_lets_nothing_pass(base: Base) -> None:
    base.sketch.add("aws_default_security_group.main", vpc_id=base.vpc.id)
    base.sketch.add("aws_instance.one", subnet_id=base.public.id, associate_public_ip_address=True)
    network = Network(base.sketch.stack())
    assert not network.egress("aws_instance.one")
    assert not network.ingress("aws_instance.one")


def test_a_default_group_can_be_opened(base: Base) -> None:
    base.sketch.add(
        "aws_default_security_group.main",
        vpc_id=base.vpc.id,
        ingress=[{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}],
    )
    base.sketch.add("aws_instance.one", subnet_id=base.public.id, associate_public_ip_address=True)
    assert Network(base.sketch.stack()).reachable_from_internet().only({"aws_instance.one": tcp(22)})


def test_a_group_in_which_nothing_is_is_latent(base: Base) -> None:
    group = base.group("forgotten")
    base.let_in(group, "open", cidr_ipv4="0.0.0.0/0")
    exposures = Network(base.sketch.stack()).reachable_from_internet()
    assert not exposures
    assert exposures.latent.only({group.address: tcp(443)})
    assert "nothing" in exposures.latent.definite[0].barred
