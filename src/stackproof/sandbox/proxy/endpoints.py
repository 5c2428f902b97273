"""Where AWS really serves an API, and with which region and name a request for it is signed, by AWS's own rules.

https://docs.aws.amazon.com/general/latest/gr/rande.html
https://smithy.io/2.0/additional-specs/rules-engine/specification.html
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from stackproof.sandbox.api import models
from stackproof.sandbox.api.requests import ApiRequest


@dataclass(frozen=True)
class Endpoint:
    """The address of a service, without a path, and the region and name to sign with."""

    url: str
    region: str
    signing_name: str


def resolve(request: ApiRequest, region: str) -> Endpoint | None:
    """The endpoint of a request, of `region` where the request names none; None where botocore knows no such service.

    Buckets stay in the path: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    """
    from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]

    asked = request.region or region
    known = next((service for service in models.services() if service.name == request.service), None)
    if known is None:
        return None
    given = {"Region": asked, "UseFIPS": False, "UseDualStack": False}
    if account := request.parameters.get("AccountId"):
        given |= {"AccountId": account, "RequiresAccountId": True}
    try:
        rules = _rules(known.name)
        accepted = rules.ruleset.parameters
        found = rules.resolve_endpoint(**{name: value for name, value in given.items() if name in accepted})
    except BotoCoreError:
        return None
    schemes = found.properties.get("authSchemes") or [{}]
    return Endpoint(
        url=_with_prefix(found.url, request),
        region=schemes[0].get("signingRegion", asked),
        signing_name=schemes[0].get("signingName", known.signing_name),
    )


def _with_prefix(url: str, request: ApiRequest) -> str:
    # a prefix that takes a parameter is the rules' own affair
    prefix = ((request.operation and request.operation.endpoint) or {}).get("hostPrefix", "")
    return url if not prefix or "{" in prefix else url.replace("://", f"://{prefix}", 1)


@functools.cache
def _rules(service: str) -> Any:  # noqa: ANN401  # botocore's EndpointProvider; it has no types
    from botocore.endpoint_provider import EndpointProvider  # type: ignore[import-untyped]
    from botocore.loaders import Loader  # type: ignore[import-untyped]

    loader = Loader()
    return EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), loader.load_data("partitions"))
