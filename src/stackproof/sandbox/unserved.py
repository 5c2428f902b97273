"""Calls that an emulated account does not serve, made final: clients would try each again for minutes.

moto 5.2.5 answers them with the error pages of its web server, of which AWS has none.
"""

from __future__ import annotations

import threading

from stackproof.sandbox import answers
from stackproof.sandbox.calls import Call
from stackproof.sandbox.requests import ApiRequest
from stackproof.sandbox.wire import Answer

CODE = "NotImplementedInSandbox"
_STATUSES = (404, 405, 500, 501)
_PAGE = b"<!doctype html"


class Unserved:
    """An interceptor; `calls` are those that were found, in their order."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def before(self, request: ApiRequest, ended: threading.Event) -> Answer | None:  # noqa: ARG002  # see Interceptor
        """Let every call pass."""
        return None

    def after(self, request: ApiRequest, answer: Answer) -> Answer | None:
        """A client error in place of a web server's error page, naming the call and what to do about it."""
        if answer.status not in _STATUSES or not answer.body[:64].lstrip().lower().startswith(_PAGE):
            return None
        self.calls.append(
            Call(request.service, request.action, request.region, 400, CODE, parameters=request.parameters)
        )
        said = f"the emulated account does not serve {request}" + (", or failed at it" if answer.status == 500 else "")
        remedy = "leave the resource out of what is applied here, or apply it in a real sandbox account"
        return answers.refusal(request, 400, CODE, f"{said}; {remedy}")
