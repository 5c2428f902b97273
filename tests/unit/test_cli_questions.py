"""Questions on the command line, asked of a small service as its users would ask them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from stackproof.terraform.providers import Package

if TYPE_CHECKING:
    from tests.unit.conftest import Project, Ran

ENVIRONMENTS = """
[tool.stackproof.stacks.service]
folder = "service"

[tool.stackproof.stacks.service.environments.dev]
variables = { name = "shop-dev" }

[tool.stackproof.stacks.service.environments.prod]
variables = { name = "shop-prod" }
"""
SERVICE = "aws_ecs_service.this"
TARGET_GROUP = "load_balancer[0].target_group_arn"


def git(project: Project, *words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], cwd=project.folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def service(new_project: Callable[[], Project], aws_package: Package, lock: Callable[..., None]) -> Project:
    """A project with the stack `service` in two environments, committed."""
    assert aws_package.executable
    project = new_project()
    lock(project.stack("service"))
    project.settings(ENVIRONMENTS)
    project.write(".gitignore", "cache\n")
    if shutil.which("git"):
        git(project, "init", "--quiet")
        git(project, "add", ".")
        git(project, "commit", "--quiet", "--message", "first")
    return project


def answer(ran: Ran) -> dict[str, object]:
    assert ran.code == 0, ran.err
    found: dict[str, object] = json.loads(ran.out)
    return found


def complaint(ran: Ran) -> str:
    assert "Traceback" not in ran.err
    assert ran.code == 2
    return next(line for line in ran.err.splitlines() if line.startswith("stackproof: "))


def test_wiring_is_told_for_every_environment_with_its_way(service: Project) -> None:
    ran = service.stackproof("wiring", SERVICE, TARGET_GROUP)
    assert ran.code == 0
    assert ran.line(f"dev: {SERVICE} {TARGET_GROUP}")
    assert ran.line(f"prod: {SERVICE} {TARGET_GROUP}")
    rows = [line for line in ran.lines if "aws_lb_target_group.this " in line]
    assert len(rows) == 2
    assert all("certain" in row and "service/main.tf:" in row for row in rows)


def test_wiring_is_told_as_json(service: Project) -> None:
    ran = service.stackproof(
        "wiring", SERVICE, "network_configuration[0].subnets", "--environment", "dev", "--format", "json"
    )
    dev = answer(ran)["dev"]
    assert isinstance(dev, dict)
    assert dev["exact"] is True
    assert {feed["address"] for feed in dev["feeds"]} == {"aws_subnet.private[0]", "aws_subnet.private[1]"}
    assert all(feed["way"][-1].startswith("resource aws_subnet.private[") for feed in dev["feeds"])


def test_what_no_resource_feeds_is_said_to_be_so(service: Project) -> None:
    ran = service.stackproof("wiring", SERVICE, "load_balancer[0].container_port", "--environment", "dev")
    assert ran.code == 0
    assert ran.line("fed by no resource")


def test_an_argument_that_is_not_set_is_told_with_those_that_are(service: Project) -> None:
    ran = service.stackproof("wiring", SERVICE, "load_balance[0].target_group_arn")
    assert "load_balance[0].target_group_arn is not set. It sets: " in complaint(ran)
    assert "load_balancer" in complaint(ran)


def test_an_unknown_address_is_told_with_close_ones(service: Project) -> None:
    assert (
        "did you mean aws_ecs_service.this"
        in complaint(service.stackproof("wiring", "aws_ecs_service.thi", "name")).lower()
    )


def test_a_path_that_is_none_is_told(service: Project) -> None:
    assert "is not a path" in complaint(service.stackproof("wiring", SERVICE, "load_balancer["))


def test_a_reader_who_has_seen_enough_ends_the_output_without_a_complaint(service: Project) -> None:
    piped = f"{sys.executable} -m stackproof.cli wiring {SERVICE} name --format json | true"
    ran = subprocess.run(["sh", "-c", piped], cwd=service.folder, capture_output=True, text=True, check=False)
    assert "Error" not in ran.stderr


def test_a_written_plan_answers_like_the_one_that_was_made(service: Project) -> None:
    ran = service.stackproof("plan", "dev", "--resolve", "--out", "plans")
    assert ran.line("dev: resolved")
    from_file = service.stackproof("wiring", SERVICE, TARGET_GROUP, "--plan-json", "plans/dev.json", "--format", "json")
    made = service.stackproof("wiring", SERVICE, TARGET_GROUP, "--environment", "dev", "--format", "json")
    assert answer(from_file) == answer(made)


def test_a_plan_file_without_its_resolution_is_answered_by_references(service: Project) -> None:
    service.stackproof("plan", "dev", "--out", "bare")
    ran = service.stackproof("wiring", SERVICE, TARGET_GROUP, "--plan-json", "bare/dev.json", "--format", "json")
    dev = answer(ran)["dev"]
    assert isinstance(dev, dict)
    assert [feed["address"] for feed in dev["feeds"]] == ["aws_lb_target_group.this"]
