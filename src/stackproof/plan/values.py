"""Planned values: plain Python data, in which what is not known, or must not be told, says so itself.

A value that Terraform knows only after apply is an `Unknown`. Reading it is fine; whatever would depend on its value
(a comparison, a truth test, a membership test, formatting) raises `Undecided`. Lists and maps compare by the same
rule: two that differ in a known part are different, whatever the unknown parts turn out to be.

Identity (`is`) cannot be intercepted in Python: write `== True` or a truth test, not `is True`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn

from stackproof.errors import PlanError
from stackproof.plan.paths import Step, format_path
from stackproof.verdict import Undecided

Value = Any
"""str, Traced (in a resolved plan), int, float, bool, None, Items, Block, Unknown or Sensitive."""


class SensitiveValueError(PlanError):
    """A test asked what a sensitive value is; it is never kept, so that no log, report or cache can hold it."""


class Withheld:
    """A leaf without a readable value; every use of one ends in `refuse`."""

    __slots__ = ("address", "path")

    def __init__(self, address: str, path: str) -> None:
        self.address = address
        self.path = path

    def refuse(self, *_: object) -> NoReturn:
        """Raise what a use of this value must raise."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> NoReturn:
        # Python itself asks for special methods and must hear that there are none
        if name.startswith("__"):
            raise AttributeError(name)
        self.refuse()

    def __eq__(self, _: object) -> bool:
        self.refuse()

    def __ne__(self, _: object) -> bool:
        self.refuse()

    def __hash__(self) -> int:
        self.refuse()

    def __bool__(self) -> bool:
        self.refuse()

    def __str__(self) -> str:
        self.refuse()

    def __format__(self, _: str) -> str:
        self.refuse()

    def _used(self, *_: object) -> NoReturn:
        self.refuse()

    __lt__ = __le__ = __gt__ = __ge__ = _used
    __len__ = __iter__ = __contains__ = __getitem__ = _used
    __int__ = __float__ = __index__ = _used
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _used
    __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = _used


class Unknown(Withheld):
    """A value that is known only after apply; `reason` says why where there is more to say."""

    __slots__ = ("reason",)

    def __init__(self, address: str, path: str, reason: str = "known after apply") -> None:
        super().__init__(address, path)
        self.reason = reason

    def refuse(self, *_: object) -> NoReturn:
        """Raise Undecided."""
        raise Undecided(self.address, self.path, self.reason)

    def __repr__(self) -> str:
        return "(known after apply)"


class Sensitive(Withheld):
    """A value that is known and set, but sensitive."""

    __slots__ = ()

    def refuse(self, *_: object) -> NoReturn:
        """Raise SensitiveValueError."""
        raise SensitiveValueError(
            f"{self.path} is sensitive, and its value is not kept",
            where=self.address,
            remedy="assert that it is set, or on where it comes from.",
        )

    def __repr__(self) -> str:
        return "(sensitive value)"


class Block(dict[str, Value]):
    """A map, an object or a nested block."""

    __slots__ = ()
    __hash__ = None

    def __eq__(self, other: object) -> bool:
        return _decided(self, other) if isinstance(other, dict) else NotImplemented

    def __ne__(self, other: object) -> bool:
        return not _decided(self, other) if isinstance(other, dict) else NotImplemented


class Items(list[Value]):
    """A list, a tuple, or a set in Terraform's order."""

    __slots__ = ()
    __hash__ = None

    def __eq__(self, other: object) -> bool:
        return _decided(self, other) if isinstance(other, list) else NotImplemented

    def __ne__(self, other: object) -> bool:
        return not _decided(self, other) if isinstance(other, list) else NotImplemented

    def __contains__(self, wanted: object) -> bool:
        answers = [_difference(item, wanted) for item in self]
        if any(answer is False for answer in answers):
            return True
        for answer in answers:
            if isinstance(answer, Withheld):
                answer.refuse()
        return False


Reader = Callable[[str, str, str], str]
"""What to make of a text, given the text, the address of its resource and the path at which it stands."""


def merge(
    known: Value,
    unknown: Value,
    sensitive: Value,
    address: str,
    steps: tuple[Step, ...] = (),
    *,
    read: Reader | None = None,
) -> Value:
    """One tree from the three that a plan has for a value: `after`, `after_unknown` and `after_sensitive`.

    `read` is asked what to make of each text, and of each key. In the latter two, true stands for all below it and
    absence for false:
    https://developer.hashicorp.com/terraform/internals/json-format#change-representation
    """
    if unknown is True:
        return Unknown(address, format_path(steps))
    if sensitive is True and known is not None:
        return Sensitive(address, format_path(steps))
    if isinstance(known, dict) or (known is None and isinstance(unknown, dict) and unknown):
        known = known or {}
        unknown = unknown if isinstance(unknown, dict) else {}
        sensitive = sensitive if isinstance(sensitive, dict) else {}
        keys = [*known, *(key for key in unknown if key not in known and is_marked(unknown[key]))]
        return Block(
            (
                read(key, address, format_path((*steps, key))) if read is not None else key,
                merge(known.get(key), unknown.get(key), sensitive.get(key), address, (*steps, key), read=read),
            )
            for key in keys
        )
    if isinstance(known, list):
        return Items(
            merge(item, nth(unknown, number), nth(sensitive, number), address, (*steps, number), read=read)
            for number, item in enumerate(known)
        )
    return read(known, address, format_path(steps)) if read is not None and isinstance(known, str) else known


def from_json(text: str, address: str, path: str, *, read: Reader | None = None) -> Value:
    """The data in a JSON-encoded string, such as a policy or container definitions; `read` as in `merge`.

    Raises PlanError naming address and path where the text is not JSON.
    """
    try:
        return merge(
            json.loads(text), None, None, address, read=read and (lambda inner, *_: read(inner, address, path))
        )
    except ValueError as error:
        raise PlanError(f"{path} does not hold JSON: {error}", where=address) from None


def follow(value: Value, steps: tuple[Step, ...]) -> Value:
    """The value at the end of the steps; an unknown on the way is the answer. Raises LookupError where it ends."""
    for step in steps:
        if isinstance(value, Withheld):
            return value
        if isinstance(value, dict):
            if step not in value:
                raise LookupError(step)
            value = value[step]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            raise LookupError(step)
    return value


def is_marked(flags: Value) -> bool:
    """Whether a mark such as `after_sensitive` says true anywhere in it."""
    if isinstance(flags, dict):
        return any(is_marked(flag) for flag in flags.values())
    if isinstance(flags, list):
        return any(is_marked(flag) for flag in flags)
    return flags is True


def nth(flags: Value, number: int) -> Value:
    """The mark of a list's element: true where the list as a whole is marked."""
    return flags[number] if isinstance(flags, list) and number < len(flags) else flags is True


def _decided(left: object, right: object) -> bool:
    answer = _difference(left, right)
    if isinstance(answer, Withheld):
        answer.refuse()
    return not answer


def _difference(left: object, right: object) -> bool | Withheld:
    """True where they differ, False where they are equal, the withheld leaf where that cannot be known."""
    for side in (left, right):
        if isinstance(side, Withheld):
            return side
    answers: list[bool | Withheld]
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return True
        answers = [_difference(left[key], right[key]) for key in left]
    elif isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            return True
        answers = [_difference(*pair) for pair in zip(left, right, strict=True)]
    else:
        return bool(left != right)
    if any(answer is True for answer in answers):
        return True
    return next((answer for answer in answers if isinstance(answer, Withheld)), False)
