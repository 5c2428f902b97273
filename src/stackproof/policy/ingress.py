"""What security groups let in, whichever way a rule is written.

A rule is a block of a group or a resource of its own, and the three forms have different names for the same things:
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/security_group
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stackproof.analysis.network.facts.doubts import Doubts
from stackproof.analysis.network.facts.links import GROUPS
from stackproof.analysis.network.space.internet import INTERNET
from stackproof.analysis.network.space.ranges import Ranges
from stackproof.analysis.network.space.traffic import Traffic, rule_traffic
from stackproof.policy.case import Case

RULE, VPC_RULE = "aws_security_group_rule", "aws_vpc_security_group_ingress_rule"
TYPES = (*GROUPS, RULE, VPC_RULE)
"""What writes rules for what comes in."""

CIDRS = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
LISTS = ("prefix_list_ids", "prefix_list_id")


@dataclass(frozen=True)
class Source:
    """Addresses that a rule lets in: the path that says so, how to show them, and the doubts about them."""

    path: str
    ranges: Ranges
    shown: str
    doubts: Doubts


class IngressRule:
    """A rule that lets something in. Whatever is asked of it may raise Undecided."""

    def __init__(self, case: Case, prefix: str) -> None:
        """`prefix` is what the paths of its arguments begin with."""
        self._case = case
        self._prefix = prefix

    @property
    def protocol_path(self) -> str:
        """The path of its protocol."""
        return f"{self._prefix}{'ip_protocol' if self._case.resource.type == VPC_RULE else 'protocol'}"

    @property
    def protocol(self) -> str:
        """The name or number of its protocol; "-1" and "all" are all of them."""
        return str(self._case.given(self.protocol_path))

    @property
    def traffic(self) -> Traffic:
        """Its protocol and ports."""
        ports = (self._case.given(f"{self._prefix}{name}_port") for name in ("from", "to"))
        first, last = (None if port is None else int(port) for port in ports)
        return rule_traffic(self.protocol, first, last)

    @property
    def is_for_others(self) -> bool:
        """Whether it lets in more than what is in the group itself."""
        case = self._case
        group = case.given("source_security_group_id") or case.given("referenced_security_group_id")
        is_other_group = bool(group) and group != case.given("security_group_id")
        others = (*CIDRS, *LISTS, "security_groups")
        return is_other_group or any(case.given(f"{self._prefix}{name}") for name in others)

    def sources(self) -> Iterator[Source]:
        """The addresses that it names, one by one and by prefix lists."""
        case, fabric = self._case, self._case.facts.fabric
        for path in (f"{self._prefix}{name}" for name in CIDRS):
            value = case.given(path)
            for cidr in value if isinstance(value, list) else [value]:
                if cidr is not None:
                    yield Source(path, *fabric.addressing.cidr(case.resource, path, cidr))
        for path in (f"{self._prefix}{name}" for name in LISTS):
            for entry in fabric.prefix_lists.named(case.resource, path):
                yield Source(path, entry.ranges, entry.shown, entry.doubts)


def ingress_rules(case: Case) -> Iterator[IngressRule]:
    """The rules for what comes in that the resource of a case writes: its types are TYPES."""
    if case.resource.type in GROUPS:
        # a plan shows separate rules that were there before in the group, too
        if not (case.resource.place and case.resource.leaves_out("ingress", is_block=True)):
            for block in case.block_paths("ingress"):
                yield IngressRule(case, f"{block}.")
    elif case.given("type", "ingress") == "ingress":
        yield IngressRule(case, "")


def is_wide(ranges: Ranges) -> bool:
    """Whether so much of the internet is meant as nobody owns: addresses for an IPv4 /8 or an IPv6 /16."""
    public = ranges & INTERNET
    v4, v6 = (sum(last - first + 1 for first, last in family) for family in (public.v4, public.v6))
    return v4 >= 2**24 or v6 >= 2**112
