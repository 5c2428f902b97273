"""Services, load balancers and groups of instances stand in at least two availability zones."""

from __future__ import annotations

from itertools import combinations

from stackproof.plan.values import Unknown
from stackproof.policy.rule import About, Case, Rule, Severity
from stackproof.policy.subnets import NOWHERE, SUBNETS, zone_of

NAMED = {
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
        types=tuple(NAMED),
        why="when the one availability zone fails, all of it is gone at once",
        remedy="give it subnets in at least two availability zones",
        source="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/use-fault-isolation-to-protect-your-workload.html",
    )

    def judge(self, case: Case) -> None:
        named = NAMED[case.resource.type]
        subnets = case.given(named)
        # the provider takes either subnets or mappings
        is_without = subnets is not None and isinstance(case.resource.get("subnet_mapping"), Unknown)
        mappings = [] if is_without else case.block_paths("subnet_mapping")
        mapped = [f"{mapping}.subnet_id" for mapping in mappings]
        # two where nothing tells how many there are
        zones = [NOWHERE, NOWHERE] * (not isinstance(subnets, list | None))
        for path in (named, *mapped):
            links = case.facts.links.find(case.resource, path, SUBNETS)
            zones += [zone_of(case, subnet) for subnet in links.resources]
            zones += [NOWHERE] * (len(links.outside) + 2 * bool(links.doubt))
        others = [one.is_other(zone) for one, zone in combinations(zones, 2)]
        if None in others and True not in others:
            case.undecided("which availability zones its subnets are in is not known", named)
        elif zones and True not in others:
            case.fail("all of it stands in one availability zone", named)


check = SpreadOverZones()
