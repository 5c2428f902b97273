"""moto 5.2.5 tells empty settings of a CodeDeploy deployment group where none were given, and no default ones.

AWS tells none, and that a group deploys in place and without traffic control where its style was left open.
https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentGroupInfo.html
https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentStyle.html
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE = "codedeploy"
STYLE = {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}


def install() -> None:
    """Tell of a group what is set, and its style in any case."""
    responses: Any = importlib.import_module("moto.codedeploy.responses")
    told = responses._deployment_group_info  # noqa: SLF001

    def deployment_group_info(group: Any) -> dict[str, Any]:  # noqa: ANN401
        return {"deploymentStyle": STYLE} | {name: value for name, value in told(group).items() if value != {}}

    responses._deployment_group_info = deployment_group_info  # noqa: SLF001
