"""Plans of a stack's environments: made once, side by side, each by itself, and nothing left behind."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stackproof.errors import StackproofError, TerraformError
from stackproof.plan import Action, Plan
from stackproof.planner import CacheMode, Planner, Stage
from stackproof.settings import Environment, Settings
from stackproof.terraform.diagnostics import TerraformFailed

if TYPE_CHECKING:
    from tests.unit.conftest import AwsPlans, Traces

HANGS_SECONDS = 60
SECRET = "correct-horse-battery-staple"

StackOf = Callable[[str], Path]
MakeSettings = Callable[..., Settings]

DEV = {"dev": Environment("dev")}


def planned(settings: Settings, *names: str, cache: CacheMode = CacheMode.OFF) -> dict[str, tuple[Stage, Plan]]:
    """The plans of these environments (all without any), and where each came from."""
    stack = settings.stack("tiny")
    with Planner(settings, stack, cache=cache) as planner:
        planner.start(names or stack.environments)
        stages = {news.environment: news.stage for news in planner.news()}
        return {name: (stages[name], planner.plan(name)) for name in names or stack.environments}


def plan_of(settings: Settings) -> Plan:
    ((_, plan),) = planned(settings).values()
    return plan


def error_of(settings: Settings) -> StackproofError:
    with Planner(settings, settings.stack("tiny"), cache=CacheMode.OFF) as planner:
        with pytest.raises(StackproofError) as caught:
            planner.plan("dev")
        assert "\n" not in str(caught.value)
        return caught.value


def entries(settings: Settings) -> list[Path]:
    assert settings.cache is not None
    return sorted((settings.cache / "plans").glob("*.plan"))


@pytest.fixture
def tiny(stack_of: StackOf, settings_for: MakeSettings, program: Path) -> Settings:
    """The stack `tiny` in one environment, under each Terraform."""
    return settings_for(stack_of("tiny"), DEV, terraform=program)


@pytest.fixture
def any_tiny(stack_of: StackOf, settings_for: MakeSettings) -> Settings:
    """The stack `tiny` in one environment, under whichever Terraform there is."""
    return settings_for(stack_of("tiny"), DEV)


def test_a_plan_is_made_once_and_then_taken_from_the_cache(tiny: Settings) -> None:
    first, again = planned(tiny, cache=CacheMode.ON), planned(tiny, cache=CacheMode.ON)
    assert (first["dev"][0], again["dev"][0]) == (Stage.PLANNED, Stage.UNCHANGED)
    assert first["dev"][1].document == again["dev"][1].document


def test_a_planner_makes_each_plan_once(any_tiny: Settings) -> None:
    with Planner(any_tiny, any_tiny.stack("tiny"), cache=CacheMode.OFF) as planner:
        assert planner.plan("dev") is planner.plan("dev")


def test_refresh_plans_anew_and_keeps(any_tiny: Settings) -> None:
    planned(any_tiny, cache=CacheMode.ON)
    assert planned(any_tiny, cache=CacheMode.REFRESH)["dev"][0] is Stage.PLANNED
    assert planned(any_tiny, cache=CacheMode.ON)["dev"][0] is Stage.UNCHANGED


def test_off_keeps_nothing(any_tiny: Settings) -> None:
    planned(any_tiny, cache=CacheMode.OFF)
    assert entries(any_tiny) == []


def test_off_reads_nothing(any_tiny: Settings) -> None:
    planned(any_tiny, cache=CacheMode.ON)
    assert planned(any_tiny, cache=CacheMode.OFF)["dev"][0] is Stage.PLANNED


def test_a_kept_plan_is_the_user_s_alone(any_tiny: Settings) -> None:
    planned(any_tiny, cache=CacheMode.ON)
    (entry,) = entries(any_tiny)
    assert entry.stat().st_mode & 0o777 == 0o600
    assert entry.parent.stat().st_mode & 0o777 == 0o700


def test_a_changed_sibling_module_is_planned_anew(stack_of: StackOf, settings_for: MakeSettings) -> None:
    family = stack_of("family")
    settings = settings_for(family / "live", DEV)
    assert planned(settings, cache=CacheMode.ON)["dev"][1].output("greeting") == "hello, world"
    module = family / "shared/main.tf"
    module.write_text(module.read_text(encoding="utf-8").replace("world", "moon"), encoding="utf-8")
    stage, plan = planned(settings, cache=CacheMode.ON)["dev"]
    assert (stage, plan.output("greeting")) == (Stage.PLANNED, "hello, moon")


def test_a_changed_variable_of_the_caller_s_environment_is_planned_anew(
    any_tiny: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(any_tiny, cache=CacheMode.ON)
    monkeypatch.setenv("TF_VAR_size", "huge")
    stage, plan = planned(any_tiny, cache=CacheMode.ON)["dev"]
    assert (stage, plan.output("size")) == (Stage.PLANNED, "huge")


def test_a_kept_plan_serves_another_checkout_with_that_checkout_s_places(
    stack_of: StackOf, settings_for: MakeSettings, tmp_path: Path
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    first = stack_of("family").rename(tmp_path / "one/family")
    module = first / "live/modules/local/main.tf"
    module.write_text('resource "terraform_data" "this" {}\noutput "word" {\n  value = "hello"\n}\n', encoding="utf-8")
    planned(settings_for(first / "live", DEV), cache=CacheMode.ON)
    second = first.rename(tmp_path / "other/family")
    plan = plan_of(settings_for(second / "live", DEV))
    _, kept = planned(settings_for(second / "live", DEV), cache=CacheMode.ON)["dev"]
    place = kept["module.local.terraform_data.this"].place
    assert place is not None
    assert place == plan["module.local.terraform_data.this"].place
    assert place.file == second / "live/modules/local/main.tf"


def test_a_place_in_a_sibling_module_is_told_without_detours(stack_of: StackOf, settings_for: MakeSettings) -> None:
    family = stack_of("family")
    place = plan_of(settings_for(family / "live", DEV))["module.shared.terraform_data.this"].place
    assert place is not None
    assert (place.file, place.line) == (family.resolve() / "shared/main.tf", 1)


def test_news_tell_how_each_environment_goes(stack_of: StackOf, settings_for: MakeSettings) -> None:
    environments = {"good": Environment("good"), "bad": Environment("bad", variables={"size": ["no text"]})}
    settings = settings_for(stack_of("tiny"), environments)
    with Planner(settings, settings.stack("tiny"), cache=CacheMode.OFF) as planner:
        planner.start(environments)
        news = [(one.environment, one.stage, one.plan is not None) for one in planner.news()]
    assert [one for one in news if one[0] == "good"] == [("good", Stage.PLANNING, False), ("good", Stage.PLANNED, True)]
    assert [one for one in news if one[0] == "bad"] == [("bad", Stage.PLANNING, False), ("bad", Stage.FAILED, False)]


def test_an_environment_that_fails_leaves_the_others_plans_good(
    stack_of: StackOf, settings_for: MakeSettings, program: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.tfvars"
    wrong.write_text("size = {\n", encoding="utf-8")
    environments = {
        "dev": Environment("dev", variables={"size": "small"}),
        "wrong": Environment("wrong", var_files=(wrong,)),
        "prod": Environment("prod", variables={"size": "big"}),
    }
    settings = settings_for(stack_of("tiny"), environments, terraform=program)
    with Planner(settings, settings.stack("tiny")) as planner:
        planner.start(environments)
        assert planner.plan("dev").output("size") == "small"
        assert planner.plan("prod").output("size") == "big"
        with pytest.raises(TerraformFailed, match=r"wrong.tfvars:\d: terraform plan failed"):
            planner.plan("wrong")


def test_what_all_environments_share_fails_each_of_them_with_its_reason(
    stack_of: StackOf, settings_for: MakeSettings
) -> None:
    folder = stack_of("tiny")
    (folder / "broken.tf").write_text("resource {\n", encoding="utf-8")
    environments = {name: Environment(name) for name in ("dev", "prod")}
    settings = settings_for(folder, environments)
    with Planner(settings, settings.stack("tiny")) as planner:
        planner.start(environments)
        for name in environments:
            with pytest.raises(TerraformFailed, match=r"tiny/broken.tf:1: terraform init failed"):
                planner.plan(name)


def test_more_environments_than_are_planned_at_once_are_all_planned(
    stack_of: StackOf, settings_for: MakeSettings
) -> None:
    environments = {f"e{number}": Environment(f"e{number}", variables={"size": str(number)}) for number in range(7)}
    found = planned(settings_for(stack_of("tiny"), environments))
    assert {name: plan.output("size") for name, (_, plan) in found.items()} == {
        name: name.removeprefix("e") for name in environments
    }


def test_of_var_files_the_last_wins_and_the_settings_variables_win_over_all(
    stack_of: StackOf, settings_for: MakeSettings, program: Path, tmp_path: Path
) -> None:
    folder = stack_of("variables")
    (folder / "terraform.tfvars").write_text('text = "own"\nnothing = "own"\nflag = true\n', encoding="utf-8")
    files = (tmp_path / "first.tfvars", tmp_path / "last.tfvars")
    common = "list = []\nmap = {\n  inner = []\n}\n"
    files[0].write_text(f'text = "first"\nnumber = 1\n{common}', encoding="utf-8")
    files[1].write_text('text = "last"\nnumber = 2\n', encoding="utf-8")
    environment = Environment("dev", var_files=files, variables={"text": "settings"})
    plan = plan_of(settings_for(folder, {"dev": environment}, terraform=program))
    given = plan["terraform_data.this"]["input"]
    assert (given["text"], given["number"], given["nothing"], given["flag"]) == ("settings", 2, "own", True)


def test_variables_may_be_anything_that_json_can_hold(
    stack_of: StackOf, settings_for: MakeSettings, program: Path
) -> None:
    given: dict[str, Any] = {
        "text": 'a "quoted" text\n\N{SNOWMAN}',
        "number": 1.5,
        "flag": False,
        "nothing": None,
        "list": [1, 2],
        "map": {"inner": [{"name": "one"}, {"name": "two"}]},
    }
    environment = Environment("dev", variables=given)
    plan = plan_of(settings_for(stack_of("variables"), {"dev": environment}, terraform=program))
    assert plan["terraform_data.this"]["input"] == {**given, "workspace": "default"}


def test_a_workspace_is_planned_in(stack_of: StackOf, settings_for: MakeSettings, program: Path) -> None:
    values = {"text": "", "number": 0, "flag": True, "list": [], "map": {"inner": []}}
    environments = {
        "blue": Environment("blue", variables=values, workspace="blue"),
        "plain": Environment("plain", variables=values),
    }
    found = planned(settings_for(stack_of("variables"), environments, terraform=program))
    workspaces = {name: plan["terraform_data.this"]["input.workspace"] for name, (_, plan) in found.items()}
    assert workspaces == {"blue": "blue", "plain": "default"}


def test_a_state_beside_the_configuration_is_not_taken_for_what_is_deployed(tiny: Settings) -> None:
    folder = tiny.stack("tiny").folder
    state = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "x",
        "outputs": {},
        "resources": [
            {
                "mode": "managed",
                "type": "terraform_data",
                "name": "this",
                "provider": 'provider["terraform.io/builtin/terraform"]',
                "instances": [{"schema_version": 0, "attributes": {"id": "deployed"}}],
            }
        ],
    }
    (folder / "terraform.tfstate").write_text(json.dumps(state), encoding="utf-8")
    assert plan_of(tiny)["terraform_data.this"].change.action is Action.CREATE


def test_planning_changes_nothing_in_the_user_s_folder(tiny: Settings) -> None:
    folder = tiny.stack("tiny").folder
    for name in (".terraform/providers/own", ".terraform.tfstate.lock.info", "terraform.tfstate.backup"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("the user's own", encoding="utf-8")
    before = content(folder)
    plan_of(tiny)
    assert content(folder) == before


def test_a_sensitive_value_is_left_nowhere(
    stack_of: StackOf, settings_for: MakeSettings, program: Path, traces: Traces
) -> None:
    environment = Environment("dev", variables={"password": SECRET})
    settings = settings_for(stack_of("tiny"), {"dev": environment}, terraform=program)
    plan = planned(settings, cache=CacheMode.ON)["dev"][1]
    assert plan["terraform_data.this"].is_sensitive("input.password")
    assert SECRET not in json.dumps(plan.document)
    (entry,) = entries(settings)
    assert SECRET.encode() not in entry.read_bytes()
    assert traces.left() == []


def test_nothing_is_left_of_a_plan_that_failed(any_tiny: Settings, traces: Traces) -> None:
    (any_tiny.stack("tiny").folder / "broken.tf").write_text("resource {\n", encoding="utf-8")
    error_of(any_tiny)
    assert traces.left() == []


def test_a_terraform_that_hangs_is_ended_at_its_timeout(
    stack_of: StackOf, settings_for: MakeSettings, fake_terraform: Callable[[str], Path], traces: Traces
) -> None:
    settings = settings_for(stack_of("tiny"), DEV, terraform=fake_terraform("sleep 600 & sleep 600"), timeout=1)
    error = error_of(settings)
    assert "`terraform plan" in error.what
    assert error.what.endswith("took longer than 1 s and was ended")
    assert error.remedy is not None
    assert "timeout" in error.remedy
    assert traces.left() == []


def test_a_terraform_that_is_killed_is_an_error_that_names_the_signal(
    stack_of: StackOf, settings_for: MakeSettings, fake_terraform: Callable[[str], Path], traces: Traces
) -> None:
    error = error_of(settings_for(stack_of("tiny"), DEV, terraform=fake_terraform("kill -KILL $$")))
    assert error.what.endswith("was ended by SIGKILL")
    assert error.remedy is not None
    assert traces.left() == []


def test_a_megabyte_of_complaints_makes_one_short_line(
    stack_of: StackOf, settings_for: MakeSettings, fake_terraform: Callable[[str], Path]
) -> None:
    complain = "head -c 1048576 /dev/zero | tr '\\0' e >&2; echo ' the end' >&2; exit 1"
    error = error_of(settings_for(stack_of("tiny"), DEV, terraform=fake_terraform(complain)))
    assert "exit code 1" in str(error)
    assert "the end" in str(error)
    assert len(str(error)) < 1000


def test_a_terraform_that_complains_by_the_megabyte_still_plans(
    stack_of: StackOf, settings_for: MakeSettings, script: Callable[[str, str], Path], program: Path
) -> None:
    talkative = script("talkative", f"head -c 1048576 /dev/zero | tr '\\0' e >&2; exec {program} \"$@\"")
    assert len(plan_of(settings_for(stack_of("tiny"), DEV, terraform=talkative))) == 1


def test_missing_variables_are_named_with_their_places(
    stack_of: StackOf, settings_for: MakeSettings, program: Path
) -> None:
    folder = stack_of("variables")
    error = error_of(settings_for(folder, DEV, terraform=program))
    assert str(error).startswith(f"{folder.resolve()}/main.tf:")
    assert "No value for required variable" in str(error)
    assert isinstance(error, TerraformFailed)
    assert len({(said.file, said.line) for said in error.diagnostics}) == 5


def test_a_syntax_error_is_told_with_its_place(tiny: Settings) -> None:
    folder = tiny.stack("tiny").folder
    (folder / "broken.tf").write_text('locals {\n  a = "open\n}\n', encoding="utf-8")
    assert str(error_of(tiny)).startswith(f"{folder.resolve()}/broken.tf:2: terraform init failed: Invalid ")


def test_a_failed_postcondition_is_told_with_its_place_and_message(tiny: Settings) -> None:
    folder = tiny.stack("tiny").folder
    (folder / "checked.tf").write_text(
        'resource "terraform_data" "checked" {\n  input = var.size\n\n  lifecycle {\n    postcondition {\n'
        '      condition     = self.input == "big"\n      error_message = "It must be big."\n    }\n  }\n}\n',
        encoding="utf-8",
    )
    error = error_of(tiny)
    assert str(error).startswith(f"{folder.resolve()}/checked.tf:6: terraform plan failed: ")
    assert "It must be big." in str(error)


def test_what_runs_when_a_planner_is_closed_is_ended(
    stack_of: StackOf, settings_for: MakeSettings, fake_terraform: Callable[[str], Path], tmp_path: Path, traces: Traces
) -> None:
    started = tmp_path / "started"
    settings = settings_for(stack_of("tiny"), DEV, terraform=fake_terraform(f"touch {started}; sleep 600"), timeout=600)
    planner = Planner(settings, settings.stack("tiny"), cache=CacheMode.OFF)
    planner.start(["dev"])
    while not started.exists():
        time.sleep(0.02)
    began = time.monotonic()
    planner.close()
    assert time.monotonic() - began < HANGS_SECONDS
    with pytest.raises(TerraformError):
        planner.plan("dev")
    assert traces.left() == []


def test_planners_side_by_side_make_a_plan_once_between_them(
    stack_of: StackOf, settings_for: MakeSettings, script: Callable[[str, str], Path], program: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    counting = script("counting", f'echo $1 >> {log}; exec {program} "$@"')
    settings = settings_for(stack_of("tiny"), DEV, terraform=counting)
    stages: list[Stage] = []
    threads = [
        threading.Thread(target=lambda: stages.append(planned(settings, cache=CacheMode.ON)["dev"][0]))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(stages) == [Stage.PLANNED, Stage.UNCHANGED, Stage.UNCHANGED]
    assert log.read_text(encoding="utf-8").split().count("plan") == 1


def test_plans_that_others_made_are_found_in_a_shared_folder(any_tiny: Settings, tmp_path: Path) -> None:
    stages = []
    for _ in range(2):
        with Planner(
            any_tiny, any_tiny.stack("tiny"), cache=CacheMode.OFF, shared_folder=tmp_path / "shared"
        ) as planner:
            planner.start(["dev"])
            stages.append([news.stage for news in planner.news()][-1])
    assert stages == [Stage.PLANNED, Stage.UNCHANGED]
    assert entries(any_tiny) == []


def test_an_environment_that_is_not_declared_is_refused(any_tiny: Settings) -> None:
    with (
        Planner(any_tiny, any_tiny.stack("tiny")) as planner,
        pytest.raises(StackproofError, match=r"no environment of stack 'tiny' named 'nowhere'. Choose one of: dev"),
    ):
        planner.plan("nowhere")


def test_environments_that_are_planned_at_once_keep_their_own_default_tags(aws_plans: AwsPlans) -> None:
    tags = {name: plan["aws_ssm_parameter.this"]["tags_all"] for name, plan in aws_plans.plans.items()}
    assert tags == {name: {"Environment": name} for name in ("dev", "staging", "prod")}


def test_data_sources_are_answered_by_the_emulated_account(aws_plans: AwsPlans) -> None:
    found = {name: plan.data_source("aws_caller_identity")["account_id"] for name, plan in aws_plans.plans.items()}
    assert found == dict.fromkeys(("dev", "staging", "prod"), "123456789012")


def test_planning_with_a_provider_changes_nothing_in_the_user_s_folder(aws_plans: AwsPlans) -> None:
    assert content(aws_plans.folder) == aws_plans.before


def test_planning_with_a_provider_leaves_neither_files_nor_processes(aws_plans: AwsPlans) -> None:
    assert aws_plans.left == []


def content(folder: Path) -> Mapping[str, bytes | None]:
    return {str(file.relative_to(folder)): file.read_bytes() if file.is_file() else None for file in folder.rglob("*")}
