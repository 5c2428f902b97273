"""Whatever is wrong is told in one line with a remedy, the exit code is not 0, and nothing is left behind."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.conftest import AwsPlans, Project, Ran, Traces

Lock = Callable[..., None]
Fake = Callable[[str], Path]

HANGS_SECONDS = 120

STACK = '[tool.stackproof.stacks.tiny]\nfolder = "tiny"\n'
TWO = """
[tool.stackproof.stacks.tiny]
folder = "tiny"

[tool.stackproof.stacks.tiny.environments.dev]

[tool.stackproof.stacks.tiny.environments.prod]
variables = { size = "big" }
"""


@pytest.fixture
def tiny(project: Project, traces: Traces) -> Iterator[Project]:
    """A project with the stack `tiny`; when the test is over, nothing is left of what ran in it."""
    project.stack()
    project.settings(STACK)
    yield project
    assert traces.left() == []


def refused(ran: Ran) -> str:
    """The one line that a command says before it gives up."""
    assert ran.code not in (0, None)
    assert "Traceback" not in ran.out + ran.err
    (line,) = ran.err.strip().splitlines()
    return line


def test_no_terraform(tiny: Project, tmp_path: Path) -> None:
    said = refused(tiny.stackproof("plan", **tiny.without_terraform(tmp_path / "without")))
    assert said == (
        "stackproof: PATH: there is no terraform. Install Terraform, name it as `terraform` in [tool.stackproof], "
        "or install the embedded one: pip install 'stackproof[embedded]'."
    )


def test_no_terraform_in_a_test_run(tiny: Project, tmp_path: Path) -> None:
    tiny.write("test_plan.py", "def test_plan(plan):\n    assert plan\n")
    ran = tiny.pytest(**tiny.without_terraform(tmp_path / "without"))
    assert ran.code == pytest.ExitCode.TESTS_FAILED
    assert "PATH: there is no terraform. Install Terraform, name it as" in ran.out
    assert "Traceback" not in ran.out


def test_a_terraform_that_is_too_old(tiny: Project, tmp_path: Path) -> None:
    old = tmp_path / "terraform"
    old.write_text('#!/bin/sh\necho \'{"terraform_version": "1.5.7"}\'\n', encoding="utf-8")
    old.chmod(0o755)
    tiny.settings(f'terraform = "{old}"\n{STACK}')
    said = refused(tiny.stackproof("plan"))
    assert said == f"stackproof: {old}: Terraform 1.5.7 is too old. Install 1.6 or newer."


def test_a_program_that_is_no_terraform(tiny: Project) -> None:
    tiny.settings(f'terraform = "/bin/echo"\n{STACK}')
    assert refused(tiny.stackproof("plan")).startswith("stackproof: /bin/echo: does not answer `version -json`")


def test_no_provider_and_no_network(tiny: Project) -> None:
    source = (
        'terraform {\n  required_providers {\n    it = {\n      source = "registry.invalid/no/thing"\n    }\n  }\n}\n'
    )
    tiny.write("tiny/versions.tf", source)
    said = refused(tiny.stackproof("plan"))
    assert "registry.invalid/no/thing" in said
    assert "Give Terraform network access, or a mirror with that provider version (searched: " in said


@pytest.mark.usefixtures("aws_package")
def test_another_provider_version_than_the_locked_one(tiny: Project, lock: Lock) -> None:
    source = 'terraform {\n  required_providers {\n    aws = {\n      source  = "hashicorp/aws"\n'
    tiny.write("tiny/versions.tf", f'{source}      version = "< 5.0"\n    }}\n  }}\n}}\n')
    lock(tiny.folder / "tiny")
    said = refused(tiny.stackproof("plan"))
    assert "does not match configured version constraint < 5.0" in said
    assert "terraform init -upgrade" in said


def test_a_syntax_error(tiny: Project) -> None:
    file = tiny.write("tiny/broken.tf", 'locals {\n  a = "open\n}\n')
    said = refused(tiny.stackproof("plan"))
    assert said.startswith(f"stackproof: {file}:2: terraform init failed: Invalid ")


def test_a_missing_variable(tiny: Project) -> None:
    file = tiny.write("tiny/wanted.tf", 'locals {}\n\nvariable "wanted" {\n  type = string\n}\n')
    said = refused(tiny.stackproof("plan"))
    assert said.startswith(f"stackproof: {file}:3: terraform plan failed: No value for required variable: ")
    assert '"wanted" is not set' in said
    assert "Use a -var or -var-file" in said


def test_a_missing_var_file(tiny: Project) -> None:
    tiny.settings(f'{STACK}[tool.stackproof.stacks.tiny.environments.dev]\nvar_files = ["dev.tfvars"]\n')
    said = refused(tiny.stackproof("plan"))
    assert said == (
        f"stackproof: {tiny.folder}/pyproject.toml, [tool.stackproof.stacks.tiny.environments.dev.var_files]: "
        f"{tiny.folder}/tiny/dev.tfvars does not exist. Create it or mend the path; it is relative to "
        f"{tiny.folder}/tiny."
    )


def test_a_missing_var_file_in_a_test_run(tiny: Project) -> None:
    tiny.settings(f'{STACK}[tool.stackproof.stacks.tiny.environments.dev]\nvar_files = ["dev.tfvars"]\n')
    ran = tiny.pytest()
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "/tiny/dev.tfvars does not exist. Create it or mend the path" in refused(ran)


def test_a_plan_that_fails_in_one_environment(tiny: Project) -> None:
    tiny.settings(TWO.replace('size = "big"', 'size = ["no", "text"]'))
    ran = tiny.stackproof("plan", "--out", "plans")
    said = refused(ran)
    assert said.startswith(
        "stackproof: [tool.stackproof], variables of environment 'prod': terraform plan failed: "
        "Invalid value for input variable: "
    )
    assert ran.line("dev: written to plans/dev.json")
    assert [file.name for file in (tiny.folder / "plans").iterdir()] == ["dev.json"]


def test_a_plan_that_fails_in_one_environment_leaves_the_others_tests_their_verdicts(tiny: Project) -> None:
    tiny.settings(TWO.replace('size = "big"', 'size = ["no", "text"]'))
    tiny.write("test_plan.py", "def test_plan(plan):\n    assert plan\n\ndef test_again(plan):\n    assert plan\n")
    ran = tiny.pytest()
    assert ran.code == 1
    assert "2 passed, 2 errors" in ran.lines[-1]
    assert ran.line("  prod  ", "failed")
    assert "variables of environment 'prod': terraform plan failed: Invalid value for input variable" in ran.out
    assert "Traceback" not in ran.out
    assert "def test_plan" not in ran.out


def test_terraform_killed(tiny: Project, fake_terraform: Fake) -> None:
    tiny.settings(f'terraform = "{fake_terraform("kill -KILL $$")}"\n{STACK}')
    said = refused(tiny.stackproof("plan"))
    assert "was ended by SIGKILL. Run it again; where it happens again, look for a memory limit" in said


def test_terraform_hanging_past_its_timeout(tiny: Project, fake_terraform: Fake) -> None:
    tiny.settings(f'terraform = "{fake_terraform("sleep 600 & sleep 600")}"\ntimeout = 1\n{STACK}')
    said = refused(tiny.stackproof("plan"))
    assert "took longer than 1 s and was ended. Look at what it waits for, or raise `timeout`" in said


def test_a_megabyte_of_complaints(tiny: Project, fake_terraform: Fake) -> None:
    complain = "head -c 1048576 /dev/zero | tr '\\0' e >&2; exit 1"
    tiny.settings(f'terraform = "{fake_terraform(complain)}"\n{STACK}')
    said = refused(tiny.stackproof("plan"))
    assert "terraform plan failed: exit code 1: eee" in said
    assert len(said) < 1000


def test_a_port_that_is_taken(tiny: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        tiny.settings(f"{STACK}[tool.stackproof.sandbox]\nport = {port}\n")
        said = refused(tiny.stackproof("plan"))
    assert said == (
        f"stackproof: [tool.stackproof.sandbox] port: port {port} cannot be used: Address already in use. "
        "Leave it out, and a free port is taken."
    )


def test_a_disk_that_is_full_while_a_plan_is_kept(tiny: Project) -> None:
    # much in the plan, little in Terraform's own compressed file of it; no file of a child may grow beyond the limit
    tiny.write(
        "tiny/large.tf",
        'output "large" {\n  value = format("%1000000s", "!")\n}\n',
    )
    program = """
        import resource, sys
        from stackproof.cli import main

        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
        sys.exit(main(["plan"]))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=tiny.folder,
        env=tiny.environment(),
        capture_output=True,
        text=True,
        timeout=HANGS_SECONDS,
        check=False,
    )
    assert done.returncode == 1
    (said,) = done.stderr.splitlines()
    assert f"{tiny.folder}/cache/plans: the plan cannot be kept: File too large. Use another folder" in said
    assert "--plan-cache=off" in said
    assert [file.name for file in (tiny.folder / "cache/plans").iterdir() if not file.name.endswith(".lock")] == []


