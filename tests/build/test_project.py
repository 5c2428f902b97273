"""The buildspec and what surrounds it agree: the build project, its role, the service, the Dockerfile, the linters."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from stackproof import Resource, Stack
from stackproof.analysis.access import Access

from .codebuild import GIVEN, PYTHONS, commands
from .conftest import BUILDSPEC

ROOT = BUILDSPEC.parent

ASSIGNED = re.compile(r"\b([A-Z][A-Z_]*)=(?=[\"$])")
READ = re.compile(r"\$\{?([A-Z][A-Z_]*)")


def aws_calls(spec: Mapping[str, Any]) -> Iterator[tuple[str, str, set[str]]]:
    """Service, command and options of every call of the AWS command line."""
    for _, command in commands(spec):
        for call in re.finditer(r"aws (?P<service>[a-z]\S*) (?P<command>[a-z]\S*)(?P<rest>[^|)]*)", command):
            yield call["service"], call["command"], set(re.findall(r"--([a-z-]+)", call["rest"]))


def test_the_project_builds_by_this_file(stack: Stack) -> None:
    assert ROOT / stack.resource("aws_codebuild_project")["source[0].buildspec"] == BUILDSPEC


def test_every_variable_comes_from_the_project_from_codebuild_or_from_the_buildspec(
    stack: Stack, spec: Mapping[str, Any]
) -> None:
    project = stack.resource("aws_codebuild_project")
    names = [variable["name"] for variable in project["environment[0].environment_variable"]]
    known = {*names, *GIVEN, *spec["env"]["variables"]}
    used = set()
    for _, command in commands(spec):
        # "${X:-…}" and such read X as well
        used |= set(READ.findall(command))
        assert set(READ.findall(command)) <= known | set(ASSIGNED.findall(command)), command
        known |= set(ASSIGNED.findall(command))
    assert set(names) <= used, "the project gives what no command asks for"
    assert set(spec["env"]["exported-variables"]) <= known


def test_the_project_offers_the_python_that_is_asked_for_and_docker(stack: Stack, spec: Mapping[str, Any]) -> None:
    project = stack.resource("aws_codebuild_project")
    assert spec["phases"]["install"]["runtime-versions"]["python"] in PYTHONS[project["environment[0].image"]]
    assert project["environment[0].privileged_mode"]


def test_the_tests_run_on_the_python_of_the_image(spec: Mapping[str, Any]) -> None:
    bases = re.findall(r"(?m)^FROM python:(\d+\.\d+)\.", (ROOT / "Dockerfile").read_text())
    assert set(bases) == {spec["phases"]["install"]["runtime-versions"]["python"]}


def test_the_deployment_finds_its_file_and_its_container(resolved: Stack, spec: Mapping[str, Any]) -> None:
    pipeline = resolved.resource("aws_codepipeline")
    assert spec["artifacts"]["files"] == [pipeline["stage[2].action[0].configuration.FileName"]]
    [container] = resolved.resource("aws_ecs_task_definition").document("container_definitions")
    assert spec["env"]["variables"]["CONTAINER_NAME"] == container["name"]


def test_the_role_may_do_what_the_commands_ask_for(access: Access, resolved: Stack, spec: Mapping[str, Any]) -> None:
    actions: dict[tuple[str, str], tuple[str, Resource | str]] = {
        ("ecr", "get-login-password"): ("ecr:GetAuthorizationToken", "*"),
        ("ecr", "describe-images"): ("ecr:DescribeImages", resolved.resource("aws_ecr_repository")),
    }
    role = resolved.resource("aws_iam_role", name="codebuild")
    for service, command, _ in aws_calls(spec):
        action, target = actions[service, command]
        assert access.can(role, action, target)


def test_the_build_makes_no_reports_for_which_its_role_has_no_permission(spec: Mapping[str, Any]) -> None:
    assert "reports" not in spec


def test_the_registry_is_asked_as_its_api_wants_to_be(spec: Mapping[str, Any]) -> None:
    from botocore import xform_name  # type: ignore[import-untyped]
    from botocore.session import get_session  # type: ignore[import-untyped]

    model = get_session().get_service_model("ecr")
    operations = {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}
    asked = {command: options for service, command, options in aws_calls(spec) if service == "ecr"}
    # made by the command line itself
    assert asked.pop("get-login-password") == {"region"}
    for command, options in asked.items():
        shape = operations[command].input_shape
        assert shape
        members = {xform_name(member, "-") for member in shape.members}
        assert options <= members | {"region", "query", "output"}
        assert {xform_name(member, "-") for member in shape.required_members} <= options


def test_the_dockerfile_takes_what_the_build_gives_it(spec: Mapping[str, Any]) -> None:
    [build] = [command for _, command in commands(spec) if "docker build" in command]
    taken = re.findall(r"(?m)^ARG (\w+)", (ROOT / "Dockerfile").read_text())
    assert set(re.findall(r'--build-arg "(\w+)=', build)) == set(taken)


def test_what_is_installed_is_there_and_locked(spec: Mapping[str, Any]) -> None:
    [install] = [shlex.split(command) for _, command in commands(spec) if "pip install" in command]
    files = [value for option, value in pairwise(install) if option == "--requirement"]
    assert "--require-hashes" in install
    for file in files:
        assert "--hash=sha256:" in (ROOT / file).read_text()


def test_there_are_tests_to_run(spec: Mapping[str, Any]) -> None:
    [test] = [shlex.split(command) for _, command in commands(spec) if "pytest" in command]
    done = subprocess.run(
        [sys.executable, *test[1:], "--collect-only", "--quiet", "-p", "no:cacheprovider"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_command_says_what_it_is_for() -> None:
    lines = [line.strip() for line in BUILDSPEC.read_text().splitlines()]
    starts = [number for number, line in enumerate(lines) if line.startswith("- ")]
    assert starts
    for number in starts:
        assert lines[number - 1].startswith("#"), f"line {number + 1} has no comment: {lines[number]}"


def test_commands_are_sound_shell(spec: Mapping[str, Any], tmp_path: Path) -> None:
    # as one script, so that what one command assigns is known in the next
    script = tmp_path / "commands.bash"
    script.write_text("\n".join(command for _, command in commands(spec)) + "\n")
    linter = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run(
        [linter, "--shell", "bash", "--severity", "style", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
