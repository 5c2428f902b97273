"""Resolving plans: Terraform evaluates all of them in one process, in an account where nothing can happen."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stackproof.errors import PlanError, TerraformError
from stackproof.plan.resolution.overrides import Evaluation
from stackproof.plan.resolution.resolution import Resolution, read_evaluation
from stackproof.sandbox.emulated.inert import InertAccount
from stackproof.terraform.children import ENOUGH
from stackproof.terraform.diagnostics import errors
from stackproof.terraform.installation import Installation
from stackproof.terraform.locate import Cli
from stackproof.terraform.provider_server import VARIABLE as SERVED
from stackproof.terraform.provider_server import serving
from stackproof.terraform.runner import Terraform

_STATE = '"test_state":{'
LONGEST_HEAD = 1000
"""How far into a message its kind is looked for; a state's comes before its 14 MB."""

STATE_KEYS = (1, 11)
"""Runs of one file can have states of their own since Terraform 1.11, so that nothing is torn down between them."""

OLDEST = (1, 7)
"""Overrides came with Terraform 1.7: https://developer.hashicorp.com/terraform/language/tests/mocking"""


FAILED_CHECK = "Check block assertion failed"
KEPT = "Instance cannot be destroyed"


@dataclass
class Made:
    """A plan that was made here and can be resolved: its document, redacted, and what Terraform is to evaluate.

    `var_files` are what the variables were read from.
    """

    document: Mapping[str, Any]
    evaluation: Evaluation | PlanError
    var_files: tuple[Path, ...] = ()


@dataclass
class _Run:
    """One plan's run: what it evaluates, what Terraform said about it, and which conditions it may fail."""

    name: str
    document: Mapping[str, Any]
    evaluation: Evaluation
    var_files: tuple[Path, ...]
    root_module: Any = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    diagnostics: list[Mapping[str, Any]] = field(default_factory=list)
    failing: tuple[str, ...] = ()

    def resolution(self) -> Resolution | None:
        """What came of it; None where another try can tell more."""
        if self.root_module is not None and self.refused:
            return Resolution(
                reason=f"evaluating it asked the account for {', '.join(self.refused)}, which was refused"
            )
        if self.root_module is not None:
            return read_evaluation(self.document, self.evaluation, self.root_module, self.outputs)
        failed = [diagnostic for diagnostic in self.diagnostics if _checked(diagnostic) not in self.failing]
        names = [_checked(diagnostic) for diagnostic in failed]
        if all(names):
            self.failing += tuple(dict.fromkeys(filter(None, names)))
            self.diagnostics.clear()
            return None
        return _failed(failed)


class Resolver:
    """Resolves plans in one initialised copy. `region` is where the provider works if the configuration names none."""

    def __init__(
        self, cli: Cli, installation: Installation, scratch: Path, *, original: Path, region: str, timeout: float
    ) -> None:
        self._cli = cli
        self._installation = installation
        self._scratch = scratch
        self._original = original
        self._region = region
        self._timeout = timeout

    def resolve(self, plans: Mapping[str, Made], *, workspace: str = "default") -> dict[str, Resolution]:
        """The resolution of each plan, by environment; where one cannot be had, it says why.

        Raises TerraformError where Terraform cannot be run at all.
        """
        if self._version < OLDEST:
            reason = f"Terraform {self._cli.version} cannot override resources in a test; 1.7 and newer can"
            return {name: Resolution(reason=reason) for name in plans}
        found: dict[str, Resolution] = {}
        left: dict[str, _Run] = {}
        for number, (name, made) in enumerate(plans.items()):
            if isinstance(made.evaluation, PlanError):
                found[name] = Resolution(reason=str(made.evaluation))
            else:
                left[name] = _Run(f"resolve_{number}", made.document, made.evaluation, made.var_files)
        while left:
            expected = {name: run.failing for name, run in left.items()}
            self._evaluate(left.values(), workspace)
            # a run that fails ends the ones after it, and one whose conditions tokens do not meet is worth another try
            told = {name: resolution for name, run in left.items() if (resolution := run.resolution()) is not None}
            found |= told
            left = {name: run for name, run in left.items() if name not in told}
            if not told and all(run.failing == expected[name] for name, run in left.items()):
                nothing = Resolution(reason="Terraform evaluated nothing and gave no reason", is_lasting=False)
                return found | dict.fromkeys(left, nothing)
        return found

    @property
    def _version(self) -> tuple[int, int]:
        found = re.match(r"(\d+)\.(\d+)", self._cli.version)
        return (int(found[1]), int(found[2])) if found else OLDEST

    def _evaluate(self, runs: Collection[_Run], workspace: str) -> None:
        """Let Terraform evaluate all of these, as far as it comes; they take in what it says."""
        together = self._version >= STATE_KEYS
        texts: dict[str, str] = {}
        for run in runs:
            file = f"stackproof_{'all' if together else run.name}.tftest.hcl"
            own = run.evaluation.run(run.name, state=run.name if together else None, failing=run.failing)
            texts[file] = texts.get(file, "") + own
        with self._written(texts), InertAccount(next(iter(runs)).evaluation.account, region=self._region) as account:
            environment = self._environment(account, workspace)
            # what is said in a run comes before what the files say
            files = dict.fromkeys(file for run in runs if not run.evaluation.is_whole for file in run.var_files)
            listener = _Listener(runs, account)
            with ExitStack() as servers:
                if self._installation.must_serve:
                    environment[SERVED] = servers.enter_context(serving(self._installation.packages, environment))
                self._terraform(environment).test(list(texts), var_files=list(files), on_line=listener.hear)

    @contextmanager
    def _written(self, texts: Mapping[str, str]) -> Iterator[None]:
        """These files in the copy, for this user alone, since the values of sensitive variables stand in them."""
        written: list[Path] = []
        try:
            for name, text in texts.items():
                path = self._installation.folder / name
                # a file of that name in the copy would be the user's own
                with os.fdopen(
                    os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
                ) as file:
                    written.append(path)
                    file.write(text)
        except OSError as error:
            for path in written:
                path.unlink(missing_ok=True)
            raise TerraformError(f"cannot be written: {error.strerror}", where=str(self._original / name)) from None
        try:
            yield
        finally:
            for path in written:
                path.unlink(missing_ok=True)

    def _environment(self, account: InertAccount, workspace: str) -> dict[str, str]:
        """A child's environment without any identity of the caller, not even a profile in the home folder."""
        # several runs in one process fill the memory that a single plan leaves over: measured 4.8 s against 6.3 s
        own = {"HOME": str(self._scratch), "TMPDIR": str(self._scratch), "GOGC": "400"}
        if workspace != "default":
            own["TF_WORKSPACE"] = workspace
        kept = {key: value for key, value in self._installation.environment.items() if not key.startswith("AWS_")}
        return {**kept, **account.environment(), **own}

    def _terraform(self, environment: Mapping[str, str]) -> Terraform:
        return Terraform(
            self._cli, self._installation.folder, environment, timeout=self._timeout, shown_folder=self._original
        )


