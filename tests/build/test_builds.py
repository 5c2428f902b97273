"""What a build does and, where something fails, no longer does: the buildspec is carried out."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime

import pytest

from .codebuild import Build
from .conftest import COMMIT, REGISTRY, Project
from .tools import PASSWORD, Tools

TAG = COMMIT[:12]
IMAGE = f"{REGISTRY}/stock-dashboard-dev:{TAG}"


def test_a_build_pushes_the_image_and_says_which(built: tuple[Build, Tools]) -> None:
    build, tools = built
    assert build.succeeded, build.output
    assert build.phases == {"install": True, "pre_build": True, "build": True, "post_build": True}
    assert [call.words for call in tools.calls("docker push")] == [("docker", "push", IMAGE)]
    assert json.loads(build.artifacts["imagedefinitions.json"]) == [{"name": "stock-dashboard", "imageUri": IMAGE}]
    assert build.environment["IMAGE_TAG"] == TAG


def test_a_build_logs_in_then_tests_then_builds_then_starts_then_pushes(built: tuple[Build, Tools]) -> None:
    order = [
        "docker login",
        "python -m pip install",
        "python -m pytest",
        "docker build",
        "docker run",
        "docker exec",
        "docker push",
    ]
    called = [" ".join(call.words) for call in built[1].calls()]
    assert [start for line in called for start in order if line.startswith(start)] == order


def test_the_image_says_which_commit_it_is_and_when_it_was_built(built: tuple[Build, Tools]) -> None:
    [made] = built[1].calls("docker build")
    assert made.options("--build-arg") == [f"APP_VERSION={TAG}", f"APP_COMMIT={COMMIT}"]
    [label] = made.options("--label")
    name, _, value = label.partition("=")
    assert name == "org.opencontainers.image.created"
    assert datetime.fromisoformat(value).tzinfo == UTC
    assert made.options("--tag") == [IMAGE]
    assert made.words[-1] == "."


def test_the_image_is_started_as_the_service_starts_it(built: tuple[Build, Tools]) -> None:
    [started] = built[1].calls("docker run")
    assert "--read-only" in started.words
    assert started.options("--tmpfs") == ["/tmp"]  # noqa: S108
    assert started.words[-1] == IMAGE


def test_the_password_goes_from_one_command_to_the_other_and_nowhere_else(built: tuple[Build, Tools]) -> None:
    build, tools = built
    [login] = tools.calls("docker login")
    assert login.stdin.strip() == PASSWORD
    assert login.words[-1] == REGISTRY
    assert PASSWORD not in build.output
    assert PASSWORD not in "".join(build.environment.values())
    assert not [call for call in tools.calls() if PASSWORD in call.line]


def test_an_image_that_takes_a_while_to_be_healthy_is_waited_for(project: Project) -> None:
    project.tools.fail("docker exec", times=3)
    build = project.build()
    assert build.succeeded, build.output
    assert len(project.tools.calls("docker exec candidate")) == 4
    assert len(project.tools.calls("sleep")) == 3
    assert not project.tools.calls("docker logs")


def test_an_image_that_never_is_healthy_tells_why_and_is_not_pushed(project: Project) -> None:
    project.tools.fail("docker exec")
    project.tools.say("docker logs", "no module named dashboard")
    build = project.build()
    assert build.phases["build"] is False
    assert "no module named dashboard" in build.output
    assert sum(int(call.words[1]) for call in project.tools.calls("sleep")) == 60
    assert not project.tools.calls("docker push")
    assert not build.artifacts


def test_a_commit_that_has_its_image_is_tested_and_deployed_but_not_built_again(project: Project) -> None:
    project.tools.has_images(["another"], ["latest", TAG])
    build = project.build()
    assert build.succeeded, build.output
    assert project.tools.calls("python -m pytest")
    assert [call.words[1] for call in project.tools.calls("docker")] == ["--version", "login"]
    assert json.loads(build.artifacts["imagedefinitions.json"]) == [{"name": "stock-dashboard", "imageUri": IMAGE}]


def test_an_image_with_almost_that_tag_is_another(project: Project) -> None:
    project.tools.has_images([TAG + "0", TAG[:-1]], ["0" + TAG, TAG.upper()])
    assert project.build().succeeded
    assert project.tools.calls("docker push")


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_commit_the_tag_is_the_build(project: Project, value: str | None) -> None:
    del project.environment["CODEBUILD_RESOLVED_SOURCE_VERSION"]
    if value is not None:
        project.environment["CODEBUILD_RESOLVED_SOURCE_VERSION"] = value
    build = project.build()
    image = f"{REGISTRY}/stock-dashboard-dev:build-b1e6661e-e4f2-4156-9ab9-82a19f3c5d7e"
    assert build.succeeded, build.output
    assert [call.words[-1] for call in project.tools.calls("docker push")] == [image]
    assert json.loads(build.artifacts["imagedefinitions.json"])[0]["imageUri"] == image
    [made] = project.tools.calls("docker build")
    assert "APP_COMMIT=unknown" in made.options("--build-arg")


FAILURES = {
    "the password is not given": ("aws ecr get-login-password", "pre_build"),
    "the login is refused": ("docker login", "pre_build"),
    "the registry does not say what it has": ("aws ecr describe-images", "pre_build"),
    "the dependencies do not install": ("python -m pip", "build"),
    "the tests fail": ("python -m pytest", "build"),
    "the image does not build": ("docker build", "build"),
    "the image does not start": ("docker run", "build"),
    "the push is refused": ("docker push", "post_build"),
}


@pytest.mark.parametrize(("command", "phase"), FAILURES.values(), ids=FAILURES)
def test_a_failure_ends_the_build_there_and_pushes_nothing(project: Project, command: str, phase: str) -> None:
    project.tools.fail(command)
    build = project.build()
    assert not build.succeeded
    assert list(build.phases.items())[-1] == (phase, False)
    assert not build.artifacts
    called = [call.line for call in project.tools.calls()]
    # the two ends of the one pipe start together
    last = {"docker login", command} if command == "aws ecr get-login-password" else {command}
    assert called[-1].startswith(tuple(last))
    assert [line for line in called if line.startswith("docker push")] == called[-1:] * (command == "docker push")


@pytest.mark.parametrize("command", ["python -m pytest", "docker build"])
def test_nothing_is_pushed_after_a_failed_build_that_codebuild_goes_on_with(project: Project, command: str) -> None:
    project.spec = copy.deepcopy(project.spec)
    del project.spec["phases"]["build"]["on-failure"]
    project.tools.fail(command)
    build = project.build()
    assert build.phases == {"install": True, "pre_build": True, "build": False, "post_build": False}
    assert not project.tools.calls("docker push")
    assert not build.artifacts
