"""Expressions of which a plan lists the references only: what feeds them at most, and what is worth a guess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from stackproof.plan.references.evaluation import Evaluation
from stackproof.plan.references.expressions import Access, Expression, Listed, Name, Step, Wild
from stackproof.plan.references.found import ONE_REFERENCE, Found, either
from stackproof.plan.references.scopes import Scope, Scopes

_INDEXES: tuple[tuple[Step, ...], ...] = (("each", "key"), ("each", "value"), ("count", "index"))

_Path = tuple[Step, ...]


class Tracing(Protocol):
    """What is needed of a tracer: with `guess`, one that takes the instance with the same key for the right one."""

    evaluation: Evaluation
    scopes: Scopes
    guess: bool

    def trace(self, expression: Expression, steps: tuple[Step, ...], scope: Scope) -> Found:
        """What feeds a part of an expression's value."""


def trace_listed(tracer: Tracing, listed: Listed, steps: tuple[Step, ...], scope: Scope) -> Found:
    """What feeds the part of an expression's value to which the steps lead: all its references, as far as they go."""
    paths = [_path(tracer, reference, scope) for reference in listed.references]
    alone = len(paths) == 1
    found = []
    taken = False
    for reference, path, following in zip(listed.references, paths, [*paths, ()][1:], strict=True):
        if taken and path in _INDEXES:
            taken = False
            continue
        repeated = _is_repeated(tracer.scopes, path, scope)
        # of a whole resource an attribute can be selected; below anything else nothing is known
        rest: tuple[Step, ...] = (Wild.SOME,) if repeated else steps if alone and _is_resource(path) else ()
        key = (scope.key,) if following in _INDEXES else steps if alone and repeated else ()
        part = tracer.trace(reference, rest, scope)
        guessed = _guessed(tracer, reference, key, scope) if part.is_open and tracer.guess else None
        found.append(guessed or part)
        taken = guessed is not None
    if alone:
        return found[0].doubting(ONE_REFERENCE)
    return either(found, "the plan lists references, but not how they make the value")


def _guessed(tracer: Tracing, reference: Access, key: Sequence[Step | None], scope: Scope) -> Found | None:
    """What feeds the element with a key, if there is one; None where nothing speaks for it."""
    if not key or not isinstance(key[0], str | int):
        return None
    found = tracer.trace(reference, tuple(step for step in key if step is not None), scope)
    if not found.feeds or found.is_open:
        return None
    return found.lacking("the plan lists an index beside it, and the instance with the same key is taken")


def _path(tracer: Tracing, reference: Access, scope: Scope) -> _Path:
    root = reference.base.text if isinstance(reference.base, Name) else ""
    return root, *tracer.evaluation.steps(reference.selectors, scope)


def _is_repeated(scopes: Scopes, path: _Path, scope: Scope) -> bool:
    """Whether a reference leads to all instances of a resource or module with `count` or `for_each`."""
    root, *names = map(str, path)
    if root == "module" and len(names) == 1:
        return scopes.is_called_repeatedly(scope, names[0])
    if not _is_resource(path):
        return False
    return scopes.is_repeated(scope, *(("data", *names) if root == "data" else ("managed", root, *names)))


def _is_resource(path: _Path) -> bool:
    """Whether a reference leads to a whole resource."""
    other = ("count", "each", "local", "module", "path", "self", "terraform", "var")
    return len(path) == (3 if path[0] == "data" else 2) and path[0] not in other
