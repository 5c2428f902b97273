"""Of all that has a security group, only load balancers let the internet in."""

from __future__ import annotations

from stackproof.analysis.network.answers.findings import Ingress
from stackproof.analysis.network.facts.links import BALANCERS
from stackproof.policy.ingress import TYPES, is_wide
from stackproof.policy.rule import About, Case, Rule, Severity


class InternetThroughBalancersOnly(Rule):
    """The rules of a group that nothing in the stack uses open nothing, and pass."""

    about = About(
        id="SP_EXP_002",
        title="Security groups let the internet in to load balancers only",
        severity=Severity.HIGH,
        types=TYPES,
        why="what goes past the load balancer meets no certificate, no access log and no firewall",
        remedy="name the security group of the load balancer in the rule, in place of addresses",
        source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-network.html",
    )

    def judge(self, case: Case) -> None:
        def is_by_rule(entering: Ingress) -> bool:
            return case.resource.address in [hop.address for hop in entering.hops] and is_wide(entering.peers)

        network = case.facts.network
        for address in network.addresses:
            if case.stack[address].type not in BALANCERS:
                with case.part():
                    for entering in network.ingress(address).where(is_by_rule):
                        path = next(hop.path for hop in entering.hops if hop.address == case.resource.address)
                        case.fail(f"the internet may send {entering.traffic} to {address}", path)


check = InternetThroughBalancersOnly()
