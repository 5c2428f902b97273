"""Modules and providers of a scratch copy: Terraform chooses, the lock file decides, nothing of the user's changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stackproof.errors import TerraformError
from stackproof.terraform.diagnostics import TerraformFailed
from stackproof.terraform.installation import Installation, Request, install, install_in_full
from stackproof.terraform.locate import Cli
from stackproof.terraform.providers import Package
from stackproof.terraform.runner import Terraform
from stackproof.terraform.workspace import link_copy

if TYPE_CHECKING:
    from tests.unit.conftest import Traces

AWS = "registry.terraform.io/hashicorp/aws"
HANGS_SECONDS = 120

StackOf = Callable[[str], Path]
Lock = Callable[..., None]
RequestFor = Callable[[Path], Request]


@pytest.fixture
def request_for(cli: Cli, tmp_path: Path) -> RequestFor:
    return _request_for(cli, tmp_path)


@pytest.fixture
def any_request_for(any_cli: Cli, tmp_path: Path) -> RequestFor:
    return _request_for(any_cli, tmp_path)


def _request_for(cli: Cli, tmp_path: Path) -> RequestFor:
    def make(folder: Path) -> Request:
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        return Request(
            cli=cli,
            original=folder,
            copy=link_copy(folder, scratch / "copy", with_state=False),
            scratch=scratch,
            cache=tmp_path / "cache",
            timeout=HANGS_SECONDS,
            caller=os.environ,
            account={},
        )

    return make


@pytest.fixture
def root(tmp_path: Path) -> Callable[..., Path]:
    """A root module with one file."""

    def make(text: str) -> Path:
        folder = tmp_path / "root"
        folder.mkdir()
        (folder / "main.tf").write_text(text, encoding="utf-8")
        return folder

    return make


def provider(source: str, version: str = ">= 0") -> str:
    it = f'it = {{\n  source = "{source}"\n  version = "{version}"\n}}'
    return f"terraform {{\nrequired_providers {{\n{it}\n}}\n}}\n"


def locked(version: str, *hashes: str) -> str:
    listed = "".join(f'    "{one}",\n' for one in hashes)
    return f'provider "{AWS}" {{\n  version = "{version}"\n  hashes = [\n{listed}  ]\n}}\n'


def test_modules_below_and_beside_the_root_are_found(stack_of: StackOf, request_for: RequestFor) -> None:
    installed = install(request_for(stack_of("family") / "live"))
    assert installed.modules == {"": ".", "local": "modules/local", "shared": "../shared"}
    assert installed.packages == ()


def test_what_was_installed_can_be_validated(stack_of: StackOf, request_for: RequestFor) -> None:
    request = request_for(stack_of("family") / "live")
    _terraform(request, install(request)).validate()


def test_a_module_that_is_not_there_is_told_with_its_call(root: Callable[..., Path], request_for: RequestFor) -> None:
    request = request_for(root('locals {}\n\nmodule "gone" {\n  source = "./gone"\n}\n'))
    with pytest.raises(TerraformFailed, match=r"root: terraform init failed: Unreadable module directory") as caught:
        install(request)
    assert any("main.tf:3" in said.detail for said in caught.value.diagnostics)


def test_without_a_lock_file_the_mirror_s_version_is_chosen_and_no_lock_file_written(
    root: Callable[..., Path], request_for: RequestFor, aws_package: Package
) -> None:
    folder = root(provider("hashicorp/aws", f"= {aws_package.version}"))
    installed = install(request_for(folder))
    assert installed.packages == (aws_package,)
    assert installed.must_serve
    assert [file.name for file in folder.iterdir()] == ["main.tf"]


def test_the_package_that_the_lock_file_means_is_taken(
    root: Callable[..., Path], lock: Lock, request_for: RequestFor, aws_package: Package
) -> None:
    folder = root(provider("hashicorp/aws"))
    lock(folder)
    before = (folder / ".terraform.lock.hcl").read_bytes()
    assert install(request_for(folder)).packages == (aws_package,)
    assert (folder / ".terraform.lock.hcl").read_bytes() == before


def test_a_package_with_another_hash_than_the_locked_one_is_refused(
    root: Callable[..., Path], lock: Lock, any_request_for: RequestFor, aws_package: Package
) -> None:
    folder = root(provider("hashicorp/aws"))
    lock(folder, locked(aws_package.version, "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="))
    with pytest.raises(TerraformError, match=r"aws 5\S+ has the hash h1:\S+, which the lock file does not list. Rest"):
        install(any_request_for(folder))


def test_a_constraint_that_excludes_the_locked_version_is_refused(
    root: Callable[..., Path], lock: Lock, request_for: RequestFor, aws_package: Package
) -> None:
    folder = root(provider("hashicorp/aws", "< 5.0"))
    lock(folder, locked(aws_package.version, "h1:any"))
    with pytest.raises(TerraformError, match=r"does not match configured version constraint < 5.0") as caught:
        install(request_for(folder))
    assert "init -upgrade" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_locked_version_that_nobody_has_is_refused_with_a_remedy(
    root: Callable[..., Path], lock: Lock, request_for: RequestFor
) -> None:
    folder = root(provider("hashicorp/aws"))
    lock(folder, locked("0.0.1", "h1:any"))
    with pytest.raises(TerraformError, match=r"Give Terraform network access, or a mirror with that") as caught:
        install(request_for(folder))
    assert "0.0.1" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_provider_that_nobody_has_is_refused_with_a_remedy(
    root: Callable[..., Path], request_for: RequestFor
) -> None:
    with pytest.raises(TerraformError, match=r"registry.invalid/nobody/nothing") as caught:
        install(request_for(root(provider("registry.invalid/nobody/nothing"))))
    assert "Give Terraform network access, or a mirror with that provider version (searched: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mistake_in_the_configuration_is_not_blamed_on_the_network(
    root: Callable[..., Path], any_request_for: RequestFor
) -> None:
    with pytest.raises(TerraformError, match=r"root/main.tf:2: ") as caught:
        install(any_request_for(root('terraform {\n  required_providers "x" {\n  }\n}\n')))
    assert "network" not in str(caught.value)


def test_a_provider_that_cannot_serve_is_installed_into_the_copy(
    root: Callable[..., Path], lock: Lock, any_request_for: RequestFor, aws_package: Package, traces: Traces
) -> None:
    folder = root(provider("hashicorp/aws"))
    lock(folder)
    before = (folder / ".terraform.lock.hcl").read_bytes()
    request = any_request_for(folder)
    installed = install_in_full(request)
    assert not installed.must_serve
    assert [(package.address, package.version) for package in installed.packages] == [(AWS, aws_package.version)]
    _terraform(request, installed).validate()
    assert (folder / ".terraform.lock.hcl").read_bytes() == before
    assert traces.left() == []


def test_the_caller_s_aws_identity_is_not_in_a_child_s_environment(
    root: Callable[..., Path], any_request_for: RequestFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {
        "AWS_PROFILE": "own",
        "AWS_ACCESS_KEY_ID": "own",
        "AWS_CONFIG_FILE": "own",
        "AWS_CA_BUNDLE": "own",
        "AWS_ENDPOINT_URL": "own",
        "TF_LOG": "TRACE",
        "TF_CLI_ARGS_plan": "-destroy",
        "TF_WORKSPACE": "own",
        "TF_REATTACH_PROVIDERS": "{}",
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TF_VAR_size", "wanted")
    environment: Mapping[str, str] = install(any_request_for(root("locals {}\n"))).environment
    assert not own.keys() & environment.keys()
    assert environment["TF_VAR_size"] == "wanted"
    assert environment["HOME"] != os.environ["HOME"]


def _terraform(request: Request, installed: Installation) -> Terraform:
    return Terraform(request.cli, installed.folder, installed.environment, timeout=HANGS_SECONDS)


def test_a_lock_file_that_lacks_a_provider_is_refused_as_terraform_refuses_it(
    root: Callable[..., Path], request_for: RequestFor, aws_package: Package
) -> None:
    folder = root(provider("hashicorp/aws", f"= {aws_package.version}"))
    other = 'provider "registry.terraform.io/acme/other" {\n  version = "1.0.0"\n}\n'
    (folder / ".terraform.lock.hcl").write_text(other, encoding="utf-8")
    with pytest.raises(TerraformError, match=r"(?i)lock|dependency|registry"):
        install(request_for(folder))
    assert (folder / ".terraform.lock.hcl").read_text(encoding="utf-8") == other
