"""No rule of a security group lets in every protocol and port, but from the group itself."""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.analysis.network.facts.links import GROUPS
from stackproof.policy.rule import About, Case, Rule, Severity

VPC_RULE = "aws_vpc_security_group_ingress_rule"
PEERS = (
    "cidr_blocks",
    "cidr_ipv4",
    "cidr_ipv6",
    "ipv6_cidr_blocks",
    "prefix_list_id",
    "prefix_list_ids",
    "security_groups",
)


class NoRuleForAllTraffic(Rule):
    about = About(
        id="SP_EXP_003",
        title="No rule of a security group lets every port in",
        severity=Severity.MEDIUM,
        types=(*GROUPS, "aws_security_group_rule", VPC_RULE),
        why="whatever is started in the group later, such as a debugger or a database, is open at once",
        remedy="name protocol and port of what listens in the group",
        source="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    )

    def judge(self, case: Case) -> None:
        for rule in self._rules(case):
            with case.part():
                path = f"{rule}{'ip_protocol' if case.resource.type == VPC_RULE else 'protocol'}"
                if str(case.given(path)) in ("-1", "all") and self._is_for_others(case, rule):
                    case.fail("the rule lets in every protocol and port", path)

    @staticmethod
    def _rules(case: Case) -> Iterator[str]:
        """The prefix of the paths in each rule that the resource writes."""
        if case.resource.type not in GROUPS:
            if case.given("type", "ingress") == "ingress":
                yield ""
            return
        # a plan shows separate rules that were there before in the group, too
        written = (case.resource.place and case.resource.arguments) or ("ingress",)
        for name in {"ingress"}.intersection(written):
            for number, _ in enumerate(case.blocks(name)):
                yield f"{name}[{number}]."

    @staticmethod
    def _is_for_others(case: Case, rule: str) -> bool:
        """Whether a rule lets in more than what is in the group itself."""
        group = case.given("source_security_group_id") or case.given("referenced_security_group_id")
        is_other_group = bool(group) and group != case.given("security_group_id")
        return is_other_group or any(case.given(f"{rule}{name}") for name in PEERS)


check = NoRuleForAllTraffic()
