"""Security groups and their rules, in every way in which they can be written.

https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html,
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/security_group
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from stackproof.analysis.network.fabric.addressing import Addressing
from stackproof.analysis.network.fabric.prefix_lists import PrefixLists
from stackproof.analysis.network.facts.doubts import Doubt, Doubts, both
from stackproof.analysis.network.facts.former import former, known, listed
from stackproof.analysis.network.facts.hops import SECURITY_GROUP_RULE, Hop, hop
from stackproof.analysis.network.facts.links import GROUP, GROUPS, Links
from stackproof.analysis.network.facts.reading import doubt, every, hidden_blocks, known_blocks, number, text
from stackproof.analysis.network.space.ranges import EVERYWHERE, NOWHERE, Ranges
from stackproof.analysis.network.space.traffic import ANY, Traffic, rule_traffic
from stackproof.plan import Action, Resource, Stack


@dataclass(frozen=True)
class Rule:
    """Traffic that a group lets in or out. The peer is one of addresses, a group or an AWS service's prefix list."""

    traffic: Traffic
    hop: Hop
    ranges: Ranges = NOWHERE
    group: str = ""
    service: str = ""
    shown: str = ""
    doubts: Doubts = ()


@dataclass(frozen=True)
class _Form:
    """The names of the arguments in one way of writing a rule."""

    protocol: str
    v4: str
    v6: str
    lists: str
    groups: str
    itself: str = ""


_BLOCK = _Form("protocol", "cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups", "self")
_RULE = replace(_BLOCK, groups="source_security_group_id")
_VPC_RULE = _Form("ip_protocol", "cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id")

_DIRECTIONS = {"ingress": True, "egress": False}
_VPC_RULES = {"aws_vpc_security_group_ingress_rule": True, "aws_vpc_security_group_egress_rule": False}


class SecurityGroups:
    """The rules of every group, by the group's key (see `Link`)."""

    def __init__(self, stack: Stack, links: Links, addressing: Addressing, prefix_lists: PrefixLists) -> None:
        self._links = links
        self._addressing = addressing
        self._prefix_lists = prefix_lists
        self._rules: dict[tuple[str, bool], list[Rule]] = defaultdict(list)
        self._separate: dict[str, list[str]] = defaultdict(list)
        self._found: dict[tuple[str, bool], tuple[Rule, ...]] = {}
        self.notes: dict[str, str] = {}
        self.keys = [group.address for group in every(stack, GROUPS)]
        outdated = {signature for values in former(stack, ("aws_security_group_rule",)) for signature in _old(values)}
        for kind, inbound in _VPC_RULES.items():
            outdated |= {s for values in former(stack, (kind,)) for s in _old(values, inbound=inbound)}
        for rule in stack.resources("aws_security_group_rule"):
            self._add_separate(rule, _RULE, inbound=rule.get("type") == "ingress")
        for kind, inbound in _VPC_RULES.items():
            for rule in stack.resources(kind):
                self._add_separate(rule, _VPC_RULE, inbound=inbound)
        for key in self.keys:
            self._add_inline(stack[key], outdated)

    def rules(self, key: str, *, inbound: bool) -> tuple[Rule, ...]:
        """The rules of a group for one direction. Of a group outside the stack nobody knows them all."""
        if (key, inbound) not in self._found:
            self._found[key, inbound] = _condensed(self._all(key, inbound))
        return self._found[key, inbound]

    def _all(self, key: str, inbound: bool) -> Iterator[Rule]:
        yield from self._rules.get((key, inbound), ())
        if key:
            # rules of a group that nobody knows may be any group's
            yield from self._rules.get(("", inbound), ())
        if self._links.is_inside(key):
            return
        if key.endswith(f"({GROUP})"):
            yield from self._made_by_aws(key, inbound=inbound)
            return
        name = key or "a security group"
        unknown = (Doubt(name, "", "its rules are not in this stack"),)
        yield Rule(ANY, Hop(SECURITY_GROUP_RULE, name), EVERYWHERE, shown="anything", doubts=unknown)

    @staticmethod
    def _made_by_aws(key: str, *, inbound: bool) -> tuple[Rule, ...]:
        """https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html."""
        made = Hop(SECURITY_GROUP_RULE, key)
        if inbound:
            return (Rule(ANY, made, group=key, shown=key),)
        return (Rule(ANY, made, EVERYWHERE, shown="0.0.0.0/0, ::/0"),)

    def _add_separate(self, rule: Resource, form: _Form, *, inbound: bool) -> None:
        for link in self._links.of(rule, "security_group_id", GROUPS):
            self._separate[link.key].append(rule.address)
            self._rules[link.key, inbound] += [
                replace(read, doubts=both(read.doubts, link.doubts)) for read in self._read(rule, "", form, link.key)
            ]

    def _add_inline(self, group: Resource, outdated: set[tuple[object, ...]]) -> None:
        for direction, inbound in _DIRECTIONS.items():
            found: list[Rule] = []
            is_inline = False
            for path, values in known_blocks(group, direction):
                is_inline = True
                gone = self._gone(values, known(group.get("id")), outdated, inbound=inbound)
                found += (r for r in self._read(group, f"{path}.", _BLOCK, group.address) if r.shown not in gone)
            for unsure in hidden_blocks(group, direction):
                found.append(
                    Rule(
                        ANY, hop(SECURITY_GROUP_RULE, group, direction), EVERYWHERE, shown="anything", doubts=(unsure,)
                    )
                )
            if is_inline and self._separate[group.address] and group.change.action is Action.CREATE:
                self.notes[group.address] = (
                    f"has rules inline and by {', '.join(self._separate[group.address])}: "
                    "each apply takes away what the other wrote"
                )
            self._rules[group.address, inbound] += found

    def _gone(
        self, values: Mapping[str, Any], group: object, outdated: set[tuple[object, ...]], *, inbound: bool
    ) -> set[str]:
        """The peers in a block that the plan takes away, as rules show them."""
        peers = {str(signature[-1]) for signature in _signatures(values, group, inbound=inbound) & outdated}
        return peers | {key for peer in peers for key in self._links.meant(peer, GROUPS)}

    def _read(self, resource: Resource, prefix: str, form: _Form, group: str) -> Iterator[Rule]:
        traffic, unsure = self._traffic(resource, prefix, form)
        place = prefix.rstrip(".")
        read = False
        for path in (f"{prefix}{form.v4}", f"{prefix}{form.v6}"):
            for value in _values(resource, path):
                ranges, shown, doubts = self._addressing.cidr(resource, path, value)
                yield Rule(
                    traffic, hop(SECURITY_GROUP_RULE, resource, place), ranges, shown=shown, doubts=both(unsure, doubts)
                )
                read = True
        for entry in self._prefix_lists.named(resource, f"{prefix}{form.lists}"):
            yield Rule(
                traffic,
                hop(SECURITY_GROUP_RULE, resource, place),
                entry.ranges,
                service=entry.service,
                shown=entry.shown,
                doubts=both(unsure, entry.doubts),
            )
            read = True
        # the provider refuses a source group beside addresses or the group itself
        apart = form is _RULE and (read or _is_true(resource, form.itself))
        for link in () if apart else self._links.of(resource, f"{prefix}{form.groups}", GROUPS):
            yield self._from_group(resource, place, traffic, link.key, both(unsure, link.doubts))
            read = True
        if form.itself and _is_true(resource, f"{prefix}{form.itself}"):
            yield self._from_group(resource, place, traffic, group, unsure)
            read = True
        if not read:
            doubts = both(unsure, (doubt(resource, place or form.v4),))
            yield Rule(traffic, hop(SECURITY_GROUP_RULE, resource, place), EVERYWHERE, shown="anything", doubts=doubts)

    @staticmethod
    def _from_group(resource: Resource, place: str, traffic: Traffic, group: str, doubts: Doubts) -> Rule:
        rule = Rule(traffic, hop(SECURITY_GROUP_RULE, resource, place), group=group, shown=group, doubts=doubts)
        return rule if group else replace(rule, ranges=EVERYWHERE, shown="a security group")

    @staticmethod
    def _traffic(resource: Resource, prefix: str, form: _Form) -> tuple[Traffic, Doubts]:
        protocol = text(resource, f"{prefix}{form.protocol}")
        if not protocol:
            return ANY, (doubt(resource, f"{prefix}{form.protocol}"),)
        first, last = number(resource, f"{prefix}from_port"), number(resource, f"{prefix}to_port")
        doubts = tuple(port for port in (first, last) if isinstance(port, Doubt))
        try:
            if doubts:
                return rule_traffic(protocol, None, None), doubts
            return rule_traffic(protocol, _port(first), _port(last)), ()
        except ValueError:
            path = f"{prefix}{form.protocol}"
            return ANY, (Doubt(resource.address, path, f"{protocol!r} is no protocol that this analysis knows"),)


