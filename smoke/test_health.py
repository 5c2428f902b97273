"""The endpoints that load balancers, operators and monitors ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smoke.problem import Problem, require

if TYPE_CHECKING:
    from smoke.site import Site
    from smoke.waiting import Deadline


def test_it_lives(site: Site) -> None:
    """`/healthz` says ok, and which version and commit run."""
    answer = site.get("/healthz").require_status(200)
    health = answer.json()
    require(health.get("status") == "ok", answer.url, f"says {health.get('status')!r} and not 'ok'")
    for name in ("version", "commit"):
        require(health.get(name), answer.url, f"does not say the {name}")


def test_it_is_ready(site: Site, deadline: Deadline) -> None:
    """`/readyz` says ready, at the latest when a deployment should have settled."""

    def check() -> None:
        answer = site.get("/readyz").require_status(200, 503)
        ready = answer.json()
        if answer.status != 200 or ready.get("status") != "ready":
            raise Problem(
                answer.url, f"answered {answer.status}: {ready.get('status')}", detail=str(ready.get("checks"))
            )

    deadline.until(check)
