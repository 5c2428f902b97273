"""The plans of one stack: from the cache where nothing changed, else made side by side."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import itertools
import json
import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

from stackproof import __version__
from stackproof.errors import PlanError, StackproofError, TerraformError
from stackproof.plan.model import Plan
from stackproof.plan.resolution.resolution import Resolution
from stackproof.plan.source import Sources
from stackproof.planner.site import Means, Site
from stackproof.sandbox.account import AmbientAccount
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.settings import Environment, Settings, Stack
from stackproof.terraform import children, locate, lockfile, providers
from stackproof.terraform.fingerprint import read_content
from stackproof.terraform.locate import Cli
from stackproof.terraform.plan_cache import PlanCache, default_cache_folder

AT_ONCE = max(3, os.cpu_count() or 1)
"""Plans made side by side; each has a provider of some 0.7 GB."""

HEARTBEAT_SECONDS = 15.0
ASK_AGAIN_SECONDS = 2.0


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

    `start` begins to make those of some environments, `news` tells how that goes, `plan` waits for one, and
    `resolution` for what Terraform evaluates the unknown values of a plan to. `kind` is
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
        self._resolutions: dict[str, Future[Resolution]] = {}
        self._resolving = Lock()
        self._news: SimpleQueue[Progress] = SimpleQueue()
        self._results: dict[str, Progress] = {}
        self._preparing: Future[None] | None = None
        self._executor = ThreadPoolExecutor(AT_ONCE + 1, thread_name_prefix="planner")
        self._began = 0.0
        self._closing = False
        self._opening = Lock()
        self._reading = Lock()
        self._read_keys: Mapping[str, str | None] | None = None
        self._opened_site: Site | None = None
        self._ended = ExitStack()

    def __enter__(self) -> Planner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def environments(self) -> tuple[str, ...]:
        """The names of the stack's environments."""
        return tuple(self._stack.environments)

    def prepare(self) -> None:
        """Begin what planning will need, while it is not yet known which environments; nothing where all are kept."""
        if self._shared_folder is None and not self._ambient:
            self._preparing = self._executor.submit(self._prepare)

    def start(self, environments: Iterable[str], *, resolve: bool = False) -> None:
        """Begin to make the plans of these environments, and where asked to resolve them, without waiting."""
        wanted = list(environments)
        names = [name for name in wanted if name not in self._plans]
        if names:
            self._began = time.monotonic()
            chosen = [self._stack.environment(name) for name in names]
            self._plans.update({name: Future() for name in names})
            self._executor.submit(self._load_or_make, chosen)
        if resolve:
            self._start_resolving(wanted)

    def _start_resolving(self, environments: Sequence[str]) -> None:
        with self._resolving:
            names = [name for name in environments if name not in self._resolutions]
            self._resolutions.update({name: Future() for name in names})
        if names and self._closing:
            raise PlanError(
                "its unknown values were not resolved while its planner was open",
                where=", ".join(names),
                remedy="read `plan.resolved` before the planner is closed.",
            )
        if names:
            self._executor.submit(self._load_or_resolve, [self._stack.environment(name) for name in names])

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

    def results(self) -> tuple[Progress, ...]:
        """The last news of every plan that is there or has failed so far."""
        return tuple(self._results.values())

    def plan(self, environment: str) -> Plan:
        """The plan of an environment, waited for; raises StackproofError with the reason where it failed."""
        self.start([environment])
        return self._plans[environment].result()

    def resolution(self, environment: str) -> Resolution:
        """What is known of the unknown values of a plan, waited for; all plans that were begun are resolved together.

        Raises StackproofError where Terraform could not be run at all.
        """
        self.start([environment])
        self._start_resolving(list(self._plans))
        return self._resolutions[environment].result()

    def close(self) -> None:
        """End whatever still runs, cleanly where it can."""
        self._closing = True
        # again and again, since one command may end just as the next one starts
        asked = [signal.SIGINT] * int(children.GRACE_SECONDS / ASK_AGAIN_SECONDS)
        for number in itertools.chain(asked, itertools.repeat(signal.SIGKILL)):
            begun: list[Future[Any]] = [*self._plans.values(), *self._resolutions.values()]
            begun += filter(None, [self._preparing])
            if all(future.done() for future in begun):
                break
            children.signal_all(number)
            wait(begun, timeout=ASK_AGAIN_SECONDS)
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._ended.close()

    @property
    def _site(self) -> Site:
        """Where this planner plans; opened when it is first needed, closed with the planner."""
        with self._opening:
            if self._opened_site is None:
                account: AmbientAccount | EmulatedAccount
                if self._ambient:
                    account = AmbientAccount()
                else:
                    sandbox = self._settings.sandbox
                    account = self._ended.enter_context(EmulatedAccount(region=sandbox.region, port=sandbox.port))
                scratch = self._ended.enter_context(children.scratch_folder())
                means = Means(self._cli, self._settings.timeout, self._folder, self._settings.sandbox.region)
                self._opened_site = Site(self._stack, means, account, scratch, real_state=self._ambient)
            return self._opened_site

    def _prepare(self) -> None:
        with contextlib.suppress(StackproofError):  # whoever plans meets the same error, and has somebody to tell
            keys = self._keys
            if self._mode is CacheMode.ON and all(key and self._kept.load(key) for key in keys.values()):
                return
            self._site.prepare()

    @cached_property
    def _cli(self) -> Cli:
        return locate.locate(self._settings.terraform)

    def _load_or_make(self, environments: Sequence[Environment]) -> None:
        try:
            cache, keys = self._cache_and_keys(environments)
            if self._mode is CacheMode.REFRESH and self._shared_folder is None:
                for key in filter(None, keys.values()):
                    self._kept.forget(key)
                    self._kept.forget(f"{key}.resolved")
            missing = self._not_loaded(environments, cache, keys) if cache else list(environments)
            if missing and cache:
                with cache.locked(self._stack_key, given_up=lambda: self._closing):
                    # another process may have made them while this one waited for its turn
                    missing = self._not_loaded(missing, cache, keys)
                    self._make(missing, cache, keys)
            else:
                self._make(missing, None, keys)
        except BaseException as error:  # noqa: BLE001  # the future takes it to whoever waits for the plan
            for environment in environments:
                if not self._plans[environment.name].done():
                    self._fail(environment.name, error)

    def _load_or_resolve(self, environments: Sequence[Environment]) -> None:
        try:
            wait([self._plans[environment.name] for environment in environments])
            for environment in environments:
                error = self._plans[environment.name].exception()
                if error is not None:
                    self._resolutions[environment.name].set_exception(error)
            planned = [environment for environment in environments if not self._resolutions[environment.name].done()]
            cache, keys = self._cache_and_keys(planned)
            if cache is None:
                self._resolve(planned)
                return
            with cache.locked(f"{self._stack_key}.resolved", given_up=lambda: self._closing):
                missing = []
                for environment in planned:
                    key = keys[environment.name]
                    payload = cache.load(f"{key}.resolved") if key else None
                    if payload is None:
                        missing.append(environment)
                    else:
                        resolution = Resolution.from_data(json.loads(payload))
                        self._resolutions[environment.name].set_result(resolution)
                for name, resolution in self._resolve(missing).items():
                    if keys[name] and resolution.is_lasting:
                        cache.store(f"{keys[name]}.resolved", json.dumps(resolution.as_data()).encode())
        except BaseException as error:  # noqa: BLE001  # the future takes it to whoever waits
            for environment in environments:
                if not self._resolutions[environment.name].done():
                    self._resolutions[environment.name].set_exception(error)

    def _resolve(self, environments: Sequence[Environment]) -> Mapping[str, Resolution]:
        if not environments:
            return {}
        site = self._site

        def plan_again(environment: Environment) -> None:
            try:
                site.plan(environment)
            except Exception as error:  # noqa: BLE001  # the other environments are resolved
                self._resolutions[environment.name].set_exception(error)

        # plans out of the cache come without what it takes to evaluate them, since that would hold secrets
        again = [environment for environment in environments if not site.can_resolve(environment)]
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="plan") as pool:
            list(pool.map(plan_again, again))
        self._refuse_closing()
        resolutions = site.resolve([environment for environment in environments if site.can_resolve(environment)])
        self._refuse_closing()
        for name, resolution in resolutions.items():
            self._resolutions[name].set_result(resolution)
        return resolutions

    def _refuse_closing(self) -> None:
        """An interrupted Terraform ends as if it had found something."""
        if self._closing:
            raise TerraformError("resolving was interrupted")

    @property
    def _stack_key(self) -> str:
        return f"{self._stack.name}.{hashlib.sha256(str(self._stack.folder).encode()).hexdigest()[:16]}"

    def _cache_and_keys(self, environments: Sequence[Environment]) -> tuple[PlanCache | None, dict[str, str | None]]:
        names = [environment.name for environment in environments]
        # an ambient plan depends on what is deployed, which changes without a change here
        keepable = self._mode is not CacheMode.OFF and not self._ambient
        keys = {name: self._keys[name] if keepable else None for name in names}
        if self._shared_folder is not None and not (self._mode is CacheMode.ON and all(keys.values())):
            return PlanCache(self._shared_folder), {name: f"{self._stack.name}.{name}" for name in names}
        return (self._kept if any(keys.values()) else None), keys

    @cached_property
    def _kept(self) -> PlanCache:
        return PlanCache(self._folder / "plans")

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
        if not environments:
            return
        site = self._site

        def make(environment: Environment) -> None:
            self._news.put(Progress(environment.name, Stage.PLANNING, self._elapsed()))
            try:
                if self._closing:
                    raise TerraformError("planning was interrupted")  # noqa: TRY301  # told like any failure
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
        plan = Plan(planned["plan"], environment=name, sources=sources, resolution=lambda: self.resolution(name))
        if self._mode is CacheMode.ON and not self._ambient:
            plan.key = self._keys[name] or ""
        self._tell(Progress(name, stage, self._elapsed(), plan))
        self._plans[name].set_result(plan)

    def _fail(self, name: str, error: BaseException) -> None:
        self._tell(Progress(name, Stage.FAILED, self._elapsed()))
        self._plans[name].set_exception(error)

    def _tell(self, result: Progress) -> None:
        self._results[result.environment] = result
        self._news.put(result)

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    @property
    def _keys(self) -> Mapping[str, str | None]:
        """The key of every environment's plan, None where it cannot be kept; read once, by whoever comes first."""
        with self._reading:
            if self._read_keys is None:
                content = read_content(self._stack.folder)
                facts = self._facts() if content else {}
                self._read_keys = {
                    environment.name: content.key(environment.var_files, {**facts, **_facts_of(environment)})
                    if content
                    else None
                    for environment in self._stack.environments.values()
                }
            return self._read_keys

    def _facts(self) -> dict[str, object]:
        locked = lockfile.read_lock_file(self._stack.folder)
        mirrors = () if locked else providers.find_mirrors()
        return {
            "stackproof": __version__,
            "terraform": self._cli.version,
            "emulator": importlib.metadata.version("moto"),
            "target": providers.target(),
            "choice": [
                (address, providers.versions(address, [mirror]))
                for mirror in mirrors
                for address in providers.addresses(mirror)
            ],
            "region": self._settings.sandbox.region,
            "TF_VAR": {key: value for key, value in os.environ.items() if key.startswith("TF_VAR_")},
        }


def _facts_of(environment: Environment) -> dict[str, object]:
    return {"environment": environment.name, "variables": environment.variables, "workspace": environment.workspace}
