"""In production, each availability zone has a NAT gateway of its own."""

from __future__ import annotations

from stackproof.plan import Resource
from stackproof.policy.rule import About, Case, Rule, Severity
from stackproof.policy.subnets import SUBNETS, Zone, zone_of
from stackproof.verdict import Undecided


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
        for path in case.block_paths("route"):
            self._judge_route(case, case.resource, f"{path}.nat_gateway_id")
        for route in case.every_companion("aws_route", "route_table_id"):
            self._judge_route(case, route, "nat_gateway_id")

    @staticmethod
    def _judge_route(case: Case, route: Resource, path: str) -> None:
        with case.part():
            for gateway in _meant(case, route, path, ("aws_nat_gateway",)):
                homes = _zones(case, gateway)
                for user in case.every_companion("aws_route_table_association", "route_table_id"):
                    others = {zone.is_other(home) for zone in _zones(case, user) for home in homes}
                    if True in others:
                        case.fail(f"subnets of another zone leave by {gateway.address}", path, of=route)
                    elif None in others:
                        case.undecided(
                            f"whether {gateway.address} is in the zone of its users is not known", path, of=route
                        )


def _zones(case: Case, inside: Resource) -> list[Zone]:
    """The zones of the subnets that a resource is in."""
    return [zone_of(case, subnet) for subnet in _meant(case, inside, "subnet_id", SUBNETS)]


def _meant(case: Case, resource: Resource, path: str, types: tuple[str, ...]) -> tuple[Resource, ...]:
    """The resources that an argument means; raises Undecided where this stack does not tell."""
    links = case.facts.links.find(resource, path, types)
    if links.doubt or links.outside:
        raise Undecided(resource.address, path, "which it means is not known")
    return links.resources


check = ZonesLeaveByThemselves()
