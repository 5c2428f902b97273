"""What the configuration of a plan declares: modules, their resources, calls, locals, inputs and outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, cast

from stackproof.plan.paths import Step
from stackproof.plan.provenance import Link
from stackproof.plan.references.arguments import Body, agreed
from stackproof.plan.references.expressions import Expression, Listed, Literal
from stackproof.plan.references.syntax import from_syntax
from stackproof.plan.source import Place, Sources, place_in
from stackproof.plan.values import Value
from stackproof.terraform import hcl

_Raw = Mapping[str, Any]
_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Definition:
    """What a name is defined as, and where."""

    expression: Expression
    link: Link


@dataclass(frozen=True, eq=False)
class Declaration:
    """A resource or data source: its arguments, and what it is repeated for (None where it is not)."""

    body: Body
    repetition: Definition | None
    place_of: Callable[[tuple[Step, ...], Value], Place | None]


@dataclass(frozen=True, eq=False)
class ModuleCall:
    """A `module` block: the module, its inputs, and what it is repeated for (None where it is not)."""

    module: Module
    inputs: Callable[[str], Definition | None]
    repetition: Definition | None


class Module:
    """One module of the configuration, at its path of call names; () is the root module."""

    def __init__(self, raw: _Raw, path: tuple[str, ...], sources: Sources | None) -> None:
        self.path = path
        self._raw = raw
        self._sources = sources
        self._found: dict[tuple[str, ...], Any] = {}

    def resource(self, mode: str, type: str, name: str) -> Declaration | None:
        """The resource or data source of that type and name."""
        return self._once(self._read_resource, mode, type, name)

    def call(self, name: str) -> ModuleCall | None:
        """The module call of that name."""
        return self._once(self._read_call, name)

    def local(self, name: str) -> Definition | None:
        """The local of that name; None where the HCL is not at hand, since a plan does not tell."""
        return self._once(self._read_local, name)

    def output(self, name: str) -> Definition | None:
        """The output of that name."""
        return self._once(self._read_output, name)

    def outputs(self) -> tuple[str, ...]:
        """The names of the outputs."""
        return tuple(self._raw.get("outputs", ()))

    def variable(self, name: str) -> Definition:
        """The variable of that name with its default; nothing is known of it where there is none."""
        return self._once(self._read_variable, name)

    def constraint(self, variable: str) -> Expression | None:
        """The type of a variable; None where it has none or the HCL is not at hand."""
        return self._once(self._read_constraint, variable)

    def _once(self, read: Callable[..., _T], *key: str) -> _T:
        full = (read.__name__, *key)
        if full not in self._found:
            self._found[full] = read(*key)
        return cast(_T, self._found[full])

    @cached_property
    def _resources(self) -> Mapping[tuple[str, str, str], _Raw]:
        return {(raw["mode"], raw["type"], raw["name"]): raw for raw in self._raw.get("resources", ())}

    def _block(self, kind: str, *labels: str) -> hcl.Block | None:
        return self._sources.block(self.path, kind, labels) if self._sources else None

    def _read_resource(self, mode: str, type: str, name: str) -> Declaration | None:
        raw = self._resources.get((mode, type, name))
        if raw is None:
            return None
        block = self._block("data" if mode == "data" else "resource", type, name)
        shown = f"data.{type}.{name}" if mode == "data" else f"{type}.{name}"
        return Declaration(
            Body(raw.get("expressions", {}), block),
            _repetition(raw, block, shown),
            lambda steps, planned: place_in(block, steps, planned) if block else None,
        )

    def _read_call(self, name: str) -> ModuleCall | None:
        raw = self._raw.get("module_calls", {}).get(name)
        if raw is None:
            return None
        block = self._block("module", name)
        path = (*self.path, name)
        body = Body(raw.get("expressions", {}), block)

        def given(variable: str) -> Definition | None:
            expression = body.argument(variable)
            if expression is None:
                return None
            place = place_in(block, (variable,)) if block else None
            return Definition(expression, Link("module input", f"{_address(path)}.{variable}", place))

        module = Module(raw.get("module", {}), path, self._sources)
        return ModuleCall(module, given, _repetition(raw, block, f"module.{name}"))

    @cached_property
    def _locals(self) -> Mapping[str, Definition]:
        blocks = self._sources.blocks(self.path, "locals") if self._sources else ()
        return {
            argument.name: Definition(
                from_syntax(argument.node), Link("local", argument.name, Place(block.file, argument.line))
            )
            # what an override file says comes last: https://developer.hashicorp.com/terraform/language/files/override
            for block in sorted(blocks, key=lambda block: block.file.stem.endswith("override"))
            for argument in block.arguments
            if argument.node
        }

    def _read_local(self, name: str) -> Definition | None:
        return self._locals.get(name)

    def _read_output(self, name: str) -> Definition | None:
        raw = self._raw.get("outputs", {}).get(name)
        if raw is None:
            return None
        block = self._block("output", name)
        expression = agreed(raw.get("expression", {}), block.argument("value") if block else None)
        shown = f"{_address(self.path)}.{name}".lstrip(".")
        return Definition(expression, Link("output", shown, place_in(block, ("value",)) if block else None))

    def _read_variable(self, name: str) -> Definition:
        raw = self._raw.get("variables", {}).get(name, {})
        block = self._block("variable", name)
        default = Literal(raw["default"]) if "default" in raw else Listed(())
        return Definition(default, Link("variable", name, place_in(block) if block else None))

    def _read_constraint(self, variable: str) -> Expression | None:
        block = self._block("variable", variable)
        written = block.argument("type") if block else None
        return from_syntax(written.node) if written and written.node else None


def _repetition(raw: _Raw, block: hcl.Block | None, shown: str) -> Definition | None:
    for kind in ("for_each", "count"):
        written = block.argument(kind) if block else None
        # a plan leaves out what refers to nothing and is no constant, such as toset(["a", "b"])
        expression = raw.get(f"{kind}_expression", {} if written else None)
        if expression is not None:
            place = place_in(block, (kind,)) if block else None
            return Definition(agreed(expression, written), Link(kind, f"of {shown}", place))
    return None


def _address(path: tuple[str, ...]) -> str:
    return ".".join(f"module.{name}" for name in path)
