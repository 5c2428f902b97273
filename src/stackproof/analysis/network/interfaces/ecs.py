"""The interfaces of ECS tasks.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from stackproof.analysis.network.fabric.fabric import Fabric
from stackproof.analysis.network.fabric.standing import standing
from stackproof.analysis.network.facts.doubts import YES, Doubt, Doubts
from stackproof.analysis.network.facts.former import known
from stackproof.analysis.network.facts.links import Link
from stackproof.analysis.network.facts.passages import Passage
from stackproof.analysis.network.facts.reading import blocks, doubt, flag, text
from stackproof.analysis.network.interfaces.compute import Instances
from stackproof.analysis.network.interfaces.interface import Interface, behind
from stackproof.analysis.network.space.traffic import ANY, NO_TRAFFIC, Traffic, tcp, udp
from stackproof.errors import PlanError
from stackproof.plan import Resource
from stackproof.plan.values import Value, Withheld

DYNAMIC = (32768, 65535)
"""The host ports that Docker chooses from:
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html."""

_DEFINITION = "aws_ecs_task_definition"
_PROVIDER = "aws_ecs_capacity_provider"


class Tasks:
    """Reads ECS services, and tasks that events start."""

    def __init__(self, fabric: Fabric, instances: Instances) -> None:
        self._fabric = fabric
        self._instances = instances

    def interfaces(self) -> Iterator[Interface]:
        """Those of the tasks of every service, and of every event rule that starts some."""
        stack = self._fabric.stack
        for service in stack.resources("aws_ecs_service"):
            if any(blocks(service, "network_configuration")):
                yield self._own(service, "network_configuration[0].")
            else:
                yield from self._of_hosts(service)
        for target in stack.resources("aws_cloudwatch_event_target"):
            for path, _ in blocks(target, "ecs_target"):
                if any(blocks(target, f"{path}.network_configuration")):
                    yield self._own(target, f"{path}.network_configuration[0].")

    def host_ports(self, service: Resource, container: str, port: int) -> tuple[Traffic, Doubts]:
        """The ports of the container instance at which a container's port answers."""
        traffic = NO_TRAFFIC
        doubts: Doubts = ()
        definitions = list(self._definitions(service))
        for definition, unsure in definitions:
            found, why = _mapped(definition, container, port)
            traffic, doubts = traffic | found, (*doubts, *unsure, *why)
        if not definitions:
            return ANY, (_undefined(service),)
        return traffic, doubts

    def _own(self, resource: Resource, prefix: str) -> Interface:
        subnets = standing(self._fabric, resource, f"{prefix}subnets")
        return Interface(
            resource.address,
            resource,
            "tasks",
            subnets,
            behind(self._fabric, resource, f"{prefix}security_groups", subnets),
            flag(resource, f"{prefix}assign_public_ip"),
            # a task in a subnet with an IPv6 range has an address from it
            YES,
        )

    def _of_hosts(self, service: Resource) -> Iterator[Interface]:
        traffic = NO_TRAFFIC
        doubts: Doubts = ()
        definitions = list(self._definitions(service))
        for definition, unsure in definitions:
            found, why = _mapped(definition)
            traffic, doubts = traffic | found, (*doubts, *unsure, *why)
        if not definitions:
            traffic, doubts = ANY, (_undefined(service),)
        listens = (Passage(traffic, doubts=tuple(dict.fromkeys(doubts))),) if traffic else ()
        hosts = list(self._hosts(service))
        for group, unsure in hosts:
            for interface in self._instances.of_autoscaling(group):
                subnets = tuple(Link(link.key, (*link.doubts, *unsure)) for link in interface.subnets)
                yield replace(
                    interface, owner=service.address, resource=service, kind="tasks", listens=listens, subnets=subnets
                )
        if not hosts:
            unknown = (Link("", (Doubt(service.address, "", "on which instances its tasks run is not known"),)),)
            yield Interface(service.address, service, "tasks", unknown, unknown, None, None, listens=listens)

    def _hosts(self, service: Resource) -> Iterator[tuple[Resource, Doubts]]:
        """The autoscaling groups whose instances can run the tasks of a service."""
        stack, links = self._fabric.stack, self._fabric.links
        named = [
            link
            for path, _ in blocks(service, "capacity_provider_strategy")
            for link in links.of(service, f"{path}.capacity_provider", (_PROVIDER,))
        ]
        if not named:
            clusters = {link.key for link in links.of(service, "cluster", ("aws_ecs_cluster",))}
            for offer in stack.resources("aws_ecs_cluster_capacity_providers"):
                of_offer = {link.key for link in links.of(offer, "cluster_name", ("aws_ecs_cluster",))}
                if clusters & of_offer:
                    named += links.of(offer, "capacity_providers", (_PROVIDER,))
        for link in named:
            if links.is_inside(link.key):
                path = "auto_scaling_group_provider[0].auto_scaling_group_arn"
                for group in links.of(stack[link.key], path, ("aws_autoscaling_group",)):
                    if links.is_inside(group.key):
                        yield stack[group.key], (*link.doubts, *group.doubts)

    def _definitions(self, service: Resource) -> Iterator[tuple[Resource, Doubts]]:
        for link in self._fabric.links.of(service, "task_definition", (_DEFINITION,)):
            key = link.key
            if not self._fabric.links.is_inside(key):
                # family:revision
                key = next(iter(self._fabric.links.meant(re.sub(r":\d+$", "", key), (_DEFINITION,))))
            if self._fabric.links.is_inside(key):
                yield self._fabric.stack[key], link.doubts


def _undefined(service: Resource) -> Doubt:
    return Doubt(service.address, "task_definition", "it is not in this stack")


def _mapped(definition: Resource, container: str = "", port: int | None = None) -> tuple[Traffic, Doubts]:
    """The host ports of a task definition, of all containers or of one port of one."""
    try:
        containers: Value = definition.document("container_definitions")
    except PlanError:
        containers = None
    if isinstance(containers, Withheld) or not isinstance(containers, list):
        return ANY, (doubt(definition, "container_definitions", containers),)
    traffic = NO_TRAFFIC
    at_host = text(definition, "network_mode") in ("host", "awsvpc")
    for described in containers:
        if not isinstance(described, dict) or (container and known(described.get("name")) != container):
            continue
        for mapping in described.get("portMappings") or ():
            inside, outside = known(mapping.get("containerPort")), known(mapping.get("hostPort"))
            if any(isinstance(mapping.get(name), Withheld) for name in ("containerPort", "hostPort")):
                return ANY, (doubt(definition, "container_definitions"),)
            number = inside if at_host else outside
            kind = udp if known(mapping.get("protocol")) == "udp" else tcp
            if port is None or inside == port:
                traffic |= kind(int(str(number))) if number else kind(DYNAMIC)
    return traffic, ()