def _condensed(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules with one in place of all doubtful ones that say the same."""
    certain, doubtful = [], dict[object, Rule]()
    for rule in rules:
        if not rule.doubts:
            certain.append(rule)
            continue
        what = (rule.traffic, rule.ranges, rule.group, rule.service)
        alike = doubtful.setdefault(what, rule)
        if len(rule.doubts) < len(alike.doubts):
            doubtful[what] = rule
    return (*certain, *doubtful.values())


def _is_true(resource: Resource, path: str) -> bool:
    return resource.get(path) is True


def _port(read: int | Doubt | None) -> int | None:
    return None if isinstance(read, Doubt) else read


def _values(resource: Resource, path: str) -> Iterator[Any]:
    value = resource.get(path)
    items = value if isinstance(value, list) else [value]
    for item in items:
        if item is not None and not (isinstance(item, str) and not len(item)):
            yield item


def _old(values: Mapping[str, Any], *, inbound: bool | None = None) -> set[tuple[object, ...]]:
    """What a separate rule looks like in the picture that a group gives of itself."""
    if inbound is None:
        inbound = known(values.get("type")) == "ingress"
    return _signatures(values, known(values.get("security_group_id")), inbound=inbound)


def _signatures(values: Mapping[str, Any], group: object, *, inbound: bool) -> set[tuple[object, ...]]:
    protocol = known(values.get("protocol")) or known(values.get("ip_protocol"))
    ports = (0, 0) if protocol == "-1" else (known(values.get("from_port")), known(values.get("to_port")))
    peers = [
        peer
        for form in (_BLOCK, _RULE, _VPC_RULE)
        for name in (form.v4, form.v6, form.lists, form.groups)
        for peer in listed(values.get(name))
    ]
    if values.get("self") == True:  # noqa: E712
        peers.append(group)
    return {(group, inbound, protocol, *ports, peer) for peer in peers}
