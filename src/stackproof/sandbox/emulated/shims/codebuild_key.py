"""moto 5.2.5 forgets the encryption key that a CodeBuild project is made with, and tells AWS's own in its place.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE = "codebuild"


def install() -> None:
    """Keep the key of a project."""
    responses: Any = importlib.import_module("moto.codebuild.responses").CodeBuildResponse
    create = responses.create_project

    def create_project(self: Any) -> Any:  # noqa: ANN401
        answer = create(self)
        key = self._get_param("encryptionKey")
        if key:
            project = self.codebuild_backend.codebuild_projects[self._get_param("name")]
            project.project_metadata["encryptionKey"] = key
        return answer

    responses.create_project = create_project
