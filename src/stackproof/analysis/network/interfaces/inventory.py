"""Everything in a stack that has network interfaces, by address and by security group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from stackproof.analysis.network.facts.doubts import Doubts
from stackproof.analysis.network.interfaces.interface import Interface


class Inventory:
    """The interfaces of a stack."""

    def __init__(self, interfaces: Iterable[Interface]) -> None:
        self._by_owner: dict[str, list[Interface]] = defaultdict(list)
        self._by_group: dict[str, dict[str, Doubts]] = defaultdict(dict)
        for interface in interfaces:
            self._by_owner[interface.owner].append(interface)
            for link in interface.groups or ():
                known = self._by_group[link.key].get(interface.owner)
                if known is None or len(link.doubts) < len(known):
                    self._by_group[link.key][interface.owner] = link.doubts

    @property
    def owners(self) -> list[str]:
        """The addresses of what has interfaces."""
        return list(self._by_owner)

    def of(self, owner: str) -> tuple[Interface, ...]:
        """The interfaces of one resource, none where it has no such thing; all where nobody knows whose ("")."""
        if not owner:
            return tuple(interface for interfaces in self._by_owner.values() for interface in interfaces)
        return tuple(self._by_owner.get(owner, ()))

    def members(self, group: str) -> dict[str, Doubts]:
        """The addresses of what is in a security group, with the doubts about that."""
        return {**self._by_group.get("", {}), **self._by_group.get(group, {})}
