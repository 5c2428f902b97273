"""The state: where it lies, that it is locked and encrypted, and that git never sees it."""

import os
import subprocess
from pathlib import Path

import pytest

from . import written
from .written import ENVIRONMENTS, REPOSITORY, TERRAFORM

UNCONFIGURED = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"}
"""Git's environment without what a user or a hook has set, so that only the .gitignore here decides."""

MAY_HOLD_SECRETS = [
    ".terraform/terraform.tfstate",
    "modules/vpc/.terraform/modules/modules.json",
    "terraform.tfstate",
    "terraform.tfstate.backup",
    "terraform.tfstate.1700000000.backup",
    "terraform.tfstate.d/dev/terraform.tfstate",
    "errored.tfstate",
    "terraform.tfvars",
    "terraform.tfvars.backup",
]

COMMITTED = [
    ".terraform.lock.hcl",
    "terraform.tfvars.example",
    *(f"environments/{environment}.tfvars" for environment in ENVIRONMENTS),
]


def backend_file(environment: str) -> Path:
    return TERRAFORM / "environments" / f"{environment}.s3.tfbackend"


def ignored(files: list[str], folder: Path) -> set[str]:
    """Those of the files under terraform/ that git ignores, asked from an empty repository in a folder."""
    subprocess.run(["git", "init", "--quiet", folder], env=UNCONFIGURED, check=True)
    given = subprocess.run(
        ["git", f"--git-dir={folder / '.git'}", f"--work-tree={REPOSITORY}", "check-ignore", *files],
        cwd=TERRAFORM,
        env=UNCONFIGURED,
        check=False,
        capture_output=True,
        text=True,
    )
    return set(given.stdout.splitlines())


@pytest.mark.requirement("STA-1")
def test_state_lies_in_s3() -> None:
    [settings] = [block for block in written.root().blocks if written.nested(block, "backend")]
    [backend] = written.nested(settings, "backend")
    assert backend.labels == ("s3",), written.place(backend)
    assert backend.file.name == "backend.tf"


@pytest.mark.requirement("STA-2")
def test_state_is_encrypted() -> None:
    [backend] = [inner for block in written.root().blocks for inner in written.nested(block, "backend")]
    assert written.expression(backend, "encrypt") == "true", written.place(backend)


@pytest.mark.requirement("STA-3")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_state_is_locked_by_a_table(environment: str) -> None:
    assert written.settings(backend_file(environment)).get("dynamodb_table")


@pytest.mark.requirement("STA-4")
def test_state_is_locked_by_a_file_too() -> None:
    [backend] = [inner for block in written.root().blocks for inner in written.nested(block, "backend")]
    assert written.expression(backend, "use_lockfile") == "true", written.place(backend)


@pytest.mark.requirement("STA-5")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_bucket_key_and_table_come_from_the_environments_file(environment: str) -> None:
    [backend] = [inner for block in written.root().blocks for inner in written.nested(block, "backend")]
    given = written.settings(backend_file(environment))
    assert {"bucket", "key", "dynamodb_table"} <= given.keys()
    assert not given.keys() & {argument.name for argument in backend.arguments}, written.place(backend)


@pytest.mark.requirement("STA-6")
def test_every_environment_has_a_state_of_its_own() -> None:
    states = {(given["bucket"], given["key"]) for given in map(written.settings, map(backend_file, ENVIRONMENTS))}
    assert len(states) == len(ENVIRONMENTS)


@pytest.mark.requirement("STA-7")
def test_git_ignores_what_may_hold_secrets(tmp_path: Path) -> None:
    assert ignored(MAY_HOLD_SECRETS, tmp_path) == set(MAY_HOLD_SECRETS)


@pytest.mark.requirement("STA-8")
def test_git_keeps_lock_file_and_environments(tmp_path: Path) -> None:
    assert all((TERRAFORM / file).is_file() for file in COMMITTED)
    assert not ignored(COMMITTED, tmp_path)
