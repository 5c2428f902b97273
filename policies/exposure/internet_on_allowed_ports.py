"""Security groups let the internet in on a few ports only, however their rules are written."""

from __future__ import annotations

from stackproof.analysis.network.space.traffic import tcp
from stackproof.policy.ingress import TYPES, ingress_rules, is_wide
from stackproof.policy.rule import About, Case, Rule, Severity


class InternetOnAllowedPorts(Rule):
    about = About(
        id="SP_EXP_001",
        title="Security groups let the internet in on allowed ports only",
        severity=Severity.CRITICAL,
        types=TYPES,
        why="every port that is open to all is tried within minutes, with known weaknesses and guessed passwords",
        remedy="name the security group, the prefix list or the few addresses that may come in",
        source="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
        options={"ports": (80, 443)},
    )

    def judge(self, case: Case) -> None:
        for rule in ingress_rules(case):
            with case.part():
                more = rule.traffic - tcp(*case.options["ports"])
                for source in rule.sources():
                    if more and is_wide(source.ranges):
                        if source.doubts:
                            raise source.doubts[0].undecided()
                        case.fail(f"{source.shown} may send {more}", source.path)


check = InternetOnAllowedPorts()
