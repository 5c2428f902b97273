"""No rule of a security group lets in every port, except from the group itself."""

from __future__ import annotations

from stackproof.analysis.network.space.traffic import tcp, udp
from stackproof.policy.ingress import TYPES, ingress_rules
from stackproof.policy.rule import About, Case, Rule, Severity

EVERY = (tcp((1, 65535)), udp((1, 65535)))
"""Nothing listens on port 0."""


class NoRuleForAllTraffic(Rule):
    about = About(
        id="SP_EXP_003",
        title="No rule of a security group lets every port in",
        severity=Severity.MEDIUM,
        types=TYPES,
        why="whatever is started in the group later, such as a debugger or a database, is open at once",
        remedy="name protocol and port of what listens in the group",
        source="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    )

    def judge(self, case: Case) -> None:
        for rule in ingress_rules(case):
            with case.part():
                if any(ports <= rule.traffic for ports in EVERY) and rule.is_for_others:
                    case.fail(f"every port is open: {rule.traffic}", rule.protocol_path)


check = NoRuleForAllTraffic()
