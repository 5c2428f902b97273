"""The pytest plugin as its users meet it: a pyproject.toml, a stack, tests, and `pytest`."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stackproof.terraform.locate import Cli

if TYPE_CHECKING:
    from tests.unit.conftest import Project, Ran, Traces

SECRET = "correct-horse-battery-staple"
HANGS_SECONDS = 120

Script = Callable[[str, str], Path]

ENVIRONMENTS = """
[tool.stackproof.stacks.tiny]
folder = "tiny"

[tool.stackproof.stacks.tiny.environments.dev]
variables = { size = "small" }

[tool.stackproof.stacks.tiny.environments.prod]
variables = { size = "big" }
"""

READS_SIZE = """
    def test_size(plan):
        assert plan["terraform_data.this"]["input.size"] in ("small", "big")
"""


def write(project: Project, name: str, text: str) -> None:
    project.write(name, textwrap.dedent(text))


@pytest.fixture
def tiny(project: Project) -> Project:
    """A project with the stack `tiny` in two environments, and one test of its plans."""
    project.stack()
    project.settings(ENVIRONMENTS)
    write(project, "tests/test_size.py", READS_SIZE)
    return project


@dataclass(frozen=True)
class Gate:
    """A project whose tests come to every verdict, and two runs of it: the first plans, the second tells more."""

    project: Project
    first: Ran
    verbose: Ran


@pytest.fixture(scope="module")
def gate(new_project: Callable[[], Project]) -> Gate:
    project = new_project()
    project.stack()
    project.settings(
        'requirements = "requirements.toml"\n' + ENVIRONMENTS.replace('"big"', f'"big", password = "{SECRET}"')
    )
    write(
        project,
        "requirements.toml",
        """
        tests = "tests"

        [requirements]
        BIG-1 = "It is big."
        KEY-1 = "It has an id."
        OWN-1 = "It is what production needs."
        ANY-1 = "It needs no plan."
        OWN-2 = "Nothing was found out about it."
        """,
    )
    write(
        project,
        "tests/test_gate.py",
        """
        import pytest

        @pytest.mark.requirement("BIG-1")
        def test_compared(stack):
            assert stack["terraform_data.this"]["input.size"] == "big"

        @pytest.mark.requirement("BIG-1")
        def test_truth(stack):
            assert stack["terraform_data.this"]["input.size"].startswith("b")

        @pytest.mark.requirement("KEY-1")
        def test_unknown(plan):
            assert plan["terraform_data.this"]["id"] == "known"

        @pytest.mark.requirement("KEY-1")
        @pytest.mark.until_apply
        def test_waits(plan):
            assert plan["terraform_data.this"]["id"] == "known"

        @pytest.mark.requirement("OWN-1")
        @pytest.mark.environment("prod")
        def test_prod_alone(plan, plans):
            assert plan.environment == "prod"
            assert list(plans) == ["dev", "prod"]
            assert plans["dev"].output("size") != plans["prod"].output("size")

        @pytest.mark.environment("prod")
        def test_secret(plan):
            assert plan["terraform_data.this"]["input"] == {"size": "big", "password": "guess"}

        @pytest.mark.environment("prod")
        def test_whole(plan):
            assert plan["terraform_data.this"]["input.size"] == plan.variables

        @pytest.mark.environment("dev")
        def test_not_there(plan):
            plan.resource("aws_vpc")

        @pytest.mark.requirement("ANY-1")
        def test_without_a_plan():
            assert True

        @pytest.mark.requirement("OWN-2")
        def test_skipped(plan):
            pytest.skip("not today")

        @pytest.mark.requirement("OWN-2")
        @pytest.mark.xfail
        def test_known_to_fail(plan):
            assert plan.output("size") == "none of both"
        """,
    )
    return Gate(project, project.pytest(), project.pytest("-v", "-rA"))


def section(ran: Ran, title: str) -> list[str]:
    """The lines below a title that is drawn across the page, up to the next."""
    lines = ran.lines
    start = next(number for number, line in enumerate(lines) if line.strip("=_-").strip() == title)
    end = next(number for number in range(start + 1, len(lines)) if lines[number].startswith(("===", "___")))
    return lines[start + 1 : end]


def test_a_run_with_failures_exits_with_1(gate: Gate) -> None:
    assert (gate.first.code, gate.first.err) == (1, "")


def test_the_header_tells_terraform_providers_stack_and_environments(gate: Gate) -> None:
    line = gate.first.line("stackproof: Terraform ")
    assert line.endswith(", no lock file; tiny: dev, prod")


def test_progress_is_shown_while_plans_are_made(gate: Gate) -> None:
    assert gate.first.line("dev", "planning")
    assert gate.first.line("prod", "planned", "1 to create")


def test_unchanged_stacks_are_not_planned_again(gate: Gate) -> None:
    assert gate.verbose.line("dev", "unchanged", "1 to create")
    assert not [line for line in gate.verbose.lines if "planned" in line.split()]


def test_each_test_of_a_plan_runs_once_an_environment(gate: Gate) -> None:
    assert "FAILED" in gate.verbose.line("test_gate.py::test_compared[dev] ", "%]")
    assert "PASSED" in gate.verbose.line("test_gate.py::test_compared[prod] ", "%]")


def test_a_marked_test_runs_in_its_environments_only(gate: Gate) -> None:
    assert "PASSED" in gate.verbose.line("test_prod_alone[prod] ", "%]")
    assert "test_prod_alone[dev]" not in gate.verbose.out


def test_a_test_without_a_plan_runs_once(gate: Gate) -> None:
    assert "PASSED" in gate.verbose.line("::test_without_a_plan ", "%]")


def test_undecided_has_letters_of_its_own(gate: Gate) -> None:
    letters = gate.first.line("test_gate.py ", "%]").split()[1]
    assert (letters.count("U"), letters.count("u")) == (2, 2)


def test_undecided_has_words_of_its_own(gate: Gate) -> None:
    assert "UNDECIDED " in gate.verbose.line("::test_unknown[dev] ", "%]")
    assert "UNDECIDED UNTIL APPLY" in gate.verbose.line("::test_waits[dev] ", "%]")


def test_undecided_has_a_section_with_address_path_and_place(gate: Gate) -> None:
    lines = section(gate.first, "undecided")
    start = lines.index("U tests/test_gate.py::test_unknown[prod]")
    assert lines[start + 1] == "  terraform_data.this: id is undecided (known after apply) at tiny/main.tf:14"
    assert "until_apply" in lines[start + 2]


def test_what_waits_for_an_apply_has_a_section_too(gate: Gate) -> None:
    lines = section(gate.first, "undecided until apply")
    start = lines.index("u tests/test_gate.py::test_waits [dev, prod]")
    assert lines[start + 1] == "  terraform_data.this: id is undecided (known after apply) at tiny/main.tf:14"


def test_undecided_is_counted_apart(gate: Gate) -> None:
    assert "2 undecided, 2 until apply" in gate.first.lines[-1]


def test_a_failed_comparison_tells_address_path_expected_got_and_place(gate: Gate) -> None:
    lines = section(gate.first, "test_compared[dev]")
    start = lines.index("E       AssertionError: assert terraform_data.this: input.size: expected 'big', got 'small'")
    assert lines[start + 1] == "E         at tiny/main.tf:15"


def test_a_failed_truth_test_tells_address_path_got_and_place(gate: Gate) -> None:
    lines = section(gate.first, "test_truth[dev]")
    assert lines[-2:] == ["terraform_data.this: input.size = 'small'", "    at tiny/main.tf:15"]


def test_the_summary_of_a_failed_truth_test_tells_them_too(gate: Gate) -> None:
    line = gate.first.line("FAILED", "test_truth[dev]")
    assert "terraform_data.this: input.size = 'small'" in line


def test_an_error_for_people_is_shown_without_a_traceback(gate: Gate) -> None:
    lines = section(gate.first, "test_not_there[dev]")
    assert lines[0] == "there is no aws_vpc in dev"
    assert lines[-1].startswith("tests/test_gate.py:")
    assert len(lines) == 3


def test_the_matrix_tells_every_requirement_s_verdict_in_every_environment(gate: Gate) -> None:
    assert [line.rstrip() for line in section(gate.first, "requirements")] == [
        "       dev        prod       tests",
        "BIG-1  fail       pass           2  It is big.",
        "KEY-1  undecided  undecided      2  It has an id.",
        "OWN-1  -          pass           1  It is what production needs.",
        "ANY-1  pass       pass           1  It needs no plan.",
        "OWN-2  -          -              0  Nothing was found out about it.",
        "5 requirements: 2 pass, 1 fail, 1 undecided, 1 not asked in this run",
    ]


def test_a_skipped_test_is_no_verdict_on_its_requirement(gate: Gate) -> None:
    assert "SKIPPED" in gate.verbose.line("::test_skipped[prod] ", "%]")
    assert "XFAIL" in gate.verbose.line("::test_known_to_fail[prod] ", "%]")
    assert gate.first.line("OWN-2", "Nothing was found out").split()[:4] == ["OWN-2", "-", "-", "0"]


def test_a_sensitive_value_is_nowhere_in_the_output(gate: Gate) -> None:
    assert "test_secret" in gate.first.out
    assert SECRET not in gate.first.out + gate.verbose.out


def test_a_sensitive_value_is_nowhere_in_the_project_but_in_the_settings(gate: Gate) -> None:
    files = [file for file in gate.project.folder.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()]
    assert [file.name for file in files] == ["pyproject.toml"]
    assert len(list((gate.project.folder / "cache/plans").glob("*.plan"))) == 2


def test_what_only_waits_for_an_apply_fails_no_run(tiny: Project) -> None:
    write(
        tiny,
        "tests/test_size.py",
        """
        import pytest

        @pytest.mark.until_apply
        def test_id(plan):
            assert plan["terraform_data.this"]["id"]
        """,
    )
    ran = tiny.pytest()
    assert (ran.code, ran.lines[-1].strip("= ").split(" in ")[0]) == (0, "2 until apply")


def test_what_is_undecided_fails_a_run(tiny: Project) -> None:
    write(tiny, "tests/test_size.py", 'def test_id(plan):\n    assert plan["terraform_data.this"]["id"]\n')
    assert tiny.pytest().code == 1


def test_one_environment_can_be_chosen(tiny: Project) -> None:
    ran = tiny.pytest("-v", "--environment", "prod")
    assert ran.code == 0
    assert ran.line("test_size[prod]")
    assert "[dev]" not in ran.out
    assert not [line for line in ran.lines if line.startswith("  dev ")]


def test_a_test_that_is_meant_for_other_environments_is_deselected(tiny: Project) -> None:
    write(
        tiny,
        "tests/test_size.py",
        """
        import pytest

        @pytest.mark.environment("prod")
        def test_prod(plan):
            assert plan.environment == "prod"

        def test_any(plan):
            assert plan.environment == "dev"
        """,
    )
    ran = tiny.pytest("--environment=dev")
    assert ran.code == 0
    assert "1 passed, 1 deselected" in ran.lines[-1]


def test_an_unknown_environment_on_a_marker_is_refused_with_the_known_ones(tiny: Project) -> None:
    write(
        tiny,
        "tests/test_size.py",
        """
        import pytest

        @pytest.mark.environment("nowhere")
        def test_size(plan):
            assert plan
        """,
    )
    ran = tiny.pytest()
    assert ran.code not in (0, 1)
    assert "there is no environment 'nowhere'. Choose one of: dev, prod." in ran.out + ran.err
    assert "Traceback" not in ran.out + ran.err


def test_an_unknown_stack_is_refused_with_the_known_ones(tiny: Project) -> None:
    ran = tiny.pytest("--stack", "nowhere")
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert ran.err.strip() == "ERROR: there is no stack named 'nowhere'. Choose one of: tiny."


@pytest.fixture
def two_stacks(tiny: Project) -> Project:
    """A project with two stacks."""
    shutil.copytree(tiny.folder / "tiny", tiny.folder / "other")
    tiny.settings(ENVIRONMENTS + '\n[tool.stackproof.stacks.other]\nfolder = "other"\n')
    return tiny


def test_with_several_stacks_the_ids_name_them(two_stacks: Project) -> None:
    ran = two_stacks.pytest("-v")
    assert ran.code == 0
    assert [line.split()[0].split("::")[1] for line in ran.lines if "PASSED" in line] == [
        "test_size[tiny-dev]",
        "test_size[tiny-prod]",
        "test_size[other-default]",
    ]


def test_one_of_several_stacks_can_be_chosen(two_stacks: Project) -> None:
    ran = two_stacks.pytest("-v", "--stack", "other")
    assert ran.code == 0
    assert ran.line("test_size[default]", "PASSED")
    assert "[dev]" not in ran.out


def test_the_plugin_is_not_in_the_way_of_tests_without_plans(project: Project) -> None:
    write(project, "test_plain.py", "def test_plain():\n    assert True\n")
    ran = project.pytest()
    assert ran.code == 0
    assert "stackproof:" not in ran.out


def test_a_plan_without_any_settings_is_refused_with_a_remedy(project: Project) -> None:
    write(project, "test_plan.py", "def test_plan(plan):\n    assert plan\n")
    ran = project.pytest()
    assert ran.code not in (0, 1)
    assert (
        "there is no stack to plan. Declare one under [tool.stackproof.stacks] in pyproject.toml" in ran.out + ran.err
    )
    assert "Traceback" not in ran.out + ran.err


@pytest.fixture
def plan_files(tiny: Project, script: Script, tmp_path: Path) -> Project:
    """A project with the plans of its environments in files, and a Terraform that must not be asked again."""
    made = tiny.stackproof("plan", "--out", "plans")
    assert made.code == 0, made.err
    refusing = script("terraform", f"touch {tmp_path}/asked; exit 1")
    tiny.settings(f'terraform = "{refusing}"\n{ENVIRONMENTS}')
    write(tiny, "tests/test_size.py", READS_SIZE.replace('in ("small", "big")', '== "big"'))
    return tiny


def test_a_plan_can_come_from_a_file(plan_files: Project, tmp_path: Path) -> None:
    ran = plan_files.pytest("-v", "--plan-json", "plans/prod.json")
    assert ran.code == 0
    assert ran.line("test_size[prod]", "PASSED")
    assert not (tmp_path / "asked").exists()


def test_a_plan_from_a_file_can_be_given_a_name(plan_files: Project) -> None:
    ran = plan_files.pytest("-v", "--plan-json", "before=plans/dev.json", "--plan-json", "after=plans/prod.json")
    assert ran.line("test_size[before]", "FAILED", "%]")
    assert ran.line("test_size[after]", "PASSED", "%]")


def test_a_failure_on_a_plan_from_a_file_tells_the_place_in_the_stack(plan_files: Project) -> None:
    ran = plan_files.pytest("--plan-json", "plans/dev.json")
    assert ran.code == 1
    assert "E         at tiny/main.tf:15" in ran.lines


def test_a_plan_file_needs_no_settings(plan_files: Project) -> None:
    (plan_files.folder / "pyproject.toml").unlink()
    assert plan_files.pytest("--plan-json", "plans/prod.json").code == 0


def test_a_requirement_without_a_test_fails_the_run(project: Project) -> None:
    numbered(project)
    ran = project.pytest()
    assert ran.code == 1
    assert "1 passed" in ran.lines[-1]
    assert ran.line("ERROR: requirement B-2 has no test: It is not.")


def test_a_marker_without_a_requirement_fails_the_run(project: Project) -> None:
    numbered(project, marker="C-3")
    ran = project.pytest()
    assert ran.code == 1
    assert ran.line(
        "ERROR: tests/test_one.py::test_one carries requirement 'C-3', which requirements.toml does not hold"
    )


def test_a_run_of_one_file_need_not_cover_all_requirements(project: Project) -> None:
    numbered(project)
    assert project.pytest("tests/test_one.py").code == 0


def test_a_run_of_one_file_still_knows_its_requirements(project: Project) -> None:
    numbered(project, marker="C-3")
    assert project.pytest("tests/test_one.py").code == 1


def test_a_requirement_without_a_test_fails_the_run_under_xdist(project: Project) -> None:
    numbered(project)
    ran = project.pytest("-n", "2")
    assert ran.code == 1
    assert ran.line("ERROR: requirement B-2 has no test: It is not.")


def test_a_requirements_file_that_cannot_be_used_fails_the_run(project: Project) -> None:
    numbered(project)
    project.write("requirements.toml", "[requirements]\nA-1 = 1\n")
    ran = project.pytest()
    assert ran.code == 1
    assert ran.line("ERROR: ", "requirements.toml, [requirements]: must map numbers to sentences")


def numbered(project: Project, marker: str = "A-1") -> None:
    """One test with a marker, and two requirements."""
    project.settings('requirements = "requirements.toml"')
    project.write("requirements.toml", 'tests = "tests"\n[requirements]\nA-1 = "It is."\nB-2 = "It is not."\n')
    test = f'import pytest\n\n@pytest.mark.requirement("{marker}")\ndef test_one():\n    assert True\n'
    project.write("tests/test_one.py", test)


@pytest.fixture
def asked(tiny: Project, any_cli: Cli, script: Script, tmp_path: Path) -> Callable[[], list[str]]:
    """Which commands the project's Terraform was asked for so far."""
    log = tmp_path / "log"
    counting = script("counting", f'echo $1 >> {log}; exec {" ".join(any_cli.argv)} "$@"')
    tiny.settings(f'requirements = "requirements.toml"\nterraform = "{counting}"\n{ENVIRONMENTS}')
    tiny.write("requirements.toml", 'tests = "tests"\n[requirements]\nA-1 = "It is big."\nB-2 = "It is small."\n')
    write(
        tiny,
        "tests/test_size.py",
        """
        import pytest

        @pytest.mark.requirement("A-1")
        @pytest.mark.parametrize("time", range(4))
        def test_big(plan, time):
            assert plan.output("size") == "big"

        @pytest.mark.requirement("B-2")
        @pytest.mark.parametrize("time", range(4))
        def test_small(plan, time):
            assert plan.output("size") == "small"
        """,
    )
    return lambda: log.read_text(encoding="utf-8").split() if log.exists() else []


