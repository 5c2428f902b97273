"""Questions on the command line, asked of a small service as its users would ask them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
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


def test_the_network_is_told_as_tables(service: Project) -> None:
    ran = service.stackproof("network", "--environment", "dev")
    assert ran.code == 0, ran.err
    assert ran.line("dev: reachable from the internet")
    assert ran.line("aws_lb.this", "tcp 80", "0.0.0.0/0", "certain")
    assert ran.line("aws_ecs_service.this", "tcp 80", "tcp 8080", "certain")


def test_the_network_is_told_as_json(service: Project) -> None:
    dev = answer(service.stackproof("network", "--environment", "dev", "--format", "json"))["dev"]
    assert isinstance(dev, dict)
    assert [(found["address"], found["traffic"]) for found in dev["reachable"]] == [("aws_lb.this", "tcp 80")]
    assert [found["arrives"] for found in dev["forwarded"]] == ["tcp 8080"]
    assert {found["address"] for found in dev["egress"]} == {"aws_lb.this"}
    assert dev["unmodelled"] == dev["notes"] == []


def test_access_is_told_for_one_role(service: Project) -> None:
    ran = service.stackproof("access", "shop-dev-execution", "--environment", "dev")
    assert ran.code == 0, ran.err
    assert ran.line("aws_iam_role.execution", "Service ecs-tasks.amazonaws.com", "service/main.tf:")
    assert ran.line("secretsmanager:GetSecretValue", 'aws_secretsmanager_secret.this["key"]', "service/main.tf:")
    assert ran.line("dev: ways to more rights: none")
    assert "aws_iam_role.task" not in ran.out


def test_access_is_told_as_json_for_every_role(service: Project) -> None:
    dev = answer(service.stackproof("access", "--environment", "dev", "--format", "json"))["dev"]
    assert isinstance(dev, dict)
    assert {trust["role"] for trust in dev["trusted"]} == {"aws_iam_role.execution", "aws_iam_role.task"}
    assert [found["action"] for found in dev["permissions"]] == ["secretsmanager:GetSecretValue"]
    assert dev["escalations"] == dev["undecided"] == []


def test_an_unknown_role_is_told_with_those_that_are_there(service: Project) -> None:
    assert "aws_iam_role.execution" in complaint(service.stackproof("access", "nobody", "--environment", "dev"))


@pytest.fixture
def widened(service: Project) -> Iterator[Project]:
    """The project with a policy that was widened and not committed."""
    file = service.folder / "service/main.tf"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('Resource = local.secret_arns["key"]', "Resource = values(local.secret_arns)"))
    yield service
    file.write_text(text, encoding="utf-8")


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


@needs_git
def test_nothing_new_is_told_as_nothing(service: Project) -> None:
    ran = service.stackproof("diff", "--access", "HEAD", "--environment", "dev")
    assert ran.code == 0, ran.err
    assert ran.lines == ["dev: newly allowed: nothing", "", "dev: no longer allowed: nothing", ""]


@needs_git
def test_what_a_change_newly_allows_is_told_with_a_request_that_shows_it(widened: Project) -> None:
    before = {file: file.read_bytes() for file in (widened.folder / ".git").rglob("*") if file.is_file()}
    ran = widened.stackproof("diff", "--access", "HEAD", "--environment", "dev", "--format", "json")
    assert ran.code == 1, ran.err
    (new,) = json.loads(ran.out)["dev"]["new"]
    assert "secretsmanager:GetSecretValue" in json.dumps(new)
    assert "shop-dev-other" in json.dumps(new["witness"])
    assert "service/main.tf:" in new["place"]
    assert json.loads(ran.out)["dev"]["lost"] == []
    assert {file: file.read_bytes() for file in before} == before


@needs_git
def test_files_of_a_revision_are_called_as_git_calls_them(widened: Project) -> None:
    ran = widened.stackproof("diff", "--access", ".", "HEAD", "--environment", "dev", "--format", "json")
    assert ran.code == 0, ran.err
    (lost,) = json.loads(ran.out)["dev"]["lost"]
    assert "stackproof-" not in ran.out
    assert "service/main.tf:" in lost["place"]


def test_plan_files_are_compared_without_planning(service: Project) -> None:
    service.stackproof("plan", "--resolve", "--out", "both")
    ran = service.stackproof("diff", "--access", "both/dev.json", "both/dev.json")
    assert (ran.code, ran.err) == (0, "")
    assert service.stackproof("diff", "--access", "both", "both").code == 0


@pytest.mark.parametrize("side", ["no-such-revision", "service"])
def test_a_side_that_cannot_be_compared_is_told(service: Project, side: str) -> None:
    said = complaint(service.stackproof("diff", "--access", side))
    assert "plan file" in said
    assert "stackproof plan --resolve --out" in said
