"""The headers that every answer carries, after https://owasp.org/www-project-secure-headers/."""

from __future__ import annotations

from flask import Response, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page is its own files and its own API, and nothing else: no inline script or style, no other host, no frame."""

ALWAYS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

YEAR = 31_536_000


def add(response: Response) -> Response:
    """Add them. The load balancer says by X-Forwarded-Proto whether a visitor came by HTTPS."""
    for name, value in ALWAYS.items():
        response.headers[name] = value
    if request.headers.get("X-Forwarded-Proto") == "https":
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR}"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
