"""Spells out what a statement allows a principal, less what a boundary and denies take away."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from stackproof.analysis.access.catalog import actions
from stackproof.analysis.access.comparison.rules import Rule, Rules
from stackproof.analysis.access.documents.documents import Condition, Text
from stackproof.analysis.access.evaluation.variables import Pattern
from stackproof.analysis.access.matrix.permissions import UNKNOWN, Permission, Standing, level_of, shown
from stackproof.analysis.access.matrix.stocks import is_effective
from stackproof.analysis.access.patterns import globs
from stackproof.analysis.access.patterns.regions import ALL, EVERYTHING, Box, Region, Texts, gap
from stackproof.plan.values import Unknown
from stackproof.verdict import Undecided

FEW = 20
"""The policies of so many resources are looked at for what they deny of one permission."""

Meant = Callable[[str, str], tuple[str, ...]]
"""The addresses of the resources that an action on a pattern of ARNs means."""


@dataclass(frozen=True, eq=False)
class Frame:
    """What is around the statements that allow: a boundary, denies of any policy, and the resources that there are.

    No boundary is None; `doubt` is why a boundary is not known. `denies_on` are further denies, by those resources.
    `spell` puts the values of policy variables into a text.
    """

    boundary: Rules | None
    doubt: str
    denies: Rules
    meant: Meant
    denies_on: Callable[[str], Sequence[Rule]]
    spell: Callable[[str], Pattern]


@dataclass(frozen=True, eq=False)
class _Part:
    """A part of what one pattern of actions and one of resources in a statement allow.

    `label` is the pattern of resources as it is written, `spelled` the same with the values of policy variables.
    """

    label: str
    spelled: str
    region: Region
    conditions: tuple[Condition, ...]
    doubts: tuple[str, ...]


def permissions(principal: str, allow: Rule, frame: Frame) -> Iterator[Permission]:
    """The permissions that one statement gives."""
    yield from _Spelling(principal, allow, frame).permissions()


class _Spelling:
    def __init__(self, principal: str, allow: Rule, frame: Frame) -> None:
        self._principal = principal
        self._rule = allow
        self._statement = allow.statement
        self._frame = frame

    def permissions(self) -> Iterator[Permission]:
        seen = set()
        for permission in self._all():
            if (permission.action, permission.region) not in seen:
                seen.add((permission.action, permission.region))
                yield permission

    def _all(self) -> Iterator[Permission]:
        """All of them, some more than once where patterns have actions in common."""
        for written, some in self._actions():
            for part in self._parts(some):
                if not _is_known(some):
                    # AWS's own policies name actions that are no more
                    if self._statement.policy.managed_arn is None:
                        yield self._permission(written, written, part, Standing.UNKNOWN_ACTION)
                    continue
                for bounded in self._bounded(part):
                    yield from self._spelled_out(written, bounded)

    def _actions(self) -> Iterator[tuple[str, Texts]]:
        """Each pattern of actions as it is written, and what it stands for."""
        if self._rule.box.actions.is_rest:
            yield f"all but {_listed(self._statement.not_actions)}", self._rule.box.actions
        for text in dict.fromkeys(map(_key, self._statement.actions)):
            yield text or UNKNOWN, Texts(((text or EVERYTHING).lower(),))

    def _parts(self, some: Texts) -> Iterator[_Part]:
        """These actions on each pattern of resources."""
        on, conditions = self._rule.box.resources, self._statement.conditions
        doubts = (self._rule.doubt,) if self._rule.doubt else ()
        if on.is_rest:
            label = f"all but {_listed(self._statement.not_resources)}"
            yield _Part(label, EVERYTHING, Region((some,), (on,)), conditions, doubts)
            return
        for text, pattern in zip(self._statement.resources or (EVERYTHING,), on.patterns, strict=True):
            # a policy of a resource says of its own resource everything
            label = pattern if shown(text) == EVERYTHING else shown(text)
            spelled = self._frame.spell(label) if isinstance(text, str) else Pattern(EVERYTHING)
            if not spelled.broken:
                more = () if spelled.doubt is None else (spelled.doubt.reason,)
                region = Region((some,), (Texts((pattern,)),))
                yield _Part(label, spelled.text, region, conditions, (*doubts, *more))

    def _bounded(self, part: _Part) -> Iterator[_Part]:
        """What of a part the boundary allows, too."""
        boundary = self._frame.boundary
        if boundary is None:
            yield part
            return
        if self._frame.doubt:
            yield replace(part, doubts=(*part.doubts, self._frame.doubt))
            return
        found: list[_Part] = []
        for rule in boundary.near(box_around(part.region)):
            if not rule.statement.conditions and not rule.doubt and is_empty(part.region, [rule.box]):
                yield part
                return
            conditions = (*part.conditions, *rule.statement.conditions)
            doubts = (*part.doubts, rule.doubt) if rule.doubt else part.doubts
            for some in rule.box.actions.parts():
                for on in rule.box.resources.parts():
                    region = part.region & Box(some, on)
                    if not is_empty(region):
                        found.append(replace(part, region=region, conditions=conditions, doubts=doubts))
        yield from found

    def _spelled_out(self, written: str, part: _Part) -> Iterator[Permission]:
        pattern = _narrowest(part.region.actions)
        names = _names(pattern, part.region)
        if names is None:
            yield from self._left(_shown_actions(written, pattern, part.region), written, part)
            return
        effective = [name for name in names if self._is_effective(name, part.region)]
        for name in effective:
            region = replace(part.region, actions=(Texts((name.lower(),)),))
            yield from self._left(name, written, replace(part, region=region))
        if not effective:
            # no such action is for this resource: a mistake, unless it is for another one of the statement
            for name in names:
                if not any(is_effective(name, on) for on in self._rule.box.resources.patterns):
                    yield self._permission(name, written, part, Standing.WITHOUT_EFFECT)

    def _is_effective(self, name: str, region: Region) -> bool:
        return all(is_effective(name, on.patterns[0]) for on in region.resources if not on.is_rest)

    def _left(self, action: str, written: str, part: _Part) -> Iterator[Permission]:
        """The permission less what is denied, unless nothing is left."""
        pattern = loosened(_narrowest(part.region.resources)) if part.region.resources[1:] else part.spelled
        resources = () if pattern == EVERYTHING == action else self._frame.meant(action, pattern)
        near = [*self._frame.denies.near(box_around(part.region))]
        # what means more than a few is about none of them in particular
        near += [rule for address in resources[:FEW] for rule in self._frame.denies_on(address)]
        denies = [rule for rule in near if not is_empty(part.region & rule.box)]
        certain = tuple(rule.box for rule in denies if not rule.doubt and not rule.statement.conditions)
        if certain and is_empty(part.region, certain):
            return
        limits = [_limit(rule) for rule in denies if rule.doubt or rule.statement.conditions]
        yield self._permission(action, written, part, None, resources, certain, limits)

    def _permission(
        self,
        action: str,
        written: str,
        part: _Part,
        standing: Standing | None,
        resources: tuple[str, ...] = (),
        denied: tuple[Box, ...] = (),
        limits: Sequence[str] = (),
    ) -> Permission:
        if standing is None:
            standing = Standing.CONDITIONAL if part.conditions or limits else Standing.ALLOWED
            standing = Standing.UNDECIDED if part.doubts else standing
        excluded = [loosened(f"not {box.actions} on {box.resources}") for box in denied]
        return Permission(
            self._principal,
            action,
            written,
            level_of(action),
            _shown_resources(part.label, part.region),
            resources,
            standing,
            part.conditions,
            "; ".join(dict.fromkeys((*excluded, *limits, *part.doubts))),
            self._statement,
            part.region,
            denied,
        )


def is_empty(region: Region, denied: Iterable[Box] = ()) -> bool:
    """Whether there is surely no request in all boxes of the region and in none of the denied ones."""
    try:
        return gap(region, denied) is None
    except Undecided:
        return False


def box_around(region: Region) -> Box:
    """A box around a region."""
    return Box(region.actions[0], region.resources[0])


def loosened(pattern: str) -> str:
    """A pattern with a wildcard for every policy variable, which may be anything."""
    return "".join("*" if ord(sign) in globs.SYMBOLS else sign for sign in pattern)


def _is_known(some: Texts) -> bool:
    """Whether there is such an action; of patterns that span services nobody asks."""
    return some.is_rest or all(_has_actions(pattern) for pattern in some.patterns)


@functools.cache
def _has_actions(pattern: str) -> bool:
    return not globs.is_plain(pattern.partition(":")[0]) or bool(actions.expand(pattern))


def _narrowest(sides: Sequence[Texts]) -> str:
    """The pattern that lies inside the others, or the last where none does."""
    patterns = [side.patterns[0] for side in sides if not side.is_rest]
    if not patterns:
        return EVERYTHING
    return next((one for one in patterns if all(globs.includes((other,), one) for other in patterns)), patterns[-1])


def _names(pattern: str, region: Region) -> tuple[str, ...] | None:
    """The actions that a pattern stands for; None where it is for all of a service or more, and not spelled out."""
    service, _, name = pattern.partition(":")
    if not globs.is_plain(service) or name == EVERYTHING:
        return None
    return tuple(name for name in actions.expand(pattern) if all(name.lower() in some for some in region.actions))


def _shown_actions(written: str, pattern: str, region: Region) -> str:
    if len(region.actions) == 1:
        return written
    return " and ".join(dict.fromkeys(str(some) for some in region.actions if some.is_rest) or [pattern])


def _shown_resources(label: str, region: Region) -> str:
    own, other = region.resources[0], region.resources[-1]
    if own == other or other == ALL:
        return label
    if own.is_rest or other.is_rest:
        return f"{label} and {loosened(str(other))}"
    if globs.includes(other.patterns, own.patterns[0]):
        return label
    is_inside = globs.includes(own.patterns, other.patterns[0])
    return loosened(str(other)) if is_inside else f"{label} and {loosened(str(other))}"


def _limit(deny: Rule) -> str:
    reasons = [str(condition) for condition in deny.statement.conditions] or [deny.doubt]
    return f"{deny.statement} denies it where {' and '.join(reasons)}"


def _key(text: Text) -> str | None:
    return None if isinstance(text, Unknown) else text


def _listed(texts: Iterable[Text]) -> str:
    return ", ".join(map(shown, texts))
