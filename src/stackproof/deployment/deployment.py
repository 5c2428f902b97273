"""One stack in one environment, in one account, from its first apply to its destruction."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stackproof.deployment.critical_path import critical_path, dependencies_in
from stackproof.deployment.failures import ERRORED_STATE, StateNotSaved, locked
from stackproof.plan.document import parse_document
from stackproof.plan.model import Plan
from stackproof.plan.redaction import redact
from stackproof.plan.source import Sources
from stackproof.sandbox.account import Account
from stackproof.sandbox.remote_state import RemoteState
from stackproof.settings import Environment, Stack
from stackproof.terraform import children
from stackproof.terraform.diagnostics import TerraformFailed
from stackproof.terraform.guarded_tftest import GuardedTest
from stackproof.terraform.installation import Installation, Request, install
from stackproof.terraform.locate import Cli
from stackproof.terraform.operations import Operation, Operations, Progress
from stackproof.terraform.providers import Package
from stackproof.terraform.workspace import link_copy

Until = Callable[[Operations], bool]
"""Whether Terraform is to end now, asked at each of its messages."""


@dataclass(frozen=True)
class Means:
    """What deployments are made with: the CLI, its time limit in seconds, the folder for what runs share."""

    cli: Cli
    timeout: float
    cache: Path


@dataclass(frozen=True)
class Run:
    """One apply or destroy: what was done, what kept it, and how long it took, in seconds."""

    command: str
    operations: tuple[Operation, ...]
    critical_path: tuple[Operation, ...]
    seconds: float


class Deployment:
    """A stack in an environment, in an account; a context manager that leaves no file behind.

    Terraform works in a scratch copy, and keeps its state in the account (see RemoteState), under `key`. `variables`
    go in last and win. `on_progress` hears how far a command has come. Leaving it does not destroy what was applied.
    Commands raise TerraformError with the reason; StateLocked and StateNotSaved say what to do.
    """

    def __init__(
        self,
        stack: Stack,
        environment: Environment,
        account: Account,
        means: Means,
        state: RemoteState,
        *,
        key: str,
        variables: Mapping[str, Any] | None = None,
        on_progress: Callable[[str, Progress], object] | None = None,
    ) -> None:
        self.stack = stack
        self.environment = environment
        self.key = key
        self.runs: list[Run] = []
        self.operations = Operations()
        """What the command that runs, or ran last, has done so far."""
        self.unsaved: list[Path] = []
        """States that could not be saved, where they are kept."""
        self._account = account
        self._means = means
        self._state = state
        self._variables = dict(variables or {})
        self._on_progress = on_progress
        self._ended = ExitStack()
        self._scratch: Path | None = None
        self._installed: Installation | None = None
        self._outputs: Mapping[str, Any] | None = None

    def __enter__(self) -> Deployment:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the scratch copy."""
        self._ended.close()
        self._installed = None

    def apply(
        self,
        variables: Mapping[str, Any] | None = None,
        *,
        environment: Environment | None = None,
        targets: Sequence[str] = (),
        until: Until | None = None,
        given_up: Until | None = None,
    ) -> Run:
        """Make what the configuration describes: all of it, or the targets and what they need.

        `variables` and `environment`, where given, hold from here on. Where `until` says so, Terraform is killed;
        where `given_up` does, it is asked to end, and writes down what it has made.
        """
        self._variables.update(variables or {})
        self.environment = environment or self.environment
        return self._run("apply", targets, until, given_up)

    def destroy(self, *, until: Until | None = None, given_up: Until | None = None) -> Run:
        """Destroy all that the state knows; `until` and `given_up` as in `apply`."""
        return self._run("destroy", (), until, given_up)

    def plan(self, variables: Mapping[str, Any] | None = None, *, environment: Environment | None = None) -> Plan:
        """What Terraform would change now, with other variables or as another environment where they are given."""
        environment = environment or self.environment
        test, folder = self._test(None), self._folder()
        file = folder / "plan"
        arguments = ["-input=false", "-json", "-detailed-exitcode", f"-out={file}"]
        arguments += [f"-var-file={file}" for file in self._var_files(environment, variables or {})]
        self._execute(lambda: test.execute_command("plan", *arguments))
        shown = test.execute_command("show", "-json", str(file)).out
        document = parse_document(shown, f"terraform show ({environment.name})")
        sources = Sources(self.stack.folder, self._installation.modules)
        return Plan(redact(document), environment=environment.name, sources=sources)

    @property
    def outputs(self) -> Mapping[str, Any]:
        """The outputs that the state holds, sensitive ones in the clear; none after a destroy."""
        if self._outputs is None:
            self._outputs = dict(self._test(None).output())
        return self._outputs

    def state(self) -> Mapping[str, Any]:
        """The state as it is kept, sensitive values in the clear; without anything in it where there is none yet."""
        text = self._test(None).execute_command("state", "pull", "-no-color").out
        document: Mapping[str, Any] = json.loads(text) if text.strip() else {}
        return document

    def take_over(self, other: Deployment) -> None:
        """Go on with the variables of another deployment."""
        self._variables = dict(other._variables)

    @property
    def packages(self) -> Sequence[Package]:
        """The providers that it is deployed with; the account is not asked for anything."""
        with children.scratch_folder() as scratch:
            copy = link_copy(self.stack.folder, scratch / "copy", with_state=False)
            return install(self._request(copy, scratch)).packages

    @property
    def where(self) -> str:
        """Where its state is kept."""
        return f"s3://{self._state.bucket}/{self.key}"

    def unlock(self, lock_id: str) -> None:
        """Take away the lock of a run that is dead for certain."""
        self._test(None).execute_command("force-unlock", "-force", "-no-color", lock_id)

    def push(self, file: Path) -> None:
        """Make a state that could not be saved the state of this deployment."""
        self._test(None).execute_command("state", "push", "-no-color", str(file))

    def _run(self, command: str, targets: Sequence[str], until: Until | None, given_up: Until | None) -> Run:
        began = time.monotonic()
        self._outputs = None
        told = self._on_progress
        operations = Operations((lambda progress: told(command, progress)) if told else None)
        self.operations = operations
        before = dependencies_in(self.state()) if command == "destroy" else {}

        def hear(line: str) -> object:
            operations.hear(line)
            if given_up is not None and given_up(operations):
                return children.END
            return children.ENOUGH if until is not None and until(operations) else None

        test = self._test(hear)
        run: Callable[..., str] = getattr(test, command)
        files = [str(file) for file in self._var_files(self.environment, {})]
        self._execute(lambda: run(json_format=True, tf_var_file=files, targets=list(targets)))
        dependencies = before or dependencies_in(self.state())
        done = tuple(operations.done)
        made = Run(command, done, critical_path(done, dependencies), time.monotonic() - began)
        self.runs.append(made)
        return made

    def _execute(self, run: Callable[[], object]) -> None:
        try:
            run()
        except TerraformFailed as error:
            lock = locked(error, self.where)
            if lock is not None:
                raise lock from None
            left = self._installation.folder / ERRORED_STATE
            if left.is_file():
                raise StateNotSaved(self.where, self._kept(left), str(error)) from None
            raise

    def _kept(self, file: Path) -> Path:
        """Move a file out of the scratch copy, to where it lasts and only this user can read it."""
        folder = self._means.cache / "states"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = folder / f"{self.key.replace('/', '.')}.{time.strftime('%Y%m%dT%H%M%S')}"
        shutil.move(file, kept)
        kept.chmod(0o600)
        self.unsaved.append(kept)
        return kept

    def _var_files(self, environment: Environment, variables: Mapping[str, Any]) -> list[Path]:
        last = self._folder() / "variables.tfvars.json"
        last.write_text(json.dumps({**environment.variables, **self._variables, **variables}), encoding="utf-8")
        return [*environment.var_files, last]

    def _test(self, on_line: Callable[[str], object] | None) -> GuardedTest:
        installed = self._installation
        variables = {**installed.environment, "TMPDIR": str(self._folder()), "GOGC": "100"}
        if self.environment.workspace != "default":
            variables["TF_WORKSPACE"] = self.environment.workspace
        return GuardedTest(
            self._means.cli,
            installed.folder,
            variables,
            timeout=self._means.timeout,
            shown_folder=self.stack.folder,
            on_line=on_line,
        )

    def _folder(self) -> Path:
        if self._scratch is None:
            self._scratch = self._ended.enter_context(children.scratch_folder())
        return self._scratch

    @property
    def _installation(self) -> Installation:
        """The initialised scratch copy, in which the provider runs in processes of its own."""
        if self._installed is None:
            scratch = self._folder()
            copy = link_copy(self.stack.folder, scratch / "copy", with_state=False)
            self._state.configure(copy, self.key)
            self._installed = install(self._request(copy, scratch)).unserved()
        return self._installed

    def _request(self, copy: Path, scratch: Path) -> Request:
        return Request(
            cli=self._means.cli,
            original=self.stack.folder,
            copy=copy,
            scratch=scratch,
            cache=self._means.cache,
            timeout=self._means.timeout,
            caller=os.environ,
            account=self._account.environment(),
        )
