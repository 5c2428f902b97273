"""The ARN of a resource, as far as the plan tells it: wildcards stand for what it does not know."""

from __future__ import annotations

import re

from stackproof.errors import PlanError
from stackproof.plan import Resource
from stackproof.plan.resolution import arns
from stackproof.plan.values import Unknown, Value

_PLACE = re.compile(r"\{([^{}]+)\}")


def arn_of(resource: Resource, *, partition: str, account: str) -> str:
    """The ARN, or a glob that it is one of; `account` is empty where nobody knows it.

    Raises PlanError for a resource that has none.
    """
    known = resource.get("arn")
    if isinstance(known, str):
        return str.__str__(known)
    if resource.type == "aws_ecs_service":
        return _of_service(resource, partition, account)
    form = arns.ARNS.get(resource.type)
    if form is None and not isinstance(known, Unknown):
        raise PlanError(f"{resource.address} has no ARN", remedy="ask about what it belongs to.")
    return f"arn:{partition}:{_filled(form, resource, account)}" if form else "arn:*"


def _of_service(resource: Resource, partition: str, account: str) -> str:
    """The provider has no ARN for it but the id, which an apply makes of the cluster and the name."""
    cluster, name = _text(resource.get("cluster", "default")), _text(resource.get("name"))
    if cluster.startswith("arn:"):
        return f"{cluster.replace(':cluster/', ':service/', 1)}/{name}"
    return f"arn:{partition}:ecs:*:{account or '*'}:service/{cluster}/{name}"


def _filled(form: str, resource: Resource, account: str) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] == "@account":
            return account or "*"
        return _text(resource.get(match[1], "/" if match[1] == "path" else None))

    return _PLACE.sub(value, form)


def _text(value: Value) -> str:
    return str.__str__(value) if isinstance(value, str) else "*"