def test_workers_make_each_plan_once_between_them(tiny: Project, asked: Callable[[], list[str]]) -> None:
    ran = tiny.pytest("-n", "2", "--plan-cache=off")
    assert ran.code == 1
    assert "8 failed, 8 passed" in ran.lines[-1]
    assert asked().count("plan") == 2


def test_the_matrix_of_workers_is_whole(tiny: Project, asked: Callable[[], list[str]]) -> None:
    ran = tiny.pytest("-n", "2")
    assert asked()
    assert [line.rstrip() for line in section(ran, "requirements")] == [
        "     dev        prod       tests",
        "A-1  fail       pass           1  It is big.",
        "B-2  pass       fail           1  It is small.",
        "2 requirements: 2 fail",
    ]


def test_workers_leave_nothing_behind(tiny: Project, traces: Traces) -> None:
    assert tiny.pytest("-n", "2").code == 0
    assert [name for name in traces.files() if name.startswith("stackproof-")] == []
    assert traces.processes() == []


def test_collecting_alone_plans_nothing(tiny: Project, asked: Callable[[], list[str]]) -> None:
    ran = tiny.pytest("--collect-only", "-q")
    assert ran.code == 0
    assert "tests/test_size.py::test_big[dev-0]" in ran.out or "tests/test_size.py::test_big[0-dev]" in ran.out
    assert set(asked()) <= {"version"}


