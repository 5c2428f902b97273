"""Network ACLs: the stateless filters around subnets, whose first rule that matches decides.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from stackproof.analysis.network.fabric.addressing import Addressing
from stackproof.analysis.network.facts.doubts import Doubt, Doubts, both
from stackproof.analysis.network.facts.former import former, known
from stackproof.analysis.network.facts.hops import NETWORK_ACL_RULE, Hop, hop
from stackproof.analysis.network.facts.links import ACL, Links
from stackproof.analysis.network.facts.passages import OPEN, Passage
from stackproof.analysis.network.facts.reading import doubt, every, hidden_blocks, known_blocks, number, text
from stackproof.analysis.network.space.ranges import EVERYWHERE, NOWHERE, Ranges
from stackproof.analysis.network.space.traffic import ANY, NO_TRAFFIC, TCP, Traffic, of_protocol, rule_traffic
from stackproof.plan import Resource, Stack
from stackproof.plan.values import Withheld

ACLS = ("aws_network_acl", "aws_default_network_acl")
EPHEMERAL = of_protocol(TCP, ((1024, 65535),))
"""The ports from which clients ask, and to which replies go:
https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports."""


@dataclass(frozen=True)
class _Entry:
    number: int
    allow: bool
    traffic: Traffic
    peers: Ranges
    hop: Hop
    doubts: Doubts


class Acls:
    """What every ACL lets through, by the ACL's key (see `Link`)."""

    def __init__(self, stack: Stack, links: Links, addressing: Addressing) -> None:
        self._links = links
        self._addressing = addressing
        self._entries: dict[tuple[str, bool], list[_Entry]] = defaultdict(list)
        self._passages: dict[tuple[str, bool], tuple[Passage, ...]] = {}
        gone = {_identity(values) for values in former(stack, ("aws_network_acl_rule",))}
        for acl in every(stack, ACLS):
            for direction, inbound in (("ingress", True), ("egress", False)):
                for path, values in known_blocks(acl, direction):
                    if (known(acl.get("id")), not inbound, known(values.get("rule_no"))) not in gone:
                        self._entries[acl.address, inbound].append(self._inline(acl, f"{path}."))
                for hidden in hidden_blocks(acl, direction):
                    everything = _Entry(0, True, ANY, EVERYWHERE, hop(NETWORK_ACL_RULE, acl, direction), (hidden,))
                    self._entries[acl.address, inbound].append(everything)
        for rule in stack.resources("aws_network_acl_rule"):
            outbound = rule.get("egress")
            for link in links.of(rule, "network_acl_id", ACLS):
                entry = self._separate(rule, link.doubts)
                for inbound in (True, False):
                    if isinstance(outbound, Withheld):
                        unsure = (doubt(rule, "egress", outbound),)
                        self._entries[link.key, inbound].append(replace(entry, doubts=both(entry.doubts, unsure)))
                    elif inbound == (outbound is not True):
                        self._entries[link.key, inbound].append(entry)

    def passages(self, key: str, *, inbound: bool) -> tuple[Passage, ...]:
        """What an ACL lets into or out of its subnets."""
        if (key, inbound) not in self._passages:
            self._passages[key, inbound] = tuple(self._decided(key, inbound))
        return self._passages[key, inbound]

    def _decided(self, key: str, inbound: bool) -> Iterable[Passage]:
        entries = [*self._entries.get((key, inbound), []), *self._entries.get(("", inbound), [])]
        if self._links.is_inside(key):
            return _allowed(entries)
        vpc = key.removesuffix(f" ({ACL})")
        if vpc != key and self._links.is_inside(vpc):
            # AWS lets everything through, by rule 100: rules beside that are asked first where their number is lower
            everything = _Entry(100, True, ANY, EVERYWHERE, Hop(NETWORK_ACL_RULE, key), ())
            return _allowed([*entries, everything]) if entries else OPEN
        return (Passage(doubts=(Doubt(key, "", "its rules are not in this stack"),) if key else ()),)

    def _inline(self, acl: Resource, prefix: str) -> _Entry:
        return self._entry(acl, prefix, "rule_no", "action", "ipv6_cidr_block", ())

    def _separate(self, rule: Resource, doubts: Doubts) -> _Entry:
        return self._entry(rule, "", "rule_number", "rule_action", "ipv6_cidr_block", doubts)

    def _entry(self, resource: Resource, prefix: str, order: str, action: str, v6: str, doubts: Doubts) -> _Entry:
        peers = NOWHERE
        for path in (f"{prefix}cidr_block", f"{prefix}{v6}"):
            value = resource.get(path)
            if value is not None and not (isinstance(value, str) and not len(value)):
                ranges, _, unsure = self._addressing.cidr(resource, path, value)
                peers, doubts = peers | ranges, both(doubts, unsure)
        position = number(resource, f"{prefix}{order}")
        if isinstance(position, Doubt):
            doubts = both(doubts, (position,))
        decision = text(resource, f"{prefix}{action}")
        if not decision:
            doubts = both(doubts, (doubt(resource, f"{prefix}{action}"),))
        traffic, unsure = _traffic(resource, prefix)
        place = hop(NETWORK_ACL_RULE, resource, prefix.rstrip("."))
        order_known = position if isinstance(position, int) else 0
        return _Entry(order_known, decision.lower() != "deny", traffic, peers, place, both(doubts, unsure))


