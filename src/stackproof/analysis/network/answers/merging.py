"""Brings ways together that differ only in what a reader does not ask about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeVar

from stackproof.analysis.network.answers.findings import Exposure, Finding, Flow
from stackproof.analysis.network.facts.doubts import Doubts
from stackproof.analysis.network.facts.hops import (
    INTERNET,
    INTERNET_GATEWAY,
    NETWORK_ACL_RULE,
    ROUTE,
    SECURITY_GROUP_RULE,
    Hop,
)
from stackproof.analysis.network.facts.passages import Passage
from stackproof.analysis.network.space.ranges import NOWHERE, Ranges
from stackproof.analysis.network.space.traffic import Traffic

F = TypeVar("F", bound=Finding)

Merged = tuple[Traffic, Ranges, tuple[str, ...], tuple[Hop, ...], Doubts]
"""Traffic, who may send it, of which AWS-managed prefix lists, over which hops, with which doubts."""

_RULES = (SECURITY_GROUP_RULE, "listener", "listener rule")
_ORDER = (INTERNET, INTERNET_GATEWAY, ROUTE, NETWORK_ACL_RULE, SECURITY_GROUP_RULE)


def merged(ways: Sequence[Passage]) -> Iterator[Merged]:
    """The ways with the same rules and doubts as one, and traffic that several rules let in once, from all of them."""
    by_doubts: dict[Doubts, list[Passage]] = defaultdict(list)
    for way in ways:
        by_doubts[way.doubts].append(way)
    for doubts, alike in by_doubts.items():
        for traffic, together in _parts(by_rule(alike)):
            peers, services, hops = NOWHERE, dict[str, None](), dict[Hop, None]()
            for way in together:
                peers |= way.peers
                services |= dict.fromkeys(way.services)
                hops |= dict.fromkeys(way.hops)
            ordered = sorted(hops, key=lambda hop: _ORDER.index(hop.what) if hop.what in _ORDER else len(_ORDER))
            yield traffic, peers, tuple(services), tuple(ordered), doubts


def settled(findings: Sequence[F]) -> list[F]:
    """The findings, each once, without doubtful ones that say nothing more than others do with fewer doubts."""
    found: dict[object, F] = {}
    for finding in findings:
        key = (type(finding), finding.traffic, finding.names, finding.detail, _significant(finding))
        known = found.get(key)
        if known is None or len(finding.doubts) < len(known.doubts):
            found[key] = finding
    certain = [finding for finding in found.values() if not finding.doubts]
    return [finding for finding in found.values() if not finding.doubts or not _is_known(finding, certain)]


def by_rule(ways: Sequence[Passage]) -> list[Passage]:
    """One way for each set of rules, traffic and doubts, whatever subnets it leads through, over the first's hops."""
    found: dict[object, Passage] = {}
    for way in ways:
        key = (way.traffic, way.doubts, tuple(hop for hop in way.hops if hop.what in _RULES))
        known = found.get(key)
        found[key] = way if known is None else _with(known, way)
    return list(found.values())


def _with(way: Passage, other: Passage) -> Passage:
    services = tuple(dict.fromkeys((*way.services, *other.services)))
    return Passage(way.traffic, way.peers | other.peers, way.hops, way.doubts, services)


def _parts(ways: Sequence[Passage]) -> list[tuple[Traffic, list[Passage]]]:
    """Traffic cut into disjoint parts, each with all the ways that let it in."""
    parts: list[tuple[Traffic, list[Passage]]] = []
    for way in ways:
        cut: list[tuple[Traffic, list[Passage]]] = []
        left = way.traffic
        for traffic, together in parts:
            common = traffic & way.traffic
            left -= traffic
            if common:
                cut.append((common, [*together, way]))
            if rest := traffic - way.traffic:
                cut.append((rest, together))
        parts = [*cut, (left, [way])] if left else cut
    return parts


def _is_known(finding: Finding, certain: Sequence[Finding]) -> bool:
    left = finding.traffic
    for other in certain:
        if other.names == finding.names and _peers(other).covers(_peers(finding)) and _peers(finding):
            left -= other.traffic
    return not left


def _significant(finding: Finding) -> tuple[Hop, ...]:
    return tuple(hop for hop in finding.hops if hop.what not in _ORDER[:4])


def _peers(finding: Finding) -> Ranges:
    return finding.peers if isinstance(finding, Exposure | Flow) else NOWHERE
