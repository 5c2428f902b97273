"""Modules and providers for a scratch copy, chosen by Terraform itself and checked against the lock file.

`terraform init` reads the 700 MB of an unpacked AWS provider twice to learn two hashes. So Terraform first chooses
from a mirror of names: the same addresses and versions as the machine's mirrors, with empty packages. Version
constraints, the lock file's selections and module sources get Terraform's own verdict in some 40 ms; the chosen
package's hash is then checked here, once. Where that does not work out (a provider that no mirror has, or only
packed), the ordinary `terraform init` runs, with the registry allowed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stackproof.errors import TerraformError
from stackproof.terraform import lockfile, providers
from stackproof.terraform.configuration import child_environment, write_cli_configuration, write_dev_overrides
from stackproof.terraform.diagnostics import TerraformFailed
from stackproof.terraform.locate import Cli
from stackproof.terraform.lockfile import LockedProvider
from stackproof.terraform.plan_cache import PlanCache
from stackproof.terraform.providers import Package
from stackproof.terraform.runner import Terraform


@dataclass(frozen=True)
class Installation:
    """An initialised scratch copy.

    `folder` is the copy's root module, `packages` are the chosen providers, `environment` is for children that
    work in it, `modules` maps each module path ("" for the root, "vpc", "vpc.nat") to its folder relative to the
    root module. With `must_serve` the packages are not in the copy, so commands need them served, or the CLI
    configuration `own_processes`, with which Terraform starts them itself.
    """

    folder: Path
    packages: tuple[Package, ...]
    environment: Mapping[str, str]
    modules: Mapping[str, str]
    must_serve: bool
    own_processes: Path | None = None

    def unserved(self) -> Installation:
        """The same where Terraform starts the providers itself: a process for each of their configurations."""
        if self.own_processes is None:
            return self
        environment = {**self.environment, "TF_CLI_CONFIG_FILE": str(self.own_processes)}
        return replace(self, environment=environment, must_serve=False)


@dataclass(frozen=True)
class Request:
    """What to install, and where: the scratch copy `copy` of the root module `original`, working in `scratch`.

    `caller` is the environment to take proxies and variables from, `account` what is added for the backend's sake,
    `cache` the folder that keeps packages from a registry.
    """

    cli: Cli
    original: Path
    copy: Path
    scratch: Path
    cache: Path
    timeout: float
    caller: Mapping[str, str]
    account: Mapping[str, str]
    backend_config: Sequence[Path] = ()


def install(request: Request) -> Installation:
    """Initialise a scratch copy.

    Raises TerraformError where a provider or module cannot be had or is not the one that the lock file means.
    """
    mirrors = providers.find_mirrors()
    try:
        installation = _by_name(request, mirrors)
    except TerraformFailed:
        installation = None
    return installation or install_in_full(request)


def install_in_full(request: Request) -> Installation:
    """Initialise a scratch copy with packages that Terraform itself installs; for those that cannot be served."""
    mirrors = providers.find_mirrors()
    locked = lockfile.read_lock_file(request.original)
    lock = request.copy / lockfile.FILE_NAME
    lock.unlink(missing_ok=True)
    if locked:
        shutil.copyfile(request.original / lockfile.FILE_NAME, lock)
    environment = _environment(request, "installed", mirrors, registry=True)
    shared = PlanCache(request.cache / "providers")
    try:
        # Terraform's plugin cache cannot be written by two of them at once
        with shared.locked("init") as plugins:
            environment["TF_PLUGIN_CACHE_DIR"] = request.caller.get("TF_PLUGIN_CACHE_DIR") or str(plugins)
            _terraform(request, environment).init(
                lock_file_readonly=bool(locked), backend_config=request.backend_config
            )
    except TerraformFailed as error:
        raise _with_remedy(error, mirrors) from None
    installed = Path(environment["TF_DATA_DIR"]) / "providers"
    chosen = lockfile.read_lock_file(request.copy)
    found = [providers.find_package(choice.address, choice.version, [installed]) for choice in chosen]
    packages = tuple(package for package in found if package)
    return Installation(request.copy, packages, environment, _modules(request, environment), must_serve=False)


def _by_name(request: Request, mirrors: Sequence[Path]) -> Installation | None:
    locked = lockfile.read_lock_file(request.original)
    names = request.scratch / "names"
    _write_names(names, mirrors)
    _write_selections(request.copy / lockfile.FILE_NAME, locked)
    environment = _environment(request, "named", [names], registry=False)
    _terraform(request, environment).init(backend_config=request.backend_config)
    packages = []
    for choice in lockfile.read_lock_file(request.copy):
        package = providers.find_package(choice.address, choice.version, mirrors)
        if package is None:
            return None
        packages.append(package)
    if locked and {package.address for package in packages} != {lock.address for lock in locked}:
        return None  # the lock file is incomplete or has too much, which Terraform itself has to say
    for package in packages:
        for lock in locked:
            if lock.address == package.address:
                providers.verify(package, lock, PlanCache(request.cache / "packages"))
    own_processes = request.scratch / "named/own.rc"
    write_dev_overrides(own_processes, packages)
    modules = _modules(request, environment)
    return Installation(request.copy, tuple(packages), environment, modules, True, own_processes)


def _terraform(request: Request, environment: Mapping[str, str]) -> Terraform:
    return Terraform(request.cli, request.copy, environment, timeout=request.timeout, shown_folder=request.original)


def _environment(request: Request, name: str, mirrors: Sequence[Path], *, registry: bool) -> dict[str, str]:
    folder = request.scratch / name
    (folder / "home").mkdir(parents=True)
    write_cli_configuration(folder / "terraform.rc", mirrors, registry=registry)
    return {
        **child_environment(
            request.caller,
            cli_configuration=folder / "terraform.rc",
            data_folder=folder / "data",
            home=folder / "home",
        ),
        **request.account,
    }


def _write_names(into: Path, mirrors: Sequence[Path]) -> None:
    into.mkdir()
    for mirror in mirrors:
        for address in providers.addresses(mirror):
            for version in providers.versions(address, [mirror]):
                package = into / address / version / providers.target()
                package.mkdir(parents=True, exist_ok=True)
                program = package / f"terraform-provider-{address.rsplit('/', 1)[-1]}_v{version}"
                program.touch(mode=0o755)


def _write_selections(file: Path, locked: Sequence[LockedProvider]) -> None:
    blocks = [f'provider "{lock.address}" {{\n  version = "{lock.version}"\n}}\n' for lock in locked]
    if blocks:
        file.write_text("\n".join(blocks), encoding="utf-8")


def _modules(request: Request, environment: Mapping[str, str]) -> dict[str, str]:
    manifest = Path(environment["TF_DATA_DIR"]) / "modules/modules.json"
    if not manifest.exists():
        return {"": "."}
    entries = json.loads(manifest.read_text(encoding="utf-8"))["Modules"]
    # Terraform follows the copy's links to absolute paths, which would hold in this checkout only
    root = request.original.resolve()
    return {entry["Key"]: os.path.relpath(root / entry["Dir"], root) for entry in entries}


def _with_remedy(error: TerraformFailed, mirrors: Sequence[Path]) -> TerraformError:
    first = error.diagnostics[0]
    # an error with a place is one in the configuration, which no package mends
    if first.file is None and re.search(r"provider|registry", first.sentence(), re.IGNORECASE):
        where = ", ".join(map(str, mirrors)) or "no filesystem mirror found"
        return TerraformError(
            error.what,
            where=error.where,
            remedy=f"give Terraform network access, or a mirror with that provider version (searched: {where}; "
            "see `stackproof doctor`).",
        )
    return error
