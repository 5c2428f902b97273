"""Passages: what a filter lets through, and for whom.

Every filter on the way (a security group, a network ACL, a route table, a listener) is a list of passages. A way
through several filters is a way through one passage of each, and carries what all of them have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stackproof.analysis.network.facts.doubts import Doubt, Doubts, both
from stackproof.analysis.network.facts.hops import INTERNET, INTERNET_GATEWAY, NETWORK_ACL_RULE, ROUTE, Hop
from stackproof.analysis.network.space.internet import INTERNET as ALL_INTERNET
from stackproof.analysis.network.space.ranges import ALL_V4, EVERYWHERE, Ranges
from stackproof.analysis.network.space.traffic import ANY, Traffic

_ALIKE = frozenset({INTERNET, INTERNET_GATEWAY, NETWORK_ACL_RULE, ROUTE})


@dataclass(frozen=True)
class Passage:
    """Traffic that is let through to or from `peers`, over `hops`; certain only where there are no doubts.

    `services` are the AWS-managed prefix lists in it, whose addresses only AWS knows.
    """

    traffic: Traffic = ANY
    peers: Ranges = EVERYWHERE
    hops: tuple[Hop, ...] = ()
    doubts: Doubts = ()
    services: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.traffic) and bool(self.peers or self.services)

    def __and__(self, other: Passage) -> Passage:
        """What passes both, this one first."""
        doubts = both(self.doubts, other.doubts)
        services = tuple(dict.fromkeys((*other._shares(self), *self._shares(other))))
        return Passage(
            self.traffic & other.traffic, self.peers & other.peers, (*self.hops, *other.hops), doubts, services
        )

    def _shares(self, other: Passage) -> Iterator[str]:
        """The services of the other one that this one is for, too: by name, or because all of the internet is."""
        for name in other.services:
            if name in self.services or self.peers.covers(ALL_INTERNET & ALL_V4):
                yield name


OPEN = (Passage(),)
"""A filter that lets everything through."""


def through(*filters: Iterable[Passage]) -> Iterator[Passage]:
    """The ways through filters, one after another."""
    first, *rest = filters
    if not rest:
        yield from first
        return
    onward = list(through(*rest))
    for passage in first:
        for further in onward:
            way = passage & further
            if way:
                yield way


def distinct(ways: Iterable[Passage]) -> list[Passage]:
    """Of ways that differ only in gateways, routes and ACL rules the one with the fewest doubts."""
    found: dict[object, Passage] = {}
    for way in ways:
        key = (way.traffic, way.peers, way.services, tuple(hop for hop in way.hops if hop.what not in _ALIKE))
        known = found.get(key)
        if known is None or len(way.doubts) < len(known.doubts):
            found[key] = way
    return list(found.values())


def towards(passages: Iterable[Passage], peers: Ranges, doubt: Doubt) -> Iterator[Passage]:
    """The passages for a peer that has one address somewhere in `peers`; the way does not depend on it any more.

    Where a passage is for a part of them only, whether it is for that peer is a doubt.
    """
    for passage in passages:
        common = passage.peers & peers
        if common:
            doubts = passage.doubts if common == peers else both(passage.doubts, (doubt,))
            yield Passage(passage.traffic, hops=passage.hops, doubts=doubts)
