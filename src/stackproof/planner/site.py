"""Where plans are made: initialised scratch copies of a root module, and the commands that run in them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from stackproof.errors import PlanError, StackproofError, TerraformError
from stackproof.plan.document import parse_document
from stackproof.plan.redaction import redact
from stackproof.plan.resolution.locations import Locations, provider_keys
from stackproof.plan.resolution.overrides import Evaluation, write_evaluation
from stackproof.plan.resolution.resolution import Resolution
from stackproof.plan.source import Sources
from stackproof.planner.resolver import Made, Resolver
from stackproof.sandbox.account import Account
from stackproof.settings import Environment, Stack
from stackproof.terraform.diagnostics import TerraformFailed
from stackproof.terraform.installation import Installation, Request, install, install_in_full
from stackproof.terraform.locate import Cli
from stackproof.terraform.plan_cache import PlanCache
from stackproof.terraform.provider_server import VARIABLE as SERVED
from stackproof.terraform.provider_server import serving
from stackproof.terraform.runner import Terraform
from stackproof.terraform.schemas import read_schemas
from stackproof.terraform.workspace import link_copy

VARIABLES = "variables.tfvars.json"


@dataclass(frozen=True)
class Means:
    """What plans are made with: the CLI and its time limit in seconds.

    `cache` is the folder for packages from a registry, `region` is where providers work that name none.
    """

    cli: Cli
    timeout: float
    cache: Path
    region: str


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
        self._reading_schemas = Lock()
        self._made: dict[str, Made] = {}
        self._unserved: set[str] = set()
        self._in_full: set[str] = set()
        self._installations: dict[str, Installation | StackproofError] = {}

    def prepare(self) -> None:
        """Initialise the copy that all environments share; raises TerraformError where that fails."""
        self._installation(next(iter(self._stack.environments.values())), in_full=False)

    def plan(self, environment: Environment) -> dict[str, Any]:
        """Plan an environment: {"plan": the document, redacted, "modules": module paths to folders}.

        Whatever is needed to resolve the plan is kept for `resolve`. Raises TerraformError or PlanError where that
        fails.
        """
        folder = self._scratch / f"plan-{environment.name}"
        folder.mkdir()
        var_files = list(environment.var_files)
        last = folder / VARIABLES
        if environment.variables:
            last.write_text(json.dumps(dict(environment.variables)), encoding="utf-8")
            var_files.append(last)
        planned = self._planned(environment, folder, var_files)
        if environment.name not in self._unserved and _has_providers_twice(planned["plan"]):
            # a server keeps one configuration at a time, so this plan is wrong
            self._unserved.add(environment.name)
            planned = self._planned(environment, folder, var_files)
        return planned

    def _planned(self, environment: Environment, folder: Path, var_files: Sequence[Path]) -> dict[str, Any]:
        with self._terraform(environment) as (terraform, modules):
            try:
                terraform.plan(folder / "plan", var_files=var_files)
            except TerraformFailed as error:
                if error.diagnostics[0].file == str(folder / VARIABLES):  # which nobody knows
                    error.where = f"[tool.stackproof], variables of environment {environment.name!r}"
                raise
            document = parse_document(terraform.show(folder / "plan"), f"terraform show ({environment.name})")
            evaluation = self._evaluation(document, environment, terraform, Sources(self._stack.folder, modules))
        self._made[environment.name] = Made(redact(document), evaluation, tuple(var_files))
        return {"plan": document, "modules": dict(modules)}

    def can_resolve(self, environment: Environment) -> bool:
        """Whether the plan of an environment was made here."""
        return environment.name in self._made

    def resolve(self, environments: Sequence[Environment]) -> dict[str, Resolution]:
        """Resolve the plans of these environments, which were made here; gives the resolutions by environment.

        Raises TerraformError where Terraform cannot be run.
        """
        found: dict[str, Resolution] = {}
        groups: dict[tuple[str, bool, str], list[Environment]] = {}
        for environment in environments:
            installation = self._installed(environment)
            key = str(installation.folder), installation.must_serve, environment.workspace
            groups.setdefault(key, []).append(environment)
        for (*_, workspace), members in groups.items():
            installation = self._installed(members[0])
            resolver = Resolver(
                self._means.cli,
                installation,
                self._scratch,
                original=self._stack.folder,
                region=self._region or self._means.region,
                timeout=self._means.timeout,
            )
            plans = {environment.name: self._made[environment.name] for environment in members}
            found |= resolver.resolve(plans, workspace=workspace)
        return found

    def _evaluation(
        self, document: Mapping[str, Any], environment: Environment, terraform: Terraform, sources: Sources
    ) -> Evaluation | PlanError:
        try:
            packages = self._installed(environment).packages
            with self._reading_schemas:
                schemas = read_schemas(terraform, packages, PlanCache(self._means.cache / "schemas"))
            account = self._account.account_id
            locations = Locations(document, sources, region=self._region, account=account)
            return write_evaluation(document, schemas, locations, environment=environment.name)
        except (PlanError, TerraformError) as error:
            return PlanError(str(error))

    @property
    def _region(self) -> str | None:
        """Where a provider works that names no region; None where a profile of the caller says so."""
        variables = self._account.environment()
        return variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION")

    def validate(self, environment: Environment) -> None:
        """Let Terraform check the configuration; raises TerraformFailed with what it finds."""
        with self._terraform(environment) as (terraform, _):
            terraform.validate()

    @contextmanager
    def _terraform(self, environment: Environment) -> Iterator[tuple[Terraform, Mapping[str, str]]]:
        """Terraform in an environment's initialised copy, and the folders of its modules."""
        with ExitStack() as servers:
            installation = self._installed(environment)
            if installation.must_serve and _writes_providers_twice(Sources(self._stack.folder, installation.modules)):
                self._unserved.add(environment.name)
                installation = self._installed(environment)
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
                    self._in_full.add(environment.name)
                    installation = self._installed(environment)
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

    def _installed(self, environment: Environment) -> Installation:
        """The installation for an environment."""
        installation = self._installation(environment, in_full=environment.name in self._in_full)
        return installation.unserved() if environment.name in self._unserved else installation

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


def _writes_providers_twice(sources: Sources) -> bool:
    """Whether the HCL configures a provider more than once, so that one server would get them mixed up."""
    blocks = [block for module in sources.modules for block in sources.blocks(module, "provider")]
    return len({block.labels for block in blocks}) < len(blocks) or any(block.argument("alias") for block in blocks)


def _has_providers_twice(document: Mapping[str, Any]) -> bool:
    """The same as the plan has it, for whatever the HCL does not tell."""
    keys = {key for _, key in provider_keys(document)}
    names = [key.rsplit(":", 1)[-1].split(".")[0] for key in keys]
    return len(set(names)) < len(names)
