"""A provider that is configured more than once is not served, since a server keeps one configuration at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stackproof.plan.source import Sources
from stackproof.planner import CacheMode, Planner, site
from stackproof.settings import Environment, Settings
from stackproof.terraform.installation import Installation
from stackproof.terraform.locate import Cli

PLAIN = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
OTHER = 'provider "random" {}\n'
ALIAS = 'provider "aws" {\n  alias = "far"\n}\n'


@pytest.mark.parametrize(
    ("root", "module", "answer"),
    [
        (PLAIN, "", False),
        (PLAIN + OTHER, "", False),
        ("", "", False),
        (PLAIN + ALIAS, "", True),
        (ALIAS, "", True),
        (PLAIN, PLAIN, True),
        ("", PLAIN, False),
    ],
)
def test_the_hcl_tells_whether_a_provider_is_configured_twice(
    tmp_path: Path, root: str, module: str, answer: bool
) -> None:
    (tmp_path / "module").mkdir()
    (tmp_path / "main.tf").write_text(root, encoding="utf-8")
    (tmp_path / "module/main.tf").write_text(module, encoding="utf-8")
    assert site._writes_providers_twice(Sources(tmp_path, {"": ".", "module": "module"})) is answer


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["aws", "aws", "random"], False),
        (["aws", "aws.far"], True),
        (["aws", "module.a:aws"], True),
        (["module.a:aws", "module.b:aws.far"], True),
        ([], False),
    ],
)
def test_a_plan_tells_whether_a_provider_is_configured_twice(keys: list[str], answer: bool) -> None:
    resources = [{"mode": "managed", "type": "a", "name": key, "provider_config_key": key} for key in keys]
    module: dict[str, Any] = {
        "resources": resources[:1],
        "module_calls": {"a": {"module": {"resources": resources[1:]}}},
    }
    assert site._has_providers_twice({"configuration": {"root_module": module}}) is answer


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("_writes_providers_twice", ["own.rc"]),
        # a plan that a server got mixed up is made again
        ("_has_providers_twice", ["terraform.rc", "own.rc"]),
    ],
)
def test_providers_that_are_configured_twice_are_started_by_terraform(
    stack_of: Callable[[str], Path],
    settings_for: Callable[..., Settings],
    script: Callable[[str, str], Path],
    any_cli: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    expected: list[str],
) -> None:
    log = tmp_path / "log"
    program = script("terraform", f'echo "$1 $TF_CLI_CONFIG_FILE" >> {log}\nexec {" ".join(any_cli.argv)} "$@"')
    monkeypatch.setattr(site, function, lambda _: True)
    settings = settings_for(stack_of("tiny"), {"dev": Environment("dev")}, terraform=program)
    with Planner(settings, settings.stack("tiny"), cache=CacheMode.OFF) as planner:
        assert planner.plan("dev").environment == "dev"
    lines = [line.split() for line in log.read_text(encoding="utf-8").splitlines()]
    assert [Path(words[1]).name for words in lines if words[0] == "plan"] == expected


def test_what_is_installed_in_full_starts_its_providers_itself_anyway() -> None:
    installed = Installation(Path("copy"), (), {"TF_CLI_CONFIG_FILE": "terraform.rc"}, {}, must_serve=False)
    assert installed.unserved() is installed
