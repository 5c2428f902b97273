"""An account in which nothing can happen: it says who asks, and refuses everything else.

A provider asks STS who it is before it does anything at all, so a closed port would not do:
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from __future__ import annotations

import threading
import urllib.parse
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_REFUSAL = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
    "<Message>nothing may be read or made while a stack is resolved</Message></Error></ErrorResponse>"
)


class InertAccount:
    """One inert account; a context manager. `refused` lists what was asked of it besides its identity."""

    def __init__(self, account_id: str, *, region: str, partition: str = "aws") -> None:
        self._region = region
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.account_id = account_id
        self._server.partition = partition
        self._server.refused = self.refused = []
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    refused: list[str]

    def __enter__(self) -> InertAccount:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def environment(self) -> Mapping[str, str]:
        """Endpoint, region and credentials, of which none is good for anything elsewhere."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._server.server_address[1]}",
            "AWS_REGION": self._region,
            "AWS_DEFAULT_REGION": self._region,
            "AWS_ACCESS_KEY_ID": "AKIAINERTACCOUNT0000",
            "AWS_SECRET_ACCESS_KEY": "inert",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    account_id: str
    partition: str
    refused: list[str]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", errors="replace")
        action = urllib.parse.parse_qs(body).get("Action", [""])[0]
        answer = getattr(self, f"_{action}", None) if action in _ANSWERED else None
        if answer is None:
            self._refuse(action or self.headers.get("X-Amz-Target", ""))
        else:
            self._send(200, answer())

    def _any(self) -> None:
        self._refuse("")

    do_GET = do_PUT = do_DELETE = do_PATCH = do_HEAD = _any

    def _refuse(self, action: str) -> None:
        self.server.refused.append(action or f"{self.command} {self.path}")
        self._send(403, _REFUSAL)

    def _GetCallerIdentity(self) -> str:  # noqa: N802
        account = self.server.account_id
        return (
            f'<GetCallerIdentityResponse xmlns="{_NAMESPACE}"><GetCallerIdentityResult>'
            f"<Arn>arn:{self.server.partition}:iam::{account}:user/inert</Arn><UserId>AIDAINERTACCOUNT0000</UserId>"
            f"<Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        )

    def _send(self, code: int, text: str) -> None:
        payload = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


_ANSWERED = {"GetCallerIdentity"}
