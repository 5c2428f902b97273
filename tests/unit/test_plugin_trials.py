"""Stacks applied to an account, as users of the plugin meet them: fixtures, hook, order, refusals, summary."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.conftest import Project, Ran, Traces

SETTINGS = """
[tool.stackproof.stacks.kept]
folder = "kept"

[tool.stackproof.stacks.kept.environments.dev]
variables = { size = "small" }

[tool.stackproof.stacks.kept.environments.prod]
variables = { size = "big" }
"""

CONFTEST = """
import sys
from pathlib import Path

def pytest_stackproof_before_apply(trial):
    with open("asked", "a", encoding="utf-8") as file:
        print(trial.environment.name, len(trial.deployment.runs), file=file)

def pytest_unconfigure():
    names = [name for name in sys.modules if name.startswith("stackproof.")] + ["boto3", "moto"]
    Path("imported").write_text("\\n".join(name for name in names if name in sys.modules), encoding="utf-8")
"""

LIFE = """
    import pytest

    def test_first(trial):
        assert trial.deployment.outputs["size"] == {"dev": "small", "prod": "big"}[trial.environment.name]

    def test_between():
        pass

    def test_settled(trial):
        trial.require_no_changes()

    @pytest.mark.fault
    def test_survived(trial):
        assert trial.is_alive

    @pytest.mark.fault
    @pytest.mark.environment("prod")
    def test_not_survived(trial):
        assert not trial.is_alive

    def test_of_another(trials, stackproof_target):
        if stackproof_target.environment == "dev":
            other = trials.new(*trials.meant("kept", "dev"), name="other")
            trials.awaited("other", trials.submit(other.apply, {"size": "huge"}))
            assert other.deployment.outputs["size"] == "huge"

    def test_nothing_is_left(destroyed):
        assert not destroyed.is_alive
        destroyed.require_nothing_left()
