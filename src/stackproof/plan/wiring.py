"""Wiring: which resource's attribute feeds which argument."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from stackproof.plan import reads
from stackproof.plan.addresses import without_index
from stackproof.plan.values import Value, Withheld
from stackproof.verdict import Undecided


@dataclass(frozen=True, order=True)
class Feed:
    """An attribute of one resource instance or data source, such as `aws_vpc.main` and `id`."""

    address: str
    attribute: str

    def __str__(self) -> str:
        return f"{self.address}.{self.attribute}" if self.attribute else self.address


class Addressed(Protocol):
    """What has an address: a resource, a data source."""

    address: str


Source = Feed | Addressed | str
"""What may feed a value: a resource, the address of one or of all instances of one, or one attribute of it."""


@dataclass(frozen=True)
class Wiring:
    """What feeds the value at a path of a resource.

    Where it is not `exact`, the feeds are a superset, and `reason` says why; where it is not `complete` either, a way
    could not be followed to its end, and what feeds the value may not be among them. The questions answer True or
    False, and raise Undecided where that leaves the answer open.
    """

    feeds: tuple[Feed, ...] = ()
    exact: bool = True
    reason: str = ""
    certain: tuple[Feed, ...] = ()
    address: str = field(default="", compare=False)
    path: str = field(default="", compare=False)
    complete: bool = True

    @property
    def addresses(self) -> tuple[str, ...]:
        """The resource instances that feed the value, each once."""
        return tuple(dict.fromkeys(feed.address for feed in self.feeds))

    def is_exactly(self, *sources: Source | Iterable[Source]) -> bool:
        """Whether these, and nothing else, feed the value: each of them does, and every feed is one of them."""
        wanted = self._asked("is_exactly", "exactly", sources)
        if not all(any(_matches(feed, source) for feed in self.feeds) for source in wanted):
            return False
        return self._decided(all(_is_one_of(feed, wanted) for feed in self.feeds))

    def is_only(self, *sources: Source | Iterable[Source]) -> bool:
        """Whether the value is fed, and by nothing but these."""
        wanted = self._asked("is_only", "only", sources)
        among = [_is_one_of(feed, wanted) for feed in self.feeds]
        if not any(among):
            return self._decided(False) if not self.feeds else False
        return True if all(among) else self._decided(False)

    def is_any_of(self, *sources: Source | Iterable[Source]) -> bool:
        """Whether at least one of these feeds the value."""
        wanted = self._asked("is_any_of", "any of", sources)
        if not any(_is_one_of(feed, wanted) for feed in self.feeds):
            return self._decided(False) if not self.feeds else False
        if len(self.feeds) == 1 or any(_is_one_of(feed, wanted) for feed in self.certain):
            return True
        return self._decided(True)

    def _asked(self, question: str, words: str, sources: Iterable[Source | Iterable[Source]]) -> tuple[Source, ...]:
        wanted = tuple(_flattened(sources))
        names = [str(source) if isinstance(source, Feed | str) else source.address for source in wanted]
        reads.ask(self, question, f"fed by {words} {', '.join(names) or 'nothing'}")
        if not self.complete:
            self._decided(False)
        return wanted

    def require_exact(self) -> None:
        """Raise Undecided where the feeds are a superset."""
        if not self.exact:
            raise Undecided(self.address, self.path, f"its wiring is not exact: {self.reason}")

    def _decided(self, answer: bool) -> bool:
        self.require_exact()
        return answer

    def __iter__(self) -> Iterator[Feed]:
        return iter(self.feeds)

    def __len__(self) -> int:
        return len(self.feeds)

    def __repr__(self) -> str:
        feeds = ", ".join(map(str, self.feeds)) or "nothing"
        return f"fed by {feeds}" if self.exact else f"perhaps fed by {feeds} ({self.reason})"


def _flattened(sources: Iterable[Source | Iterable[Source]]) -> Iterator[Source]:
    for source in sources:
        if isinstance(source, Feed | str) or not isinstance(source, Iterable):
            yield source
        else:
            yield from _flattened(source)


def _is_one_of(feed: Feed, sources: Iterable[Source]) -> bool:
    return any(_matches(feed, source) for source in sources)


def _matches(feed: Feed, source: Source) -> bool:
    if isinstance(source, Feed):
        return feed == source
    if not isinstance(source, str):
        return feed.address == source.address
    return source in (str(feed), feed.address, without_index(feed.address))


class Traced(str):
    """A text with what only an apply makes in it, such as an id, standing for it: a token.

    Equal tokens are the same attribute of the same instance. What the token will really be is not known, so comparing
    such a text with an ordinary one raises Undecided; its beginning, such as `arn:aws:iam::`, can be trusted. So an ARN
    is known to differ from what is no ARN, such as the wildcard `*`, and nothing that AWS makes is empty.
    """

    __slots__ = ("address", "feeds", "path", "raw")

    feeds: tuple[Feed, ...]
    raw: str
    address: str
    path: str

    def __new__(cls, text: str, feeds: tuple[Feed, ...], address: str, path: str, *, raw: str = "") -> Traced:
        """A text, what feeds it, the resource and path at which it was read, and the text with the tokens' marks."""
        traced = super().__new__(cls, text)
        traced.feeds = feeds
        traced.raw = raw or text
        traced.address = address
        traced.path = path
        return traced

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Traced):
            return str.__eq__(self, other)
        if isinstance(other, str) and other and (other.startswith("arn:") or not self.startswith("arn:")):
            raise Undecided(self.address, self.path)
        return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __repr__(self) -> str:
        return f"<{', '.join(map(str, self.feeds))}>" if len(self.feeds) == 1 else str.__repr__(self)


def plain(value: Value) -> Value:
    """A value as ordinary dicts, lists and texts, tokens as the texts they are.

    Raises Undecided where there is an unknown in it, SensitiveValueError where there is a sensitive one.
    """
    if isinstance(value, Withheld):
        value.refuse()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Traced):
        return str.__str__(value)
    return value
