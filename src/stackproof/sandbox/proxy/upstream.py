"""Where a request goes on to behind the proxy, and what it does with a connection: here, to an emulated account."""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from stackproof.errors import SandboxError
from stackproof.sandbox.api.requests import ApiRequest
from stackproof.sandbox.api.wire import HOP_BY_HOP, Answer

ANSWER_SECONDS = 300.0
"""How long an account may take to answer; it outlasts what clients wait for."""


class Unreachable(SandboxError):
    """An account did not answer; `final` where it never will again."""

    def __init__(self, what: str, *, where: str, remedy: str, final: bool) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.final = final


class Line(Protocol):
    """One client's way to an account; used by one thread at a time, `close` by any."""

    def send(self, request: ApiRequest) -> Answer:
        """The account's answer; raises Unreachable where there is none."""
        ...

    def close(self) -> None:
        """End what is open, an exchange in the middle included."""
        ...


class Way(Protocol):
    """To one account: a line for each client's connection."""

    def environment(self) -> Mapping[str, str]:
        """What clients get of the account's variables."""
        ...

    def line(self) -> Line:
        """A line for one client."""
        ...

    def close(self) -> None:
        """End what lines share."""
        ...


class EmulatedWay:
    """To an emulated account, at the endpoint that its variables name."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def environment(self) -> Mapping[str, str]:
        """All of them: they are secret to nobody."""
        return self._variables

    def line(self) -> Line:
        """A connection of the client's own."""
        return EmulatedLine(self._variables["AWS_ENDPOINT_URL"])

    def close(self) -> None:
        """Nothing is shared."""


class EmulatedLine:
    """To an emulated account, everything as it came: it tells services and signatures by the same headers as AWS."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        parts = urlsplit(endpoint)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=ANSWER_SECONDS)

    def send(self, request: ApiRequest) -> Answer:
        """The account's answer."""
        message = request.http
        headers = {name: value for name, value in message.headers.items() if name not in HOP_BY_HOP}
        if message.body or message.method not in ("GET", "HEAD", "DELETE"):
            headers["content-length"] = str(len(message.body))
        try:
            self._drop_ended()
            self._connection.putrequest(message.method, message.target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                self._connection.putheader(name, value.encode("latin-1"))
            self._connection.endheaders(message.body or None)
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException, AttributeError) as error:
            self._connection.close()
            raise Unreachable(
                f"the emulated account did not answer {request}: {error or type(error).__name__}",
                where=self._endpoint,
                remedy="look at what it printed; what was made in it is gone.",
                final=isinstance(error, ConnectionRefusedError),
            ) from None
        return Answer(response.status, _merged(response), body, response.reason)

    def close(self) -> None:
        """End the connection, whoever waits on it."""
        held = self._connection.sock
        if held is not None:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _drop_ended(self) -> None:
        # a kept connection that has something to read before it was asked was closed by the other side
        if self._connection.sock is not None and select.select([self._connection.sock], [], [], 0)[0]:
            self._connection.close()


def _merged(response: http.client.HTTPResponse) -> dict[str, str]:
    merged: dict[str, str] = {}
    for name, value in response.getheaders():
        key = name.lower()
        if key not in HOP_BY_HOP:
            merged[key] = f"{merged[key]}, {value}" if key in merged else value
    return merged
