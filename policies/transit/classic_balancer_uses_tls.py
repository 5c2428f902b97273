"""Classic load balancers do not listen for plain HTTP, which they cannot redirect."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class ClassicBalancerUsesTls(Rule):
    about = About(
        id="SP_TLS_003",
        title="Classic load balancers do not listen for plain HTTP",
        severity=Severity.HIGH,
        types=("aws_elb",),
        why="whoever is on the path reads passwords and sessions, and can change every page",
        remedy="set lb_protocol to https with a certificate, or move to an application load balancer that redirects",
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-https-load-balancers.html",
    )

    def judge(self, case: Case) -> None:
        for number, listener in enumerate(case.blocks("listener")):
            with case.part():
                if listener["lb_protocol"] in ("http", "HTTP"):
                    case.fail("plain HTTP is taken and forwarded", f"listener[{number}].lb_protocol")


check = ClassicBalancerUsesTls()
