"""moto 5.2.5 refuses a CodeBuild project whose source or artifacts are of type CODEPIPELINE and have no location.

AWS ignores a location there, since the pipeline says where its artifacts are.
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

SERVICE = "codebuild"

_Validate = Callable[[Mapping[str, object]], None]


def install() -> None:
    """Ask for a location only where AWS needs one."""
    from moto.codebuild import responses

    for name in ("_validate_required_params_source", "_validate_required_params_artifacts"):
        setattr(responses, name, _unless_of_a_pipeline(getattr(responses, name)))


def _unless_of_a_pipeline(validate: _Validate) -> _Validate:
    def validated(part: Mapping[str, object]) -> None:
        if part["type"] != "CODEPIPELINE":
            validate(part)

    return validated
