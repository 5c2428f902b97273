"""Subnets give no public addresses by default; load balancers and NAT gateways do not need them to."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class SubnetsGiveNoPublicIp(Rule):
    about = About(
        id="SP_EXP_006",
        title="Subnets give no public addresses by themselves",
        severity=Severity.MEDIUM,
        types=("aws_subnet", "aws_default_subnet"),
        why="any instance that is started there is on the internet, though nobody asked for that",
        remedy="leave map_public_ip_on_launch out; load balancers and NAT gateways do not need it in public subnets",
        source="https://docs.aws.amazon.com/vpc/latest/userguide/subnet-public-ip.html",
    )

    def judge(self, case: Case) -> None:
        # true is the default of a default subnet
        if case.given("map_public_ip_on_launch", case.resource.type == "aws_default_subnet"):
            case.fail("instances get public addresses at launch", "map_public_ip_on_launch")


check = SubnetsGiveNoPublicIp()
