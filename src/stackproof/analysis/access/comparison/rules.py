"""Statements made ready for comparison: as sets of requests, at most or at least, where not all of them is known."""

from __future__ import annotations

import bisect
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from stackproof.analysis.access.comparison import symbols
from stackproof.analysis.access.comparison.implication import identity
from stackproof.analysis.access.documents.documents import VERSION, Condition, Principal, Statement, Text
from stackproof.analysis.access.patterns import globs
from stackproof.analysis.access.patterns.regions import EVERYTHING, Box, Texts
from stackproof.plan.values import Unknown

_ROOT = re.compile(r"arn:[^:]+:iam::(\d{12}):root")


@dataclass(frozen=True, eq=False)
class Rule:
    """A statement as a set of requests. `doubt` says what is not known of it, and is empty where all is."""

    statement: Statement
    box: Box
    conditions: tuple[Condition, ...]
    doubt: str = ""

    @cached_property
    def key(self) -> Hashable:
        """What rules for the same requests have in common, however they are written; unknown values have nothing."""
        statement, box = self.statement, self.box
        parties = (statement.principals, statement.not_principals)
        return (
            statement.effect,
            *((frozenset(texts.patterns), texts.is_rest) for texts in (box.actions, box.resources)),
            frozenset(map(identity, self.conditions)),
            *(None if listed is None else frozenset(map(_hashable, listed)) for listed in parties),
        )


def at_most(statement: Statement) -> Rule:
    """The requests that a statement may be about: what is not known of it counts as everything."""
    return _rule(statement, listed=EVERYTHING, excepted=None)


def for_sure(statement: Statement) -> Rule | None:
    """The part of a statement that is known, without doubt; None where there is none, or where it is all."""
    rule = at_least(statement)
    is_part = rule.doubt and not any(map(_doubts, statement.conditions))
    return replace(rule, doubt="") if is_part and rule.box.actions.patterns and rule.box.resources.patterns else None


def at_least(statement: Statement) -> Rule:
    """The requests that a statement is about for sure: what is not known of it counts as nothing."""
    return _rule(statement, listed=None, excepted=EVERYTHING)


def party(principal: Principal) -> tuple[str, Text]:
    """A principal as it is compared: an account by its number, however it is written."""
    value = principal.value
    account = _ROOT.fullmatch(value) if principal.kind == "AWS" and isinstance(value, str) else None
    return principal.kind, account[1] if account else value


class Rules:
    """Rules by the beginnings of their patterns, so that those near a box are found quickly among many."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self.keys = {rule.key for rule in self._rules}

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def near(self, box: Box) -> Sequence[Rule]:
        """All rules that may have something in common with a box, and some others."""
        if len(self._rules) < _FEW:
            return self._rules
        numbers = min(self._by_action.near(box.actions), self._by_resource.near(box.resources), key=len)
        return [self._rules[number] for number in sorted(numbers)]

    @cached_property
    def _by_action(self) -> _Beginnings:
        return _Beginnings(rule.box.actions for rule in self._rules)

    @cached_property
    def _by_resource(self) -> _Beginnings:
        return _Beginnings(rule.box.resources for rule in self._rules)


_FEW = 16


class _Beginnings:
    """Numbers of sets of texts by the characters before the first wildcard of their patterns."""

    def __init__(self, sets: Iterable[Texts]) -> None:
        self._numbers: dict[str, set[int]] = defaultdict(set)
        for number, texts in enumerate(sets):
            for pattern in (EVERYTHING,) if texts.is_rest else texts.patterns:
                self._numbers[globs.fixed(pattern)[0]].add(number)
        self._sorted = sorted(self._numbers)

    def near(self, texts: Texts) -> set[int]:
        """The numbers of those that may have a text in common with these."""
        found: set[int] = set()
        for pattern in (EVERYTHING,) if texts.is_rest else texts.patterns:
            head = globs.fixed(pattern)[0]
            for length in range(len(head)):
                found |= self._numbers.get(head[:length], set())
            start = bisect.bisect_left(self._sorted, head)
            for beginning in self._sorted[start:]:
                if not beginning.startswith(head):
                    break
                found |= self._numbers[beginning]
        return found


def _rule(statement: Statement, *, listed: str | None, excepted: str | None) -> Rule:
    has_variables = statement.policy.version == VERSION

    def texts(some: Sequence[Text], rest: Sequence[Text]) -> Texts:
        if rest:
            return Texts(tuple(_known(rest, excepted)), is_rest=True)
        return Texts(tuple(_known(some, listed)))

    actions = texts(statement.actions, statement.not_actions)
    resources = texts(statement.resources or (EVERYTHING,), statement.not_resources)
    lowered = tuple(pattern.lower() for pattern in actions.patterns)
    spelled = resources.patterns if has_variables else map(symbols.without_variables, resources.patterns)
    patterns = tuple(map(symbols.pattern, spelled))
    return Rule(
        statement,
        Box(replace(actions, patterns=lowered), replace(resources, patterns=patterns)),
        statement.conditions if has_variables else tuple(map(_without_variables, statement.conditions)),
        _doubt(statement),
    )


def _hashable(principal: Principal) -> tuple[str, str | int]:
    kind, value = party(principal)
    return kind, value if isinstance(value, str) else id(value)


def _known(texts: Iterable[Text], unknown: str | None) -> Iterator[str]:
    for text in texts:
        if isinstance(text, str):
            yield text
        elif unknown is not None:
            yield unknown


def _doubts(condition: Condition) -> list[Unknown]:
    return [value for value in condition.values if isinstance(value, Unknown)]


def _doubt(statement: Statement) -> str:
    """What of a statement is not known."""
    parties = (*(statement.principals or ()), *(statement.not_principals or ()))
    texts = (*statement.actions, *statement.not_actions, *statement.resources, *statement.not_resources)
    values = (*texts, *(principal.value for principal in parties))
    unknown = [value for value in values if isinstance(value, Unknown)]
    unknown += [value for condition in statement.conditions for value in _doubts(condition)]
    return f"{unknown[0].path} of {unknown[0].address} is {unknown[0].reason}" if unknown else ""


def _without_variables(condition: Condition) -> Condition:
    values = (symbols.without_variables(v) if isinstance(v, str) else v for v in condition.values)
    return replace(condition, values=tuple(values))