def test_a_cache_that_cannot_be_written(tiny: Project) -> None:
    tiny.write("cache", "a file where the folder should be")
    said = refused(tiny.stackproof("plan"))
    assert said == (
        f"stackproof: {tiny.folder}/cache/plans: cannot be made: Not a directory. Use another folder "
        "(`cache` in [tool.stackproof]), or go without: --plan-cache=off."
    )
    assert tiny.stackproof("plan", "--plan-cache=off").code == 0


def test_a_damaged_cache_entry_is_planned_anew(tiny: Project) -> None:
    assert tiny.stackproof("plan").code == 0
    (entry,) = (tiny.folder / "cache/plans").glob("*.plan")
    whole = entry.read_bytes()
    entry.write_bytes(whole[:-10])
    ran = tiny.stackproof("plan")
    assert ran.code == 0
    assert ran.line("default: planned")
    assert tiny.stackproof("plan").line("default: unchanged")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ('{"format_version": "1.2", "resource_ch', "is truncated"),
        ('{"hello": "world"}', "is not a Terraform plan"),
        ('{"format_version": "7.0"}', "has format version 7.0, newer than 1.x"),
    ],
    ids=["empty", "truncated", "not a plan", "too new"],
)
def test_a_plan_file_that_holds_no_plan(tiny: Project, text: str, reason: str) -> None:
    tiny.write("plan.json", text)
    tiny.write("test_plan.py", "def test_plan(plan):\n    assert plan\n")
    ran = tiny.pytest("--plan-json", "plan.json")
    assert ran.code == pytest.ExitCode.TESTS_FAILED
    assert f"{tiny.folder}/plan.json: {reason}" in ran.out
    assert "Traceback" not in ran.out


def test_a_plan_file_that_is_not_there(tiny: Project) -> None:
    said = refused(tiny.pytest("--plan-json", "plan.json"))
    assert "--plan-json plan.json: there is no such plan file" in said


def test_an_unknown_environment(tiny: Project) -> None:
    tiny.settings(TWO)
    said = refused(tiny.stackproof("plan", "nowhere"))
    assert said == ("stackproof: there is no environment of stack 'tiny' named 'nowhere'. Choose one of: dev, prod.")


def test_an_unknown_environment_in_a_test_run(tiny: Project) -> None:
    tiny.settings(TWO)
    said = refused(tiny.pytest("--environment", "nowhere"))
    assert said == "ERROR: --environment: there is no environment 'nowhere'. Choose one of: dev, prod."


def test_a_ca_bundle_in_the_caller_s_environment_keeps_nobody_from_planning(aws_plans: AwsPlans) -> None:
    assert [plan.environment for plan in aws_plans.plans.values()] == ["dev", "staging", "prod"]
