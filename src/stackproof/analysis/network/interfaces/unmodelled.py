"""What is in a stack and not modelled, and which of it could change an answer.

A resource of a type without a shape here that names subnets or security groups is taken for what it looks like:
something with interfaces there, about which nothing is certain. So a new or rare type never passes unseen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stackproof.analysis.network.answers.findings import Exposure, Kind
from stackproof.analysis.network.fabric.fabric import Fabric
from stackproof.analysis.network.facts.doubts import Chance, Doubt, both
from stackproof.analysis.network.facts.hops import INTERNET_HOP, hop
from stackproof.analysis.network.facts.links import BALANCERS, GROUPS, SUBNETS, TABLES, TARGET_GROUPS, Link
from stackproof.analysis.network.facts.passages import Passage
from stackproof.analysis.network.facts.reading import is_unset, text
from stackproof.analysis.network.interfaces.compute import INSTANCES
from stackproof.analysis.network.interfaces.interface import Interface
from stackproof.analysis.network.interfaces.services import SUBNET_GROUPS, TYPES
from stackproof.analysis.network.space.ranges import EVERYWHERE
from stackproof.analysis.network.space.traffic import ANY
from stackproof.plan import Resource
from stackproof.plan.values import Value

_SUBNETS = frozenset({"subnet_id", "subnet_ids", "subnets", "client_subnets", "vpc_subnet_ids"})
_GROUPS = frozenset(
    {
        "security_group_id",
        "security_group_id_list",
        "security_group_ids",
        "security_groups",
        "vpc_security_group_ids",
    }
)

_MODELLED = frozenset(
    {
        *TYPES,
        *BALANCERS,
        *GROUPS,
        *INSTANCES,
        *SUBNETS,
        *SUBNET_GROUPS,
        *TABLES,
        *TARGET_GROUPS,
        "aws_autoscaling_group",
        "aws_default_network_acl",
        "aws_ecs_service",
        "aws_eip",
        "aws_launch_configuration",
        "aws_launch_template",
        "aws_nat_gateway",
        "aws_network_acl",
        "aws_network_acl_association",
        "aws_network_interface",
        "aws_network_interface_sg_attachment",
        "aws_route_table_association",
        "aws_security_group_rule",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
    }
)
_NOT_INTERFACES = frozenset(
    {
        "aws_dms_replication_subnet_group",
        "aws_ec2_subnet_cidr_reservation",
        "aws_flow_log",
        "aws_network_acl_rule",
        "aws_vpc_endpoint_security_group_association",
        "aws_vpc_endpoint_subnet_association",
        "aws_vpc_security_group_vpc_association",
    }
)
"""These name subnets or groups, and put nothing there."""

_FRONT_DOORS: Mapping[str, str] = {
    "aws_amplify_app": "",
    "aws_api_gateway_rest_api": "",
    "aws_apigatewayv2_api": "",
    "aws_apprunner_service": "",
    "aws_appsync_graphql_api": "",
    "aws_cloudfront_distribution": "",
    "aws_ec2_client_vpn_endpoint": "",
    "aws_eks_cluster": "",
    "aws_elastic_beanstalk_environment": "",
    "aws_globalaccelerator_accelerator": "",
    "aws_lambda_function_url": "",
    "aws_lightsail_instance": "",
    "aws_transfer_server": "",
    "aws_verifiedaccess_endpoint": "",
}
"""Entrances that AWS keeps on the internet outside of anybody's VPC."""

_OTHERWISE = (
    "aws_customer_gateway",
    "aws_dx_",
    "aws_ec2_carrier_gateway",
    "aws_ec2_local_gateway",
    "aws_ec2_transit_gateway",
    "aws_networkfirewall_firewall",
    "aws_networkmanager_",
    "aws_vpclattice_",
    "aws_vpn_",
)
"""How the types begin that lead to other networks, or lie on the way."""


@dataclass(frozen=True)
class Unmodelled:
    """A resource that is not modelled, and what that means for answers."""

    address: str
    type: str
    consequence: str

    def __str__(self) -> str:
        return f"{self.address}: {self.consequence}"

    def as_dict(self) -> dict[str, str]:
        """As JSON data."""
        return {"address": self.address, "type": self.type, "consequence": self.consequence}


