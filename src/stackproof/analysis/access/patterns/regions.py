"""Sets of requests as a policy spells them: so many actions on so many resources, and what of them others leave open.

Compared on patterns, never on the actions that patterns stand for today.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stackproof.analysis.access.patterns import globs
from stackproof.analysis.access.patterns.globs import Clause

EVERYTHING = "*"


@dataclass(frozen=True)
class Texts:
    """The texts that one of the patterns matches; where `is_rest`, all the others."""

    patterns: tuple[str, ...]
    is_rest: bool = False

    def __contains__(self, text: str) -> bool:
        return any(globs.matches(pattern, text) for pattern in self.patterns) is not self.is_rest

    def __str__(self) -> str:
        listed = ", ".join(self.patterns)
        return f"all but {listed}" if self.is_rest else listed

    @property
    def inside(self) -> tuple[Clause, ...]:
        """What a text has to meet to be one of them."""
        return (Clause((EVERYTHING,)), *_none_of(self.patterns)) if self.is_rest else (Clause(self.patterns),)

    @property
    def outside(self) -> tuple[Clause, ...]:
        """What a text has to meet to be none of them."""
        return (Clause(self.patterns),) if self.is_rest else _none_of(self.patterns)

    def parts(self) -> tuple[Texts, ...]:
        """One set for each pattern; the rest is one."""
        return (self,) if self.is_rest else tuple(Texts((pattern,)) for pattern in dict.fromkeys(self.patterns))


ALL = Texts((EVERYTHING,))


@dataclass(frozen=True)
class Box:
    """Every one of the actions, in lower case, on every one of the resources."""

    actions: Texts = ALL
    resources: Texts = ALL


@dataclass(frozen=True)
class Region:
    """Actions that are in all of some sets, on resources that are in all of others."""

    actions: tuple[Texts, ...]
    resources: tuple[Texts, ...]

    @property
    def first(self) -> Box:
        """A box that the region is in."""
        return Box(self.actions[0], self.resources[0])

    def __and__(self, box: Box) -> Region:
        return Region((*self.actions, box.actions), (*self.resources, box.resources))


@dataclass(frozen=True)
class Gap:
    """One action on one resource."""

    action: str
    resource: str


def gap(region: Region, covers: Iterable[Box]) -> Gap | None:
    """An action on a resource that is in a region, and in none of the covers; None where all are.

    Raises Undecided for patterns that would take too long to compare.
    """
    near = [cover for cover in covers if _may_meet(cover, region)]
    if any(_holds(cover, region) for cover in near):
        return None
    actions = _inside(region.actions)
    resources = _inside(region.resources)
    while (action := globs.solve(actions)) is not None:
        about = [cover for cover in near if action in cover.actions]
        resource = globs.solve(resources + _outside(about))
        if resource is not None:
            return Gap(action, resource)
        # the same covers leave nothing open for any other action that is in all of them
        enough = _enough(resources, about)
        if not enough:
            return None
        actions += (_others(action, enough),)
    return None


def _holds(cover: Box, region: Region) -> bool:
    """Whether a cover surely holds all of a region: quicker than to look for what it leaves open."""
    return any(_is_within(texts, cover.actions) for texts in region.actions) and any(
        _is_within(texts, cover.resources) for texts in region.resources
    )


def _is_within(inner: Texts, outer: Texts) -> bool:
    if inner == outer or EVERYTHING in outer.patterns:
        return inner == outer or not outer.is_rest
    if inner.is_rest or outer.is_rest:
        return inner.is_rest and outer.is_rest and set(outer.patterns) <= set(inner.patterns)
    return set(inner.patterns) <= set(outer.patterns)


def _may_meet(cover: Box, region: Region) -> bool:
    return all(_may_share(cover.actions, texts) for texts in region.actions) and all(
        _may_share(cover.resources, texts) for texts in region.resources
    )


def _may_share(one: Texts, other: Texts) -> bool:
    if one.is_rest or other.is_rest:
        return True
    return any(globs.may_overlap(mine, theirs) for mine in one.patterns for theirs in other.patterns)


def _enough(resources: tuple[Clause, ...], covers: list[Box]) -> list[Box]:
    """As few of the covers as still leave no resource open."""
    for cover in covers:
        if globs.solve(resources + cover.resources.outside) is None:
            return [cover]
    needed = list(covers)
    for cover in covers:
        fewer = [other for other in needed if other is not cover]
        if globs.solve(resources + _outside(fewer)) is None:
            needed = fewer
    return needed


def _others(action: str, covers: Sequence[Box]) -> Clause:
    """Every action that is not, as this one is, in all of the covers."""
    some: list[str] = []
    not_all: list[str] = []
    for cover in covers:
        if cover.actions.is_rest:
            some += cover.actions.patterns
        else:
            not_all.append(next(pattern for pattern in cover.actions.patterns if globs.matches(pattern, action)))
    return Clause(tuple(some), tuple(not_all))


def _outside(covers: Iterable[Box]) -> tuple[Clause, ...]:
    return tuple(dict.fromkeys(clause for cover in covers for clause in cover.resources.outside))


def _inside(sets: Iterable[Texts]) -> tuple[Clause, ...]:
    return tuple(dict.fromkeys(clause for texts in sets for clause in texts.inside))


def _none_of(patterns: Iterable[str]) -> tuple[Clause, ...]:
    return tuple(Clause(not_all=(pattern,)) for pattern in patterns)
