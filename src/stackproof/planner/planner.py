"""The plans of one stack: from the cache where nothing changed, else made side by side."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from stackproof import __version__
from stackproof.plan.model import Plan
from stackproof.plan.source import Sources
from stackproof.planner.site import Means, Site
from stackproof.sandbox.account import AmbientAccount
from stackproof.sandbox.emulated import EmulatedAccount
from stackproof.settings import Environment, Settings, Stack
from stackproof.terraform import children, locate, lockfile, providers
from stackproof.terraform.fingerprint import fingerprint
from stackproof.terraform.locate import Cli
from stackproof.terraform.plan_cache import PlanCache, default_cache_folder

AT_ONCE = max(3, os.cpu_count() or 1)
"""Plans made side by side; each has a provider of some 0.7 GB."""

HEARTBEAT_SECONDS = 15.0


class CacheMode(StrEnum):
    """What to do with the plan cache: use it, make every plan anew but keep it, or leave it alone."""

    ON = "on"
    REFRESH = "refresh"
    OFF = "off"


class Stage(StrEnum):
    """How far an environment's plan has come."""

    PLANNING = "planning"
    PLANNED = "planned"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True)
class Progress:
    """News of one environment's plan; `plan` comes with the last news, `seconds` is since planning began."""

    environment: str
    stage: Stage
    seconds: float
    plan: Plan | None = None


