"""moto 5.2.5 deletes load balancers that are protected from deletion.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE = "elb"
"""Both generations of load balancers have one endpoint, which moto serves by this name."""


def install() -> None:
    """Refuse to delete a protected load balancer."""
    from moto.elbv2.exceptions import ELBClientError

    backend: Any = importlib.import_module("moto.elbv2.models").ELBv2Backend
    delete = backend.delete_load_balancer

    def delete_load_balancer(self: Any, arn: str) -> None:  # noqa: ANN401
        found = self.load_balancers.get(arn)
        if found is not None and found.attrs["deletion_protection.enabled"] == "true":
            what = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
            raise ELBClientError("OperationNotPermitted", what)
        delete(self, arn)

    backend.delete_load_balancer = delete_load_balancer
