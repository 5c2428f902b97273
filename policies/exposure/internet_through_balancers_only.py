"""Of all that has a security group, only load balancers let the internet in."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence

from stackproof.analysis.network import Ingress, Ingresses, Network
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

        for address, entering in _by_rule(case.facts.network).get(case.resource.address, ()):
            if case.stack[address].type not in BALANCERS:
                with case.part():
                    for flow in entering.where(is_by_rule):
                        path = next(hop.path for hop in flow.hops if hop.address == case.resource.address)
                        case.fail(f"the internet may send {flow.traffic} to {address}", path)


@functools.lru_cache(maxsize=1)
def _by_rule(network: Network) -> Mapping[str, Sequence[tuple[str, Ingresses]]]:
    """By the address of a rule or group, whatever it lets something into, and all that enters there."""
    found: dict[str, list[tuple[str, Ingresses]]] = defaultdict(list)
    for address in network.addresses:
        entering = network.ingress(address)
        for rule in {hop.address for flow in (*entering.definite, *entering.possible) for hop in flow.hops}:
            found[rule].append((address, entering))
    return found


check = InternetThroughBalancersOnly()
