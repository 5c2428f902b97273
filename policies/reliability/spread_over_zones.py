"""Services, load balancers and groups of instances stand in at least two availability zones."""

from __future__ import annotations

from stackproof.plan import Resource
from stackproof.plan.values import Unknown, Value
from stackproof.policy.rule import About, Case, Rule, Severity

SUBNETS = {
    "aws_alb": "subnets",
    "aws_autoscaling_group": "vpc_zone_identifier",
    "aws_ecs_service": "network_configuration[0].subnets",
    "aws_lb": "subnets",
}


class SpreadOverZones(Rule):
    about = About(
        id="SP_REL_005",
        title="Services and load balancers stand in two availability zones",
        severity=Severity.MEDIUM,
        types=tuple(SUBNETS),
        why="when the one availability zone fails, all of it is gone at once",
        remedy="give it subnets in at least two availability zones",
        source="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/use-fault-isolation-to-protect-your-workload.html",
    )

    def judge(self, case: Case) -> None:
        named = SUBNETS[case.resource.type]
        subnets = case.given(named)
        # the provider takes either subnets or mappings
        is_without = subnets is not None and isinstance(case.resource.get("subnet_mapping"), Unknown)
        mappings = [] if is_without else case.block_paths("subnet_mapping")
        mapped = [f"{mapping}.subnet_id" for mapping in mappings]
        # None stands for a subnet of which nothing tells where it is, twice where nothing tells how many there are
        zones: list[Value] = [None, None] * (not isinstance(subnets, list | None))
        for path in (named, *mapped):
            links = case.facts.links.find(case.resource, path, ("aws_default_subnet", "aws_subnet"))
            zones += [_zone(case, subnet) for subnet in links.resources]
            zones += [None] * (len(links.outside) + 2 * bool(links.doubt))
        known = {zone for zone in zones if zone}
        if len(zones) == 1 or (len(known) == 1 and None not in zones):
            case.fail("all of it stands in one availability zone", named)
        elif zones and len(known) < 2:
            case.undecided("which availability zones its subnets are in is not known", named)


def _zone(case: Case, subnet: Resource) -> Value:
    """The zone that the configuration puts a subnet in; None where AWS chooses."""
    return case.given("availability_zone", of=subnet) or case.given("availability_zone_id", of=subnet)


check = SpreadOverZones()
