"""What is there after a run that was not there before, who made it, and what could not be looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stackproof.errors import SandboxError
from stackproof.sandbox.account import Account
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.leaks.census import Census, Item, Standing, take
from stackproof.sandbox.leaks.kinds import (
    INDEPENDENT,
    Kind,
    kinds_made,
    kinds_touched,
    makes,
    noun,
    singular,
    texts,
    undoes,
)


@dataclass(frozen=True)
class Leak:
    """A thing that a run left; `call` is the recorded one that made it, None where AWS made it on another's behalf."""

    item: Item
    call: Call | None = field(repr=False, default=None)

    def __str__(self) -> str:
        made = f", made by {self.call}" if self.call else ", made by none of the recorded calls"
        removal = f"; remove it with: {self.item.removal}" if self.item.removal else ""
        return f"{self.item.kind} {self.item.arn or self.item.identity}{made}{removal}"

    def as_dict(self) -> dict[str, Any]:
        """The same as data."""
        return {
            "service": self.item.kind.service,
            "kind": self.item.kind.noun,
            "identity": self.item.identity,
            "arn": self.item.arn or None,
            "within": dict(self.item.kind.inputs),
            "standing": self.item.standing.value,
            "made_by": str(self.call) if self.call else None,
            "removal": str(self.item.removal) if self.item.removal else None,
        }


@dataclass(frozen=True)
class Leaks:
    """What a run left: `leaks` stay, the last made first, and can be removed in that order; `going` go by themselves.

    `undecided` says in sentences of what nobody knows whether it is left.
    """

    leaks: tuple[Leak, ...] = ()
    going: tuple[Leak, ...] = ()
    undecided: tuple[str, ...] = ()

    @property
    def none_for_certain(self) -> bool:
        """Whether nothing is left, and nothing undecided."""
        return not self.leaks and not self.undecided

    def __str__(self) -> str:
        lines = [*map(str, self.leaks), *(f"going by itself: {leak}" for leak in self.going)]
        return "\n".join([*lines, *(f"undecided: {sentence}" for sentence in self.undecided)]) or "nothing is left"

    def require_none(self) -> None:
        """Raise SandboxError naming each leak and each doubt, where there are any."""
        if not self.none_for_certain:
            # the remedy comes first, so that the last of the commands ends where its line does
            count = f"left in the account: {len(self.leaks)}, undecided: {len(self.undecided)}"
            raise SandboxError(f"{count}; remove what is named, in this order:\n{self}")


def find_leaks(account: Account, before: Census, calls: Iterable[Call], clients: Clients | None = None) -> Leaks:
    """Count what an account holds now of all that these calls may have made, and compare it with what it held.

    `clients` as in `take`.
    """
    calls = tuple(calls)
    return compare(before, take(account, kinds_touched(calls), clients), calls)


def compare(before: Census, after: Census, calls: Sequence[Call]) -> Leaks:
    """What is left of a run.

    `before` need not have counted all kinds of `after`: what a recorded call made is a leak in any case, and whatever
    else there is of a kind that was not counted before is undecided.
    """
    making = [call for call in calls if makes(call)]
    found: list[tuple[int, Leak]] = []
    stray: Counter[str] = Counter()
    for key, item in after.items.items():
        if key in before.items and before.items[key].standing is item.standing:
            continue
        number, call = _maker(item, making)
        if call is None and not before.has_counted(item.kind):
            stray[str(item.kind)] += 1
        else:
            found.append((number, Leak(item, call)))
    found.sort(key=lambda pair: pair[0], reverse=True)
    leaks = [leak for _, leak in found]
    undecided = [
        f"{kind}: {count} were there that no recorded call made, and nobody counted them before"
        for kind, count in sorted(stray.items())
    ]
    undecided += dict.fromkeys(_unseen(after, calls, making))
    return Leaks(
        tuple(leak for leak in leaks if leak.item.standing is Standing.HELD),
        tuple(leak for leak in leaks if leak.item.standing is Standing.GOING),
        tuple(undecided),
    )


def _maker(item: Item, making: Sequence[Call]) -> tuple[int, Call | None]:
    """The first call that made a thing, and its number; 0 and None where none did."""
    for number, call in enumerate(making, 1):
        if call.service != item.kind.service or not _is_of(item.kind, call):
            continue
        if item.names & {*texts(call.answer), *texts(call.parameters)}:
            return number, call
    return 0, None


def _is_of(kind: Kind, call: Call) -> bool:
    return any((made.list, made.inputs) == (kind.list, kind.inputs) for made in kinds_made(call))


def _unseen(after: Census, calls: Sequence[Call], making: Sequence[Call]) -> Iterator[str]:
    """What was made of kinds that could not be listed, taken away by no call and part of nothing that was counted."""
    undone = [call for call in calls if undoes(call)]
    counted: dict[str, set[str]] = {}
    rest = []
    for call in making:
        kinds = kinds_made(call)
        if all(_counted(kind, after) for kind in kinds):
            for text in (*texts(call.answer), *_names_in(call)):
                counted.setdefault(text, set()).update(kind.noun for kind in kinds)
        else:
            rest.append(call)
    for call in rest:
        if _is_part(call, counted) or any(_undoes(other, call) for other in undone if other.service == call.service):
            continue
        why = next((after.failed[kind] for kind in kinds_made(call) if kind in after.failed), "no operation lists them")
        named = ", ".join(sorted(texts(call.answer))) or ", ".join(sorted(_names_in(call))) or "something"
        yield f"{call} made {named}, and nobody knows whether it is still there ({why})"


def _is_part(call: Call, counted: Mapping[str, set[str]]) -> bool:
    """Whether a call only added to a thing that was counted: with that it is gone, or left.

    What has a verb of its own, such as Create, must be called after it, as a route is after its table.
    """
    owners = {owner for text in (*texts(call.answer), *texts(call.parameters)) for owner in counted.get(text, ())}
    if not call.action.startswith(INDEPENDENT):
        return bool(owners)
    part = noun(call.action)
    return any(part.startswith(owner) or owner.startswith(part) for owner in owners)


def _counted(kind: Kind, after: Census) -> bool:
    return any(
        (known.service, known.list, known.inputs) == (kind.service, kind.list, kind.inputs) for known in after.kinds
    )


def _names_in(call: Call) -> Iterator[str]:
    """The texts among a call's own parameters that name what it makes or what that is part of."""
    for name, value in call.parameters.items():
        if isinstance(value, str) and name.lower().endswith(("arn", "id", "name", "url", "bucket", "cluster", "key")):
            yield value


def _undoes(undoing: Call, making: Call) -> bool:
    """Whether a call took away what another one made: the same thing by the same name."""
    same = singular(noun(undoing.action)) == singular(noun(making.action))
    return same and bool({*texts(undoing.parameters)} & {*texts(making.answer), *_names_in(making)})