class Planner:
    """The plans of one stack.

    `start` begins to make those of some environments, `news` tells how that goes, `plan` waits for one. `kind` is
    the sandbox's (see `settings.Sandbox`). Processes that are given the same `shared_folder` make each plan once
    between them. Close it, or use it as a context manager: that ends whatever still runs.
    """

    def __init__(
        self,
        settings: Settings,
        stack: Stack,
        *,
        cache: CacheMode = CacheMode.ON,
        kind: str | None = None,
        shared_folder: Path | None = None,
    ) -> None:
        self._settings = settings
        self._stack = stack
        self._mode = cache
        self._ambient = (kind or settings.sandbox.kind) == "ambient"
        self._shared_folder = shared_folder
        self._folder = settings.cache or default_cache_folder()
        self._plans: dict[str, Future[Plan]] = {}
        self._news: SimpleQueue[Progress] = SimpleQueue()
        self._executor = ThreadPoolExecutor(AT_ONCE + 1, thread_name_prefix="planner")
        self._began = 0.0

    def __enter__(self) -> Planner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, environments: Iterable[str]) -> None:
        """Begin to make the plans of these environments, without waiting for them."""
        names = [name for name in environments if name not in self._plans]
        if not names:
            return
        self._began = time.monotonic()
        chosen = [self._stack.environment(name) for name in names]
        self._plans.update({name: Future() for name in names})
        self._executor.submit(self._load_or_make, chosen)

    def news(self) -> Iterator[Progress]:
        """How the plans that were begun go, until each is there or has failed; a sign of life now and then."""
        while True:
            pending = [name for name, plan in self._plans.items() if not plan.done()]
            try:
                yield self._news.get(block=bool(pending), timeout=HEARTBEAT_SECONDS)
            except Empty:
                if not pending:
                    return
                yield from (Progress(name, Stage.PLANNING, self._elapsed()) for name in pending)

    def plan(self, environment: str) -> Plan:
        """The plan of an environment, waited for; raises StackproofError with the reason where it failed."""
        self.start([environment])
        return self._plans[environment].result()

    def close(self) -> None:
        """End whatever still runs, cleanly where it can."""
        if not all(plan.done() for plan in self._plans.values()):
            children.interrupt_all()
        self._executor.shutdown(wait=True, cancel_futures=True)

    @cached_property
    def _cli(self) -> Cli:
        return locate.locate(self._settings.terraform)

    def _load_or_make(self, environments: Sequence[Environment]) -> None:
        try:
            keys = {environment.name: self._key(environment) for environment in environments}
            cache = self._cache(keys)
            if cache is None:
                self._make(environments, None, keys)
                return
            missing = self._not_loaded(environments, cache, keys)
            if missing:
                with cache.locked(f"{self._stack.name}.making"):
                    # another process may have made them while this one waited for its turn
                    missing = self._not_loaded(missing, cache, keys)
                    if missing:
                        self._make(missing, cache, keys)
        except BaseException as error:  # noqa: BLE001  # the future takes it to whoever waits for the plan
            for environment in environments:
                if not self._plans[environment.name].done():
                    self._fail(environment.name, error)

    def _cache(self, keys: dict[str, str | None]) -> PlanCache | None:
        if self._shared_folder is not None:
            keys.update({name: f"{self._stack.name}.{name}" for name in keys})
            return PlanCache(self._shared_folder)
        if self._mode is CacheMode.OFF or not any(keys.values()):
            return None
        cache = PlanCache(self._folder / "plans")
        if self._mode is CacheMode.REFRESH:
            for key in filter(None, keys.values()):
                cache.forget(key)
        return cache

    def _not_loaded(
        self, environments: Sequence[Environment], cache: PlanCache, keys: Mapping[str, str | None]
    ) -> list[Environment]:
        missing = []
        for environment in environments:
            key = keys[environment.name]
            payload = cache.load(key) if key else None
            if payload is None:
                missing.append(environment)
            else:
                self._succeed(environment.name, json.loads(payload), Stage.UNCHANGED)
        return missing

    def _make(
        self, environments: Sequence[Environment], cache: PlanCache | None, keys: Mapping[str, str | None]
    ) -> None:
        with ExitStack() as ended:
            account: AmbientAccount | EmulatedAccount
            if self._ambient:
                account = AmbientAccount()
            else:
                sandbox = self._settings.sandbox
                account = ended.enter_context(EmulatedAccount(region=sandbox.region, port=sandbox.port))
            scratch = ended.enter_context(children.scratch_folder())
            means = Means(self._cli, self._settings.timeout, self._folder)
            site = Site(self._stack, means, account, scratch, real_state=self._ambient)

            def make(environment: Environment) -> None:
                self._news.put(Progress(environment.name, Stage.PLANNING, self._elapsed()))
                try:
                    planned = site.plan(environment)
                    key = keys[environment.name]
                    if cache is not None and key:
                        cache.store(key, json.dumps(planned).encode())
                    self._succeed(environment.name, planned, Stage.PLANNED)
                except Exception as error:  # noqa: BLE001  # the other environments still report
                    self._fail(environment.name, error)

            with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="plan") as pool:
                list(pool.map(make, environments))

    def _succeed(self, name: str, planned: Mapping[str, Any], stage: Stage) -> None:
        sources = Sources(self._stack.folder, planned["modules"])
        plan = Plan(planned["plan"], environment=name, sources=sources)
        self._news.put(Progress(name, stage, self._elapsed(), plan))
        self._plans[name].set_result(plan)

    def _fail(self, name: str, error: BaseException) -> None:
        self._news.put(Progress(name, Stage.FAILED, self._elapsed()))
        self._plans[name].set_exception(error)

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _key(self, environment: Environment) -> str | None:
        if self._ambient:
            return None  # what is deployed changes without a change here
        locked = lockfile.read_lock_file(self._stack.folder)
        facts = {
            "stackproof": __version__,
            "terraform": self._cli.version,
            "target": providers.target(),
            "versions": None
            if locked
            else {
                address: providers.versions(address, [mirror])
                for mirror in providers.find_mirrors()
                for address in providers.addresses(mirror)
            },
            "region": self._settings.sandbox.region,
            "environment": environment.name,
            "variables": environment.variables,
            "workspace": environment.workspace,
            "TF_VAR": {key: value for key, value in os.environ.items() if key.startswith("TF_VAR_")},
        }
        return fingerprint(self._stack.folder, environment.var_files, facts)
