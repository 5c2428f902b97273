"""The buildspec of this repository, and a source folder to build by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from . import codebuild
from .tools import Tools

BUILDSPEC = Path(__file__).resolve().parents[2] / "buildspec.yml"

COMMIT = "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567"
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


@dataclass
class Project:
    """A build project with the stand-ins of a test; `build()` is one build of one source."""

    spec: dict[str, Any]
    folder: Path
    tools: Tools
    environment: dict[str, str] = field(default_factory=dict)

    def build(self) -> codebuild.Build:
        """Run the build that the buildspec describes."""
        self.tools.prepare()
        source, home = self.folder / "source", self.folder / "home"
        source.mkdir()
        home.mkdir()
        return codebuild.run(self.spec, source, {**self.environment, "PATH": self.tools.path, "HOME": str(home)})


@pytest.fixture(scope="session")
def spec() -> Mapping[str, Any]:
    """The buildspec, parsed."""
    parsed: Mapping[str, Any] = yaml.safe_load(BUILDSPEC.read_text())
    return parsed


@pytest.fixture
def project(spec: Mapping[str, Any], tmp_path: Path) -> Project:
    """The project as Terraform makes it, where everything goes well."""
    return new(spec, tmp_path)


@pytest.fixture(scope="module")
def built(spec: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[codebuild.Build, Tools]:
    """A build of it, and what that called."""
    project = new(spec, tmp_path_factory.mktemp("project"))
    return project.build(), project.tools


def new(spec: Mapping[str, Any], folder: Path) -> Project:
    """A project in a folder."""
    return Project(
        spec=dict(spec),
        folder=folder,
        tools=Tools(folder / "tools"),
        environment={
            "AWS_REGION": "us-east-1",
            "ECR_REGISTRY": REGISTRY,
            "ECR_REPOSITORY": "stock-dashboard-dev",
            "CODEBUILD_BUILD_ID": "stock-dashboard-dev:b1e6661e-e4f2-4156-9ab9-82a19f3c5d7e",
            "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT,
        },
    )
