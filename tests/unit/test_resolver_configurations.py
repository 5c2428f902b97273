"""Every construct of a configuration is resolved, by both Terraforms: conditions, instances, moves, variables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from stackproof.plan import Plan, ResolvedStack
from stackproof.plan.values import Unknown, Value
from stackproof.plan.wiring import Traced
from stackproof.planner import CacheMode, Planner
from stackproof.settings import Environment, Settings, Stack

STACKS = Path(__file__).with_name("stacks")
SECRET = "correct-horse-battery-staple"

Resolve = Callable[[str, Mapping[str, Environment]], Mapping[str, Plan]]


@pytest.fixture(scope="module")
def resolve(tmp_path_factory: pytest.TempPathFactory, program: Path) -> Resolve:
    """Plan and resolve environments of one of the stacks under `stacks/`, with each Terraform."""

    def run(name: str, environments: Mapping[str, Environment]) -> Mapping[str, Plan]:
        home = tmp_path_factory.mktemp(name)
        folder = Path(shutil.copytree(STACKS / name, home / name))
        stack = Stack(name, folder, environments)
        settings = Settings(home / "pyproject.toml", {name: stack}, cache=home / "cache", terraform=program)
        with Planner(settings, stack, cache=CacheMode.OFF) as planner:
            planner.start(environments, resolve=True)
            plans = {name: planner.plan(name) for name in environments}
            assert all(plan.resolved for plan in plans.values())
            return plans

    return run


def text(value: Value) -> str:
    assert isinstance(value, Traced)
    return str.__str__(value)


CONDITIONS = ("check", "output", "postcondition", "precondition", "module")


@pytest.fixture(scope="module")
def conditions(resolve: Resolve) -> Mapping[str, ResolvedStack]:
    """The stack `conditions`, an environment for each condition that tokens do not meet, and more."""
    failing = {"none": [], "several": ["check", "output", "postcondition"], "both": ["check", "module"]}
    failing |= {name: [name] for name in CONDITIONS}
    plans = resolve("conditions", {name: Environment(name, variables={"failing": failing[name]}) for name in failing})
    return {name: plan.resolved for name, plan in plans.items()}


def told(stack: ResolvedStack) -> set[str]:
    """What is told of the ids that the stack passes on."""
    values = {name: stack[f"terraform_data.{name}"]["input"] for name in ("after", "beside")}
    values["output"] = stack.output("first")
    return {name for name, value in values.items() if isinstance(value, Traced)}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ("none", {"after", "beside", "output"}),
        ("check", {"after", "beside", "output"}),
        ("output", {"after", "beside"}),
        ("postcondition", {"beside", "output"}),
        ("precondition", {"beside", "output"}),
        ("several", {"beside"}),
    ],
)
def test_a_condition_that_tokens_do_not_meet_takes_only_what_depends_on_it(
    conditions: Mapping[str, ResolvedStack], environment: str, expected: set[str]
) -> None:
    assert conditions[environment].reason == ""
    assert told(conditions[environment]) == expected


@pytest.mark.parametrize("environment", ["module", "both"])
def test_a_check_in_a_module_that_tokens_do_not_meet_is_the_reason(
    conditions: Mapping[str, ResolvedStack], environment: str
) -> None:
    reason = conditions[environment].reason
    assert reason.startswith(
        "Terraform cannot evaluate it with tokens: Check block assertion failed: A check in a module. ("
    )
    assert reason.endswith("/module/main.tf:11)")
    assert told(conditions[environment]) == set()


VARIABLES = {
    "size": {"a b": [1, None, True, {"${x}": "%{if}"}], "n": 1.5, "big": 12345678901234567890},
    "object": {"b": 3},
    "token": SECRET,
}


@pytest.fixture(scope="module")
def arranged(resolve: Resolve) -> Mapping[str, Plan]:
    """The stack `arranged` in a workspace, and in the default one."""
    blue = Environment("blue", variables=VARIABLES, workspace="blue")
    return resolve("arranged", {"blue": blue, "plain": Environment("plain", variables={**VARIABLES, "size": "small"})})


@pytest.fixture(scope="module")
def blue(arranged: Mapping[str, Plan]) -> ResolvedStack:
    return arranged["blue"].resolved


def test_a_stack_with_test_files_of_its_own_is_resolved(arranged: Mapping[str, Plan]) -> None:
    assert {name: plan.resolved.reason for name, plan in arranged.items()} == {"blue": "", "plain": ""}


def test_counted_keyed_and_repeated_instances_are_told_apart(blue: ResolvedStack) -> None:
    ids = {resource.address: text(resource["id"]) for resource in blue if resource.name != "imported"}
    assert len(set(ids.values())) == len(ids) == 9
    new = blue["terraform_data.new"]["id"]
    assert [blue[f"terraform_data.counted[{number}]"]["input"] for number in (0, 1)] == [new, new]
    assert blue['terraform_data.keyed["a"]']["input"] == new
    assert blue.output("inner") == {
        key: blue[f'module.inner["{key}"].terraform_data.this']["id"] for key in ("x", "y z")
    }
    assert blue['module.inner["y z"].terraform_data.this'].wired("input").is_exactly("terraform_data.counted[1]")


def test_a_key_with_anything_in_it_is_an_instance_like_another(blue: ResolvedStack) -> None:
    resource = blue['terraform_data.keyed["b \\"c\\" $${d} %%{e}"]']
    assert resource["input"] == "imported-id"
    assert isinstance(resource["id"], Traced)


def test_what_is_imported_keeps_its_id(blue: ResolvedStack) -> None:
    assert blue["terraform_data.imported"]["id"] == "imported-id"


def test_each_environment_is_evaluated_in_its_workspace(arranged: Mapping[str, Plan]) -> None:
    for name, workspace in (("blue", "blue"), ("plain", "default")):
        stack = arranged[name].resolved
        value, identifier = stack["terraform_data.workspace"]["input"], stack["terraform_data.new"]["id"]
        assert text(value) == f"{workspace}:{text(identifier)}"


def test_variables_have_their_values_whatever_their_types(arranged: Mapping[str, Plan]) -> None:
    stack = arranged["blue"].resolved
    given = stack["terraform_data.variables"]["input"]
    assert given["object"] == {"a": "q", "b": 3, "c": None}
    assert given["plain"] == "default"
    assert json.loads(text(given["json"]).removesuffix(text(given["id"]))) == VARIABLES["size"]
    assert arranged["plain"].resolved["terraform_data.new"]["input"] == "small"


def test_an_ephemeral_variable_is_given_and_kept_nowhere(arranged: Mapping[str, Plan]) -> None:
    for plan in arranged.values():
        assert plan.resolved.reason == ""
        assert SECRET not in json.dumps(plan._resolution().as_data())


def test_what_nothing_could_be_told_of_stays_unknown_with_its_wiring(conditions: Mapping[str, ResolvedStack]) -> None:
    after = conditions["module"]["terraform_data.after"]
    assert isinstance(after["input"], Unknown)
    assert after.wired("input").is_exactly("terraform_data.first.id")
