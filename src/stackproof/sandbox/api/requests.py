"""What an HTTP request asks of AWS: service, action, region and parameters, by botocore's models.

Services are told apart by what they sign with, then by what each protocol says:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (credential scope)
https://smithy.io/2.0/aws/protocols/index.html
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from stackproof.sandbox.api import models, parameters, routes
from stackproof.sandbox.api.models import Service
from stackproof.sandbox.api.wire import HttpRequest

if TYPE_CHECKING:
    from botocore.model import OperationModel  # type: ignore[import-untyped]

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/(\d{8})/(?:([^/,\s]*)/)?([^/,\s]+)/aws4_request")
_CBOR_PATH = re.compile(r"/service/([^/]+)/operation/([^/]+)/?")
_AGENT = re.compile(r"\bapi/([^\s#/]+)")
_ALSO = {"s3express": "s3", "s3-outposts": "s3", "s3-object-lambda": "s3"}
"""Names with which single operations of a service are signed: not in its model, but in the rules of its endpoints."""

CBOR = "smithy-rpc-v2-cbor"


@dataclass(frozen=True)
class Scope:
    """In whose name a request is signed: all "" where it is not. `service` is the name that the service signs with."""

    access_key: str = ""
    region: str = ""
    service: str = ""


@dataclass(frozen=True)
class ApiRequest:
    """What a request asks for; `service` and `action` are as in `Call`, `protocol` is botocore's name of it."""

    http: HttpRequest
    scope: Scope
    service: str
    action: str
    protocol: str
    operation: OperationModel | None = field(default=None, repr=False)

    @property
    def region(self) -> str:
        """The region that the request is for, "" where it does not say."""
        return self.scope.region

    @functools.cached_property
    def parameters(self) -> Mapping[str, Any]:
        """As boto3 would be given them, without secrets; empty where they cannot be read."""
        if self.operation is None:
            return {}
        return parameters.read(self.http, self.operation, self.protocol)

    def __str__(self) -> str:
        if self.action:
            return f"{self.service}:{self.action}"
        return f"{self.service or 'unknown service'} {self.http.method} {self.http.path}"


def read(http: HttpRequest) -> ApiRequest:
    """What a request asks for, as far as that can be known; never raises for what a client sent."""
    scope = read_scope(http)
    signers = models.by_signing_name()
    candidates = _preferred(signers.get(_ALSO.get(scope.service, scope.service), ()), scope, http)
    if cbor := _CBOR_PATH.fullmatch(http.path):
        prefix, action = cbor[1], cbor[2]
        found = _first(candidates or models.services(), lambda s: prefix in (s.target_prefix, s.service_id))
        return _asked(http, scope, found or _first(candidates), action, CBOR)
    if target := http.headers.get("x-amz-target"):
        prefix, _, action = target.rpartition(".")
        found = _first(candidates or models.services(), lambda s: s.target_prefix == prefix)
        return _asked(http, scope, found or _first(candidates), action, "json")
    form = _form(http)
    if (action := form.get("Action", "")) and (not candidates or any(_is_query(s) for s in candidates)):
        version = form.get("Version", "")
        known = candidates or [s for s in models.services() if s.name == "sts"]
        found = _first(known, lambda s: _is_query(s) and s.api_version == version) or _first(known, _is_query)
        return _asked(http, scope, found, action, "query")
    rest = {service.name: service.protocol for service in candidates if service.protocol.startswith("rest-")}
    if operation := routes.match(rest, http):
        name = operation.service_model.service_name
        return ApiRequest(http, scope, name, operation.name, rest[name], operation)
    return _asked(http, scope, _first(candidates), "", "")


def read_scope(http: HttpRequest) -> Scope:
    """The credential scope in the Authorization header, or in the query of a presigned URL."""
    signed = http.headers.get("authorization", "")
    if not signed and "X-Amz-Credential" in http.query:
        signed = f"Credential={dict(parse_qsl(http.query)).get('X-Amz-Credential', '')}"
    found = _CREDENTIAL.search(signed)
    if found is None:
        return Scope()
    region = found[3] or http.headers.get("x-amz-region-set", "")
    return Scope(access_key=unquote(found[1]), region=region, service=found[4])


def _asked(http: HttpRequest, scope: Scope, service: Service | None, action: str, protocol: str) -> ApiRequest:
    if service is None:
        return ApiRequest(http, scope, scope.service, action, protocol)
    model = models.service_model(service.name)
    operation = model.operation_model(action) if action in model.operation_names else None
    spoken = protocol if protocol in (CBOR, "json") else service.protocol
    return ApiRequest(http, scope, service.name, action, spoken, operation)


def _preferred(candidates: Sequence[Service], scope: Scope, http: HttpRequest) -> list[Service]:
    """Those most likely meant first: RDS, Neptune and DocumentDB differ in nothing but what the client calls them."""
    named = _AGENT.search(http.headers.get("user-agent", ""))
    hint = _plain(named[1]) if named else ""
    return sorted(candidates, key=lambda s: (_plain(s.service_id) != hint, s.name != scope.service))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _is_query(service: Service) -> bool:
    return service.protocol in ("query", "ec2")


def _form(http: HttpRequest) -> dict[str, str]:
    pairs = parse_qsl(http.query, keep_blank_values=True)
    if "x-www-form-urlencoded" in http.headers.get("content-type", ""):
        pairs += parse_qsl(http.body.decode("utf-8", errors="replace"), keep_blank_values=True)
    return dict(pairs)


def _first(candidates: Sequence[Service], fits: Any = None) -> Service | None:  # noqa: ANN401
    return next((service for service in candidates if fits is None or fits(service)), None)