def unmodelled(fabric: Fabric) -> Iterator[Unmodelled]:
    """Everything that is there and not modelled."""
    for resource in fabric.stack.resources():
        if resource.type in _FRONT_DOORS:
            yield Unmodelled(resource.address, resource.type, "it may be reached from the internet")
        elif resource.type.startswith(_OTHERWISE):
            yield Unmodelled(resource.address, resource.type, "where a route leads to it, nothing behind is known")
        elif _is_gateway(resource):
            yield Unmodelled(resource.address, resource.type, "what passes it is not known")
        elif _seems_connected(resource):
            yield Unmodelled(resource.address, resource.type, "what it sends and receives is not certain")
        elif resource.type == "aws_route_table_association" and not is_unset(resource, "gateway_id"):
            yield Unmodelled(resource.address, resource.type, "it may lead what comes from the internet elsewhere")


def lookalikes(fabric: Fabric) -> Iterator[Interface]:
    """The interfaces that resources of types without a shape seem to have."""
    for resource in fabric.stack.resources():
        if _seems_connected(resource) and resource.type not in _FRONT_DOORS:
            unsure = (Doubt(resource.address, "", f"{resource.type} is not modelled"),)
            subnets = _meant(fabric, resource, _SUBNETS, SUBNETS, unsure)
            groups = _meant(fabric, resource, _GROUPS, GROUPS, unsure)
            perhaps = Chance(possible=True, doubts=unsure)
            listens = (Passage(doubts=unsure),)
            yield Interface(
                resource.address, resource, resource.type, subnets, groups, perhaps, perhaps, perhaps, listens
            )


def front_doors(fabric: Fabric) -> Iterator[Exposure]:
    """What may be reached from the internet without being in a VPC."""
    for resource in fabric.stack.resources():
        if resource.type in _FRONT_DOORS:
            yield Exposure(
                ANY,
                (INTERNET_HOP, hop(resource.type, resource)),
                (Doubt(resource.address, "", f"{resource.type} is not modelled"),),
                address=resource.address,
                kind=Kind.DIRECT,
                sources=("0.0.0.0/0", "::/0"),
                arrives=ANY,
                peers=EVERYWHERE,
            )


def _is_gateway(resource: Resource) -> bool:
    if resource.type in BALANCERS:
        return text(resource, "load_balancer_type") == "gateway"
    kind = text(resource, "vpc_endpoint_type", "Gateway") if resource.type == "aws_vpc_endpoint" else "Gateway"
    return kind not in ("Gateway", "Interface")


def _seems_connected(resource: Resource) -> bool:
    if resource.type in _MODELLED or resource.type in _NOT_INTERFACES or not resource.type.startswith("aws_"):
        return False
    if resource.type == "aws_cloudwatch_event_target" or resource.type.startswith(_OTHERWISE):
        return False
    return any(True for _ in _paths(resource, _SUBNETS | _GROUPS))


def _paths(resource: Resource, names: frozenset[str]) -> Iterator[str]:
    """The paths of arguments with such names that are set."""
    pending: list[tuple[str, Value]] = [(name, value) for name, value in resource.values.items()]
    while pending:
        path, value = pending.pop()
        if path.rpartition(".")[2] in names:
            if not is_unset(resource, path):
                yield path
        elif isinstance(value, dict):
            pending += ((f"{path}.{name}", inner) for name, inner in value.items())
        elif isinstance(value, list):
            pending += ((f"{path}[{position}]", inner) for position, inner in enumerate(value))


def _meant(
    fabric: Fabric, resource: Resource, names: frozenset[str], types: tuple[str, ...], unsure: tuple[Doubt, ...]
) -> tuple[Link, ...]:
    found = [link for path in _paths(resource, names) for link in fabric.links.of(resource, path, types)]
    return tuple(Link(link.key, both(link.doubts, unsure)) for link in found) or (Link("", unsure),)
