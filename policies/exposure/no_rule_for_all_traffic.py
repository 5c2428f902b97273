"""No rule of a security group lets in every protocol and port, except from the group itself."""

from __future__ import annotations

from stackproof.policy.ingress import TYPES, ingress_rules
from stackproof.policy.rule import About, Case, Rule, Severity


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
                if rule.protocol in ("-1", "all") and rule.is_for_others:
                    case.fail("the rule lets in every protocol and port", rule.protocol_path)


check = NoRuleForAllTraffic()
