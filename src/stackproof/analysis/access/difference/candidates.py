"""Requests that people would think of: actions that AWS has, each on a resource that it is for."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from stackproof.analysis.access.catalog import actions
from stackproof.analysis.access.comparison import symbols
from stackproof.analysis.access.comparison.growth import Opening
from stackproof.analysis.access.evaluation.parties import ARN_PARTS, Parties
from stackproof.analysis.access.patterns import globs
from stackproof.analysis.access.patterns.globs import Clause
from stackproof.analysis.access.patterns.regions import ALL, Texts
from stackproof.plan import Stack

_USUAL_SERVICES = ("iam", "s3", "kms", "lambda", "ec2")
"""Where an action is looked for that a pattern for all services means."""

_MOST_ACTIONS = 400
_MOST_OWN = 64


class Candidates:
    """Finds requests in an opening, on resources of the stack where there are some."""

    def __init__(self, stack: Stack, parties: Parties) -> None:
        self._stack = stack
        self._parties = parties
        self._own_by_action: dict[str, list[str]] = {}

    def of(self, opening: Opening, target: str | None) -> Iterator[tuple[str, str]]:
        """Actions with resources, the most powerful first; `target` where any resource will do."""
        if opening.gap is None:
            return
        inside = opening.region.resources
        for action in self._actions(opening):
            about = [cover.resources for cover in opening.covers if action.lower() in cover.actions]
            if target is not None and not about and all(texts == ALL for texts in inside):
                yield action, target
                continue
            found = self._resource(action, inside, about)
            if found is not None:
                yield action, found

    def _actions(self, opening: Opening) -> Iterator[str]:
        first = opening.region.actions[0]
        patterns = first.patterns if not first.is_rest else ("*",)
        expanded = itertools.chain.from_iterable(map(actions.expand, self._narrowed(patterns, opening)))
        inside = opening.region.actions
        found = (action for action in expanded if all(action.lower() in texts for texts in inside))
        yield from sorted(itertools.islice(found, _MOST_ACTIONS), key=_power)

    def _narrowed(self, patterns: Sequence[str], opening: Opening) -> Iterator[str]:
        """Patterns with a service instead of a wildcard for it: data about all services takes long to read."""
        named = [r.split(":")[2] for texts in opening.region.resources for r in texts.patterns if r.count(":") > 1]
        services = dict.fromkeys([*filter(globs.is_plain, named), *_USUAL_SERVICES])
        for pattern in patterns:
            service, _, name = pattern.partition(":")
            if globs.is_plain(service):
                yield pattern
            else:
                yield from (f"{known}:{name or '*'}" for known in services if globs.matches(service, known))

    def _resource(self, action: str, inside: Sequence[Texts], outside: Sequence[Texts]) -> str | None:
        """A resource of the action in all of the sets and none of the others: of the stack's own, if there is one."""

        def is_open(arn: str) -> bool:
            return all(arn in texts for texts in inside) and not any(arn in texts for texts in outside)

        forms = _forms(action)
        if not forms:
            return next(filter(is_open, ("*", f"arn:{self._partition}:s3:::*")), None)
        own = next(filter(is_open, self._own(action)), None)
        if own is not None:
            return own
        clauses = [clause for texts in inside for clause in texts.inside]
        clauses += [clause for texts in outside for clause in texts.outside]
        for form, *others in forms:
            wanted = [*clauses, *(Clause(not_all=(other,)) for other in others)]
            for narrowed in filter(None, (symbols.arn_pattern(self._in_place(form)), symbols.arn_pattern(form))):
                found = globs.solve((Clause((narrowed,)), *dict.fromkeys(wanted)))
                if found is not None and is_open(symbols.example(found)):
                    return symbols.example(found)
        return None

    @cached_property
    def _arns(self) -> Mapping[str, list[str]]:
        """The known ARNs of the stack, by service."""
        found: dict[str, list[str]] = defaultdict(list)
        for resource in self._stack.resources():
            arn = resource.get("arn")
            if isinstance(arn, str) and arn.count(":") > 1:
                found[arn.split(":")[2]].append(str.__str__(arn))
        return found

    def _own(self, action: str) -> Sequence[str]:
        """Some resources of the stack that an action is for, or parts of them."""
        if action not in self._own_by_action:
            forms = _forms(action)
            services = {form.split(":")[2] for form, *_ in forms}
            arns = (arn for service in services for arn in self._arns.get(service, ()))
            whole = (text for arn in arns for text in (arn, f"{arn}/example"))
            fit = (text for text in whole if any(_fits(text, *form) for form in forms))
            self._own_by_action[action] = list(itertools.islice(fit, _MOST_OWN))
        return self._own_by_action[action]

    @property
    def _partition(self) -> str:
        return self._parties.partition if globs.is_plain(self._parties.partition) else "aws"

    def _in_place(self, form: str) -> str:
        """The form of an ARN in the partition, a region and the account of the stack."""
        parts = form.split(":", ARN_PARTS - 1)
        usual = {1: self._partition, 3: "eu-west-1", 4: self._parties.account or "123456789012"}
        return ":".join(usual.get(number, part) if part == "*" else part for number, part in enumerate(parts))


def _forms(action: str) -> list[tuple[str, ...]]:
    """Globs for the ARNs that an action is for, each with those for what it is not for all the same."""
    forms = actions.resource_types(action).values()
    # the name of a bucket has no slash, which tells it from an object
    return [(form, f"{form}/*") if form.endswith(":s3:::*") else (form,) for form in forms]


def _fits(arn: str, form: str, *others: str) -> bool:
    return globs.matches(form, arn) and not any(globs.matches(other, arn) for other in others)


def _power(action: str) -> tuple[int, int, str]:
    """The more an action lets do, the sooner it is shown."""
    level, service = actions.level(action), action.partition(":")[0]
    usual = _USUAL_SERVICES.index(service) if service in _USUAL_SERVICES else len(_USUAL_SERVICES)
    return -level.rank if level else 0, usual, action
