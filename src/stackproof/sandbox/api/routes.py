"""Which operation of a REST service a method, a path and a query mean.

Operations share paths: what else a request has to carry tells `GET /bucket?policy` from `GET /bucket`.
https://smithy.io/2.0/spec/http-bindings.html
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from stackproof.sandbox.api import models
from stackproof.sandbox.api.wire import HttpRequest

if TYPE_CHECKING:
    from botocore.model import OperationModel  # type: ignore[import-untyped]

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")


@dataclass(frozen=True)
class Route:
    """One operation: what a request for it looks like."""

    operation: OperationModel
    path: re.Pattern[str]
    labels: tuple[str, ...]
    constants: Mapping[str, str]
    queries: frozenset[str]
    headers: frozenset[str]
    literal: int

    def fits(self, http: HttpRequest, query: Mapping[str, str]) -> bool:
        """Whether a request can be one for this operation."""
        return (
            self.path.fullmatch(http.path) is not None
            and all(query.get(key) == value for key, value in self.constants.items())
            and self.queries <= query.keys()
            and self.headers <= http.headers.keys()
        )

    def rank(self, query: Mapping[str, str]) -> tuple[bool, int, int, int, bool]:
        """The more a route asks for, the more a request that fits it is meant for it."""
        return (
            query.get("x-id") == self.operation.name,
            len(self.constants),
            len(self.queries) + len(self.headers),
            self.literal,
            not self.operation.deprecated,
        )


def match(services: Iterable[str], http: HttpRequest) -> OperationModel | None:
    """The operation that a request means, the first service's in doubt; None for none of theirs."""
    query = dict(parse_qsl(http.query, keep_blank_values=True))
    routes = (route for service in services for route in _routes(service).get(http.method, ()))
    fitting = [route for route in routes if route.fits(http, query)]
    return max(fitting, key=lambda route: route.rank(query)).operation if fitting else None


def labels(operation: OperationModel, http: HttpRequest) -> dict[str, str]:
    """The parts of the path that are parameters, by their name on the wire."""
    route = _route(operation)
    found = route.path.fullmatch(http.path)
    return dict(zip(route.labels, map(unquote, found.groups()), strict=True)) if found else {}


@functools.cache
def _routes(service: str) -> Mapping[str, tuple[Route, ...]]:
    model = models.service_model(service)
    found: dict[str, list[Route]] = {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        found.setdefault(operation.http.get("method", "POST"), []).append(_route(operation))
    return {method: tuple(routes) for method, routes in found.items()}


def _route(operation: OperationModel) -> Route:
    path, _, query = operation.http.get("requestUri", "/").partition("?")
    pattern, names, end = "", [], 0
    for label in _LABEL.finditer(path):
        pattern += re.escape(path[end : label.start()]) + ("(.+)" if label[2] else "([^/]+)")
        names.append(label[1])
        end = label.end()
    pattern += re.escape(path[end:].rstrip("/")) + "/?"
    needed: dict[str, set[str]] = {"querystring": set(), "header": set()}
    shape = operation.input_shape
    for name in shape.required_members if shape else ():
        how = shape.members[name].serialization
        if how.get("location") in needed:
            needed[how["location"]].add(how.get("name", name))
    return Route(
        operation=operation,
        path=re.compile(pattern),
        labels=tuple(names),
        constants=dict(parse_qsl(query, keep_blank_values=True)),
        queries=frozenset(needed["querystring"]),
        headers=frozenset(name.lower() for name in needed["header"]),
        literal=len(_LABEL.sub("", path)),
    )
