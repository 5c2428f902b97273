"""The stand-in for CodeBuild keeps CodeBuild's rules, or what it says of the buildspec would mean nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from . import codebuild


def build(tmp_path: Path, phases: dict[str, Any], **more: object) -> codebuild.Build:
    source, home = tmp_path / "source", tmp_path / "home"
    source.mkdir()
    home.mkdir()
    spec = {"version": 0.2, "env": {"shell": "bash"}, "phases": phases, **more}
    return codebuild.run(spec, source, {"PATH": "/usr/bin:/bin", "HOME": str(home)})


def test_folder_and_exported_variables_pass_from_command_to_command(tmp_path: Path) -> None:
    first = ["mkdir inside && cd inside", "export WORD=heard", "unheard=word"]
    made = build(tmp_path, {"install": {"commands": first}, "build": {"commands": ['echo "${PWD##*/} $WORD$unheard"']}})
    assert made.succeeded
    assert made.output == "inside heard\n"


def test_a_command_that_fails_ends_its_phase_but_for_finally(tmp_path: Path) -> None:
    phase = {"commands": ["echo one", "exit 3", "echo two"], "finally": ["echo three"]}
    made = build(tmp_path, {"pre_build": phase, "build": {"commands": ["echo four"]}})
    assert made.output == "one\nthree\n"
    assert made.phases == {"install": True, "pre_build": False}


def test_only_the_last_line_of_a_command_decides(tmp_path: Path) -> None:
    assert build(tmp_path, {"build": {"commands": ["false\ntrue"]}}).succeeded


def test_post_build_follows_a_failed_build_and_can_tell(tmp_path: Path) -> None:
    phases = {"build": {"commands": ["false"]}, "post_build": {"commands": ["echo $CODEBUILD_BUILD_SUCCEEDING"]}}
    made = build(tmp_path, phases)
    assert made.output == "0\n"
    assert made.phases == {"install": True, "pre_build": True, "build": False, "post_build": True}
    assert not made.succeeded


def test_unless_the_failure_is_to_abort(tmp_path: Path) -> None:
    phases = {"build": {"on-failure": "ABORT", "commands": ["false"]}, "post_build": {"commands": ["echo after"]}}
    assert build(tmp_path, phases).output == ""


def test_artifacts_are_taken_after_a_failed_build_too_and_missed_where_they_are_not(tmp_path: Path) -> None:
    phases = {"build": {"commands": ["echo x >one", "false"]}}
    made = build(tmp_path, phases, artifacts={"files": ["one", "two"]})
    assert made.artifacts == {"one": "x\n"}
    assert not made.uploaded


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reports": {}}, "buildspec: reports is not modelled"),
        ({"version": 0.1}, "version 0.1"),
        ({"phases": {"build": {"on-failure": "CONTINUE"}}}, "build: on-failure: CONTINUE is not modelled"),
        ({"phases": {"deploy": {}}}, "phases: deploy is not modelled"),
    ],
    ids=["section", "version", "failure", "phase"],
)
def test_what_is_not_modelled_is_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    spec = {"version": 0.2, "phases": {"build": {"commands": ["true"]}}, **change}
    with pytest.raises(ValueError, match=message):
        codebuild.run(spec, tmp_path, {})
