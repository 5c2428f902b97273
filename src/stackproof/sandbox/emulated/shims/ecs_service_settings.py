"""moto 5.2.5 forgets most settings that an ECS service is made with; it keeps them where the service is updated.

The provider reads them back after an apply, and plans to set again what is not there.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE = "ecs"

FORGOTTEN = {
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "capacityProviderStrategy": "capacity_provider_strategy",
    "deploymentConfiguration": "deployment_configuration",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "enableExecuteCommand": "enable_execute_command",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "placementConstraints": "placement_constraints",
    "placementStrategy": "placement_strategy",
}
"""Parameters of CreateService, and the attributes in which moto keeps those of UpdateService."""


def install() -> None:
    """Keep what a service is made with."""
    responses: Any = importlib.import_module("moto.ecs.responses").EC2ContainerServiceResponse
    create = responses.create_service

    def create_service(self: Any) -> Any:  # noqa: ANN401
        answer = create(self)
        for parameter, attribute in FORGOTTEN.items():
            given = self._get_param(parameter)
            if given is not None:
                setattr(answer.result["service"], attribute, given)
        return answer

    responses.create_service = create_service
