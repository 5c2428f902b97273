"""The stacks that tests try in an account: applied side by side, in accounts of their own."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from concurrent.futures import TimeoutError as NotYet
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from stackproof.deployment.deployment import Means
from stackproof.deployment.report import Report
from stackproof.deployment.trial import Trial
from stackproof.errors import SettingsError, StackproofError
from stackproof.planner import Planner
from stackproof.sandbox.budget import check_budget
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.janitor import Janitor
from stackproof.sandbox.real import RealAccount, open_real
from stackproof.sandbox.runs import SandboxRun, check_provider, naming_variables, new_run
from stackproof.settings import Environment, Settings, Stack
from stackproof.terraform import children, locate
from stackproof.terraform.guarded_tftest import GRACE_SECONDS
from stackproof.terraform.operations import Progress
from stackproof.terraform.plan_cache import default_cache_folder

AT_ONCE = 8
"""Stacks that are tried side by side; most of an apply is waiting. Each has a provider of some 0.5 GB."""

TELL_SECONDS = 10.0
ASK_AGAIN_SECONDS = 2.0

Made = TypeVar("Made")

BeforeApply = Callable[[Trial], object]
Tell = Callable[[str], object]


class Trials:
    """All trials of one pytest run.

    `account` is the id of the real account to use; each trial has an emulated one of its own where it is None.
    `before_apply` is called with each trial. `tell` gets a line now and then while something is waited for, `warn` what
    has to be said of what stays in a real account.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        account: str | None,
        before_apply: BeforeApply,
        tell: Tell = lambda _: None,
        warn: Tell = lambda _: None,
    ) -> None:
        self._settings = settings
        self._account_id = account
        self._before_apply = before_apply
        self._tell = tell
        self._warn = warn
        self._ended = ExitStack()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="trial")
        self._begun: list[Future[Any]] = []
        self._applied: dict[tuple[str, str], Future[Trial]] = {}
        self._open: list[Trial] = []
        self._shared: list[Trial] = []
        self._progress: dict[str, str] = {}
        self._lock = Lock()
        self._real: RealAccount | None = None

    @property
    def reports(self) -> tuple[Report, ...]:
        """What the shared trials came to so far."""
        done = [applied for applied in self._applied.values() if applied.done() and applied.exception() is None]
        return tuple(applied.result().report for applied in done)

    def meant(self, stack: str | None, environment: str) -> tuple[Stack, Environment]:
        """The stack and environment of these names; raises SettingsError where there are none."""
        if stack is None:
            raise SettingsError("a plan cannot be applied", where="--plan-json", remedy="leave it out.")
        found = self._settings.stack(stack)
        return found, found.environment(environment)

    def require_usable(self, stack: Stack) -> None:
        """Raise SandboxError with what speaks against trying a stack in the real account, as far as it is known by now.

        Emulated accounts may be used by everybody.
        """
        if self._account_id is not None:
            self._open_account()
            naming_variables(new_run(stack.name, "", self._settings.sandbox), self._settings.sandbox, stack.folder)

    def start(self, stack: Stack, environment: Environment) -> None:
        """Begin to apply a stack in an environment, for the tests that share it."""
        key = stack.name, environment.name
        with self._lock:
            if key not in self._applied:
                self._applied[key] = self.submit(self._apply, stack, environment)

    def trial(self, stack: Stack, environment: Environment) -> Trial:
        """The shared trial of a stack in an environment, applied; raises StackproofError where that failed."""
        self.start(stack, environment)
        return self.awaited(environment.name, self._applied[stack.name, environment.name])

    def new(self, stack: Stack, environment: Environment, *, name: str = "") -> Trial:
        """Another trial, in an account of its own where that is emulated; nothing is applied yet."""
        label = f"{environment.name} {name}".strip()

        def progress(command: str, told: Progress) -> None:
            self._progress[label] = f"{label}: {command} {told}"

        sandbox = self._settings.sandbox
        account = self._open_account()
        run = new_run(stack.name, environment.name, sandbox, owner=os.environ.get("USER", ""))
        is_real = isinstance(account, RealAccount)
        trial = Trial(
            stack,
            environment,
            account,
            self._means,
            run,
            region=account.region,
            # emulated accounts are all empty, so that names can be those of the stack
            variables=naming_variables(run, sandbox, stack.folder) if is_real else None,
            before_write=self._refuse if is_real else None,
            before_apply=self._before_apply,
            on_progress=progress,
        )
        with self._lock:
            self._ended.enter_context(trial)
            self._open.append(trial)
        return trial

    def submit(self, work: Callable[..., Made], *arguments: object) -> Future[Made]:
        """Have something done beside all else."""
        future = self._pool.submit(work, *arguments)
        self._begun.append(future)
        return future

    def awaited(self, name: str, begun: Future[Made]) -> Made:
        """What was begun under a name, waited for; says now and then what it waits for."""
        while True:
            try:
                return begun.result(TELL_SECONDS)
            except NotYet:
                if begun.done():
                    raise
                self._tell(self._progress.get(name, f"{name}: starting"))

    def record(self, folder: Path) -> None:
        """Write what each shared trial has asked of its account into a folder, also where its apply failed.

        Raises SandboxError where that cannot be done.
        """
        for trial in tuple(self._shared):
            file = folder / f"{trial.report.stack}-{trial.report.environment}.jsonl"
            trial.recording.save(file)
            trial.report.recording = file

    def close(self) -> None:
        """End whatever still runs; emulated accounts go with all that is in them.

        In a real one, Terraform writes down what it has made, and that is destroyed. When interrupted, what is there
        stays and the rest is told; when interrupted once more, nothing is waited for.
        """
        self._pool.shutdown(wait=False, cancel_futures=True)
        try:
            try:
                self._end_commands()
                for trial in self._living:
                    self._destroy(trial)
            except KeyboardInterrupt:
                for trial in self._living:
                    self._warn(f"{trial}: not destroyed; {self._kept(trial)}")
                self._end_commands()
        except KeyboardInterrupt:
            children.signal_all(signal.SIGKILL)
        finally:
            self._ended.close()

    @property
    def _living(self) -> list[Trial]:
        """What outlives this run where nobody destroys it."""
        return [trial for trial in self._open if trial.is_alive and isinstance(trial.account, RealAccount)]

    def _end_commands(self) -> None:
        """Have all that was begun come to its end, in a real account with time to write down what was made."""
        grace = 0.0 if self._account_id is None else GRACE_SECONDS
        if grace and not all(future.done() for future in self._begun):
            self._warn("waiting for Terraform to write down what it has made")
        # again and again, since one command may end just as the next one starts
        asked = [signal.SIGINT] * int(grace / ASK_AGAIN_SECONDS)
        for number in itertools.chain(asked, itertools.repeat(signal.SIGKILL)):
            if all(future.done() for future in self._begun):
                break
            children.signal_all(number)
            wait(self._begun, timeout=ASK_AGAIN_SECONDS)

    def _destroy(self, trial: Trial) -> None:
        """Remove all of a trial: its locks, what its state knows, and what was made without that knowing."""
        assert isinstance(trial.account, RealAccount)
        self._warn(f"{trial}: destroying what is left of it; Ctrl-C leaves it there")
        sandbox, cache = self._settings.sandbox, self._means.cache
        expired = datetime.max.replace(tzinfo=UTC)
        janitor = Janitor(trial.account, sandbox, cache=cache, only=trial.run.id, now=expired)

        def destroy(_: SandboxRun) -> None:
            trial.destroy()

        try:
            left = janitor.clean(janitor.look(), destroy).left
        except StackproofError as error:
            self._warn(f"{trial}: not destroyed: {error}")
            self._warn(f"{trial}: {self._kept(trial)}")
            return
        for what, why, _ in left:
            self._warn(f"{trial}: not destroyed: {what.name}: {why}")
        if left:
            self._warn(f"{trial}: {self._kept(trial)}")
        else:
            self._open.remove(trial)
            self._warn(f"{trial}: destroyed")

    def _kept(self, trial: Trial) -> str:
        command = f"stackproof janitor --sandbox real --sandbox-account {self._account_id} --run {trial.run.id}"
        return f"its state is kept at {trial.deployment.where}, and `{command} --now --yes` destroys it"

    def _refuse(self, trial: Trial, environment: Environment, variables: Mapping[str, Any]) -> None:
        """What speaks against an apply in a real account, asked right before it."""
        assert isinstance(trial.account, RealAccount)
        for package in trial.deployment.packages:
            if package.address.endswith("hashicorp/aws"):
                check_provider(package.version)
        meant = replace(environment, variables={**environment.variables, **variables})
        stack = replace(trial.stack, environments={meant.name: meant})
        # planned in an emulated account, which writes nothing to the real one
        with Planner(self._settings, stack, kind="emulated") as planner:
            plan = planner.plan(meant.name)
        planned = [(resource.address, resource.type) for resource in plan.resources()]
        check_budget(self._settings.sandbox.budget, planned)
        trial.account.check()

    def _apply(self, stack: Stack, environment: Environment) -> Trial:
        trial = self.new(stack, environment)
        self._shared.append(trial)
        trial.apply()
        return trial

    def _open_account(self) -> RealAccount | EmulatedAccount:
        if self._account_id is not None:
            with self._lock:
                if self._real is None:
                    self._real = open_real(self._account_id, self._settings.sandbox, os.environ)
                return self._real
        account = EmulatedAccount(region=self._settings.sandbox.region)
        with self._lock:
            self._ended.enter_context(account)
        account.check()
        return account

    @property
    def _means(self) -> Means:
        cache = self._settings.cache or default_cache_folder()
        return Means(locate.locate(self._settings.terraform), self._settings.timeout, cache)