def test_the_cache_can_be_left_alone_and_made_anew(tiny: Project, asked: Callable[[], list[str]]) -> None:
    counts = []
    for mode in ("on", "on", "refresh", "off"):
        tiny.pytest("--plan-cache", mode)
        counts.append(asked().count("plan"))
    assert counts == [2, 2, 4, 6]


def test_only_what_the_chosen_tests_need_is_planned(tiny: Project, asked: Callable[[], list[str]]) -> None:
    tiny.pytest("-k", "prod")
    assert asked().count("plan") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_interrupted_or_killed_leaves_nothing_behind(
    tiny: Project, fake_terraform: Callable[[str], Path], tmp_path: Path, traces: Traces, number: signal.Signals
) -> None:
    started = tmp_path / "started"
    tiny.settings(f'terraform = "{fake_terraform(f"touch {started}; sleep 600")}"\n{ENVIRONMENTS}')
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    run = subprocess.Popen(words, cwd=tiny.folder, env=tiny.environment(), stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + HANGS_SECONDS
    while not started.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    run.send_signal(number)
    said, _ = run.communicate(timeout=HANGS_SECONDS)
    assert run.returncode == (pytest.ExitCode.INTERRUPTED if number == signal.SIGINT else -signal.SIGKILL)
    assert "Traceback" not in said
    assert traces.left() == []


@pytest.mark.parametrize("marker", ['environment(name="prod")', "environment()"])
def test_an_environment_marker_that_names_none_is_refused(tiny: Project, marker: str) -> None:
    write(
        tiny, "tests/test_size.py", f"import pytest\n\n@pytest.mark.{marker}\ndef test_size(plan):\n    assert plan\n"
    )
    ran = tiny.pytest()
    assert ran.code != 0
    assert 'write it as environment("prod", ...)' in ran.out + ran.err
