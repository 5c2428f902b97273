"""What rules find."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stackproof.plan.source import Place
from stackproof.policy.about import About
from stackproof.verdict import Verdict


@dataclass(frozen=True)
class Finding:
    """A place where a rule is broken, or where nobody can tell before an apply.

    `address` and `path` are the resource and the value that decide, `place` is where that is written and
    `module_calls` are the places of the calls that lead there. `environments` are those in which it was found.
    `is_error` marks what could not be judged since the rule itself failed, or since what it read is no such thing.
    """

    rule: About
    verdict: Verdict
    address: str
    message: str
    path: str = ""
    place: Place | None = None
    module_calls: tuple[Place, ...] = ()
    environments: tuple[str, ...] = ()
    is_error: bool = False

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it from every other finding, whatever lines are above it: rule, address, path, message."""
        return self.rule.id, self.address, self.path, self.message

    def shown(self, folder: Path | None = None) -> str:
        """The finding for people, in lines: what and where, why it matters, how to mend it."""
        what = {Verdict.UNDECIDED: "undecided: "}.get(self.verdict, "")
        named = f"{self.address}: {self.path}: " if self.path else f"{self.address}: "
        lines = [f"{self.rule.id} {self.rule.severity}: {self.rule.title}", f"  {named}{what}{self.message}"]
        if self.place:
            lines.append(f"  at {_relative(self.place, folder)}")
        if self.module_calls:
            lines.append(f"  called from {', '.join(_relative(place, folder) for place in self.module_calls)}")
        if not self.is_error:
            lines.append(f"  why: {self.rule.why}")
            lines.append(f"  remedy: {self.rule.remedy}")
            lines.append(f"  see {self.rule.source}")
        return "\n".join(lines)


def merged(findings: Iterable[Finding], environments: Sequence[str] = ()) -> list[Finding]:
    """The same findings with one for all environments in which it is the same; the worst rules first.

    `environments` say in which order those of a finding stand.
    """
    by_key: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        key = (*finding.key, finding.verdict)
        known = by_key.get(key)
        found = dict.fromkeys((*known.environments, *finding.environments) if known else finding.environments)
        ordered = [name for name in environments if name in found]
        by_key[key] = replace(known or finding, environments=tuple(dict.fromkeys((*ordered, *found))))
    return sorted(
        by_key.values(),
        key=lambda found: (
            found.verdict is not Verdict.FAIL,
            -found.rule.severity.rank,
            found.rule.id,
            found.address,
            found.path,
        ),
    )


def _relative(place: Place, folder: Path | None) -> str:
    if folder is not None and place.file.is_relative_to(folder):
        return f"{place.file.relative_to(folder)}:{place.line}"
    return str(place)
