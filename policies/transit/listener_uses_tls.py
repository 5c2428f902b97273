"""Listeners of load balancers do not forward plain HTTP, but redirect it to HTTPS."""

from __future__ import annotations

from stackproof.plan import Resource
from stackproof.policy.rule import About, Case, Rule, Severity


class ListenerUsesTls(Rule):
    """TCP listeners of network load balancers are not judged: what they pass on may well be TLS."""

    about = About(
        id="SP_TLS_001",
        title="Load balancers forward no plain HTTP",
        severity=Severity.HIGH,
        types=("aws_lb_listener", "aws_alb_listener"),
        why="whoever is on the path reads passwords and sessions, and can change every page",
        remedy="listen with protocol HTTPS and a certificate, and let the HTTP listener redirect to HTTPS",
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html",
    )

    def judge(self, case: Case) -> None:
        # without a protocol a listener with a port speaks HTTP; one of a gateway load balancer has neither
        protocol = case.given("protocol") or (case.given("port") and "HTTP")
        if protocol != "HTTP":
            return
        self._judge_actions(case, case.resource, "default_action")
        for rule in case.every_companion(f"{case.resource.type}_rule", "listener_arn"):
            self._judge_actions(case, rule, "action")

    @staticmethod
    def _judge_actions(case: Case, of: Resource, name: str) -> None:
        for path in case.block_paths(name, of=of):
            with case.part():
                kind = case.given(f"{path}.type", of=of)
                if kind == "redirect":
                    to = f"{path}.redirect[0].protocol"
                    if case.given(to, of=of) != "HTTPS":
                        case.fail("plain HTTP is redirected, but not to HTTPS", to, of=of)
                elif kind != "fixed-response":
                    case.fail("plain HTTP is forwarded", f"{path}.type", of=of)


check = ListenerUsesTls()
