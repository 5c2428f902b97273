"""Questions about a whole stack's wiring, asked of a small service that was planned and resolved for real."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from stackproof.analysis.wiring import Use, consumers, crossings, roles
from stackproof.plan import Plan, ResolvedStack
from stackproof.planner import Planner
from stackproof.settings import Environment, Settings, Stack
from stackproof.terraform.providers import Package
from stackproof.verdict import Undecided

STACKS = Path(__file__).with_name("stacks")

FOREIGN = """
variable "trusted_role" {
  type = string
}

resource "aws_ssm_parameter" "trusted" {
  name        = "/${var.name}/trusted"
  type        = "String"
  value       = "-"
  description = "role/${var.trusted_role}"
}

resource "aws_ecs_task_definition" "either" {
  family                = "${var.name}-either"
  task_role_arn         = aws_vpc.this.id == "" ? aws_iam_role.task.arn : aws_iam_role.execution.arn
  container_definitions = "[]"
}
"""


@pytest.fixture(scope="module")
def plans(
    tmp_path_factory: pytest.TempPathFactory, aws_package: Package, lock: Callable[..., None]
) -> Mapping[str, Plan]:
    """The service in two environments, of which prod trusts a role of dev's."""
    assert aws_package.executable
    home = tmp_path_factory.mktemp("service")
    folder = Path(shutil.copytree(STACKS / "service", home / "service"))
    lock(folder)
    (folder / "foreign.tf").write_text(FOREIGN, encoding="utf-8")
    environments = {
        "dev": Environment("dev", variables={"name": "shop-dev", "trusted_role": "shop-dev-task"}),
        "prod": Environment("prod", variables={"name": "shop-prod", "trusted_role": "shop-dev-task"}),
    }
    settings = Settings(home / "pyproject.toml", {"service": Stack("service", folder, environments)}, cache=home / "c")
    with Planner(settings, settings.stack("service")) as planner:
        planner.start(environments, resolve=True)
        made = {name: planner.plan(name) for name in environments}
        assert [plan.resolved.reason for plan in made.values()] == ["", ""]
        return made


@pytest.fixture(scope="module")
def stacks(plans: Mapping[str, Plan]) -> Mapping[str, ResolvedStack]:
    return {name: plan.resolved for name, plan in plans.items()}


@pytest.fixture(scope="module")
def dev(stacks: Mapping[str, ResolvedStack]) -> ResolvedStack:
    return stacks["dev"]


def used(uses: tuple[Use, ...]) -> dict[str, str]:
    assert all(use.certain and use.place and use.place.line for use in uses)
    return {use.address: use.path for use in uses}


def test_every_consumer_of_a_secret_is_found(dev: ResolvedStack) -> None:
    assert used(consumers(dev, dev['aws_secretsmanager_secret.this["key"]'])) == {
        "aws_ecs_task_definition.this": "container_definitions",
        "aws_iam_role_policy.execution": "policy",
    }


def test_what_nothing_uses_has_no_consumers(dev: ResolvedStack) -> None:
    assert consumers(dev, 'aws_secretsmanager_secret.this["other"]') == ()


def test_consumers_of_what_is_known_at_plan_are_found_too(dev: ResolvedStack) -> None:
    assert "aws_iam_role_policy.execution" in used(consumers(dev, "aws_iam_role.execution"))


def test_the_roles_of_a_service_are_those_of_its_tasks(dev: ResolvedStack) -> None:
    found = roles(dev, dev["aws_ecs_service.this"])
    assert {role.address for role in found} == {"aws_iam_role.execution", "aws_iam_role.task"}


def test_what_has_no_role_runs_under_none(dev: ResolvedStack) -> None:
    assert roles(dev, dev["aws_lb.this"]) == ()


def test_a_choice_that_any_id_decides_is_decided(dev: ResolvedStack) -> None:
    assert [role.address for role in roles(dev, dev["aws_ecs_task_definition.either"])] == ["aws_iam_role.execution"]


def test_a_choice_of_roles_that_nobody_evaluated_is_undecided(plans: Mapping[str, Plan]) -> None:
    bare = Plan(plans["dev"].document, environment="dev").resolved
    with pytest.raises(Undecided, match=r"aws_ecs_task_definition\.either: task_role_arn"):
        roles(bare, bare["aws_ecs_task_definition.either"])


def test_a_value_that_names_another_environment_is_found(stacks: Mapping[str, ResolvedStack]) -> None:
    (crossing,) = crossings(stacks)
    assert (crossing.environment, crossing.address, crossing.path) == (
        "prod",
        "aws_ssm_parameter.trusted",
        "description",
    )
    assert (crossing.other_environment, crossing.name) == ("dev", "shop-dev-task")
    assert set(crossing.other_addresses) == {"aws_iam_role.task", "aws_security_group.task"}
    assert "foreign.tf:10" in str(crossing)


def test_an_environment_by_itself_crosses_nothing(dev: ResolvedStack) -> None:
    assert crossings({"dev": dev}) == ()
