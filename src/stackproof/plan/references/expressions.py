"""Expressions as trees: as the HCL spells them, or as much of them as a plan's JSON tells.

Nodes compare by identity, so that answers about an expression can be kept by it.
https://developer.hashicorp.com/terraform/language/expressions
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from stackproof.errors import PlanError
from stackproof.plan.paths import parse_path
from stackproof.plan.redaction import REDACTED


class Wild(Enum):
    """A selector that stands for several elements."""

    EVERY = "each of the elements"
    SOME = "one of the elements, not known which"
    KEYS = "the keys instead of the elements"


@dataclass(frozen=True)
class Nth:
    """The element at a number, counted around the end as `element` does."""

    number: int


Step = str | int | Wild | Nth
"""A selector that is evaluated."""


class Expression:
    """Any of the nodes below."""

    __slots__ = ()


Selector = Step | Expression


@dataclass(frozen=True, eq=False, slots=True)
class Literal(Expression):
    """A value that is written out."""

    value: Any


@dataclass(frozen=True, eq=False, slots=True)
class Name(Expression):
    """The first part of a traversal: `var`, `local`, `module`, `data`, `each`, a resource type, a bound name."""

    text: str


@dataclass(frozen=True, eq=False, slots=True)
class Access(Expression):
    """`base.name`, `base[index]`, as many as follow each other."""

    base: Expression
    selectors: tuple[Selector, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Splat(Expression):
    """`base[*].name`: the selectors are applied to each element."""

    base: Expression
    selectors: tuple[Selector, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Listing(Expression):
    """`[a, b]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Fields(Expression):
    """`{ key = value }`."""

    pairs: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, eq=False, slots=True)
class For(Expression):
    """`[for k, v in collection : value if condition]`, with a `key` where it makes an object."""

    key_name: str
    value_name: str
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    grouped: bool


@dataclass(frozen=True, eq=False, slots=True)
class Conditional(Expression):
    """`condition ? yes : no`."""

    condition: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True, eq=False, slots=True)
class Call(Expression):
    """`function(arguments)`; `spread` where the last one ends in `...`."""

    function: str
    arguments: tuple[Expression, ...]
    spread: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Operation(Expression):
    """`left operator right`, or `operator right`."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Template(Expression):
    """A text with other expressions in it."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Listed(Expression):
    """An expression of which nothing but its references is at hand, in the order in which they are written."""

    references: tuple[Access, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Unread(Expression):
    """An expression that could not be parsed."""


def from_plan(raw: Mapping[str, Any]) -> Expression:
    """The expression that a plan's `configuration` describes by its constant value or its references.

    https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
    """
    value = raw.get("constant_value")
    if "constant_value" in raw and value != REDACTED:
        return Literal(value)
    try:
        return Listed(tuple(_access(reference) for reference in longest(raw.get("references", ()))))
    except PlanError:
        return Unread()


_SHORTEST = re.compile(
    r"""
    module\.[^.\[]+ (?:\[ (?:\d+ | "(?:[^"\\]|\\.)*") \])? (?=\.)   # an output's module, with the instance's key
    | data\.[^.\[]+\.[^.\[]+
    | [^.\[]+\.[^.\[]+
    """,
    re.VERBOSE,
)


def longest(references: Iterable[str]) -> Iterator[str]:
    """The references without their prefixes, which follow each of them down to what it is about."""
    end: str | None = None
    for reference in references:
        if end is None:
            yield reference
            match = _SHORTEST.match(reference)
            end = match[0] if match else reference
        if reference == end:
            end = None


def traversals(expression: Expression, bound: frozenset[str] = frozenset()) -> Iterator[tuple[Step, ...]]:
    """What an expression refers to, each as its steps up to the first that has to be evaluated; bound names are none.

    A plan lists exactly these as the expression's references.
    """
    match expression:
        case Name(text):
            if text not in bound:
                yield (text,)
        case Access(base, selectors) | Splat(base, selectors):
            fixed: list[Step] = []
            if isinstance(expression, Access):
                for selector in selectors:
                    if not isinstance(selector, str | int):
                        break
                    fixed.append(selector)
            for found in traversals(base, bound):
                yield (*found, *fixed) if isinstance(base, Name) else found
            for selector in selectors:
                if isinstance(selector, Expression):
                    yield from traversals(selector, bound)
        case For():
            yield from traversals(expression.collection, bound)
            inner = bound | {expression.key_name, expression.value_name}
            for part in (expression.key, expression.value, expression.condition):
                if part is not None:
                    yield from traversals(part, inner)
        case Listed(references):
            for reference in references:
                yield from traversals(reference, bound)
        case _:
            for part in parts_of(expression):
                yield from traversals(part, bound)


def parts_of(expression: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside one that is neither a traversal nor a `for`."""
    match expression:
        case Listing(parts) | Template(parts) | Operation(_, parts) | Call(_, parts):
            return parts
        case Fields(pairs):
            return tuple(part for pair in pairs for part in pair)
        case Conditional(condition, yes, no):
            return condition, yes, no
    return ()


def _access(reference: str) -> Access:
    root, *steps = parse_path(reference)
    return Access(Name(str(root)), tuple(steps))
