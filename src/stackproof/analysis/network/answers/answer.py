"""Answers: findings that are certain, findings that may be, and what a test can ask of them.

Whatever depends on a finding that only may be raises Undecided, unless a certain one decides already:

- a loop gives the certain findings first, then raises if there are others; so `all(...)` fails at a certain
  counterexample, and `any(...)` succeeds at a certain example, before anything undecided matters;
- a truth test is true if there is a certain finding, false if there is none of either sort, and raises otherwise;
- `in` asks the same of the findings of one resource; `len` needs all of them certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from stackproof.analysis.network.answers.findings import Egress, Exposure, Finding, Ingress, Path
from stackproof.analysis.network.facts.doubts import Doubt, Doubts
from stackproof.analysis.network.space.traffic import ANY, NO_TRAFFIC, Traffic
from stackproof.plan import Resource
from stackproof.verdict import Verdict

F = TypeVar("F", bound=Finding)

Allowed = Traffic | Mapping[str, Traffic] | Mapping[Resource, Traffic] | Mapping[str | Resource, Traffic]
"""Traffic of whatever a finding is about, or by its name."""

_SHOWN = 5


@dataclass(frozen=True, repr=False)
class Claim:
    """A claim about an answer. Its truth is the verdict's; an undecided one raises Undecided."""

    verdict: Verdict
    sentence: str
    against: tuple[str, ...] = ()
    """What contradicts it, or what may."""
    doubts: Doubts = ()

    def __bool__(self) -> bool:
        if self.verdict is Verdict.UNDECIDED:
            raise self.doubts[0].undecided()
        return self.verdict is Verdict.PASS

    def __repr__(self) -> str:
        lines = "".join(f"\n  - {text}" for text in self.against)
        return f"<{self.verdict}: {self.sentence}{lines}>"

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "verdict": str(self.verdict),
            "claim": self.sentence,
            "against": list(self.against),
            "doubts": [doubt.as_dict() for doubt in self.doubts],
        }


class Answer(Generic[F]):
    """Findings: those in `definite` hold, those in `possible` may."""

    what = "finding"

    def __init__(self, definite: Sequence[F], possible: Sequence[F] = ()) -> None:
        self.definite = tuple(definite)
        self.possible = tuple(possible)

    @property
    def doubts(self) -> Doubts:
        """Everything that the possible findings hang on, each once."""
        return tuple(dict.fromkeys(doubt for finding in self.possible for doubt in finding.doubts))

    @property
    def is_undecided(self) -> bool:
        """Whether there may be more than what is certain."""
        return bool(self.possible)

    @property
    def traffic(self) -> Traffic:
        """All traffic of all findings; raises Undecided where that is not certain."""
        return _together(list(self))

    def __iter__(self) -> Iterator[F]:
        yield from self.definite
        self._settle()

    def __bool__(self) -> bool:
        if not self.definite:
            self._settle()
        return bool(self.definite)

    def __len__(self) -> int:
        self._settle()
        return len(self.definite)

    def __contains__(self, what: object) -> bool:
        return bool(self.of(what)) if isinstance(what, str | Resource) else False

    def of(self, what: str | Resource) -> Self:
        """The findings that a name (an address, "internet", a CIDR block) means."""
        name = _name(what)
        return self.where(lambda finding: finding.is_called(name))

    def on(self, traffic: Traffic) -> Self:
        """The findings with some of this traffic in theirs."""
        return self.where(lambda finding: bool(finding.traffic & traffic))

    def where(self, condition: Callable[[F], bool]) -> Self:
        """The findings that meet a condition."""
        return type(self)(*self._meeting(condition))

    def within(self, allowed: Allowed) -> Claim:
        """That there is nothing beyond what is allowed; true of an empty answer."""
        table = _table(allowed)
        over = [f for f in self.definite if f.traffic - _allowance(f, table)]
        perhaps = [f for f in self.possible if f.traffic - _allowance(f, table)]
        sentence = f"every {self.what} is within {_shown(table)}"
        return _claim(sentence, [*map(str, over)], perhaps)

    def only(self, allowed: Allowed) -> Claim:
        """That there is all that is named and nothing beyond it, to the port."""
        table = _table(allowed)
        beyond = self.within(allowed)
        missing: list[str] = []
        perhaps: list[F] = []
        for name, traffic in table.items() if isinstance(table, dict) else [("", table)]:
            meant = self.of(name) if name else self
            lacking = traffic - _together(meant.definite)
            if traffic == ANY and meant.definite:
                continue
            if lacking and not lacking - _together(meant.possible):
                perhaps += meant.possible
            elif lacking:
                missing.append(f"there is no {self.what} with {lacking}{f' of {name}' if name else ''}")
        sentence = f"the {self.what}s are {_shown(table)}, and nothing else"
        if beyond.verdict is Verdict.FAIL or missing:
            against = beyond.against if beyond.verdict is Verdict.FAIL else ()
            return Claim(Verdict.FAIL, sentence, (*against, *missing))
        if beyond.verdict is Verdict.UNDECIDED:
            return Claim(Verdict.UNDECIDED, sentence, beyond.against, beyond.doubts)
        return _claim(sentence, [], perhaps)

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "definite": [finding.as_dict() for finding in self.definite],
            "possible": [finding.as_dict() for finding in self.possible],
        }

    def __repr__(self) -> str:
        lines = [str(finding) for finding in self.definite]
        lines += [f"perhaps {finding}" for finding in self.possible]
        shown = "".join(f"\n  - {line}" for line in lines[:_SHOWN])
        more = f"\n  - and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
        count = f"{len(self.definite)} {self.what}{'' if len(self.definite) == 1 else 's'}"
        return f"<{count}{f', {len(self.possible)} undecided' if self.possible else ''}{shown}{more}>"

    def _settle(self) -> None:
        if self.possible:
            raise self.possible[0].doubts[0].undecided()

    def _meeting(self, condition: Callable[[F], bool]) -> tuple[list[F], list[F]]:
        return [f for f in self.definite if condition(f)], [f for f in self.possible if condition(f)]