"""


def write(project: Project, name: str, text: str) -> None:
    project.write(name, textwrap.dedent(text))


def with_stack(project: Project) -> Project:
    project.stack("kept")
    project.settings(SETTINGS)
    project.write("conftest.py", CONFTEST)
    return project


@pytest.fixture
def kept(project: Project) -> Project:
    """A project with the stack `kept` in two environments."""
    return with_stack(project)


@pytest.fixture(scope="module")
def life(new_project: Callable[[], Project]) -> tuple[Project, Ran]:
    """A project whose tests follow a stack through its life, and a run of it."""
    project = with_stack(new_project())
    write(project, "tests/test_life.py", LIFE)
    return project, project.pytest("-v", "-ra")


def order(ran: Ran) -> list[str]:
    """The tests that ran, in their order."""
    return re.findall(r"test_life\.py::(test_\w+(?:\[\w+\])?) [A-Z]", ran.out)


def section(ran: Ran, title: str) -> list[str]:
    lines = ran.lines
    start = next(number for number, line in enumerate(lines) if re.fullmatch(rf"[-=]+ {title} [-=]+", line))
    end = next(number for number in range(start + 1, len(lines)) if re.match(r"[-=]{3,}", lines[number]))
    return [line for line in lines[start + 1 : end] if line]


def asked(project: Project) -> list[str]:
    file = project.folder / "asked"
    return sorted(file.read_text(encoding="utf-8").splitlines()) if file.exists() else []


def test_a_stack_is_applied_looked_at_and_destroyed_in_each_environment(life: tuple[Project, Ran]) -> None:
    _, ran = life
    assert "1 failed, 11 passed" in ran.lines[-1]
    assert ran.code == 1
    ran.line("FAILED", "test_not_survived[prod] - ")


def test_the_hook_is_called_once_a_trial_before_anything_is_applied(life: tuple[Project, Ran]) -> None:
    project, _ = life
    assert asked(project) == ["dev 0", "dev 0", "prod 0"]  # one of dev is the test's own


def test_tests_of_one_environment_come_together_in_the_order_in_which_they_are_written(
    life: tuple[Project, Ran],
) -> None:
    of_trials = [name for name in order(life[1]) if not re.search("between|another", name)]
    assert of_trials == [
        "test_first[dev]",
        "test_settled[dev]",
        "test_survived[dev]",
        "test_nothing_is_left[dev]",
        "test_first[prod]",
        "test_settled[prod]",
        "test_survived[prod]",
        "test_not_survived[prod]",
        "test_nothing_is_left[prod]",
    ]


def test_the_summary_tells_of_each_environment_what_was_asked(life: tuple[Project, Ran]) -> None:
    lines = section(life[1], "sandbox")
    assert [line for line in lines if not line.startswith(" ")] == ["kept, dev", "kept, prod"]
    prod = lines[lines.index("kept, prod") + 1 :]
    assert [line.split("  ")[1] for line in prod] == ["applied", "API calls", "idempotent", "leaks", "faults"]
    assert re.fullmatch(r"  applied        1 resources in \d+ s", prod[0])
    assert re.fullmatch(r"  API calls      [\d,]+", prod[1])
    assert prod[2:] == ["  idempotent     yes", "  leaks          0", "  faults         1 of 2 survived"]


def test_the_stack_s_own_folder_stays_as_it_is(life: tuple[Project, Ran]) -> None:
    project, _ = life
    assert [file.name for file in (project.folder / "kept").iterdir()] == ["main.tf"]


def test_nothing_of_a_run_is_left(kept: Project, traces: Traces) -> None:
    write(kept, "tests/test_life.py", "def test_it(trial):\n    assert trial.is_alive\n")
    assert kept.pytest("--environment", "dev").code == 0
    assert traces.left() == []


def test_a_slow_resource_is_told_as_what_kept_the_run_and_while_it_is_waited_for(kept: Project) -> None:
    kept.write("kept/slow.tf", 'resource "terraform_data" "slow" {\n  provisioner "local-exec" {\n'
               '    command = "sleep 3"\n  }\n}\n')  # fmt: skip
    kept.write("conftest.py", "from stackproof.deployment import trials\n\ntrials.TELL_SECONDS = 0.5\n")
    write(kept, "tests/test_life.py", "def test_it(trial):\n    assert trial.is_alive\n")
    ran = kept.pytest("--environment", "dev")
    assert ran.code == 0
    assert re.search(r"\n  dev: apply \d of 2, waiting for terraform_data.slow \(\d+ s\)\n", ran.out)
    assert re.fullmatch(r"  critical path  terraform_data.slow ([3-9]|\d\d) s", section(ran, "sandbox")[-1])


def test_a_quiet_run_has_no_summary(kept: Project) -> None:
    write(kept, "tests/test_life.py", "def test_it(trial):\n    assert trial.is_alive\n")
    ran = kept.pytest("-q", "--environment", "dev")
    assert ran.code == 0
    assert "1 passed" in ran.out
    assert "sandbox" not in ran.out


def test_only_what_the_chosen_tests_need_is_applied(kept: Project) -> None:
    write(kept, "tests/test_life.py", LIFE)
    ran = kept.pytest("--environment", "prod", "-k", "first")
    assert "1 passed" in ran.out
    assert asked(kept) == ["prod 0"]
    assert [line for line in section(ran, "sandbox") if not line.startswith(" ")] == ["kept, prod"]


@pytest.mark.parametrize("words", [("--collect-only",), ("-k", "between")], ids=["collected", "left out"])
def test_where_no_test_of_a_trial_runs_no_account_is_started(kept: Project, words: tuple[str, ...]) -> None:
    write(kept, "tests/test_life.py", LIFE)
    ran = kept.pytest(*words)
    assert ran.code == 0
    assert asked(kept) == []
    imported = (kept.folder / "imported").read_text(encoding="utf-8").split()
    assert not {"stackproof.deployment", "stackproof.sandbox.emulated.account", "boto3", "moto"} & set(imported)
    assert not re.search(r"-+ sandbox -+", ran.out)


def test_tests_of_plans_have_nothing_to_do_with_trials(kept: Project) -> None:
    write(kept, "tests/test_plan.py", "def test_size(plan):\n    assert plan.output('size')\n")
    assert kept.pytest().code == 0
    assert asked(kept) == []
    imported = (kept.folder / "imported").read_text(encoding="utf-8").split()
    assert "stackproof.planner" in imported
    assert not {"stackproof.deployment", "boto3", "moto"} & set(imported)


@pytest.mark.parametrize(
    "words",
    [
        ("--sandbox", "real"),
        ("--sandbox-account", "123456789012"),
        ("--sandbox", "emulated", "--sandbox-account", "123456789012"),
        ("--sandbox", "ambient", "--sandbox-account", "123456789012"),
    ],
    ids=" ".join,
)
def test_half_a_real_account_is_refused_in_one_line(kept: Project, words: tuple[str, ...]) -> None:
    write(kept, "tests/test_life.py", LIFE)
    ran = kept.pytest(*words)
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert (ran.out + ran.err).strip() == (
        "ERROR: --sandbox, --sandbox-account: a real account is used only where both are said. "
        "Give --sandbox real --sandbox-account and its 12 digits, or none of them."
    )
    assert asked(kept) == []


def test_a_plan_in_a_file_cannot_be_applied(kept: Project) -> None:
    write(kept, "tests/test_life.py", "def test_it(trial):\n    assert trial.is_alive\n")
    file = kept.write("dev.json", json.dumps({"format_version": "1.2", "terraform_version": "1.11.4"}))
    ran = kept.pytest(f"--plan-json={file}")
    assert ran.code != 0
    assert "--plan-json: a plan cannot be applied. Leave it out." in ran.out + ran.err
    assert "Traceback" not in ran.out + ran.err
    assert asked(kept) == []


def test_an_apply_that_fails_is_told_at_each_test_without_a_traceback(kept: Project) -> None:
    kept.write("kept/wrong.tf", 'resource "terraform_data" "wrong" {\n  lifecycle {\n    postcondition {\n'
               '      condition     = self.id == ""\n      error_message = "No."\n    }\n  }\n}\n')  # fmt: skip
    write(kept, "tests/test_life.py", LIFE)
    ran = kept.pytest("--environment", "dev", "-k", "first or settled", "--tb=short")
    assert ran.code == 1
    assert "2 errors" in ran.lines[-1]
    assert len(re.findall(r"wrong\.tf:\d+: terraform apply failed: Resource postcondition failed: No", ran.out)) >= 2
    assert "Traceback" not in ran.out
    assert not re.search(r"-+ sandbox -+", ran.out)


def test_a_hook_that_fails_fails_the_tests_that_need_it(kept: Project) -> None:
    kept.write("conftest.py", "def pytest_stackproof_before_apply(trial):\n    raise LookupError('no value for it')\n")
    write(kept, "tests/test_life.py", "def test_it(trial):\n    assert trial.is_alive\n")
    ran = kept.pytest("--environment", "dev")
    assert ran.code == 1
    assert "LookupError: no value for it" in ran.out


def test_a_trial_without_settings_is_refused_with_a_remedy(project: Project) -> None:
    write(project, "tests/test_life.py", "def test_it(trial):\n    assert trial.is_alive\n")
    ran = project.pytest()
    assert ran.code != 0
    assert "there is no stack to plan. Declare one under [tool.stackproof.stacks]" in ran.out + ran.err


def test_what_was_asked_of_accounts_is_written_where_that_is_wanted(kept: Project) -> None:
    write(kept, "tests/test_life.py", "def test_it(trial):\n    assert trial.is_alive\n")
    ran = kept.pytest("--environment", "dev", "--record", "recordings")
    assert ran.code == 0
    file = kept.folder / "recordings/kept-dev.jsonl"
    assert file.read_text(encoding="utf-8").startswith("{")
    assert str(file) in ran.line("recording") or "recordings/kept-dev.jsonl" in ran.line("recording")
