"""Where plans are made: initialised scratch copies of a root module, and the commands that run in them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from stackproof.errors import StackproofError, TerraformError
from stackproof.plan.document import parse_document
from stackproof.plan.redaction import redact
from stackproof.sandbox.account import Account
from stackproof.settings import Environment, Stack
from stackproof.terraform.diagnostics import TerraformFailed
from stackproof.terraform.installation import Installation, Request, install, install_in_full
from stackproof.terraform.locate import Cli
from stackproof.terraform.provider_server import VARIABLE as SERVED
from stackproof.terraform.provider_server import serving
from stackproof.terraform.runner import Terraform
from stackproof.terraform.workspace import link_copy


@dataclass(frozen=True)
class Means:
    """What plans are made with: the CLI, its time limit in seconds, and the folder for packages from a registry."""

    cli: Cli
    timeout: float
    cache: Path


class Site:
    """The scratch copies of one stack in one account.

    All environments share a copy, which has an empty state of its own. With `real_state` each has its own copy,
    since each has its own backend.
    """

    def __init__(self, stack: Stack, means: Means, account: Account, scratch: Path, *, real_state: bool) -> None:
        self._stack = stack
        self._means = means
        self._account = account
        self._scratch = scratch
        self._real_state = real_state
        self._lock = Lock()
        self._installations: dict[str, Installation | StackproofError] = {}

    def prepare(self) -> None:
        """Initialise the copy that all environments share; raises TerraformError where that fails."""
        self._installation(next(iter(self._stack.environments.values())), in_full=False)

    def plan(self, environment: Environment) -> dict[str, Any]:
        """Plan an environment: {"plan": the document, redacted, "modules": module paths to folders}.

        Raises TerraformError or PlanError where that fails.
        """
        folder = self._scratch / f"plan-{environment.name}"
        folder.mkdir()
        var_files = list(environment.var_files)
        last = folder / "variables.tfvars.json"
        if environment.variables:
            last.write_text(json.dumps(dict(environment.variables)), encoding="utf-8")
            var_files.append(last)
        with self._terraform(environment) as (terraform, modules):
            try:
                terraform.plan(folder / "plan", var_files=var_files)
            except TerraformFailed as error:
                if error.diagnostics[0].file == str(last):  # which nobody knows
                    error.where = f"[tool.stackproof], variables of environment {environment.name!r}"
                raise
            text = terraform.show(folder / "plan")
        document = parse_document(text, f"terraform show ({environment.name})")
        return {"plan": redact(document), "modules": dict(modules)}

    def validate(self, environment: Environment) -> None:
        """Let Terraform check the configuration; raises TerraformFailed with what it finds."""
        with self._terraform(environment) as (terraform, _):
            terraform.validate()

    @contextmanager
    def _terraform(self, environment: Environment) -> Iterator[tuple[Terraform, Mapping[str, str]]]:
        """Terraform in an environment's initialised copy, and the folders of its modules."""
        with ExitStack() as servers:
            installation = self._installation(environment, in_full=False)
            # a killed provider leaves its socket there
            own = {"TMPDIR": str(self._scratch)}
            if environment.workspace != "default":
                own["TF_WORKSPACE"] = environment.workspace
            child = {**installation.environment, **own}
            if installation.must_serve:
                try:
                    child[SERVED] = servers.enter_context(serving(installation.packages, child))
                except TerraformError:
                    # a provider without a debug mode, so its package has to be installed after all
                    installation = self._installation(environment, in_full=True)
                    child = {**installation.environment, **own}
            yield (
                Terraform(
                    self._means.cli,
                    installation.folder,
                    child,
                    timeout=self._means.timeout,
                    shown_folder=self._stack.folder,
                ),
                installation.modules,
            )

    def _installation(self, environment: Environment, *, in_full: bool) -> Installation:
        name = f"{environment.name if self._real_state else 'shared'}{'-in-full' if in_full else ''}"
        with self._lock:
            if name not in self._installations:
                try:
                    self._installations[name] = self._install(environment, self._scratch / f"site-{name}", in_full)
                except StackproofError as error:
                    self._installations[name] = error
            installed = self._installations[name]
        if isinstance(installed, StackproofError):
            raise installed  # each environment that shares the copy says why
        return installed

    def _install(self, environment: Environment, site: Path, in_full: bool) -> Installation:
        site.mkdir()
        request = Request(
            cli=self._means.cli,
            original=self._stack.folder,
            copy=link_copy(self._stack.folder, site / "copy", with_state=self._real_state),
            scratch=site,
            cache=self._means.cache,
            timeout=self._means.timeout,
            caller=os.environ,
            account=self._account.environment(),
            backend_config=environment.backend_config if self._real_state else (),
        )
        return install_in_full(request) if in_full else install(request)