class Exposures(Answer[Exposure]):
    """What the internet reaches by itself.

    `forwarded` is what it reaches through load balancers, `latent` what a rule would let it reach if nothing else
    were in the way.
    """

    what = "exposure"

    def __init__(
        self,
        definite: Sequence[Exposure],
        possible: Sequence[Exposure] = (),
        *,
        forwarded: Exposures | None = None,
        latent: Exposures | None = None,
    ) -> None:
        super().__init__(definite, possible)
        self._forwarded = forwarded
        self._latent = latent

    def where(self, condition: Callable[[Exposure], bool]) -> Exposures:
        """The exposures that meet a condition, of each kind."""
        return Exposures(
            *self._meeting(condition),
            forwarded=None if self._forwarded is None else self._forwarded.where(condition),
            latent=None if self._latent is None else self._latent.where(condition),
        )

    @property
    def forwarded(self) -> Exposures:
        """What it reaches through load balancers."""
        return self._forwarded if self._forwarded is not None else Exposures(())

    @property
    def latent(self) -> Exposures:
        """What a rule would let it reach, if the resource had a public address or a way to it."""
        return self._latent if self._latent is not None else Exposures(())

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        parts = {"forwarded": self._forwarded, "latent": self._latent}
        return {**super().as_dict(), **{name: part.as_dict() for name, part in parts.items() if part is not None}}


class Paths(Answer[Path]):
    """The paths from one to another."""

    what = "path"

    def through(self, what: str | Resource) -> Paths:
        """Those that pass something, such as a load balancer."""
        name = _name(what)
        return self.where(lambda path: any(hop.address == name for hop in path.hops))

    def around(self, what: str | Resource) -> Paths:
        """Those that do not pass something."""
        name = _name(what)
        return self.where(lambda path: all(hop.address != name for hop in path.hops))


class Egresses(Answer[Egress]):
    """Everything that may leave a resource."""

    what = "outgoing flow"


class Ingresses(Answer[Ingress]):
    """Everything that may enter a resource."""

    what = "incoming flow"


def _name(what: str | Resource) -> str:
    return what.address if isinstance(what, Resource) else what


def _table(allowed: Allowed) -> Traffic | dict[str, Traffic]:
    return allowed if isinstance(allowed, Traffic) else {_name(what): traffic for what, traffic in allowed.items()}


def _allowance(finding: Finding, table: Traffic | Mapping[str, Traffic]) -> Traffic:
    return table if isinstance(table, Traffic) else finding.allowance(table)


def _together(findings: Sequence[Finding]) -> Traffic:
    traffic = NO_TRAFFIC
    for finding in findings:
        traffic |= finding.traffic
    return traffic


def _shown(table: Traffic | Mapping[str, Traffic]) -> str:
    if isinstance(table, Traffic):
        return str(table)
    return ", ".join(f"{name} {traffic}" for name, traffic in table.items()) or "nothing"


def _claim(sentence: str, against: Sequence[str], perhaps: Sequence[Finding]) -> Claim:
    if against:
        return Claim(Verdict.FAIL, sentence, tuple(against))
    if perhaps:
        doubts: dict[Doubt, None] = dict.fromkeys(doubt for finding in perhaps for doubt in finding.doubts)
        return Claim(Verdict.UNDECIDED, sentence, tuple(map(str, perhaps)), tuple(doubts))
    return Claim(Verdict.PASS, sentence)
