"""In which subnets a resource stands."""

from __future__ import annotations

from stackproof.analysis.network.fabric.fabric import Fabric
from stackproof.analysis.network.facts.doubts import Doubt
from stackproof.analysis.network.facts.links import SUBNETS, Link
from stackproof.plan import Resource


def standing(fabric: Fabric, resource: Resource, path: str) -> tuple[Link, ...]:
    """The subnets at a path; one that nobody knows where none is named."""
    links = fabric.links.of(resource, path, SUBNETS)
    return links or (Link("", (Doubt(resource.address, path, "which subnet is used by default is not known"),)),)
