"""Application load balancers drop headers that no valid request has."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class BalancerDropsInvalidHeaders(Rule):
    about = About(
        id="SP_EXP_017",
        title="Load balancers drop invalid headers",
        severity=Severity.LOW,
        types=("aws_lb", "aws_alb"),
        why="a header that load balancer and application read differently can smuggle in a request of its own",
        remedy="set drop_invalid_header_fields = true",
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html",
    )

    def judge(self, case: Case) -> None:
        is_application = case.given("load_balancer_type", "application") == "application"
        if is_application and not case.given("drop_invalid_header_fields"):
            case.fail("invalid headers reach the application", "drop_invalid_header_fields")


check = BalancerDropsInvalidHeaders()
