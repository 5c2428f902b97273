"""moto 5.2.5 has no tags in Application Auto Scaling: neither are they kept, nor can they be listed.

The provider lists the tags of a scalable target that it has made, and fails where it gets no answer.
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ListTagsForResource.html
"""

from __future__ import annotations

import importlib
import json
from typing import Any

SERVICE = "applicationautoscaling"


def install() -> None:
    """Keep the tags that a target is registered with, and list, add and remove them."""
    responses: Any = importlib.import_module("moto.applicationautoscaling.responses").ApplicationAutoScalingResponse
    register = responses.register_scalable_target

    def register_scalable_target(self: Any) -> str:  # noqa: ANN401
        answer: str = register(self)
        _tags(self, json.loads(answer)["ScalableTargetARN"]).update(self._get_param("Tags") or {})
        return answer

    responses.register_scalable_target = register_scalable_target
    responses.list_tags_for_resource = _list_tags_for_resource
    responses.tag_resource = _tag_resource
    responses.untag_resource = _untag_resource


def _list_tags_for_resource(self: Any) -> str:  # noqa: ANN401
    return json.dumps({"Tags": _tags(self, self._get_param("ResourceARN"))})


def _tag_resource(self: Any) -> str:  # noqa: ANN401
    _tags(self, self._get_param("ResourceARN")).update(self._get_param("Tags"))
    return json.dumps({})


def _untag_resource(self: Any) -> str:  # noqa: ANN401
    for key in self._get_param("TagKeys"):
        _tags(self, self._get_param("ResourceARN")).pop(key, None)
    return json.dumps({})


def _tags(responses: Any, arn: str) -> dict[str, str]:  # noqa: ANN401
    """The tags of a target, kept with it, so that they are gone when it is."""
    from moto.core.exceptions import JsonRESTError

    for targets in responses.applicationautoscaling_backend.targets.values():
        for target in targets.values():
            if target.arn == arn:
                tags: dict[str, str] = target.__dict__.setdefault("tags", {})
                return tags
    raise JsonRESTError("ResourceNotFoundException", f"there is no scalable target {arn}")
