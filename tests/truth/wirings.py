"""The wiring of a plan against the values of the applied state.

Two things are asked of every argument. Whose ids, ARNs and names are in it, as it was applied? These instances have to
be among the feeds. And is the value of each feed in it? Where neither that nor a part of it is, the feed is refuted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from stackproof.plan.paths import parse_path
from stackproof.plan.wiring import Feed, Wiring

from .arguments import Argument
from .identities import SHORTEST, Identities, Identity
from .state import State, texts

Wired = Callable[[str, str], Wiring]
"""The wiring that is to be checked, by address and path."""


@dataclass(frozen=True)
class Disagreement:
    """Where values and wiring disagree."""

    address: str
    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.address} {self.path}: {self.what}"


@dataclass(frozen=True)
class Checked:
    """What was compared.

    `named` are the arguments in which an instance is named, `exact` those of them whose wiring is exact. `feeds` counts
    the feeds of all arguments whose values were looked for.
    """

    disagreements: tuple[Disagreement, ...]
    named: tuple[Argument, ...]
    exact: int
    feeds: int

    @property
    def undecided(self) -> int:
        """How many of the arguments in which an instance is named have a wiring that is not exact."""
        return len(self.named) - self.exact


def check(state: State, arguments: Iterable[Argument], wired: Wired) -> Checked:
    """Compare the wiring of these arguments with their values."""
    identities = Identities(state)
    disagreements: list[Disagreement] = []
    named: list[Argument] = []
    exact = feeds = 0
    for argument in arguments:
        wiring = wired(argument.address, argument.path)
        expected = list(_expected(state, identities, argument))
        if expected:
            named.append(argument)
            exact += wiring.exact
        said = [f"{identity.owner} feeds it by value ({identity.value})" for identity in expected]
        if wiring.complete:
            missing = [not any(_explains(state, feed, identity, argument) for feed in wiring) for identity in expected]
            disagreements += [
                Disagreement(argument.address, argument.path, f"{what}, and it is {wiring}")
                for what, is_missing in zip(said, missing, strict=True)
                if is_missing
            ]
        claimed = wiring.feeds if wiring.exact else wiring.certain
        feeds += len(claimed)
        disagreements += [
            Disagreement(argument.address, argument.path, f"{feed} does not feed it by value: {_of(state, feed)}")
            for feed in claimed
            if not _is_in(state, feed, argument)
        ]
    return Checked(tuple(disagreements), tuple(named), exact, feeds)


def _expected(state: State, identities: Identities, argument: Argument) -> Iterator[Identity]:
    """Who is named in an argument and can have got there by a reference, since Terraform's graph leads to it."""
    found = dict.fromkeys(identity for text in argument.texts for identity in identities.found_in(text))
    for identity in found:
        if identity.owner != argument.address and state.depends(argument.address, identity.owner):
            yield identity


def _explains(state: State, feed: Feed, identity: Identity, argument: Argument) -> bool:
    """Whether an identity in an argument comes by this feed: from its owner, or from what got it from there."""
    if feed.address == identity.owner:
        return _is_in(state, feed, argument)
    return state.depends(feed.address, identity.owner) and any(identity.value in text for text in _of(state, feed))


def _is_in(state: State, feed: Feed, argument: Argument) -> bool:
    """Whether a feed's value is in an argument, or a part of it makes the argument."""
    return any(_holds(text, own) or _holds(own, text) for own in _of(state, feed) for text in argument.texts)


def _holds(text: str, part: str) -> bool:
    if len(part) >= SHORTEST:
        return part in text
    return re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text) is not None


def _of(state: State, feed: Feed) -> tuple[str, ...]:
    if not feed.attribute:
        return texts(dict(state.instances[feed.address].values))
    name, *steps = parse_path(feed.attribute)
    return texts(state.value(feed.address, str(name), tuple(steps)))
