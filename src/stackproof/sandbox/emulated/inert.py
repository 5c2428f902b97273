"""An account in which nothing can happen: it says who asks, and refuses everything else.

A provider asks STS who it is before it does anything at all, so a closed port would not do:
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import json
import re
import sys
import threading
import urllib.parse
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_WHY = "nothing may be read or made while a stack is resolved"
_ERROR = f"<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{_WHY}</Message></Error>"
_JSON_ERROR = json.dumps({"__type": "AccessDeniedException", "message": _WHY})
_ASSUMED = "ASIA"
"""How the key of an assumed role begins; the number of the role's account follows, so that it tells who asks."""


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

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that was killed before it had its answer."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        asked = {name: values[0] for name, values in urllib.parse.parse_qs(self._body()).items()}
        match asked.get("Action"):
            case "GetCallerIdentity":
                self._answer("GetCallerIdentity", self._identity())
            case "AssumeRole":
                self._answer("AssumeRole", self._assumed(asked.get("RoleArn", "")))
            case action:
                self._refuse(action or self.headers.get("X-Amz-Target") or f"POST {self.path}")

    def _any(self) -> None:
        self._body()  # an answer before the end of the question would break the connection
        self._refuse(f"{self.command} {self.path}")

    do_GET = do_PUT = do_DELETE = do_PATCH = do_HEAD = _any  # noqa: N815  # as the base class calls them

    def _body(self) -> str:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", errors="replace")

    def _refuse(self, asked: str) -> None:
        self.server.refused.append(asked)
        if "json" in self.headers.get("Content-Type", ""):
            self._send(403, _JSON_ERROR, "application/x-amz-json-1.1")
        else:
            self._send(403, f"<ErrorResponse>{_ERROR}</ErrorResponse>", "text/xml")

    def _answer(self, action: str, result: str) -> None:
        text = f'<{action}Response xmlns="{_NAMESPACE}"><{action}Result>{result}</{action}Result></{action}Response>'
        self._send(200, text, "text/xml")

    def _identity(self) -> str:
        key = re.search(rf"Credential={_ASSUMED}(\d{{12}})", self.headers.get("Authorization", ""))
        account = key[1] if key else self.server.account_id
        arn = f"arn:{self.server.partition}:iam::{account}:user/inert"
        return f"<Arn>{arn}</Arn><UserId>AIDAINERTACCOUNT0000</UserId><Account>{account}</Account>"

    def _assumed(self, role: str) -> str:
        found = re.match(r"arn:[^:]+:iam::(\d{12}):role/(.+)", role)
        account, name = (found[1], found[2]) if found else (self.server.account_id, "inert")
        arn = f"arn:{self.server.partition}:sts::{account}:assumed-role/{name.rsplit('/', 1)[-1]}/inert"
        return (
            f"<AssumedRoleUser><Arn>{arn}</Arn><AssumedRoleId>AROAINERTACCOUNT0000:inert</AssumedRoleId>"
            f"</AssumedRoleUser><Credentials><AccessKeyId>{_ASSUMED}{account}</AccessKeyId>"
            "<SecretAccessKey>inert</SecretAccessKey><SessionToken>inert</SessionToken>"
            "<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>"
        )

    def _send(self, code: int, text: str, kind: str) -> None:
        payload = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
