"""The arguments and nested blocks of a block, as expressions: from the plan's configuration and from the HCL together.

The HCL tells how an expression is put together, which the plan does not; the plan tells what was really planned. So an
expression is taken from the HCL where both have the same references, and from the plan otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from stackproof.plan.references.expressions import Expression, Literal, Step, from_plan, traversals
from stackproof.plan.references.syntax import from_syntax
from stackproof.terraform import hcl

_Raw = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Nested:
    """A nested block; with what it is repeated for, and the name of its iterator, where it is dynamic."""

    body: Body
    for_each: Expression | None = None
    iterator: str = ""


class Body:
    """The inside of a block; `raw` is None in a dynamic block, of which a plan tells nothing."""

    def __init__(self, raw: _Raw | None, block: hcl.Block | None) -> None:
        self._raw = raw
        self._block = block
        self._arguments: dict[str, Expression] = {}
        self._nested: dict[str, tuple[Nested, ...]] = {}

    @property
    def is_whole(self) -> bool:
        """Whether dynamic blocks would be seen."""
        return self._block is not None

    def argument(self, name: str) -> Expression | None:
        """The expression of an argument, None where it is not set or a block."""
        if name not in self._arguments:
            written = self._block.argument(name) if self._block else None
            raw = self._raw.get(name) if self._raw is not None else None
            if raw is not None:
                if not is_expression(raw) or (written is None and self._is_spelled_as_blocks(name, raw)):
                    return None
                self._arguments[name] = agreed(raw, written)
            elif self._raw is None and written and written.node:
                self._arguments[name] = from_syntax(written.node)
            else:
                return None
        return self._arguments[name]

    def nested(self, name: str) -> tuple[Nested, ...]:
        """The nested blocks of a name, in the order of the text."""
        if name not in self._nested:
            self._nested[name] = tuple(self._read_nested(name))
        return self._nested[name]

    def arguments(self) -> dict[str, Expression]:
        """The expressions of all arguments, by name."""
        if self._raw is not None:
            names = list(self._raw)
        else:
            names = [argument.name for argument in self._block.arguments] if self._block else []
        found = {name: self.argument(name) for name in names}
        return {name: expression for name, expression in found.items() if expression is not None}

    def block_names(self) -> tuple[str, ...]:
        """The names that nested blocks have, each once."""
        names = [name for name in self._raw or () if self.argument(name) is None]
        written = self._block.blocks if self._block else ()
        names += [_name(block) for block in written if block.kind == "dynamic" or self._raw is None]
        return tuple(dict.fromkeys(names))

    def _read_nested(self, name: str) -> Iterator[Nested]:
        inner = [block for block in (self._block.blocks if self._block else ()) if _name(block) == name]
        written = [block for block in inner if block.kind != "dynamic"]
        raw = self._raw.get(name, []) if self._raw is not None else None
        if is_expression(raw):
            if not self._is_spelled_as_blocks(name, raw):
                return
            raw = None
        # a block that can stand only once comes without a list around it
        bodies: list[_Raw | None] = [None] * len(written) if raw is None else [raw] if isinstance(raw, Mapping) else raw
        if len(bodies) != len(written):
            yield from (Nested(Body(body, None)) for body in bodies)
            inner, bodies = [block for block in inner if block.kind == "dynamic"], []
        following = iter(bodies)
        for block in inner:
            yield _dynamic(block) if block.kind == "dynamic" else Nested(Body(next(following), block))

    def _is_spelled_as_blocks(self, name: str, raw: _Raw) -> bool:
        """Whether an argument is written as blocks, which some may be, while the plan has one expression for them.

        https://developer.hashicorp.com/terraform/language/attr-as-blocks
        """
        blocks = [block for block in (self._block.blocks if self._block else ()) if block.kind == name]
        spelled = {traversal for block in blocks for traversal in _references(Body(None, block))}
        return bool(blocks) and spelled == set(traversals(from_plan(raw)))


def _references(body: Body) -> Iterator[tuple[Step, ...]]:
    for expression in body.arguments().values():
        yield from traversals(expression)
    for name in body.block_names():
        for nested in body.nested(name):
            yield from _references(nested.body)


def agreed(raw: _Raw, written: hcl.Argument | None) -> Expression:
    """An expression as the HCL has it, if that is what was planned; else as much as the plan tells of it."""
    planned = from_plan(raw)
    if written is None or written.node is None or isinstance(planned, Literal):
        return planned
    spelled = from_syntax(written.node)
    return spelled if set(traversals(spelled)) == set(traversals(planned)) else planned


def is_expression(raw: object) -> TypeGuard[_Raw]:
    """Whether an entry of the plan's configuration is an argument's expression, not a nested block."""
    return isinstance(raw, Mapping) and (not raw or "constant_value" in raw or isinstance(raw.get("references"), list))


def _name(block: hcl.Block) -> str:
    return block.labels[0] if block.kind == "dynamic" and block.labels else block.kind


def _dynamic(block: hcl.Block) -> Nested:
    content = next((inner for inner in block.blocks if inner.kind == "content"), None)
    iterator, for_each = block.argument("iterator"), block.argument("for_each")
    repeated = from_syntax(for_each.node) if for_each and for_each.node else Literal(None)
    return Nested(Body(None, content), repeated, iterator.text if iterator else _name(block))
