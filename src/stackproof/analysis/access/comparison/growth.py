"""What a rule allows, or forbids, that a set of other rules does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from stackproof.analysis.access.comparison.implication import identity, implies
from stackproof.analysis.access.comparison.rules import Rule, Rules
from stackproof.analysis.access.documents.documents import Condition
from stackproof.analysis.access.documents.operators import Quantifier, parse_operator
from stackproof.analysis.access.patterns.regions import Box, Gap, Region, Texts, gap
from stackproof.verdict import Undecided

_SPLIT = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress", "Bool")
"""Comparisons for which what meets several values meets one of them."""


@dataclass(frozen=True)
class Opening:
    """Requests that are in a region and in no cover, under conditions; `gap` is one of them.

    `by_condition`: other rules are about all of the region, under other conditions. `doubt` says why it is not known
    whether there is such a request.
    """

    region: Region
    conditions: tuple[Condition, ...]
    covers: tuple[Box, ...] = ()
    gap: Gap | None = None
    by_condition: bool = False
    doubt: str = ""


@dataclass(frozen=True)
class Growth:
    """Patterns of a rule's actions and resources, each of which with each other has an opening; one of the openings."""

    actions: Texts
    resources: Texts
    opening: Opening


def growths(
    rule: Rule, covers: Rules, *, within: Iterable[Rule] | None = None, also: Sequence[Rule] = ()
) -> list[Growth]:
    """What of a rule, within any of some others where these are given, the covers (and `also` these) do not have.

    A cover counts where the rule's conditions imply its own. What covers have together only, is found for actions, for
    resources and for the values of one condition; not for conditions of several rules.
    """
    near = covers.near(rule.box)
    limits = None if within is None else list(within)
    found: dict[tuple[Texts, Texts], Opening] = {}
    for action, resource in product(
        _parts(rule.box.actions, (other.box.actions for other in near)),
        _parts(rule.box.resources, (other.box.resources for other in near)),
    ):
        region = Region(_both(action, rule.box.actions), _both(resource, rule.box.resources))
        pieces = [(region, rule.conditions)]
        if limits is not None:
            pieces = [(region & limit.box, (*rule.conditions, *limit.conditions)) for limit in limits]
        opening = next(filter(None, (open_in(*piece, covers, also) for piece in pieces)), None)
        if opening:
            found[action, resource] = opening
    return list(_grouped(found))


def open_in(
    region: Region, conditions: Sequence[Condition], covers: Rules, also: Sequence[Rule] = ()
) -> Opening | None:
    """What the covers leave open in a region under conditions; None where that is nothing."""
    near = [*covers.near(region.first), *also]
    conditions = tuple(conditions)
    usable: tuple[Box, ...] = ()
    try:
        usable = tuple(rule.box for rule in near if implies(conditions, rule.conditions))
        left = gap(region, usable)
        if left is None:
            return None
        for number, condition in enumerate(conditions):
            if len(condition.values) > 1 and _can_split(condition) and any(_is_about(rule, condition) for rule in near):
                single = (replace(condition, values=(value,)) for value in condition.values)
                split = ((*conditions[:number], one, *conditions[number + 1 :]) for one in single)
                return next(filter(None, (open_in(region, fewer, covers, also) for fewer in split)), None)
        by_condition = len(usable) < len(near) and gap(region, (rule.box for rule in near)) is None
    except Undecided as reason:
        return Opening(region, conditions, usable, doubt=str(reason))
    return Opening(region, conditions, usable, left, by_condition)


def _can_split(condition: Condition) -> bool:
    operator = parse_operator(condition.operator)
    if operator is None or operator.negated or operator.quantifier is Quantifier.ALL:
        return False
    return operator.comparison in _SPLIT


def _is_about(rule: Rule, condition: Condition) -> bool:
    return any(other.key.lower() == condition.key.lower() for other in rule.conditions)


def _parts(texts: Texts, others: Iterable[Texts]) -> tuple[Texts, ...]:
    """A set in parts, by its patterns; a rest by those that the rest nearest to it leaves out besides."""
    if not texts.is_rest:
        return texts.parts()
    left_out = [set(other.patterns) - set(texts.patterns) for other in others if other.is_rest]
    more = min(filter(None, left_out), key=len, default=set())
    return (*(Texts((pattern,)) for pattern in sorted(more)), replace(texts, patterns=(*texts.patterns, *sorted(more))))


def _both(part: Texts, whole: Texts) -> tuple[Texts, ...]:
    return (part, whole) if whole.is_rest and not part.is_rest else (part,)


def _grouped(found: dict[tuple[Texts, Texts], Opening]) -> Iterator[Growth]:
    """Actions that are open on the same resources, for the same reason, together."""
    resources: dict[tuple[Texts, object], list[Texts]] = defaultdict(list)
    for (action, resource), opening in found.items():
        cause = (opening.by_condition, opening.doubt, tuple(map(identity, opening.conditions)), resource.is_rest)
        resources[action, cause].append(resource)
    actions: dict[object, list[tuple[Texts, list[Texts]]]] = defaultdict(list)
    for (action, why), listed in resources.items():
        actions[tuple(listed), why, action.is_rest].append((action, listed))
    for pairs in actions.values():
        (first, listed), *_ = pairs
        yield Growth(_joined(action for action, _ in pairs), _joined(listed), found[first, listed[0]])


def _joined(sets: Iterable[Texts]) -> Texts:
    """One set of several parts, or the only rest."""
    first, *others = sets
    return replace(first, patterns=(*first.patterns, *(pattern for texts in others for pattern in texts.patterns)))
