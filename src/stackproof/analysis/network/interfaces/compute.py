"""The interfaces of instances: single ones, spot ones, those of autoscaling groups, and bare network interfaces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from stackproof.analysis.network.fabric.fabric import Fabric
from stackproof.analysis.network.fabric.standing import standing
from stackproof.analysis.network.facts.doubts import NO, YES, Chance, Doubts, both
from stackproof.analysis.network.facts.links import GROUPS, Link
from stackproof.analysis.network.facts.reading import blocks, every, flag, is_unset, number, texts
from stackproof.analysis.network.interfaces.interface import Interface, behind, by_default
from stackproof.analysis.network.space.ranges import NOWHERE, Ranges
from stackproof.plan import Resource

INSTANCES = ("aws_instance", "aws_spot_instance_request")
_INTERFACE = "aws_network_interface"
_TEMPLATE = "launch_template[0]"
_MIXED = "mixed_instances_policy[0].launch_template[0]"


class Instances:
    """Reads instances once; what is attached to them is written in other resources."""

    def __init__(self, fabric: Fabric) -> None:
        self._fabric = fabric
        self._public: dict[str, Doubts] = {}
        self._groups: dict[str, list[Link]] = defaultdict(list)
        self._attached: dict[str, Link] = {}
        of, stack = fabric.links.of, fabric.stack
        for address in every(stack, ("aws_eip", "aws_eip_association")):
            for path in ("instance", "instance_id", "network_interface", "network_interface_id"):
                for link in of(address, path, (*INSTANCES, _INTERFACE)):
                    known = self._public.get(link.key)
                    self._public[link.key] = link.doubts if known is None else min(known, link.doubts, key=len)
        for attachment in stack.resources("aws_network_interface_sg_attachment"):
            for interface in of(attachment, "network_interface_id", (*INSTANCES, _INTERFACE)):
                for group in of(attachment, "security_group_id", GROUPS):
                    self._groups[interface.key].append(Link(group.key, both(interface.doubts, group.doubts)))
        for instance in every(stack, INSTANCES):
            for path, _ in blocks(instance, "network_interface"):
                self._attach(instance, f"{path}.network_interface_id", Link(instance.address))
        for attachment in stack.resources("aws_network_interface_attachment"):
            for link in of(attachment, "instance_id", INSTANCES):
                self._attach(attachment, "network_interface_id", link)
        for card in stack.resources(_INTERFACE):
            for path, _ in blocks(card, "attachment"):
                for link in of(card, f"{path}.instance", INSTANCES):
                    self._attached.setdefault(card.address, link)

    def interfaces(self) -> Iterator[Interface]:
        """Those of instances, autoscaling groups and network interfaces."""
        stack = self._fabric.stack
        for instance in every(stack, INSTANCES):
            if not self._is_described(instance):
                yield self._primary(instance)
        for interface in stack.resources(_INTERFACE):
            yield self._bare(interface)
        for group in stack.resources("aws_autoscaling_group"):
            yield from self.of_autoscaling(group)

    def of_autoscaling(self, group: Resource) -> Iterator[Interface]:
        """Those that each instance of an autoscaling group will have."""
        subnets = standing(self._fabric, group, "vpc_zone_identifier")
        found = False
        for template, doubts in self._templates(group):
            found = True
            for interface in self._described(group, template, subnets):
                yield interface if not doubts else _doubted(interface, doubts)
        if not found:
            unknown = by_default(self._fabric, group, "launch_template", ())
            yield Interface(group.address, group, "instance", subnets, unknown, None, None)

    def _is_described(self, instance: Resource) -> bool:
        """Whether all that an instance has are network interfaces of this stack."""
        links = self._fabric.links
        named = [
            links.of(instance, f"{path}.network_interface_id", (_INTERFACE,))
            for path, _ in blocks(instance, "network_interface")
        ]
        return bool(named) and all(
            found and all(links.is_inside(link.key) and not link.doubts for link in found) for found in named
        )

    def _attach(self, resource: Resource, path: str, instance: Link) -> None:
        for link in self._fabric.links.of(resource, path, (_INTERFACE,)):
            self._attached[link.key] = Link(instance.key, both(instance.doubts, link.doubts))

    def _primary(self, instance: Resource) -> Interface:
        template = next(self._templates(instance), None)
        subnets = standing(self._fabric, instance, "subnet_id")
        groups = self._fabric.links.of(instance, "vpc_security_group_ids", GROUPS) or self._fabric.links.of(
            instance, "security_groups", GROUPS
        )
        public = _public(instance, "associate_public_ip_address")
        if template and (not groups or public is None):
            described = next(iter(self._described(instance, template[0], subnets)))
            groups = groups or described.groups or ()
            public = described.public_v4 if public is None else public
        groups = groups or by_default(self._fabric, instance, "vpc_security_group_ids", subnets)
        return Interface(
            instance.address,
            instance,
            "instance",
            subnets,
            (*groups, *self._attached_groups(instance.address)),
            self._elastic(instance.address, public),
            _has_v6(instance, ""),
            at=_at(instance, ("private_ip", "secondary_private_ips", "ipv6_addresses")),
        )

    def _bare(self, interface: Resource) -> Interface:
        subnets = standing(self._fabric, interface, "subnet_id")
        groups = behind(self._fabric, interface, "security_groups", subnets)
        attached = self._attached.get(interface.address)
        owner = attached.key if attached and not attached.doubts and attached.key else interface.address
        return Interface(
            owner,
            interface,
            "network interface",
            subnets,
            (*groups, *self._attached_groups(interface.address)),
            # a network interface of one's own gets no public address but an elastic one
            self._elastic(interface.address, self._elastic(owner, NO)),
            _has_v6(interface, ""),
            at=_at(interface, ("private_ips", "private_ip", "ipv6_addresses")),
        )

    def _templates(self, resource: Resource) -> Iterator[tuple[Resource, Doubts]]:
        links = self._fabric.links
        paths = [f"{_TEMPLATE}.id", f"{_TEMPLATE}.name"]
        paths += [f"{_MIXED}.launch_template_specification[0].launch_template_{name}" for name in ("id", "name")]
        for path, _ in blocks(resource, f"{_MIXED}.override"):
            paths += [f"{path}.launch_template_specification[0].launch_template_{name}" for name in ("id", "name")]
        seen: set[str] = set()
        for path in (*paths, "launch_configuration"):
            for link in links.of(resource, path, ("aws_launch_template", "aws_launch_configuration")):
                template = links.find(link.key)
                if template is not None and link.key not in seen:
                    seen.add(link.key)
                    yield template, link.doubts

    def _described(self, owner: Resource, template: Resource, subnets: tuple[Link, ...]) -> Iterator[Interface]:
        configuration = template.type == "aws_launch_configuration"
        general = self._fabric.links.of(
            template, "security_groups" if configuration else "vpc_security_group_ids", GROUPS
        )
        usual = general or by_default(self._fabric, template, "vpc_security_group_ids", subnets)
        cards = [path for path, _ in blocks(template, "network_interfaces")]
        for card in cards:
            own = self._fabric.links.of(template, f"{card}.security_groups", GROUPS)
            yield Interface(
                owner.address,
                owner,
                "instance",
                subnets,
                own or usual,
                _public(template, f"{card}.associate_public_ip_address"),
                _has_v6(template, f"{card}."),
            )
        if not cards:
            public = _public(template, "associate_public_ip_address") if configuration else None
            yield Interface(owner.address, owner, "instance", subnets, usual, public, None)

    def _attached_groups(self, key: str) -> tuple[Link, ...]:
        return (*self._groups[key], *self._groups[""])

    def _elastic(self, key: str, otherwise: Chance | None) -> Chance | None:
        doubts = self._public.get(key, self._public.get(""))
        if doubts is None:
            return otherwise
        if not doubts or otherwise == YES:
            return YES
        return Chance(possible=True, doubts=both(doubts, otherwise.doubts if otherwise else ()))


def _public(resource: Resource, path: str) -> Chance | None:
    return None if is_unset(resource, path) else flag(resource, path)


def _has_v6(resource: Resource, prefix: str) -> Chance | None:
    count = number(resource, f"{prefix}ipv6_address_count")
    named, unsure = texts(resource, f"{prefix}ipv6_addresses")
    if (isinstance(count, int) and count > 0) or named:
        return YES
    return Chance(possible=True, doubts=unsure) if unsure else None


def _at(resource: Resource, paths: tuple[str, ...]) -> Ranges:
    found = NOWHERE
    for path in paths:
        for text in texts(resource, path)[0]:
            try:
                found |= Ranges.of(str.__str__(text))
            except ValueError:
                continue
    return found


def _doubted(interface: Interface, doubts: Doubts) -> Interface:
    return replace(interface, subnets=tuple(Link(link.key, both(link.doubts, doubts)) for link in interface.subnets))
