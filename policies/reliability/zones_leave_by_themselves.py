"""In production, each availability zone has a NAT gateway of its own."""

from __future__ import annotations

from stackproof.plan import Resource
from stackproof.plan.values import Value
from stackproof.policy.rule import About, Case, Rule, Severity
from stackproof.verdict import Undecided

SUBNETS = ("aws_default_subnet", "aws_subnet")


class ZonesLeaveByThemselves(Rule):
    about = About(
        id="SP_REL_007",
        title="Subnets in production leave by a NAT gateway in their own zone",
        severity=Severity.LOW,
        types=("aws_route_table",),
        why="when the zone of the only NAT gateway fails, every other zone loses its way out, too",
        remedy="make a NAT gateway and a private route table for each zone, and route each zone to its own",
        source="https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
        options={"environments": ("prod",)},
    )

    def judge(self, case: Case) -> None:
        if not case.is_in(case.options["environments"]):
            return
        inline = [(case.resource, f"{route}.nat_gateway_id") for route in case.block_paths("route")]
        apart = [(route, "nat_gateway_id") for route in case.companions("aws_route", "route_table_id")]
        for route, path in (*inline, *apart):
            with case.part():
                for gateway in _meant(case, route, path, ("aws_nat_gateway",)):
                    users = case.companions("aws_route_table_association", "route_table_id")
                    if _zones(case, *users) - _zones(case, gateway):
                        case.fail(f"subnets of another zone leave by {gateway.address}", path, of=route)


def _zones(case: Case, *inside: Resource) -> set[Value]:
    """The zones of the subnets that some resources are in."""
    subnets = [subnet for one in inside for subnet in _meant(case, one, "subnet_id", SUBNETS)]
    return {subnet.get("availability_zone") for subnet in subnets}


def _meant(case: Case, resource: Resource, path: str, types: tuple[str, ...]) -> tuple[Resource, ...]:
    """The resources that an argument means; raises Undecided where this stack does not tell."""
    links = case.facts.links.find(resource, path, types)
    if links.doubt or links.outside:
        raise Undecided(resource.address, path, "which it means is not known")
    return links.resources


check = ZonesLeaveByThemselves()
