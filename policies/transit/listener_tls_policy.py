"""Listeners with TLS accept no version of it that is outdated."""

from __future__ import annotations

import re

from stackproof.policy.rule import About, Case, Rule, Severity

DEFAULT = "ELBSecurityPolicy-2016-08"
NAMELESS = (DEFAULT, "ELBSecurityPolicy-2015-05", "ELBSecurityPolicy-FS-2018-06")
"""The policies that do not say in their names what they accept, which is TLS 1.0 and later."""

OLDEST = re.compile(r"-(?:TLS|TLS13|FS)-1-(\d)-")
"""How the others say the oldest version that they accept."""


class ListenerTlsPolicy(Rule):
    about = About(
        id="SP_TLS_002",
        title="Load balancers accept no outdated TLS",
        severity=Severity.MEDIUM,
        types=("aws_lb_listener", "aws_alb_listener"),
        why="old versions of TLS have known weaknesses, and a client can be talked down to the oldest one accepted",
        remedy="set ssl_policy, for example to ELBSecurityPolicy-TLS13-1-2-Res-2021-06; left out, it accepts TLS 1.0",
        source="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
        options={"minimum": "1.2"},
    )

    def judge(self, case: Case) -> None:
        if case.given("protocol") not in ("HTTPS", "TLS"):
            return
        policy = case.given("ssl_policy", DEFAULT)
        oldest = _oldest(policy)
        if oldest is None:
            case.undecided(f"which versions {policy} accepts is not known", "ssl_policy")
        elif oldest < case.options["minimum"]:
            case.fail(f"{policy} accepts TLS {oldest}", "ssl_policy")


def _oldest(policy: str) -> str | None:
    """The oldest version that a policy accepts; None for a policy that nobody knows."""
    if policy in NAMELESS:
        return "1.0"
    found = OLDEST.search(policy)
    return f"1.{found[1]}" if found else None


check = ListenerTlsPolicy()
