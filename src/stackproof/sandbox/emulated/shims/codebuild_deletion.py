"""moto 5.2.5 deletes a CodeBuild project by its name alone; AWS takes its ARN, too, which is what the provider gives.

The project would stay, with an answer that says that it is gone.
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_DeleteProject.html
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE = "codebuild"


def install() -> None:
    """Find the name in an ARN."""
    backend: Any = importlib.import_module("moto.codebuild.models").CodeBuildBackend
    delete = backend.delete_project

    def delete_project(self: Any, project_name: str) -> None:  # noqa: ANN401
        delete(self, project_name.rpartition("/")[2])

    backend.delete_project = delete_project
