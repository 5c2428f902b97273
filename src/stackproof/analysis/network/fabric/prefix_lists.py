"""Prefix lists: those that the stack writes itself, and those that AWS keeps for its services.

https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html,
https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from stackproof.analysis.network.fabric.addressing import Addressing
from stackproof.analysis.network.facts.doubts import Doubt, Doubts, both
from stackproof.analysis.network.facts.links import Links
from stackproof.analysis.network.facts.reading import hidden_blocks, known_blocks, text
from stackproof.analysis.network.space.ranges import EVERYWHERE, NOWHERE, Ranges
from stackproof.plan import Resource, Stack

_LIST = "aws_ec2_managed_prefix_list"
_TYPES = (_LIST, "aws_prefix_list", "aws_vpc_endpoint")
_AMAZON = "com.amazonaws."


@dataclass(frozen=True)
class Entry:
    """Addresses in a prefix list, or the name of the AWS service whose addresses they are."""

    ranges: Ranges
    shown: str
    service: str = ""
    doubts: Doubts = ()


class PrefixLists:
    """What is in the prefix lists that a stack names."""

    def __init__(self, stack: Stack, links: Links, addressing: Addressing) -> None:
        self._stack = stack
        self._links = links
        self._addressing = addressing
        self._added: dict[str, list[Entry]] = defaultdict(list)
        for entry in stack.resources("aws_ec2_managed_prefix_list_entry"):
            for link in links.of(entry, "prefix_list_id", (_LIST,)):
                self._added[link.key].append(self._entry(entry, "cidr", link.doubts))

    def named(self, resource: Resource, path: str) -> Iterator[Entry]:
        """The entries of the prefix lists that an argument names."""
        for link in self._links.of(resource, path, _TYPES):
            for entry in self._entries(link.key) or [self._foreign(link.key, resource, path)]:
                yield Entry(entry.ranges, entry.shown, entry.service, both(entry.doubts, link.doubts))

    def _entries(self, key: str) -> list[Entry]:
        if key not in self._stack:
            return [*self._added.get(key, ())]
        found = self._stack[key]
        name = text(found, "service_name" if found.type == "aws_vpc_endpoint" else "name")
        if name.startswith(_AMAZON):
            return [Entry(NOWHERE, name, name)]
        if found.type == "aws_vpc_endpoint":
            return []
        inline = "entry" if found.mode == "managed" else "entries"
        entries = [self._entry(found, f"{path}.cidr") for path, _ in known_blocks(found, inline)]
        hidden = [Entry(EVERYWHERE, key, doubts=doubts) for doubts in [hidden_blocks(found, inline)] if doubts]
        return [*entries, *hidden, *self._added.get(key, ()), *self._added.get("", ())] or [Entry(NOWHERE, key)]

    def _entry(self, resource: Resource, path: str, doubts: Doubts = ()) -> Entry:
        ranges, shown, unsure = self._addressing.cidr(resource, path, resource.get(path))
        return Entry(ranges, shown, doubts=both(unsure, doubts))

    @staticmethod
    def _foreign(key: str, resource: Resource, path: str) -> Entry:
        reason = f"what is in {key or 'that prefix list'} is not in this stack"
        return Entry(EVERYWHERE, key, doubts=(Doubt(resource.address, path, reason),))
