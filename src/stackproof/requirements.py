"""Numbered requirements and the tests that stand for them.

A requirements file holds the sentences, and the folder (relative to itself) whose tests must cover them all:

    tests = "plan"

    [requirements]
    NET-1 = "The VPC spans two availability zones."
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stackproof.errors import SettingsError
from stackproof.verdict import Verdict


@dataclass(frozen=True)
class Requirements:
    """The sentences by number, in their order, and the folder of the tests that must cover them."""

    file: Path
    tests: Path
    sentences: Mapping[str, str]

    def uncovered(self, marked: Iterable[str]) -> tuple[str, ...]:
        """The numbers that no test carries."""
        carried = set(marked)
        return tuple(number for number in self.sentences if number not in carried)


def load_requirements(file: Path) -> Requirements:
    """Read a requirements file; raises SettingsError with file and key for anything that cannot be used."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"cannot be read: {error}", where=str(file)) from None
    for key in content:
        if key not in ("tests", "requirements"):
            raise SettingsError("unknown key", where=f"{file}, [{key}]", remedy="known keys: tests, requirements.")
    sentences = content.get("requirements", {})
    tests = content.get("tests", ".")
    if not isinstance(tests, str) or not (file.parent / tests).is_dir():
        raise SettingsError(f"{tests!r} is no folder beside it", where=f"{file}, [tests]")
    if not isinstance(sentences, dict) or not all(isinstance(text, str) and text for text in sentences.values()):
        raise SettingsError("must map numbers to sentences", where=f"{file}, [requirements]")
    return Requirements(file, (file.parent / tests).resolve(), sentences)


@dataclass
class Matrix:
    """What each requirement came to in each environment.

    A test that belongs to no environment (it reads no plan) counts for every one.
    """

    verdicts: dict[str, dict[str | None, list[Verdict]]] = field(default_factory=dict)
    tests: dict[str, set[str]] = field(default_factory=dict)

    def add(self, number: str, test: str, environment: str | None, verdict: Verdict) -> None:
        """Note what one test found."""
        self.verdicts.setdefault(number, {}).setdefault(environment, []).append(verdict)
        self.tests.setdefault(number, set()).add(test)

    def verdict(self, number: str, environment: str) -> Verdict | None:
        """The worst that a requirement's tests found in an environment; None where none ran there."""
        found = self.verdicts.get(number, {})
        relevant = [*found.get(environment, []), *found.get(None, [])]
        return Verdict.worst(relevant) if relevant else None

    def count(self, verdict: Verdict, environments: Iterable[str]) -> int:
        """How many requirements came to a verdict, taking each one's worst over the environments."""
        columns = list(environments)
        total = 0
        for number in self.verdicts:
            found = [answer for name in columns if (answer := self.verdict(number, name))]
            total += bool(found) and Verdict.worst(found) is verdict
        return total