def replies(passages: Iterable[Passage], peers: Ranges) -> Doubts | None:
    """Whether TCP replies to clients at `peers` pass: None for no, doubts where only some do, or perhaps."""
    certain, possible = NO_TRAFFIC, NO_TRAFFIC
    unsure: Doubts = ()
    for passage in passages:
        if not passage.peers & peers:
            continue
        common = passage.traffic & EPHEMERAL
        possible |= common
        if passage.doubts:
            unsure = both(unsure, passage.doubts)
        elif passage.peers.covers(peers):
            certain |= common
    if not EPHEMERAL - certain:
        return ()
    if not possible:
        return None
    return unsure or (Doubt("a network ACL", "", f"lets replies pass to {possible} only"),)


def _allowed(entries: Iterable[_Entry]) -> Iterator[Passage]:
    left = [Passage()]
    for entry in sorted(entries, key=lambda entry: entry.number):
        matched = Passage(entry.traffic, entry.peers, (entry.hop,), entry.doubts)
        if entry.allow:
            yield from (
                Passage(w.traffic, w.peers, w.hops, w.doubts) for p in left if (w := p & matched).peers and w.traffic
            )
        left = [rest for passage in left for rest in _without(passage, matched)]


def _without(passage: Passage, matched: Passage) -> Iterator[Passage]:
    """What is left of a passage behind a rule: the same with a doubt where the rule may not match after all."""
    common_peers, common = passage.peers & matched.peers, passage.traffic & matched.traffic
    if not common_peers or not common:
        yield passage
        return
    apart = replace(passage, peers=passage.peers - matched.peers)
    other = replace(passage, peers=common_peers, traffic=passage.traffic - matched.traffic)
    yield from (part for part in (apart, other) if part.peers and part.traffic)
    if matched.doubts:
        yield replace(passage, peers=common_peers, traffic=common, doubts=both(passage.doubts, matched.doubts))


def _traffic(resource: Resource, prefix: str) -> tuple[Traffic, Doubts]:
    protocol = text(resource, f"{prefix}protocol")
    if not protocol:
        return ANY, (doubt(resource, f"{prefix}protocol"),)
    names = (
        ("icmp_type", "icmp_code") if protocol.lower() in ("1", "icmp", "58", "icmpv6") else ("from_port", "to_port")
    )
    read = [number(resource, f"{prefix}{name}") for name in names]
    unsure = tuple(value for value in read if isinstance(value, Doubt))
    first, last = (None if isinstance(value, Doubt) else value for value in read)
    try:
        return (rule_traffic(protocol, None, None), unsure) if unsure else (rule_traffic(protocol, first, last), ())
    except ValueError:
        return ANY, (Doubt(resource.address, f"{prefix}protocol", f"{protocol!r} is no protocol known here"),)


def _identity(values: Mapping[str, object]) -> tuple[object, ...]:
    return known(values.get("network_acl_id")), values.get("egress") is True, known(values.get("rule_number"))
