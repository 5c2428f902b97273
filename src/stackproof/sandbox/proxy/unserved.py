"""Calls that an emulated account does not serve, made final: clients would try each again for minutes.

moto 5.2.5 answers them with the error pages of its web server, of which AWS has none.
"""

from __future__ import annotations

from stackproof.sandbox.api import answers
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.api.requests import ApiRequest
from stackproof.sandbox.api.wire import Answer

CODE = "NotImplementedInSandbox"
_STATUSES = (404, 405, 500, 501)
_PAGE = b"<!doctype html"


class Unserved:
    """Judges an emulated account's answers; `calls` are those that it does not serve, in their order."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def judge(self, request: ApiRequest, answer: Answer) -> Answer:
        """The answer; in place of a web server's error page a client error that names the call and what to do."""
        if answer.status not in _STATUSES or not answer.body[:64].lstrip().lower().startswith(_PAGE):
            return answer
        self.calls.append(
            Call(request.service, request.action, request.region, 400, CODE, parameters=request.parameters)
        )
        said = f"the emulated account does not serve {request}" + (", or failed at it" if answer.status == 500 else "")
        remedy = "leave the resource out of what is applied here, or apply it in a real sandbox account"
        return answers.refusal(request, 400, CODE, f"{said}; {remedy}")
