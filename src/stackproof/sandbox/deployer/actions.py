"""Which actions of IAM an operation of the API needs: mostly the one of its own name."""

from __future__ import annotations

import functools

from stackproof.sandbox.api import models
from stackproof.sandbox.deployer.catalog import spelled
from stackproof.sandbox.deployer.rules import rules


@functools.cache
def actions_of(service: str, operation: str) -> tuple[str, ...] | None:
    """The actions that an operation needs, by botocore's names; () for none, None where they are not known."""
    full = f"{service}:{operation}"
    if full in rules("free")["operations"]:
        return ()
    if full in rules("actions"):
        return tuple(rules("actions")[full])
    if service in rules("verbs")["services"]:
        verb = http_of(service, operation)[0]
        return (f"apigateway:{verb}",) if verb else None
    known = spelled(f"{prefix_of(service)}:{operation}")
    return (known,) if known else None


@functools.cache
def prefix_of(service: str) -> str:
    """What the actions of a service begin with: mostly the name with which its requests are signed."""
    if service in rules("prefixes"):
        return str(rules("prefixes")[service])
    return next((known.signing_name for known in models.services() if known.name == service), service)


def http_of(service: str, operation: str) -> tuple[str, str]:
    """The verb and the path of an operation, variables in braces; "" for both where there is none."""
    from botocore.exceptions import UnknownServiceError  # type: ignore[import-untyped]
    from botocore.model import OperationNotFoundError  # type: ignore[import-untyped]

    try:
        http = models.service_model(service).operation_model(operation).http
    except (UnknownServiceError, OperationNotFoundError):
        return "", ""
    return http.get("method", ""), http.get("requestUri", "")
