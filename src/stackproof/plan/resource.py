"""One resource instance or data source: its values by path, its change, and where it is written."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Protocol

from stackproof.errors import PlanError
from stackproof.plan import reads
from stackproof.plan.addresses import module_path
from stackproof.plan.change import Change, read_change
from stackproof.plan.paths import Step, parse_path
from stackproof.plan.provenance import Way
from stackproof.plan.source import Place, Sources, place_in
from stackproof.plan.values import Block, Reader, Sensitive, Unknown, Value, follow, from_json, merge
from stackproof.plan.wiring import Traced, Wiring

SHOWN_NAMES = 12

_UNTOLD = Wiring(exact=False, reason="no references at hand")


class Wires(Protocol):
    """What knows how the values of a stack's resources are wired."""

    def wiring(self, resource: Resource, path: str) -> Wiring:
        """What feeds the value at a path of a resource."""
        ...

    def ways(self, resource: Resource, path: str) -> tuple[Way, ...]:
        """The ways that it comes."""
        ...

    def arguments(self, resource: Resource) -> tuple[str, ...]:
        """The names of the arguments and blocks that the configuration sets."""
        ...


class Resource:
    """One resource instance or data source, with its values as they will be after apply.

    Index it with a path: `service["network_configuration[0].assign_public_ip"]`.
    """

    def __init__(
        self,
        *,
        address: str,
        module: str,
        mode: str,
        type: str,
        name: str,
        index: str | int | None,
        provider: str,
        raw: Mapping[str, Any],
        values: tuple[Any, Any, Any],
        sources: Sources | None,
        wires: Wires | None = None,
        read: Reader | None = None,
    ) -> None:
        self.address = address
        self.module = module
        self.mode = mode
        self.type = type
        self.name = name
        self.index = index
        self.provider = provider
        self._raw = raw
        self._values = values
        self._sources = sources
        self._wires = wires
        self._read = read
        self._wirings: dict[str, Wiring] = {}

    def __repr__(self) -> str:
        return f"<{self.address}>"

    @property
    def module_path(self) -> tuple[str, ...]:
        """The names of the module calls that lead here, without their indexes; () in the root module."""
        return module_path(self.module)

    @cached_property
    def values(self) -> Block:
        """All values after apply; unknown and sensitive ones are marked (see `stackproof.plan.values`)."""
        known, unknown, sensitive = self._values
        tree = merge(known if known is not None else {}, unknown, sensitive, self.address, read=self._read)
        return tree if isinstance(tree, Block) else Block()

    @cached_property
    def change(self) -> Change:
        """What will happen to this instance."""
        return read_change(self._raw, self.address)

    def __getitem__(self, path: str) -> Value:
        """The value at a path; raises PlanError where the resource has none there."""
        try:
            value = follow(self.values, parse_path(path))
        except LookupError:
            raise PlanError(
                f"{path} is not set: {self._what_is_there(path)}",
                where=f"{self.address} ({self.place_of(path) or 'source not at hand'})",
            ) from None
        reads.record(self, path, value)
        return value

    def get(self, path: str, default: Value = None) -> Value:
        """The value at a path, or the default where there is none or it is null."""
        try:
            value = follow(self.values, parse_path(path))
        except LookupError:
            value = None
        reads.record(self, path, value)
        return default if value is None else value

    def document(self, path: str) -> Value:
        """The data inside a JSON-encoded string at a path, such as a policy; unknown where the string is.

        Raises PlanError where the value is no JSON text.
        """
        value = self[path]
        if isinstance(value, Unknown | Sensitive):
            return value
        if not isinstance(value, str):
            raise PlanError(f"{path} is not a JSON text but {type(value).__name__}", where=self.address)
        text = value.raw if isinstance(value, Traced) else value
        data = from_json(text, self.address, path, read=self._read)
        reads.record(self, path, data)
        return data

    def wired(self, path: str) -> Wiring:
        """Which attributes of which resources feed the value at a path."""
        wiring = self._wirings.get(path)
        if wiring is None:
            found = self._wires.wiring(self, path) if self._wires else _UNTOLD
            wiring = self._wirings[path] = replace(found, address=self.address, path=path)
        reads.record(self, path, wiring)
        return wiring

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """The names of the arguments and nested blocks that the configuration sets, null or not."""
        return self._wires.arguments(self) if self._wires else ()

    def leaves_out(self, path: str, *, is_block: bool = False) -> bool:
        """Whether the configuration is known to set nothing at a path, or null: a provider or AWS fills it in.

        Without the HCL nobody knows of dynamic blocks; `is_block` says that the path leads to blocks.
        """
        steps = parse_path(path)
        if len(steps) == 1 and not is_block and (self.arguments or self.place) and steps[0] not in self.arguments:
            return True
        wiring = self._wires.wiring(self, path) if self._wires else _UNTOLD
        return wiring.exact and wiring.complete and not wiring.feeds and not self.ways(path)

    def ways(self, path: str) -> tuple[Way, ...]:
        """The ways that the value at a path comes: argument, module inputs, locals, resources, each with its place."""
        return self._wires.ways(self, path) if self._wires else ()

    def resolved(
        self,
        known: Value,
        unknown: Value,
        *,
        read: Reader | None,
        wires: Wires,
    ) -> Resource:
        """The same resource with other values for `after` and `after_unknown`."""
        return Resource(
            address=self.address,
            module=self.module,
            mode=self.mode,
            type=self.type,
            name=self.name,
            index=self.index,
            provider=self.provider,
            raw=self._raw,
            values=(known, unknown, self._values[2]),
            sources=self._sources,
            wires=wires,
            read=read,
        )

    @property
    def raw_values(self) -> tuple[Any, Any, Any]:
        """`after`, `after_unknown` and `after_sensitive` as the plan has them."""
        return self._values

    def before(self, path: str) -> Value:
        """The value at a path as it is now; None where the resource does not exist yet or has none there."""
        try:
            return follow(self.change.before, parse_path(path))
        except LookupError:
            return None

    def is_unknown(self, path: str) -> bool:
        """Whether the value at a path is known only after apply."""
        return isinstance(self.get(path), Unknown)

    def is_sensitive(self, path: str) -> bool:
        """Whether the value at a path is sensitive (and set)."""
        return isinstance(self.get(path), Sensitive)

    @property
    def place(self) -> Place | None:
        """File and line of the block; None where the source is not at hand."""
        return self.place_of("")

    def place_of(self, path: str) -> Place | None:
        """File and line of the argument that a path leads to, or of the nearest block around it."""
        kind = "data" if self.mode == "data" else "resource"
        block = self._sources.block(self.module_path, kind, (self.type, self.name)) if self._sources else None
        steps = parse_path(path) if path else ()
        return place_in(block, steps, self.values if len(steps) > 1 else None) if block else None

    @property
    def module_calls(self) -> tuple[Place, ...]:
        """The places of the module calls that lead here, the root's first."""
        return self._sources.module_calls(self.module_path) if self._sources else ()

    def _what_is_there(self, path: str) -> str:
        value: Value = self.values
        for step in parse_path(path):
            try:
                value = follow(value, (step,))
            except LookupError:
                return _what_else(value, step)
        return repr(value)


def _what_else(value: Value, step: Step) -> str:
    if isinstance(value, list):
        return f"there are {len(value)} elements" if len(value) != 1 else "there is 1 element"
    if isinstance(value, dict):
        known = [str(key) for key in value]
        close = difflib.get_close_matches(str(step), known, n=3)
        return f"did you mean {' or '.join(close)}?" if close else f"known are {', '.join(sorted(known)[:SHOWN_NAMES])}"
    return f"what is there is {value!r}"
