"""EC2 instances get no public addresses, neither at launch nor later."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

AT_LAUNCH = "associate_public_ip_address"
ELASTIC = {"aws_eip": "instance", "aws_eip_association": "instance_id"}
"""What gives an elastic address to an instance, and the argument that names the instance."""

INTERFACES = {"aws_launch_template": "network_interfaces", "aws_spot_fleet_request": "launch_specification"}
"""What asks for an address in blocks, and which."""


class InstancesWithoutPublicIp(Rule):
    """Where an instance leaves it to its subnet, the subnet is judged, by another rule."""

    about = About(
        id="SP_EXP_005",
        title="EC2 instances have no public addresses",
        severity=Severity.HIGH,
        types=("aws_instance", "aws_launch_configuration", "aws_spot_instance_request", *INTERFACES, *ELASTIC),
        why="one careless rule of a security group then opens the instance to the internet",
        remedy="place instances in private subnets behind a load balancer, and log in by Session Manager",
        source="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html",
    )

    def judge(self, case: Case) -> None:
        kind = case.resource.type
        if kind in ELASTIC:
            if case.given(ELASTIC[kind]) is not None:
                case.fail("an instance gets a public address", ELASTIC[kind])
            return
        blocks = INTERFACES.get(kind)
        at = [f"{block}." for block in case.block_paths(blocks)] if blocks else [""]
        for each in at:
            with case.part():
                if case.given(f"{each}{AT_LAUNCH}") in (True, "true"):
                    case.fail("instances get public addresses at launch", f"{each}{AT_LAUNCH}")


check = InstancesWithoutPublicIp()
