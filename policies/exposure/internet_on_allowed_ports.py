"""Security groups let the internet in on a few ports only, however their rules are written."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from stackproof.analysis.network.fabric.fabric import Fabric
from stackproof.analysis.network.facts.doubts import Doubts
from stackproof.analysis.network.facts.links import GROUPS
from stackproof.analysis.network.space.internet import INTERNET
from stackproof.analysis.network.space.ranges import Ranges
from stackproof.analysis.network.space.traffic import rule_traffic, tcp
from stackproof.policy.rule import About, Case, Rule, Severity

CIDRS = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
LISTS = ("prefix_list_ids", "prefix_list_id")

fabric_of = functools.lru_cache(maxsize=1)(Fabric)


class InternetOnAllowedPorts(Rule):
    about = About(
        id="SP_EXP_001",
        title="Security groups let the internet in on allowed ports only",
        severity=Severity.CRITICAL,
        types=(*GROUPS, "aws_security_group_rule", "aws_vpc_security_group_ingress_rule"),
        why="every port that is open to all is tried within minutes, with known weaknesses and guessed passwords",
        remedy="name the security group, the prefix list or the few addresses that may come in",
        source="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
        options={"ports": (80, 443)},
    )

    def judge(self, case: Case) -> None:
        for rule in self._rules(case):
            with case.part():
                protocol = case.given(f"{rule}protocol") or case.given(f"{rule}ip_protocol")
                ports = (case.given(f"{rule}{name}_port") for name in ("from", "to"))
                first, last = (None if port is None else int(port) for port in ports)
                more = rule_traffic(str(protocol), first, last) - tcp(*case.options["ports"])
                for path, ranges, shown, doubts in self._sources(case, rule):
                    if more and is_wide(ranges):
                        if doubts:
                            raise doubts[0].undecided()
                        case.fail(f"{shown} may send {more}", path)

    @staticmethod
    def _rules(case: Case) -> Iterator[str]:
        """The prefix of the paths in each rule that the resource writes."""
        if case.resource.type not in GROUPS:
            if case.given("type", "ingress") == "ingress":
                yield ""
            return
        # a plan shows separate rules that were there before in the group, too
        written = (case.resource.place and case.resource.arguments) or ("ingress",)
        for name in {"ingress"}.intersection(written):
            for number, _ in enumerate(case.blocks(name)):
                yield f"{name}[{number}]."

    @staticmethod
    def _sources(case: Case, rule: str) -> Iterator[tuple[str, Ranges, str, Doubts]]:
        """The addresses that a rule lets in, each with its path, how to show it, and the doubts about it."""
        fabric = fabric_of(case.stack)
        for path in (f"{rule}{name}" for name in CIDRS):
            value = case.given(path)
            for cidr in value if isinstance(value, list) else [value]:
                if cidr is not None:
                    yield path, *fabric.addressing.cidr(case.resource, path, cidr)
        for path in (f"{rule}{name}" for name in LISTS):
            for entry in fabric.prefix_lists.named(case.resource, path):
                yield path, entry.ranges, entry.shown, entry.doubts


def is_wide(ranges: Ranges) -> bool:
    """Whether so much of the internet is meant as nobody owns: addresses for an IPv4 /8 or an IPv6 /16."""
    public = ranges & INTERNET
    v4, v6 = (sum(last - first + 1 for first, last in family) for family in (public.v4, public.v6))
    return v4 >= 2**24 or v6 >= 2**112


check = InternetOnAllowedPorts()
