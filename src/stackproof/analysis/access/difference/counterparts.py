"""Which resource of one stack is which of another: the two are the same configuration at different times."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from stackproof.plan import Resource, Stack

_NAMES = ("arn", "name", "bucket", "function_name", "id")
"""Attributes that tell a resource from all others of its type."""


class Counterparts:
    """Finds, for resources and data sources of `head` of some types, the same ones in `base`.

    A resource is the one from which a `moved` block made it, else the one at the same address, else the one of its type
    with the same ARN or name. No resource is the same as two.
    """

    def __init__(self, head: Stack, base: Stack, types: Collection[str]) -> None:
        self.types = frozenset(types)
        self._left = {resource.address: resource for resource in _of_types(base, types)}
        self._named: dict[tuple[str, str, str], str] = {}
        for resource in self._left.values():
            for name in _names(resource):
                self._named.setdefault(name, resource.address)
        resources = list(_of_types(head, types))
        self._by_address: dict[str, str | None] = {resource.address: None for resource in resources}
        self._by_address.update(self._pairs(resources))

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_address)

    def of(self, address: str) -> str | None:
        """The address in the base of what is at an address in the head; None for what is new."""
        return self._by_address.get(address)

    def _pairs(self, pending: list[Resource]) -> Iterator[tuple[str, str]]:
        for candidates in (_moved_from, _unmoved, self._alike):
            unmatched = []
            for resource in pending:
                former = next((address for address in candidates(resource) if address in self._left), None)
                if former is None:
                    unmatched.append(resource)
                else:
                    del self._left[former]
                    yield resource.address, former
            pending = unmatched

    def _alike(self, resource: Resource) -> Iterable[str]:
        return [self._named[name] for name in _names(resource) if name in self._named]


def _moved_from(resource: Resource) -> Iterable[str]:
    return filter(None, [resource.change.previous_address])


def _unmoved(resource: Resource) -> Iterable[str]:
    return [resource.address]


def _of_types(stack: Stack, types: Collection[str]) -> Iterator[Resource]:
    for kind in sorted(types):
        yield from (*stack.resources(kind), *stack.data_sources(kind))


def _names(resource: Resource) -> list[tuple[str, str, str]]:
    values = ((name, resource.get(name)) for name in _NAMES)
    kind = f"{resource.mode} {resource.type}"
    return [(kind, name, str.__str__(value)) for name, value in values if isinstance(value, str)]
