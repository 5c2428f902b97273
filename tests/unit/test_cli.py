"""The command line as its users meet it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import stackproof
from stackproof.terraform.providers import Package

if TYPE_CHECKING:
    from tests.unit.conftest import Project, Ran, Traces

SECRET = "correct-horse-battery-staple"

ENVIRONMENTS = f"""
[tool.stackproof.stacks.tiny]
folder = "tiny"

[tool.stackproof.stacks.tiny.environments.dev]

[tool.stackproof.stacks.tiny.environments.prod]
variables = {{ size = "big", password = "{SECRET}" }}
"""


@pytest.fixture
def tiny(project: Project) -> Project:
    """A project with the stack `tiny` in two environments."""
    project.stack()
    project.settings(ENVIRONMENTS)
    return project


def complaint(ran: Ran) -> str:
    assert "Traceback" not in ran.err
    (line,) = ran.err.splitlines()
    return line


def test_every_environment_is_planned(tiny: Project, traces: Traces) -> None:
    ran = tiny.stackproof("plan")
    assert (ran.code, ran.err) == (0, "")
    assert ran.line("dev: planned")
    assert ran.line("prod: planned")
    assert traces.left() == []


def test_one_environment_can_be_planned(tiny: Project) -> None:
    ran = tiny.stackproof("plan", "prod")
    assert ran.code == 0
    assert "dev" not in ran.out


def test_plans_are_written_where_asked(tiny: Project) -> None:
    ran = tiny.stackproof("plan", "--out", "some/folder")
    assert ran.code == 0
    files = sorted((tiny.folder / "some/folder").iterdir())
    assert [file.name for file in files] == ["dev.json", "prod.json"]
    assert ran.line("prod: written to some/folder/prod.json")
    assert stackproof.load_plan(files[1]).output("size") == "big"


def test_written_plans_are_the_user_s_alone_and_redacted(tiny: Project) -> None:
    tiny.stackproof("plan", "prod", "--out", "plans")
    file = tiny.folder / "plans/prod.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert SECRET not in file.read_text(encoding="utf-8")
    assert json.loads(file.read_text(encoding="utf-8"))["variables"]["password"]["value"] == "(sensitive value)"


def test_a_plan_that_cannot_be_written_is_told(tiny: Project) -> None:
    tiny.write("plans", "a file where the folder should be")
    ran = tiny.stackproof("plan", "dev", "--out", "plans")
    assert ran.code == 2
    assert complaint(ran) == "stackproof: plans/dev.json: cannot be written: File exists. Mend the path."


def test_with_several_stacks_one_must_be_named(tiny: Project) -> None:
    (tiny.folder / "tiny").rename(tiny.folder / "one")
    tiny.stack()
    tiny.settings('[tool.stackproof.stacks.one]\nfolder = "one"\n[tool.stackproof.stacks.tiny]\nfolder = "tiny"\n')
    ran = tiny.stackproof("plan")
    assert ran.code == 2
    assert complaint(ran) == "stackproof: there are 2 stacks. Say which: --stack one or tiny."
    assert tiny.stackproof("plan", "--stack", "one").code == 0


def test_without_settings_there_is_nothing_to_plan(project: Project) -> None:
    ran = project.stackproof("plan")
    assert ran.code == 2
    assert complaint(ran).endswith(
        "no pyproject.toml with a [tool.stackproof] table here or above. Add one; the README shows the smallest."
    )


def test_without_stacks_there_is_nothing_to_plan(project: Project) -> None:
    project.settings("")
    ran = project.stackproof("plan")
    assert ran.code == 2
    assert "there is no stack" in complaint(ran)


def test_a_valid_stack_is_said_to_be_valid(tiny: Project, traces: Traces) -> None:
    ran = tiny.stackproof("validate")
    assert (ran.code, ran.out, ran.err) == (0, "tiny: the configuration is valid\n", "")
    assert traces.left() == []


def test_an_invalid_stack_is_told_with_its_place(tiny: Project) -> None:
    file = tiny.write("tiny/wrong.tf", 'resource "terraform_data" "wrong" {\n  inptu = 1\n}\n')
    ran = tiny.stackproof("validate")
    assert ran.code != 0
    assert complaint(ran).startswith(f"stackproof: {file}:2: terraform validate failed: Unsupported argument")


def test_a_stack_with_a_provider_is_validated_without_an_account(
    project: Project, aws_package: Package, lock: Callable[..., None]
) -> None:
    assert aws_package.executable
    lock(project.stack("aws"))
    project.settings('[tool.stackproof.stacks.aws]\nfolder = "aws"\n')
    ran = project.stackproof("validate")
    assert (ran.code, ran.err) == (0, "")


def test_files_that_are_not_in_form_fail_a_check_and_stay_as_they_are(tiny: Project) -> None:
    file = tiny.write("tiny/modules/deep/odd.tf", "locals {\na=1\n}\n")
    ran = tiny.stackproof("fmt", "--check")
    assert (ran.code, ran.lines) == (1, [f"{file}: is not in form", "Run: stackproof fmt"])
    assert file.read_text(encoding="utf-8") == "locals {\na=1\n}\n"


def test_files_are_brought_into_form(tiny: Project) -> None:
    file = tiny.write("tiny/odd.tf", "locals {\na=1\n}\n")
    ran = tiny.stackproof("fmt")
    assert (ran.code, ran.lines) == (0, [f"{file}: brought into form"])
    assert file.read_text(encoding="utf-8") == "locals {\n  a = 1\n}\n"
    assert tiny.stackproof("fmt", "--check").code == 0


def test_a_file_that_cannot_be_formatted_is_told_with_its_place(tiny: Project) -> None:
    file = tiny.write("tiny/broken.tf", "locals {\n  a =\n}\n")
    ran = tiny.stackproof("fmt", "--check")
    assert ran.code == 2
    assert complaint(ran).startswith(f"stackproof: {file}:2: terraform fmt failed: Invalid expression")


def test_the_doctor_finds_a_good_machine_good(tiny: Project) -> None:
    ran = tiny.stackproof("doctor")
    assert (ran.code, ran.err) == (0, "")
    assert all(line.startswith("ok ") for line in ran.lines)
    assert ran.line("ok       terraform ", "1.")
    assert ran.line("sandbox", "moto 5.2")
    assert ran.line("stack ", f"tiny: {tiny.folder}/tiny (dev, prod)")


def test_the_doctor_holds_the_locked_provider_against_the_mirror(
    project: Project, aws_package: Package, lock: Callable[..., None]
) -> None:
    lock(project.stack("aws"))
    project.settings('[tool.stackproof.stacks.aws]\nfolder = "aws"\n')
    ran = project.stackproof("doctor")
    assert ran.code == 0
    assert ran.line("provider", f"hashicorp/aws {aws_package.version}", "its hash is in the lock file").startswith(
        "ok "
    )


def test_the_doctor_says_what_is_missing_and_how_to_mend_it(tiny: Project, tmp_path: Path) -> None:
    ran = tiny.stackproof("doctor", **tiny.without_terraform(tmp_path / "without"))
    assert ran.code == 1
    number = ran.lines.index(ran.line("MISSING", "there is no terraform"))
    assert "pip install 'stackproof[embedded]'" in ran.lines[number + 1]


def test_the_doctor_misses_settings(project: Project) -> None:
    ran = project.stackproof("doctor")
    assert ran.code == 1
    assert ran.line("MISSING", "settings")


def test_the_doctor_needs_a_cache_that_can_be_written(tiny: Project) -> None:
    tiny.write("cache", "a file where the folder should be")
    ran = tiny.stackproof("doctor")
    assert ran.code == 1
    assert "cannot be made: Not a directory" in ran.line("MISSING", "plan cache")


def test_the_doctor_leaves_nothing_behind(tiny: Project, traces: Traces) -> None:
    tiny.stackproof("doctor")
    assert traces.left() == []


def test_settings_that_cannot_be_used_are_told_in_one_line(tiny: Project) -> None:
    tiny.settings("tiemout = 3\n")
    for command in ("plan", "validate", "fmt", "doctor"):
        ran = tiny.stackproof(command)
        assert ran.code == 2
        assert complaint(ran) == (
            f"stackproof: {tiny.folder}/pyproject.toml, [tool.stackproof.tiemout]: unknown key. Did you mean 'timeout'?"
        )


def test_the_version_is_told(project: Project) -> None:
    ran = project.stackproof("--version")
    assert (ran.code, ran.out) == (0, f"stackproof {stackproof.__version__}\n")


def test_a_command_is_needed(project: Project) -> None:
    ran = project.stackproof()
    assert ran.code == 2
    assert "COMMAND" in ran.err