class _Listener:
    """Takes in Terraform's messages: https://developer.hashicorp.com/terraform/internals/machine-readable-ui."""

    def __init__(self, runs: Collection[_Run], account: InertAccount) -> None:
        self._runs = {run.name: run for run in runs}
        self._account = account
        self._heard_of = 0

    def hear(self, line: str) -> object:
        """Take in one message; ENOUGH when every run has evaluated, so that nothing need be torn down."""
        if _STATE in line[:LONGEST_HEAD]:
            run = self._runs[line.split('"@testrun":"', 1)[1].split('"', 1)[0]]
            _take_state(line, run)
            run.refused, self._heard_of = tuple(self._account.refused[self._heard_of :]), len(self._account.refused)
            return ENOUGH if all(run.root_module is not None for run in self._runs.values()) else None
        message = _message(line)
        diagnostic = message.get("diagnostic", {})
        if _is_failure(diagnostic):
            # what concerns no run, such as a configuration that cannot be read, concerns all of them
            name = message.get("@testrun")
            for run in [self._runs[name]] if name in self._runs else self._runs.values():
                if run.root_module is None:
                    run.diagnostics.append(diagnostic)
        return None


def _message(line: str) -> Mapping[str, Any]:
    """A line as a message; empty where something else printed it."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _is_failure(diagnostic: Mapping[str, Any]) -> bool:
    """Whether this is why a run failed: since Terraform 1.15 a check that does is only a warning."""
    summary = diagnostic.get("summary")
    # `prevent_destroy` makes itself heard when a run is torn down
    return summary == FAILED_CHECK or (diagnostic.get("severity") == "error" and summary != KEPT)


def _take_state(line: str, said: _Run) -> None:
    """Parse what was evaluated, and not the 14 MB of schemas beside it."""
    decoder = json.JSONDecoder()
    root, outputs = '"root_module":', ',"outputs":'
    said.root_module, end = decoder.raw_decode(line, line.index(root) + len(root))
    if line.startswith(outputs, end):
        said.outputs, _ = decoder.raw_decode(line, end + len(outputs))


def _checked(diagnostic: Mapping[str, Any]) -> str | None:
    """The object whose condition failed, where a test can expect that: one in the root module."""
    file = diagnostic.get("range", {}).get("filename", "/")
    context = diagnostic.get("snippet", {}).get("context") or ""
    if "/" in file:
        return None
    if diagnostic["summary"] == FAILED_CHECK:
        return context.replace(" ", ".").replace('"', "") or None
    if diagnostic["summary"] in ("Resource postcondition failed", "Resource precondition failed"):
        kind, _, labels = context.partition(" ")
        return ("data." if kind == "data" else "") + labels.replace('"', "").replace(" ", ".") or None
    if diagnostic["summary"] == "Module output value precondition failed":
        return context.replace(" ", ".").replace('"', "") or None
    return None


def _failed(diagnostics: Sequence[Mapping[str, Any]]) -> Resolution:
    told = errors(json.dumps({"diagnostics": [{**diagnostic, "severity": "error"} for diagnostic in diagnostics]}))
    told.sort(key=lambda found: (found.file is None, found.file or "", found.line or 0))
    first = told[0]
    place = f" ({first.file}:{first.line})" if first.file and not first.file.endswith(".tftest.hcl") else ""
    # what has no place in the configuration, such as a provider that crashed, may go better the next time
    return Resolution(
        reason=f"Terraform cannot evaluate it with tokens: {first.sentence()}{place}", is_lasting=bool(place)
    )
