"""HTTP as it passes the proxy: whole messages, held in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

HOP_BY_HOP = frozenset(
    {
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that are between two neighbours only: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1"""


@dataclass(frozen=True)
class HttpRequest:
    """A request: `target` is the path and the query as they were sent, names of `headers` are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def path(self) -> str:
        """The path as it was sent, percent-encoded."""
        return self.target.partition("?")[0] or "/"

    @property
    def query(self) -> str:
        """The query as it was sent, without the question mark."""
        return self.target.partition("?")[2]


@dataclass(frozen=True)
class Answer:
    """An answer: names of `headers` are in lower case; status 0 stands for a connection that was closed instead."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    reason: str = ""


NO_ANSWER = Answer(0)
"""The connection is closed without a word."""
