"""moto 5.2.5 tells an empty network configuration of an ECS service without one, where AWS tells none at all.

The provider looks for subnets in what it is told, and crashes.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE = "ecs"


def install() -> None:
    """Tell a network configuration only of services that have one."""
    service: Any = importlib.import_module("moto.ecs.models").Service
    make = service.__init__

    def made(self: Any, *arguments: Any, **more: Any) -> None:  # noqa: ANN401
        make(self, *arguments, **more)
        self.network_configuration = self.network_configuration or None

    service.__init__ = made
