"""Target groups check a path of the application, and soon take a dead target out."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

CHECK = "health_check[0]"


class TargetGroupsCheckHealth(Rule):
    about = About(
        id="SP_REL_004",
        title="Target groups check a path of the application, and soon notice failures",
        severity=Severity.MEDIUM,
        types=("aws_alb_target_group", "aws_lb_target_group"),
        why="requests go to a dead target, or to one that answers while the application behind it does not work",
        remedy="give health_check a path that fails when the application does; keep interval x unhealthy_threshold low",
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
        options={"most_seconds": 120},
    )

    def judge(self, case: Case) -> None:
        if case.given("target_type") == "lambda":  # which is asked nothing unless one wants it
            return
        # what the provider has for a block that leaves these out
        default = "HTTP" if case.blocks("health_check") else case.given("protocol")
        protocol = case.given(f"{CHECK}.protocol", default)
        seconds = case.given(f"{CHECK}.interval", 30) * case.given(f"{CHECK}.unhealthy_threshold", 3)
        if protocol in ("HTTP", "HTTPS") and not case.given(f"{CHECK}.path"):
            case.fail("no path of the application is asked", CHECK)
        if seconds > case.options["most_seconds"]:
            case.fail(f"a dead target is sent requests for {seconds} seconds", CHECK)


check = TargetGroupsCheckHealth()
