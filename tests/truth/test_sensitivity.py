"""The comparison would have found what is wrong: every true wiring and document is replaced by wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from stackproof.plan.paths import parse_path
from stackproof.plan.wiring import Feed, Wiring

from .conftest import Truth
from .documents import compare
from .identities import SHORTEST
from .state import State, texts
from .wirings import check

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def values(state: State, feed: Feed) -> tuple[str, ...]:
    name, *steps = parse_path(feed.attribute)
    return texts(state.value(feed.address, str(name), tuple(steps)))


def reported(truth: Truth, wrong: Callable[[Wiring], Wiring]) -> tuple[int, int]:
    """How many wirings were replaced by a wrong one, and how many of these were reported."""
    replaced = set()

    def wired(address: str, path: str) -> Wiring:
        true = truth.planned.stack[address].wired(path)
        other = wrong(true)
        if other != true:
            replaced.add((address, path))
        return other

    named = [a for a in truth.checked.named if (a.address, a.path) not in truth.case.unlike]
    found = check(truth.applied.state, named, wired)
    told = {(disagreement.address, disagreement.path) for disagreement in found.disagreements}
    assert told <= replaced
    return len(replaced), len(told)


def test_wirings_that_leave_out_every_feed_are_found(truth: Truth) -> None:
    replaced, told = reported(truth, lambda true: replace(true, feeds=(), certain=()))
    assert replaced == told > 0


def test_wirings_to_another_instance_of_the_same_resource_are_found(truth: Truth) -> None:
    state = truth.applied.state

    def wrong(true: Wiring) -> Wiring:
        if not true.exact or not true.feeds:
            return true
        first, *others = true.feeds
        for address, instance in state.instances.items():
            sibling = Feed(address, first.attribute)
            is_other = instance.block == state.instances[first.address].block and address != first.address
            if is_other and sibling not in others and values(state, sibling) != values(state, first):
                return replace(true, feeds=(sibling, *others))
        return true

    replaced, told = reported(truth, wrong)
    assert replaced == told


def test_wirings_to_one_more_resource_are_found(truth: Truth) -> None:
    state = truth.applied.state
    foreign = [
        Feed(address, name)
        for address, instance in state.instances.items()
        for name, value in instance.values.items()
        if isinstance(value, str) and len(value) >= SHORTEST
    ]

    def wrong(true: Wiring) -> Wiring:
        if not true.exact:
            return true
        kept = {text for feed in true.feeds for text in values(state, feed)}
        unlike = (f for f in foreign if not any(v in k or k in v for v in values(state, f) for k in kept))
        more = next(unlike, None)  # in the smallest stack everything is named alike
        return true if more is None else replace(true, feeds=(*true.feeds, more))

    replaced, told = reported(truth, wrong)
    assert replaced == told


def test_documents_that_say_something_else_are_found(truth: Truth) -> None:
    stored = {argument: _changed(document) for argument, document in truth.stored.items()}
    found = compare(truth.applied.state, stored, truth.planned.stack, truth.planned.tokens)
    assert len(found.disagreements) == len(stored)


def test_documents_that_name_something_else_are_found(truth: Truth) -> None:
    state = truth.applied.state
    others = {
        address: replace(instance, values={name: f"{value} of another" for name, value in instance.values.items()})
        for address, instance in state.instances.items()
    }
    planned = truth.planned
    with_tokens = [a for a in truth.stored if planned.tokens.in_value(planned.stack[a.address].raw_values[0][a.path])]
    found = compare(replace(state, instances=others), truth.stored, planned.stack, planned.tokens)
    assert len(found.disagreements) == len(with_tokens)


def _changed(document: Any) -> Any:
    """The document with another text in the place of the last one in it."""
    if isinstance(document, dict):
        *kept, last = document.items()
        return {**dict(kept), last[0]: _changed(last[1])}
    if isinstance(document, list):
        return [*document[:-1], _changed(document[-1])] if document else ["changed"]
    return f"{document} changed"
