"""Which resource of the stack an argument means: by what feeds it, else by a name, ARN or id that is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from stackproof.plan import Resource, Stack
from stackproof.plan.values import Value, Withheld
from stackproof.plan.wiring import Traced

_NAMES = (
    "arn",
    "bucket",
    "cluster_identifier",
    "cluster_name",
    "domain_name",
    "function_name",
    "id",
    "key_arn",
    "key_id",
    "name",
    "repository",
    "url",
)
"""Attributes by which other resources refer to one."""


@dataclass(frozen=True)
class Links:
    """What an argument means: resources of the stack, names of what is `outside`.

    Where `doubt` says why, it is not certain: then it means some of `possible`, or something that nobody can tell.
    """

    resources: tuple[Resource, ...] = ()
    outside: tuple[str, ...] = ()
    possible: tuple[Resource, ...] = ()
    doubt: str = ""


class Linker:
    """Finds what arguments mean, in one stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._by_type: dict[str, dict[str, list[Resource]]] = {}

    def find(self, resource: Resource, path: str, types: Collection[str]) -> Links:
        """What the argument at a path (one name or a list of them) means among resources and data of these types."""
        value = resource.get(path)
        items: Iterable[Value] = value if isinstance(value, list) else () if value is None else (value,)
        found: dict[str, Resource] = {}
        outside: list[str] = []
        hidden = 0
        for item in items:
            if isinstance(item, Withheld):
                hidden += 1
            elif isinstance(item, str) and len(item):
                meant = self.named(item, types)
                if len(meant) > 1:
                    fed = resource.wired(path).addresses
                    meant = [other for other in meant if other.address in fed] or meant
                found.update((other.address, other) for other in meant[:1])
                if not meant:
                    outside.append(str.__str__(item))
        if not hidden or resource.leaves_out(path):
            return Links(tuple(found.values()), tuple(outside))
        wiring = resource.wired(path)
        fed_by = [self._stack[address] for address in wiring.addresses if address in self._stack]
        possible = [other for other in fed_by if other.type in types and other.address not in found]
        is_whole = isinstance(value, Withheld) and len(possible) > 0
        if wiring.exact and (len(possible) == hidden or (is_whole and path.endswith("s"))):
            return Links((*found.values(), *possible), tuple(outside))
        if not wiring.exact and not possible:
            possible = [other for kind in types for other in self._stack.resources(kind)]
        why = wiring.reason or "known after apply"
        return Links(tuple(found.values()), tuple(outside), tuple(possible), f"{resource.address}: {path} ({why})")

    def named(self, text: str, types: Collection[str]) -> list[Resource]:
        """The resources and data of these types with that name, ARN or id."""
        if isinstance(text, Traced):
            addresses = dict.fromkeys(feed.address for feed in text.feeds)
            fed = [self._stack[address] for address in addresses if address in self._stack]
            meant = [other for other in fed if other.type in types]
            if len(meant) == 1:
                return meant
        plain = str.__str__(text)
        return [resource for kind in types for resource in self._index(kind).get(plain, ())]

    def _index(self, type: str) -> dict[str, list[Resource]]:
        if type not in self._by_type:
            index: dict[str, list[Resource]] = defaultdict(list)
            for resource in (*self._stack.resources(type), *self._stack.data_sources(type)):
                texts = {str.__str__(value) for name in _NAMES if isinstance(value := resource.get(name), str)}
                for text in texts:
                    index[text].append(resource)
            self._by_type[type] = index
        return self._by_type[type]
