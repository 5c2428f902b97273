"""moto 5.2.5 answers GetPipeline with its times as texts, which the provider cannot read: in JSON they are numbers.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineMetadata.html
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE = "codepipeline"


def install() -> None:
    """Tell times as seconds since 1970."""
    from moto.core.utils import unix_time

    pipeline: Any = importlib.import_module("moto.codepipeline.models").CodePipeline

    def metadata(self: Any) -> dict[str, object]:  # noqa: ANN401
        return {"pipelineArn": self._arn, "created": unix_time(self._created), "updated": unix_time(self._updated)}

    pipeline.metadata = property(metadata)
