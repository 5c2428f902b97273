"""What rules ask of a whole stack, worked out once for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from stackproof.plan import Resource, Stack
from stackproof.verdict import Undecided

if TYPE_CHECKING:
    from stackproof.analysis.access import Access
    from stackproof.analysis.access.gathering.links import Linker
    from stackproof.analysis.access.gathering.reading import Reader
    from stackproof.analysis.network import Network
    from stackproof.analysis.network.fabric.fabric import Fabric
    from stackproof.policy.declarations import Declaration


class Facts:
    """The stack that rules judge, and what follows from it."""

    def __init__(self, stack: Stack, backend: Iterable[Path] = ()) -> None:
        """`backend` are the files of the environment's backend configuration."""
        self.stack = stack
        self.backend = tuple(backend)
        self._companions: dict[tuple[str, str, str], _Companions] = {}

    @cached_property
    def access(self) -> Access:
        """What IAM will allow."""
        from stackproof.analysis.access import Access

        return Access(self.stack)

    @cached_property
    def network(self) -> Network:
        """What reaches what."""
        from stackproof.analysis.network import Network

        return Network(self.stack)

    @cached_property
    def fabric(self) -> Fabric:
        """What the network is made of, without what stands in it."""
        from stackproof.analysis.network.fabric.fabric import Fabric

        return Fabric(self.stack)

    @cached_property
    def documents(self) -> Reader:
        """Reads policy documents."""
        from stackproof.analysis.access.gathering.reading import Reader

        return Reader(self.stack)

    @cached_property
    def links(self) -> Linker:
        """Finds which resource an argument means."""
        from stackproof.analysis.access.gathering.links import Linker

        return Linker(self.stack)

    @cached_property
    def declarations(self) -> tuple[Declaration, ...]:
        """The `terraform` blocks and module calls of the HCL; none where it is not at hand."""
        from stackproof.policy.declarations import declarations

        return declarations(self.stack.sources, self.backend) if self.stack.sources else ()

    def resources(self, kind: str) -> tuple[Resource, ...]:
        """The resources of a type, data sources ("data.aws_subnet"), or declarations ("terraform", "module")."""
        if kind in ("terraform", "module"):
            return tuple(found for found in self.declarations if found.type == kind)
        if kind.startswith("data."):
            return self.stack.data_sources(kind.removeprefix("data."))
        return self.stack.resources(kind)

    def find(self, address: str) -> Resource:
        """The resource or declaration with an address; raises PlanError where there is none."""
        declared = next((found for found in self.declarations if found.address == address), None)
        return declared if declared is not None else self.stack[address]

    def companions(self, resource: Resource, type: str, by: str) -> tuple[Resource, ...]:
        """The resources of a type whose argument `by` means this one.

        Raises Undecided where there is none for certain, and one that may.
        """
        return tuple(self._companions_by(resource, type, by).some(resource))

    def every_companion(self, resource: Resource, type: str, by: str) -> Iterator[Resource]:
        """The same, one by one; raises Undecided after those for certain where there is any that may."""
        return self._companions_by(resource, type, by).every(resource)

    def _companions_by(self, resource: Resource, type: str, by: str) -> _Companions:
        key = resource.type, type, by
        if key not in self._companions:
            self._companions[key] = _Companions(self, *key)
        return self._companions[key]


class _Companions:
    """Which resources of one type stand for which of another."""

    def __init__(self, facts: Facts, target: str, type: str, by: str) -> None:
        self._by = by
        self._certain: dict[str, list[Resource]] = defaultdict(list)
        self._possible: dict[str, list[Resource]] = defaultdict(list)
        for companion in facts.stack.resources(type):
            links = facts.links.find(companion, by, (target,))
            for resource in links.resources:
                self._certain[resource.address].append(companion)
            for resource in links.possible:
                self._possible[resource.address].append(companion)

    def some(self, resource: Resource) -> Iterable[Resource]:
        return self._certain.get(resource.address) or self.every(resource)

    def every(self, resource: Resource) -> Iterator[Resource]:
        yield from self._certain.get(resource.address, ())
        for possible in self._possible.get(resource.address, ()):
            raise Undecided(possible.address, self._by, f"whether it is for {resource.address} is not known")
