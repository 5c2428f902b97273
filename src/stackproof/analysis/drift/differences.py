"""Where two values of a resource differ, path by path, and which differences mean nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from stackproof.plan.paths import Step, format_path
from stackproof.plan.source import Place
from stackproof.plan.values import Items, Sensitive, Unknown, Value, Withheld

SHOWN_CHARACTERS = 120

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| ?[+-]\d\d:?\d\d)?( UTC)?")


@dataclass(frozen=True)
class Difference:
    """A value at a path before and after; None where there is none, of a list only the elements that are not in both.

    `undone` says whether Terraform would set it back. `place` is where the HCL sets it, or the block around it.
    """

    steps: tuple[Step, ...]
    before: Value = field(repr=False)
    after: Value = field(repr=False)
    undone: bool = False
    place: Place | None = None

    @property
    def path(self) -> str:
        """The path as text."""
        return format_path(self.steps)

    def __str__(self) -> str:
        return f"{self.path}: {shown(self.before)} -> {shown(self.after)}"


def shown(value: Value) -> str:
    """A value in one line of at most some hundred characters; sensitive and unknown ones say just that."""
    text = repr(value) if isinstance(value, Withheld) else json.dumps(value, default=repr, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."


def plain(value: Value) -> Value:
    """A value as JSON can have it: sensitive and unknown ones become the text that says so."""
    return json.loads(json.dumps(value, default=repr))


def differences(
    before: Value, after: Value, hidden: Sequence[tuple[Step, ...]] = (), steps: tuple[Step, ...] = ()
) -> Iterator[Difference]:
    """The differences between two values of one address, the smallest that can be named.

    `hidden` are the paths at which sensitive values differ, which nobody can see from the values any more.
    """
    if isinstance(before, Withheld) or isinstance(after, Withheld):
        if isinstance(after, Unknown) or type(before) is not type(after) or _touches(hidden, steps):
            yield Difference(steps, before, after)
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            yield from differences(before.get(key), after.get(key), hidden, (*steps, key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, hidden, steps)
    elif before != after:
        yield Difference(steps, before, after)


def _of_lists(
    before: Sequence[Value], after: Sequence[Value], hidden: Sequence[tuple[Step, ...]], steps: tuple[Step, ...]
) -> Iterator[Difference]:
    gone, new = _without(before, after), _without(after, before)
    if len(before) == len(after) and gone == new:
        for number, pair in enumerate(zip(before, after, strict=True)):
            # two values that only differ in what is hidden look alike
            yield from differences(*pair, hidden, (*steps, number))
    elif not gone and not new:
        yield Difference(steps, before, after)  # the same elements in another order
    else:
        yield Difference(steps, Items(before[number] for number in gone), Items(after[number] for number in new))


def _without(items: Sequence[Value], others: Sequence[Value]) -> list[int]:
    """The positions of elements that the others lack."""
    left = Counter(map(repr, others))
    positions = []
    for number, item in enumerate(items):
        if left[repr(item)]:
            left[repr(item)] -= 1
        else:
            positions.append(number)
    return positions


def _touches(hidden: Sequence[tuple[Step, ...]], steps: tuple[Step, ...]) -> bool:
    return any(path[: len(steps)] == steps or steps[: len(path)] == path for path in hidden)


def without_noise(found: Iterator[Difference]) -> Iterator[Difference]:
    """The differences that mean something.

    A provider records null for what it has not read yet, and the zero of the type once it has; the text of a document
    may be formatted anew; a timestamp says when, not what; and tags stand in `tags_all` once more.
    """
    kept = [difference for difference in map(_without_empty, found) if not _means_nothing(difference)]
    tagged = {difference.steps[1:] for difference in kept if difference.steps[0] == "tags"}
    return (found for found in kept if found.steps[0] != "tags_all" or found.steps[1:] not in tagged)


def _without_empty(difference: Difference) -> Difference:
    """The same without elements that are the same once nulls and zeros are."""
    before, after = difference.before, difference.after
    if not isinstance(before, list) or not isinstance(after, list):
        return difference
    told = [_meaning(item) for item in before], [_meaning(item) for item in after]
    gone = _without(*told)
    new = _without(told[1], told[0])
    if not gone and not new:
        return difference
    return replace(
        difference, before=Items(before[number] for number in gone), after=Items(after[number] for number in new)
    )


def _means_nothing(difference: Difference) -> bool:
    before, after = difference.before, difference.after
    if isinstance(before, Sensitive) and isinstance(after, Sensitive):
        return False
    if isinstance(before, Withheld) or isinstance(after, Withheld):
        return False
    if _is_timestamp(before) and _is_timestamp(after):
        return True
    return repr(_meaning(before)) == repr(_meaning(after))


def _is_timestamp(value: Value) -> bool:
    return isinstance(value, str) and _TIMESTAMP.fullmatch(value) is not None


def _meaning(value: Value) -> Value:
    """A value such that two that mean the same look the same."""
    if isinstance(value, Withheld):
        return value
    if isinstance(value, dict):
        return {key: meant for key in sorted(value) if (meant := _meaning(value[key])) is not None} or None
    if isinstance(value, list):
        return [_meaning(item) for item in value] or None
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return json.dumps(json.loads(value), sort_keys=True)
        except ValueError:
            return value
    return value or None
