"""Target groups, and what is registered in them on which ports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from stackproof.analysis.network.fabric.fabric import Fabric
from stackproof.analysis.network.facts.doubts import NO, YES, Chance, Doubt, Doubts, both
from stackproof.analysis.network.facts.hops import Hop, hop
from stackproof.analysis.network.facts.links import BALANCERS, TARGET_GROUPS, Link
from stackproof.analysis.network.facts.reading import blocks, doubt, every, flag, is_unset, number, text
from stackproof.analysis.network.interfaces.compute import INSTANCES
from stackproof.analysis.network.interfaces.ecs import Tasks
from stackproof.analysis.network.space.traffic import ANY, NO_TRAFFIC, Traffic, rule_traffic, tcp
from stackproof.plan import Resource

_REGISTRABLE = (*INSTANCES, "aws_network_interface", *BALANCERS)
_TRANSPORTS = {"UDP": ("udp",), "QUIC": ("udp",), "TCP_UDP": ("tcp", "udp"), "TCP_QUIC": ("tcp", "udp")}
_SEE_CLIENTS = ("UDP", "TCP_UDP", "QUIC", "TCP_QUIC")


@dataclass(frozen=True)
class Target:
    """A resource, by address, that receives traffic on some ports."""

    owner: str
    traffic: Traffic
    hop: Hop
    doubts: Doubts = ()


@dataclass(frozen=True)
class TargetGroup:
    """What is registered in a group; `health` is what else a load balancer sends, to see whether targets live.

    Whether it `preserves` a client's address is the default of its kind where nobody says:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
    """

    key: str
    targets: tuple[Target, ...]
    hops: tuple[Hop, ...] = ()
    preserves: Chance = NO
    health: Traffic = field(default=NO_TRAFFIC)


class TargetGroups:
    """The target groups of a stack."""

    def __init__(self, fabric: Fabric, tasks: Tasks) -> None:
        self._fabric = fabric
        self._tasks = tasks
        self._registered: dict[str, list[tuple[Resource, Link, str]]] = defaultdict(list)
        self._groups: dict[str, TargetGroup] = {}
        for resource, path, owners in self._registrations():
            self._register(fabric.links.of(resource, path, (*TARGET_GROUPS, "aws_elb")), resource, path, owners)
        for deployment in fabric.stack.resources("aws_codedeploy_deployment_group"):
            self._register_deployed(deployment)

    def group(self, key: str) -> TargetGroup:
        """A target group by its key (see `Link`); nothing is known of one outside the stack."""
        if key not in self._groups:
            self._groups[key] = self._made(key)
        return self._groups[key]

    def classic(self, balancer: Resource, traffic: Traffic, doubts: Doubts) -> TargetGroup:
        """The instances behind a classic load balancer, which receive on the port that each listener names."""
        targets = [
            Target(link.key, traffic, hop("registration", resource), both(doubts, link.doubts))
            for resource, link, _ in (*self._registered[balancer.address], *self._registered[""])
        ]
        targets += (
            Target(link.key, traffic, hop("registration", balancer, "instances"), both(doubts, link.doubts))
            for link in self._fabric.links.of(balancer, "instances", INSTANCES)
        )
        return TargetGroup(balancer.address, tuple(targets))

    def _register(self, groups: Iterable[Link], resource: Resource, path: str, owners: Iterable[Link]) -> None:
        for group in groups:
            for owner in owners:
                link = Link(owner.key, both(owner.doubts, group.doubts))
                self._registered[group.key].append((resource, link, path))

    def _register_deployed(self, deployment: Resource) -> None:
        """A blue/green deployment registers the tasks of a service in either of its target groups."""
        of, find = self._fabric.links.of, self._fabric.links.find
        pair = "load_balancer_info[0].target_group_pair_info[0].target_group"
        groups = self._fabric.links.of_blocks(deployment, pair, "name", TARGET_GROUPS)
        for link in of(deployment, "ecs_service[0].service_name", ("aws_ecs_service",)):
            service = find(link.key)
            for path, _ in blocks(service, "load_balancer") if service else ():
                self._register(groups, service or deployment, f"{path}.target_group_arn", (link,))

    def _registrations(self) -> Iterator[tuple[Resource, str, tuple[Link, ...]]]:
        """Each resource that registers something, the path at which it names the group, and what it registers."""
        stack, of = self._fabric.stack, self._fabric.links.of
        for attachment in every(stack, ("aws_lb_target_group_attachment", "aws_alb_target_group_attachment")):
            yield attachment, "target_group_arn", of(attachment, "target_id", _REGISTRABLE)
        for group in stack.resources("aws_autoscaling_group"):
            itself = (Link(group.address),)
            yield from ((group, path, itself) for path in ("target_group_arns", "load_balancers"))
            yield from ((group, f"{path}.identifier", itself) for path, _ in blocks(group, "traffic_source"))
        for attachment in stack.resources("aws_autoscaling_attachment"):
            groups = of(attachment, "autoscaling_group_name", ("aws_autoscaling_group",))
            yield from ((attachment, path, groups) for path in ("lb_target_group_arn", "alb_target_group_arn", "elb"))
        for attachment in stack.resources("aws_autoscaling_traffic_source_attachment"):
            groups = of(attachment, "autoscaling_group_name", ("aws_autoscaling_group",))
            yield from ((attachment, f"{path}.identifier", groups) for path, _ in blocks(attachment, "traffic_source"))
        for attachment in stack.resources("aws_elb_attachment"):
            yield attachment, "elb", of(attachment, "instance", INSTANCES)
        for service in stack.resources("aws_ecs_service"):
            for path, _ in blocks(service, "load_balancer"):
                for name in ("target_group_arn", "elb_name"):
                    yield service, f"{path}.{name}", (Link(service.address),)

    def _made(self, key: str) -> TargetGroup:
        registered = [*self._registered.get(key, []), *self._registered.get("", [])]
        if not self._fabric.links.is_inside(key):
            targets = [self._target(r, link, path, ANY, (_outside(key),)) for r, link, path in registered]
            return TargetGroup(key, tuple(targets))
        group = self._fabric.stack[key]
        usual, doubts = on_port(group, "port", text(group, "protocol"))
        return TargetGroup(
            key,
            tuple(self._target(r, link, path, usual, doubts) for r, link, path in registered),
            (hop("target group", group),),
            _preserves(group),
            _health(group),
        )

    def _target(self, resource: Resource, link: Link, path: str, usual: Traffic, doubts: Doubts) -> Target:
        traffic, here = usual, hop("registration", resource, path.rpartition(".")[0])
        own = number(resource, "port") if resource.type.endswith("_target_group_attachment") else None
        if resource.type == "aws_ecs_service":
            traffic, doubts = self._of_service(resource, path.rpartition(".")[0])
        elif isinstance(own, Doubt):
            traffic, doubts = ANY, (own,)
        elif own is not None:
            traffic = _on(own, usual)
        return Target(link.key, traffic, here, both(doubts, link.doubts))

    def _of_service(self, service: Resource, path: str) -> tuple[Traffic, Doubts]:
        port = number(service, f"{path}.container_port")
        if not isinstance(port, int):
            return ANY, (port or doubt(service, f"{path}.container_port"),)
        if any(blocks(service, "network_configuration")):
            return tcp(port), ()
        return self._tasks.host_ports(service, text(service, f"{path}.container_name"), port)


def _outside(key: str) -> Doubt:
    return Doubt(key or "a target group", "", "it is not in this stack")


def _on(port: int, usual: Traffic) -> Traffic:
    """The same protocols on another port."""
    traffic = NO_TRAFFIC
    for name in ("tcp", "udp"):
        if usual & rule_traffic(name, None, None):
            traffic |= rule_traffic(name, port, port)
    return traffic


def on_port(resource: Resource, path: str, protocol: str) -> tuple[Traffic, Doubts]:
    """The traffic of a protocol of load balancers, such as HTTPS or TCP_UDP, on the port at a path."""
    port = number(resource, path)
    if isinstance(port, Doubt):
        return ANY, (port,)
    if port is None:
        return NO_TRAFFIC, ()
    traffic = NO_TRAFFIC
    for transport in _TRANSPORTS.get(protocol.upper(), ("tcp",)):
        traffic |= rule_traffic(transport, port, port)
    return traffic, ()


def _preserves(group: Resource) -> Chance:
    kind, protocol = text(group, "target_type", "instance"), text(group, "protocol").upper()
    if protocol in _SEE_CLIENTS or kind == "alb":
        return YES
    if is_unset(group, "preserve_client_ip"):
        return YES if kind == "instance" else NO
    return flag(group, "preserve_client_ip")


def _health(group: Resource) -> Traffic:
    port = text(group, "health_check[0].port", "traffic-port")
    return tcp(int(port)) if port.isdigit() else NO_TRAFFIC
