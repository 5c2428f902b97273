"""What security groups let in is read in all three ways in which a rule can be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackproof.analysis.network.space.ranges import Ranges
from stackproof.analysis.network.space.traffic import ANY, of_protocol, tcp
from stackproof.plan.source import Sources
from stackproof.policy.about import About, Severity
from stackproof.policy.case import Case
from stackproof.policy.facts import Facts
from stackproof.policy.ingress import RULE, TYPES, VPC_RULE, IngressRule, ingress_rules, is_wide
from stackproof.verdict import Undecided

from .planned import Planned, plan_of

GROUP, OTHER = "sg-0123456789abcdef0", "sg-11111111111111111"
WEB = {"from_port": 80, "to_port": 443}
HTTP = {"protocol": "tcp", **WEB}
BLOCK = {**HTTP, "cidr_blocks": ["198.51.100.0/24"], "self": False}


def rules(*entries: Planned, sources: Sources | None = None) -> list[IngressRule]:
    """The rules that the first of some resources writes."""
    about = About("T_003", "title", Severity.LOW, "why", "remedy", "https://example.com", types=TYPES)
    stack = plan_of(*entries, sources=sources).resolved
    return list(ingress_rules(Case(about, stack[entries[0].address], Facts(stack), {})))


def one(kind: str, **values: object) -> IngressRule:
    """The rule of a resource; a group has it in a block."""
    given = {"ingress": [values]} if kind.endswith("_group") else values
    (rule,) = rules(Planned(f"{kind}.a", given))
    return rule


def test_a_group_writes_a_rule_in_each_block() -> None:
    group = Planned("aws_security_group.a", {"ingress": [BLOCK, {**BLOCK, "protocol": "udp"}], "egress": [BLOCK]})
    assert [(rule.protocol_path, rule.protocol) for rule in rules(group)] == [
        ("ingress[0].protocol", "tcp"),
        ("ingress[1].protocol", "udp"),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('name = "a"', 0),
        ("", 0),
        ('dynamic "ingress" {\nfor_each = []\ncontent {}\n}', 0),
        ('dynamic "ingress" {\nfor_each = ["a"]\ncontent {\nprotocol = "tcp"\n}\n}', 1),
    ],
)
def test_a_group_without_blocks_of_its_own_shows_rules_that_others_write(
    tmp_path: Path, body: str, expected: int
) -> None:
    text = f'resource "aws_security_group" "a" {{\n{body}\n}}\n'
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    group = Planned("aws_security_group.a", told={"ingress": [BLOCK]})
    assert len(rules(group, sources=Sources(tmp_path, {"": "."}))) == expected
    written = Planned("aws_security_group.a", {"ingress": [BLOCK]})
    assert rules(written, sources=Sources(tmp_path, {"": "."}))


def test_without_the_hcl_every_rule_that_a_group_shows_is_read() -> None:
    assert rules(Planned("aws_security_group.a", {"name": "a"}, told={"ingress": [BLOCK]}))


@pytest.mark.parametrize("kind", [RULE, VPC_RULE])
def test_a_rule_of_its_own_is_one(kind: str) -> None:
    rule = one(kind, **HTTP, ip_protocol="udp")
    expected = {RULE: ("protocol", "tcp"), VPC_RULE: ("ip_protocol", "udp")}
    assert (rule.protocol_path, rule.protocol) == expected[kind]


def test_a_rule_for_what_goes_out_is_none() -> None:
    assert not rules(Planned(f"{RULE}.a", {"type": "egress", **HTTP}))
    assert rules(Planned(f"{RULE}.a", {"type": "ingress", **HTTP}))


def test_traffic_is_of_a_protocol_and_ports() -> None:
    assert one(RULE, **HTTP).traffic == tcp(range(80, 444))
    assert one("aws_security_group", **BLOCK).traffic == tcp(range(80, 444))
    assert one("aws_default_security_group", protocol="-1", from_port=0, to_port=0).traffic == ANY
    assert one(VPC_RULE, ip_protocol="all").traffic == ANY
    assert one(VPC_RULE, ip_protocol="esp").traffic == of_protocol(50)
    assert one(VPC_RULE, ip_protocol="tcp", from_port="22", to_port=None).traffic == tcp()


@pytest.mark.parametrize("hidden", ["protocol", "from_port", "to_port"])
def test_traffic_that_is_not_known_is_undecided(hidden: str) -> None:
    known = {name: value for name, value in HTTP.items() if name != hidden}
    (rule,) = rules(Planned(f"{RULE}.a", known, refers={hidden: ["var.later"]}))
    with pytest.raises(Undecided):
        _ = rule.traffic


def test_sources_are_addresses_and_prefix_lists() -> None:
    v4, v6 = "198.51.100.0/24", "2600:1f00::/32"
    inline = one("aws_security_group", **{**HTTP, "cidr_blocks": [v4, "10.0.0.0/8"], "ipv6_cidr_blocks": [v6]})
    assert [(source.path, source.shown) for source in inline.sources()] == [
        ("ingress[0].cidr_blocks", v4),
        ("ingress[0].cidr_blocks", "10.0.0.0/8"),
        ("ingress[0].ipv6_cidr_blocks", v6),
    ]
    (apart,) = one(VPC_RULE, ip_protocol="tcp", **WEB, cidr_ipv4=v4, cidr_ipv6=None).sources()
    assert (apart.path, apart.ranges, apart.doubts) == ("cidr_ipv4", Ranges.of(v4), ())
    (apart,) = one(VPC_RULE, ip_protocol="tcp", **WEB, cidr_ipv6=v6).sources()
    assert (apart.path, apart.ranges) == ("cidr_ipv6", Ranges.of(v6))


@pytest.mark.parametrize(
    ("kind", "argument", "value"), [(RULE, "prefix_list_ids", ["pl-1"]), (VPC_RULE, "prefix_list_id", "pl-1")]
)
def test_what_a_prefix_list_of_others_holds_is_in_doubt(kind: str, argument: str, value: object) -> None:
    (source,) = one(kind, protocol="tcp", ip_protocol="tcp", **{argument: value}).sources()
    assert source.path == argument
    assert source.doubts


def test_a_rule_for_the_group_itself_is_for_nobody_else() -> None:
    assert not one("aws_security_group", **{**BLOCK, "cidr_blocks": [], "self": True}).is_for_others
    assert not one(RULE, **HTTP, self=True, security_group_id=GROUP).is_for_others
    assert not one(RULE, **HTTP, security_group_id=GROUP, source_security_group_id=GROUP).is_for_others
    assert not one(VPC_RULE, security_group_id=GROUP, referenced_security_group_id=GROUP).is_for_others


@pytest.mark.parametrize(
    ("kind", "argument", "value"),
    [
        ("aws_security_group", "cidr_blocks", ["10.0.0.0/8"]),
        ("aws_security_group", "ipv6_cidr_blocks", ["2600:1f00::/32"]),
        ("aws_security_group", "prefix_list_ids", ["pl-1"]),
        ("aws_security_group", "security_groups", [OTHER]),
        (RULE, "cidr_blocks", ["10.0.0.0/8"]),
        (RULE, "source_security_group_id", OTHER),
        (VPC_RULE, "cidr_ipv4", "10.0.0.0/8"),
        (VPC_RULE, "cidr_ipv6", "2600:1f00::/32"),
        (VPC_RULE, "prefix_list_id", "pl-1"),
        (VPC_RULE, "referenced_security_group_id", OTHER),
    ],
)
def test_a_rule_that_names_anybody_else_is_for_others(kind: str, argument: str, value: object) -> None:
    assert one(kind, security_group_id=GROUP, **{argument: value}).is_for_others


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "52.0.0.0/8", "0.0.0.0/1", "::/0", "2600::/16"])
def test_as_much_as_nobody_owns_is_wide(cidr: str) -> None:
    assert is_wide(Ranges.of(cidr))


@pytest.mark.parametrize("cidr", ["52.0.0.0/9", "10.0.0.0/8", "2600::/17", "fc00::/7", "198.51.100.7/32"])
def test_what_somebody_may_own_and_what_is_private_are_not_wide(cidr: str) -> None:
    assert not is_wide(Ranges.of(cidr))
