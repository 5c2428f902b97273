"""Browsers are told to be careful, and nobody is told what software answers.

https://developer.mozilla.org/en-US/docs/Web/Security/Practical_implementation_guides
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from smoke.problem import Problem, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smoke.site import Site

PATHS = ["/", "/healthz", "/no-such-page"]
EMBEDDING_REFUSED = ("DENY", "SAMEORIGIN")


@pytest.mark.parametrize("path", PATHS)
def test_answers_carry_security_headers(site: Site, path: str) -> None:
    """Every answer, that of an unknown path too, has the headers; with TLS the one that keeps it on."""
    answer = site.get(path)
    missing = list(_missing(answer.headers, secure=answer.url.startswith("https://")))
    require(not missing, answer.url, f"lacks {', '.join(missing)}")


@pytest.mark.parametrize("path", PATHS)
def test_answers_do_not_tell_the_software(site: Site, path: str) -> None:
    """No header holds the version of a server or framework."""
    answer = site.get(path)
    for name in ("Server", "X-Powered-By", "X-AspNet-Version"):
        value = answer.headers.get(name, "")
        require(not re.search(r"\d", value), answer.url, f"tells its software: {name}: {value}")


def test_scripts_come_from_files_only(site: Site) -> None:
    """The content security policy allows no inline code, so that none can be slipped in."""
    policy = site.get().headers.get("Content-Security-Policy", "")
    for refused in ("'unsafe-inline'", "'unsafe-eval'"):
        if refused in policy:
            raise Problem(site.url, f"allows {refused} in its Content-Security-Policy")
    require("default-src" in policy, site.url, "has no default-src in its Content-Security-Policy")


def _missing(headers: Mapping[str, str], *, secure: bool) -> list[str]:
    policy = headers.get("Content-Security-Policy", "")
    frames = "frame-ancestors" in policy or headers.get("X-Frame-Options", "").upper() in EMBEDDING_REFUSED
    lasting = re.search(r"max-age=0*[1-9]", headers.get("Strict-Transport-Security", ""))
    present = {
        "Content-Security-Policy": bool(policy),
        "X-Content-Type-Options: nosniff": headers.get("X-Content-Type-Options", "").lower() == "nosniff",
        "Referrer-Policy": bool(headers.get("Referrer-Policy")),
        "X-Frame-Options or frame-ancestors": frames,
        "Strict-Transport-Security": bool(lasting) or not secure,
    }
    return [name for name, there in present.items() if not there]
