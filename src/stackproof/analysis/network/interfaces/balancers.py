"""Load balancers: their interfaces, and what their listeners forward.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/introduction.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/introduction.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from stackproof.analysis.network.fabric.fabric import Fabric
from stackproof.analysis.network.fabric.standing import standing
from stackproof.analysis.network.facts.doubts import NO, YES, Chance, both
from stackproof.analysis.network.facts.hops import hop
from stackproof.analysis.network.facts.links import BALANCERS, GROUPS, LISTENERS, SUBNETS, TARGET_GROUPS, Link
from stackproof.analysis.network.facts.passages import Passage
from stackproof.analysis.network.facts.reading import blocks, every, flag, hidden_blocks, is_one_of, text
from stackproof.analysis.network.interfaces.interface import Interface, behind
from stackproof.analysis.network.interfaces.targets import TargetGroup, TargetGroups, on_port
from stackproof.plan import Resource

_RULES = ("aws_lb_listener_rule", "aws_alb_listener_rule")
_NETWORK, _GATEWAY = "network", "gateway"
_WITHOUT_PUBLIC_V4 = "dualstack-without-public-ipv4"


@dataclass(frozen=True)
class Forward:
    """What a listener receives, and the target group that it passes that on to (None where it answers itself)."""

    received: Passage
    group: TargetGroup | None


class Balancers:
    """The load balancers of a stack."""

    def __init__(self, fabric: Fabric, groups: TargetGroups) -> None:
        self._fabric = fabric
        self._groups = groups
        self._forwards: dict[str, list[Forward]] = defaultdict(list)
        self._rules: dict[str, list[tuple[Resource, Link]]] = defaultdict(list)
        stack, of = fabric.stack, fabric.links.of
        for rule in every(stack, _RULES):
            for link in of(rule, "listener_arn", LISTENERS):
                self._rules[link.key].append((rule, link))
        for listener in every(stack, LISTENERS):
            for link in of(listener, "load_balancer_arn", BALANCERS):
                self._forwards[link.key] += self._of_listener(listener, link)
        for classic in stack.resources("aws_elb"):
            for path, _ in blocks(classic, "listener"):
                received, unsure = on_port(classic, f"{path}.lb_port", text(classic, f"{path}.lb_protocol"))
                sent, unknown = on_port(classic, f"{path}.instance_port", text(classic, f"{path}.instance_protocol"))
                group = groups.classic(classic, sent, unknown)
                passage = Passage(received, hops=(hop("listener", classic, path),), doubts=unsure)
                self._forwards[classic.address].append(Forward(passage, group))

    def forwards(self, key: str) -> tuple[Forward, ...]:
        """What the listeners of a load balancer do."""
        return (*self._forwards.get(key, ()), *self._forwards.get("", ()))

    def is_balancer(self, key: str) -> bool:
        """Whether something is a load balancer of this stack that forwards by itself."""
        return self._fabric.links.is_inside(key) and self._fabric.stack[key].type in BALANCERS

    def preserves(self, key: str, forward: Forward) -> Chance:
        """Whether targets see a client's own address, which only network load balancers pass on."""
        network = text(self._fabric.stack[key], "load_balancer_type") == _NETWORK
        return forward.group.preserves if network and forward.group else NO

    def interfaces(self) -> Iterator[Interface]:
        """Those of all load balancers but gateway ones."""
        for balancer in every(self._fabric.stack, BALANCERS):
            kind = text(balancer, "load_balancer_type", "classic" if balancer.type == "aws_elb" else "application")
            if kind != _GATEWAY:
                yield self._interface(balancer, kind)

    def _interface(self, balancer: Resource, kind: str) -> Interface:
        of = self._fabric.links.of
        mapped = of(balancer, "subnets", SUBNETS) or self._fabric.links.of_blocks(
            balancer, "subnet_mapping", "subnet_id", SUBNETS
        )
        subnets = mapped or standing(self._fabric, balancer, "subnets")
        groups: tuple[Link, ...] | None = of(balancer, "security_groups", GROUPS)
        if kind != _NETWORK:
            groups = behind(self._fabric, balancer, "security_groups", subnets)
        internal = flag(balancer, "internal")
        public = YES if not internal.possible else Chance(possible=bool(internal.doubts), doubts=internal.doubts)
        return Interface(
            balancer.address,
            balancer,
            f"{kind} load balancer",
            subnets,
            groups or None,
            public_v4=NO if text(balancer, "ip_address_type") == _WITHOUT_PUBLIC_V4 else public,
            public_v6=public,
            has_v6=is_one_of(balancer, "ip_address_type", "dualstack", _WITHOUT_PUBLIC_V4),
            listens=tuple({f.received.hops[0]: f.received for f in reversed(self.forwards(balancer.address))}.values()),
        )

    def _of_listener(self, listener: Resource, balancer: Link) -> Iterator[Forward]:
        traffic, unsure = on_port(listener, "port", text(listener, "protocol"))
        here = hop("listener", listener)
        received = Passage(traffic, hops=(here,), doubts=both(balancer.doubts, unsure))
        yield Forward(received, None)
        for link in self._targets(listener, "default_action"):
            yield self._to(received, link)
        for rule, of_rule in (*self._rules[listener.address], *self._rules[""]):
            passage = Passage(
                traffic, hops=(here, hop("listener rule", rule)), doubts=both(received.doubts, of_rule.doubts)
            )
            for link in self._targets(rule, "action"):
                yield self._to(passage, link)

    def _to(self, received: Passage, link: Link) -> Forward:
        doubts = both(received.doubts, link.doubts)
        passage = Passage(received.traffic, hops=received.hops, doubts=doubts)
        return Forward(passage, self._groups.group(link.key))

    def _targets(self, resource: Resource, actions: str) -> Iterator[Link]:
        for unsure in hidden_blocks(resource, actions):
            yield Link("", (unsure,))
        for action, _ in blocks(resource, actions):
            yield from self._fabric.links.of(resource, f"{action}.target_group_arn", TARGET_GROUPS)
            for forward, _ in blocks(resource, f"{action}.forward"):
                yield from self._fabric.links.of_blocks(resource, f"{forward}.target_group", "arn", TARGET_GROUPS)
