"""A build as CodeBuild runs it: the phases of a buildspec, with real shells, in a folder of its own.

It carries from one command to the next only what CodeBuild promises least about: the working folder and exported
variables. A buildspec that works here relies on nothing else. What it does not know it refuses.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PHASES = ("install", "pre_build", "build", "post_build")

KNOWN: Mapping[str, frozenset[str]] = {
    "": frozenset({"version", "env", "phases", "artifacts"}),
    "env": frozenset({"shell", "variables", "exported-variables"}),
    "phases": frozenset(PHASES),
    "phase": frozenset({"on-failure", "runtime-versions", "commands", "finally"}),
    "artifacts": frozenset({"files"}),
}

GIVEN = frozenset(
    {
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "CODEBUILD_BUILD_ARN",
        "CODEBUILD_BUILD_ID",
        "CODEBUILD_BUILD_IMAGE",
        "CODEBUILD_BUILD_NUMBER",
        "CODEBUILD_BUILD_SUCCEEDING",
        "CODEBUILD_INITIATOR",
        "CODEBUILD_KMS_KEY_ID",
        "CODEBUILD_LOG_PATH",
        "CODEBUILD_RESOLVED_SOURCE_VERSION",
        "CODEBUILD_SOURCE_REPO_URL",
        "CODEBUILD_SOURCE_VERSION",
        "CODEBUILD_SRC_DIR",
        "CODEBUILD_START_TIME",
        "HOME",
    }
)
"""What CodeBuild puts into every build: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html"""

PYTHONS: Mapping[str, frozenset[str]] = {
    "aws/codebuild/standard:7.0": frozenset({"3.9", "3.10", "3.11", "3.12", "3.13"}),
}
"""What `runtime-versions` may name: https://docs.aws.amazon.com/codebuild/latest/userguide/available-runtimes.html"""


@dataclass
class Build:
    """What became of a build: the phases that ran and whether they passed, what it printed and what it hands on."""

    phases: dict[str, bool] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    output: str = ""
    artifacts: dict[str, str] = field(default_factory=dict)
    """What is uploaded, by path."""
    uploaded: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether every phase passed, and all artifacts were there."""
        return all(self.phases.values()) and self.uploaded


def run(spec: Mapping[str, Any], source: Path, environment: Mapping[str, str]) -> Build:
    """Build what is in a folder by a buildspec, with an environment that stands for the project's and CodeBuild's own.

    Raises:
        ValueError: the buildspec asks for something that is not modelled here.
    """
    _require_known(spec)
    env = spec.get("env", {})
    build = Build(environment={**env.get("variables", {}), **environment})
    build.environment["CODEBUILD_BUILD_SUCCEEDING"] = "1"
    shell = shutil.which(env.get("shell", "sh"))
    assert shell, "this machine lacks the shell of the buildspec"
    folder = source
    for name in PHASES:
        phase = spec["phases"].get(name, {})
        passed = True
        # a command that fails keeps the rest of `commands` from running, and nothing keeps `finally` from it
        for commands in (phase.get("commands", []), phase.get("finally", [])):
            for command in commands:
                status, folder = _run(shell, command, folder, build)
                if status:
                    passed = False
                    break
        build.phases[name] = passed
        if passed:
            continue
        build.environment["CODEBUILD_BUILD_SUCCEEDING"] = "0"
        # without on-failure, only a failed build phase is followed by another
        if "on-failure" in phase or name != "build":
            break
    # "always attempted, even if the BUILD phase fails"
    if "build" in build.phases:
        _upload(spec, source, build)
    return build


def _run(shell: str, command: str, folder: Path, build: Build) -> tuple[int, Path]:
    """Run one command, and keep its variables for the next; the exit code and the working folder after it."""
    state = Path(build.environment["HOME"])
    # `exit` ends a command, not the build, so what it leaves is written on the way out
    script = f'trap \'/usr/bin/env -0 >"$HOME/variables"; pwd >"$HOME/folder"\' EXIT\n{command}\n'
    done = subprocess.run(
        [shell, "-c", script],
        cwd=folder,
        env=build.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    build.output += done.stdout
    variables = (state / "variables").read_text().split("\0")
    build.environment.clear()
    build.environment.update({name: value for name, _, value in (line.partition("=") for line in variables) if name})
    return done.returncode, Path((state / "folder").read_text().rstrip("\n"))


def _upload(spec: Mapping[str, Any], source: Path, build: Build) -> None:
    """Take the artifacts; one that is missing fails the build."""
    files = [source / file for file in spec.get("artifacts", {}).get("files", [])]
    build.artifacts = {str(file.relative_to(source)): file.read_text() for file in files if file.is_file()}
    build.uploaded = len(build.artifacts) == len(files)


def commands(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every command with the phase that it belongs to, in order."""
    for name in PHASES:
        phase = spec["phases"].get(name, {})
        for command in (*phase.get("commands", []), *phase.get("finally", [])):
            yield name, command


def _require_known(spec: Mapping[str, Any]) -> None:
    parts = [("", spec), *((key, spec.get(key, {})) for key in ("env", "phases", "artifacts"))]
    parts += [("phase", phase) for phase in spec["phases"].values()]
    for kind, part in parts:
        if unknown := set(part) - KNOWN[kind]:
            raise ValueError(f"{kind or 'buildspec'}: {', '.join(sorted(unknown))} is not modelled")
    if spec["version"] != 0.2:
        raise ValueError(f"version {spec['version']}: commands share nothing before 0.2")
    for name, phase in spec["phases"].items():
        if phase.get("on-failure", "ABORT") != "ABORT":
            raise ValueError(f"{name}: on-failure: {phase['on-failure']} is not modelled")
