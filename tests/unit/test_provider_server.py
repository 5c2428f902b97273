"""Providers serve while a block of code runs, and not a moment longer."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stackproof.errors import TerraformError
from stackproof.terraform import provider_server
from stackproof.terraform.provider_server import serving
from stackproof.terraform.providers import Package

if TYPE_CHECKING:
    from tests.unit.conftest import Traces

AWS = "registry.terraform.io/hashicorp/aws"
SERVES = """echo "TF_REATTACH_PROVIDERS='{\\"own\\": {\\"Pid\\": 1}}'"; exec sleep 600"""

PackageOf = Callable[[str], Package]


@pytest.fixture
def package_of(script: Callable[[str, str], Path], tmp_path: Path) -> PackageOf:
    """A package whose provider runs these lines of shell."""

    def make(body: str) -> Package:
        script("terraform-provider-fake_v1", body)
        return Package("registry.invalid/nobody/fake", "1", tmp_path)

    return make


def test_a_provider_serves_and_ends_with_the_block(aws_package: Package, traces: Traces) -> None:
    with serving([aws_package], os.environ) as value:
        (address,) = json.loads(value)
        attached = json.loads(value)[address]
        assert address == AWS
        assert attached["Protocol"] == "grpc"
        assert Path(attached["Addr"]["String"]).is_socket()
        assert any("terraform-provider-aws" in words for words in traces.processes())
    assert traces.processes() == []


def test_a_provider_ends_where_an_error_ends_the_block(package_of: PackageOf, traces: Traces) -> None:
    running: list[str] = []

    def use() -> None:
        with serving([package_of(SERVES)], os.environ):
            running.extend(traces.processes())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use()
    assert running
    assert traces.left() == []


def test_the_address_is_the_configuration_s_whatever_the_provider_calls_itself(package_of: PackageOf) -> None:
    with serving([package_of(SERVES)], os.environ) as value:
        assert json.loads(value) == {"registry.invalid/nobody/fake": {"Pid": 1}}


@pytest.mark.parametrize(
    "body",
    [
        "exit 0",
        "echo this is a plugin >&2; exit 1",
        "echo no such variable",
        "echo \"TF_REATTACH_PROVIDERS='{ not json'\"; exec sleep 600",
        "echo \"TF_REATTACH_PROVIDERS='[]'\"; exec sleep 600",
        "echo \"TF_REATTACH_PROVIDERS='{}'\"; exec sleep 600",
    ],
    ids=["ends", "refuses", "says something else", "no JSON", "no object", "nothing attached"],
)
def test_a_program_that_does_not_serve_is_an_error(package_of: PackageOf, traces: Traces, body: str) -> None:
    with (
        pytest.raises(
            TerraformError, match=r"terraform-provider-fake_v1: registry.invalid/nobody/fake 1 does not serve"
        ),
        serving([package_of(body)], os.environ),
    ):
        pass
    assert traces.left() == []


def test_a_program_that_says_nothing_is_given_up(
    package_of: PackageOf, traces: Traces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_server, "START_SECONDS", 0.3)
    began = time.monotonic()
    with pytest.raises(TerraformError, match="does not serve"), serving([package_of("exec sleep 600")], os.environ):
        pass
    assert time.monotonic() - began < 30
    assert traces.left() == []


def test_a_package_without_a_program_is_an_error(tmp_path: Path) -> None:
    empty = Package("registry.invalid/nobody/empty", "1", tmp_path)
    with pytest.raises(TerraformError, match="holds no executable terraform-provider-empty"), serving([empty], {}):
        pass


def test_where_one_of_several_does_not_serve_the_others_end(
    package_of: PackageOf, tmp_path: Path, traces: Traces
) -> None:
    server = package_of(SERVES)
    (tmp_path / "empty").mkdir()
    empty = Package("registry.invalid/nobody/empty", "1", tmp_path / "empty")
    with pytest.raises(TerraformError, match="empty"), serving([server, empty], os.environ):
        pass
    assert traces.left() == []
