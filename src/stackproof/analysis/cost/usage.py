"""Assumptions: how much of what is paid by use a month will bring, as a person states it in a file.

The file lists them; the later one wins where several are of the same resource:

    [[assume]]
    of = "aws_nat_gateway"          # a resource type or an address; * is any text
    environments = ["dev"]          # all without
    gb_processed = 5
    why = "quotes and image layers"
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from stackproof.errors import CostError

_OWN = ("of", "environments", "why")


@dataclass(frozen=True)
class Assumption:
    """A figure that somebody stated, for a month."""

    name: str
    value: Decimal
    place: str
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON data."""
        return {"name": self.name, "value": float(self.value), "place": self.place, "why": self.why}

    def __str__(self) -> str:
        return f"{self.name} = {self.value:,f}"


@dataclass(frozen=True)
class _Rule:
    of: str
    environments: tuple[str, ...]
    figures: Mapping[str, Decimal]
    place: str
    why: str

    def is_about(self, address: str, type: str, environment: str) -> bool:
        # an address may hold brackets, which a glob would take for a set of characters
        pattern = self.of.replace("[", "[[]")
        named = fnmatchcase(type, pattern) or fnmatchcase(address, pattern)
        return named and (not self.environments or environment in self.environments)


@dataclass(frozen=True)
class Usage:
    """All assumptions of a file, in its order."""

    file: str = ""
    rules: tuple[_Rule, ...] = field(default=(), repr=False)

    def figure(self, name: str, *, address: str, type: str, environment: str) -> Assumption | None:
        """What is assumed of a resource in an environment; None where nobody said anything."""
        for rule in reversed(self.rules):
            if name in rule.figures and rule.is_about(address, type, environment):
                return Assumption(name, rule.figures[name], rule.place, rule.why)
        return None


def load_usage(file: Path, known: Mapping[str, Collection[str]]) -> Usage:
    """The assumptions in a file; `known` has the figures that there are for each resource type.

    Raises CostError, with the place in the file, for what cannot be read and for figures that nothing would use.
    """
    try:
        document = tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CostError(f"the assumptions cannot be read: {error}", where=str(file)) from None
    unknown = set(document) - {"assume"}
    if unknown or not isinstance(document.get("assume", []), list):
        raise CostError(
            f"unknown key {', '.join(sorted(unknown)) or 'assume'}",
            where=str(file),
            remedy="state each assumption in an [[assume]] table.",
        )
    rules = [
        _rule(raw, f"{file.name}, assumption {number}", known)
        for number, raw in enumerate(document.get("assume", []), 1)
    ]
    return Usage(str(file), tuple(rules))


def _rule(raw: object, place: str, known: Mapping[str, Collection[str]]) -> _Rule:
    if not isinstance(raw, dict) or not isinstance(raw.get("of"), str):
        raise CostError("does not say what it is of", where=place, remedy='add of = "aws_nat_gateway", or an address.')
    environments = raw.get("environments", [])
    if not isinstance(environments, list) or not all(isinstance(name, str) for name in environments):
        raise CostError("environments must list names", where=place)
    figures = {name: _figure(name, value, place) for name, value in raw.items() if name not in _OWN}
    if not figures:
        raise CostError("assumes nothing", where=place, remedy="give a figure, such as requests = 100000.")
    _refuse_unused(raw["of"], figures, place, known)
    return _Rule(raw["of"], tuple(environments), figures, place, str(raw.get("why", "")))


def _figure(name: str, value: Any, place: str) -> Decimal:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite() or value < 0:
        raise CostError(f"{name} must be a number, 0 or more, not {value!r}", where=place)
    return Decimal(value)


def _refuse_unused(of: str, figures: Collection[str], place: str, known: Mapping[str, Collection[str]]) -> None:
    # an address holds its type, and a pattern may stand for several
    kinds = [kind for kind in known if fnmatchcase(kind, of) or f".{kind}." in f".{of}"]
    kinds = kinds or ([*known] if "*" in of else [])
    if not kinds:
        close = difflib.get_close_matches(of, known, n=1)
        raise CostError(
            f"nothing of {of} is paid by use, as far as is known here",
            where=place,
            remedy=f"did you mean {close[0]!r}?" if close else f"known are {', '.join(sorted(known))}.",
        )
    used = {name for kind in kinds for name in known[kind]}
    for name in figures:
        if name not in used:
            close = difflib.get_close_matches(name, used, n=1)
            raise CostError(
                f"{name} is no figure of {of}",
                where=place,
                remedy=f"did you mean {close[0]!r}?" if close else f"known are {', '.join(sorted(used))}.",
            )
