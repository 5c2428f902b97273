"""moto 5.2.5 can delete neither a CodeDeploy application nor a deployment group of one.

https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeleteApplication.html
https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeleteDeploymentGroup.html
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE = "codedeploy"


def install() -> None:
    """Delete both; like AWS, say nothing where there is none to delete."""
    responses: Any = importlib.import_module("moto.codedeploy.responses").CodeDeployResponse
    responses.delete_application = _delete_application
    responses.delete_deployment_group = _delete_deployment_group


def _delete_application(self: Any) -> Any:  # noqa: ANN401
    from moto.core.responses import EmptyResult

    backend, application = self.codedeploy_backend, self._get_param("applicationName")
    for group in list(backend.deployment_groups.get(application, ())):
        _forget_group(backend, application, group)
    backend.deployment_groups.pop(application, None)
    backend.applications.pop(application, None)
    backend.tagger.delete_all_tags_for_resource(backend._application_arn(application))  # noqa: SLF001
    return EmptyResult()


def _delete_deployment_group(self: Any) -> Any:  # noqa: ANN401
    from moto.core.responses import ActionResult

    _forget_group(self.codedeploy_backend, self._get_param("applicationName"), self._get_param("deploymentGroupName"))
    return ActionResult({"hooksNotCleanedUp": []})


def _forget_group(backend: Any, application: str, group: str) -> None:  # noqa: ANN401
    backend.deployment_groups.get(application, {}).pop(group, None)
    backend.tagger.delete_all_tags_for_resource(backend._deployment_group_arn(application, group))  # noqa: SLF001
