"""A stack: the resources, data sources and outputs of a root module in one environment."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from stackproof.errors import PlanError
from stackproof.plan.addresses import looks_like_address
from stackproof.plan.change import Output
from stackproof.plan.resource import Resource
from stackproof.plan.source import Sources
from stackproof.plan.values import Value


class Stack:
    """A root module in an environment: what will be there after apply (a plan) or is there (a state).

    Tests of what a stack must be read this view, so that they mean the same before and after an apply.
    """

    def __init__(self, environment: str, resources: Sequence[Resource], outputs: Mapping[str, Output]) -> None:
        self.environment = environment
        self.outputs = outputs
        self.sources: Sources | None = None
        """The HCL that the stack is written in, where it is at hand."""
        self.key = ""
        """What tells it from every other stack and from itself after any change; empty where nothing does."""
        self._resources = tuple(resources)
        self._by_address = {resource.address: resource for resource in self._resources}
        self._by_type: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for resource in self._resources:
            self._by_type[resource.mode, resource.type].append(resource)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._resources)

    def __len__(self) -> int:
        return len(self._resources)

    def resources(
        self, type: str | None = None, *, name: str | None = None, module: str | None = None
    ) -> tuple[Resource, ...]:
        """The managed resources of a type (all without one), by name and by module path such as "vpc" or "a.b"."""
        return self._select("managed", type, name, module)

    def resource(
        self, what: str, *, name: str | None = None, module: str | None = None, index: str | int | None = None
    ) -> Resource:
        """The one managed resource of a type, or with an address; raises PlanError for none or several."""
        return self._one("managed", what, name, module, index)

    def data_sources(
        self, type: str | None = None, *, name: str | None = None, module: str | None = None
    ) -> tuple[Resource, ...]:
        """The data sources of a type (all without one), read or to be read on apply."""
        return self._select("data", type, name, module)

    def data_source(
        self, what: str, *, name: str | None = None, module: str | None = None, index: str | int | None = None
    ) -> Resource:
        """The one data source of a type, or with an address; raises PlanError for none or several."""
        return self._one("data", what, name, module, index)

    def __getitem__(self, address: str) -> Resource:
        """The resource or data source with exactly this address; raises PlanError where there is none."""
        if address not in self._by_address:
            close = difflib.get_close_matches(address, self._by_address, n=3)
            hint = f"did you mean {' or '.join(close)}?" if close else None
            raise PlanError(f"there is no {address} in {self.environment}", remedy=hint)
        return self._by_address[address]

    def __contains__(self, address: object) -> bool:
        return address in self._by_address

    def output(self, name: str) -> Value:
        """The value of a root module output; raises PlanError where there is none of that name."""
        if name not in self.outputs:
            raise PlanError(
                f"there is no output {name!r} in {self.environment}",
                remedy=f"known outputs: {', '.join(self.outputs) or 'none'}.",
            )
        return self.outputs[name].value

    def _select(self, mode: str, type: str | None, name: str | None, module: str | None) -> tuple[Resource, ...]:
        chosen: Sequence[Resource] = (
            self._by_type.get((mode, type), [])
            if type is not None
            else [resource for resource in self._resources if resource.mode == mode]
        )
        return tuple(
            resource
            for resource in chosen
            if (name is None or resource.name == name) and (module is None or ".".join(resource.module_path) == module)
        )

    def _one(self, mode: str, what: str, name: str | None, module: str | None, index: str | int | None) -> Resource:
        if looks_like_address(what):
            return self[what]
        found = [
            resource for resource in self._select(mode, what, name, module) if index is None or resource.index == index
        ]
        if len(found) == 1:
            return found[0]
        asked = " ".join(
            [what]
            + [
                f"{key} {value!r}"
                for key, value in (("named", name), ("in module", module), ("index", index))
                if value is not None
            ]
        )
        if found:
            addresses = ", ".join(resource.address for resource in found[:5])
            raise PlanError(
                f"there are {len(found)} of {asked} in {self.environment}: {addresses}",
                remedy="say which by name, module, index or address.",
            )
        types = {resource.type for resource in self._resources if resource.mode == mode}
        close = difflib.get_close_matches(what, types, n=3)
        raise PlanError(
            f"there is no {asked} in {self.environment}",
            remedy=f"did you mean {' or '.join(close)}?" if close and what not in types else None,
        )
