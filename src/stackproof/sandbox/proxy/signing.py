"""Signatures of requests that go on to AWS: those of the client are for the proxy, and hold for no other host.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from stackproof.sandbox.api.requests import ApiRequest
from stackproof.sandbox.api.wire import Answer, HttpRequest
from stackproof.sandbox.proxy.endpoints import Endpoint

PROXY_KEY = "AKIASTACKPROOFPROXY0"
"""The key of clients of the proxy; with it the proxy signs in the account's own name."""

_CHUNKED = "STREAMING-"
_DROPPED = frozenset(
    {
        "authorization",
        "content-length",
        "host",
        "x-amz-content-sha256",
        "x-amz-date",
        "x-amz-decoded-content-length",
        "x-amz-security-token",
        "x-amz-trailer",
    }
)


class Keyring:
    """Credentials by their access key: the account's own, and those of roles that clients assumed on their way.

    `own` are the account's, as botocore has them: they renew themselves where they can.
    """

    def __init__(self, own: Any) -> None:  # noqa: ANN401  # botocore's credentials have no types
        self._own = own
        self._assumed: dict[str, Any] = {}
        self._lock = threading.Lock()

    def find(self, access_key: str) -> Any:  # noqa: ANN401  # botocore's credentials have no types
        """The credentials that a client means by an access key; None where it can mean none."""
        if access_key == PROXY_KEY:
            return self._own
        with self._lock:
            return self._assumed.get(access_key)

    def learn(self, request: ApiRequest, answer: Answer) -> None:
        """Keep, in memory alone, the credentials that STS gives a client: later requests are signed with them."""
        if request.service != "sts" or answer.status != 200:
            return
        from botocore.credentials import Credentials  # type: ignore[import-untyped]

        try:
            tree = ET.fromstring(answer.body)  # noqa: S314  # from STS, and expat refuses runaway entities
        except ET.ParseError:
            return
        for given in tree.findall(".//{*}Credentials"):
            key, secret, token = (given.findtext(f"{{*}}{name}") for name in _PARTS)
            if key and secret:
                with self._lock:
                    self._assumed[key] = Credentials(key, secret, token)


_PARTS = ("AccessKeyId", "SecretAccessKey", "SessionToken")


def plain(message: HttpRequest) -> HttpRequest:
    """A request without what its signature brought with it: headers, and chunks of the body that are signed each.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
    """
    headers = {name: value for name, value in message.headers.items() if name not in _DROPPED}
    body = message.body
    if message.headers.get("x-amz-content-sha256", "").startswith(_CHUNKED):
        body, trailers = _joined(message.body)
        headers |= trailers
        encodings = [part.strip() for part in headers.pop("content-encoding", "").split(",")]
        if left := ", ".join(part for part in encodings if part and part != "aws-chunked"):
            headers["content-encoding"] = left
    path, _, query = message.target.partition("?")
    kept = "&".join(pair for pair in query.split("&") if pair and not pair.startswith("X-Amz-"))
    return HttpRequest(message.method, path + (f"?{kept}" if kept else ""), headers, body)


def sign(message: HttpRequest, endpoint: Endpoint, credentials: Any) -> Any:  # noqa: ANN401  # botocore has no types
    """A plain request for an endpoint, signed where there are credentials, as botocore's HTTP session sends it."""
    from botocore.auth import S3SigV4Auth, SigV4Auth  # type: ignore[import-untyped]
    from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]

    path = message.target if message.target.startswith("/") else "/" + message.target
    request = AWSRequest(message.method, endpoint.url + path, dict(message.headers), message.body)
    request.headers["Host"] = urlsplit(endpoint.url).netloc
    if credentials is not None:
        kind = S3SigV4Auth if endpoint.signing_name.startswith("s3") else SigV4Auth
        # the whole body is here, so that all of it is signed
        request.context["payload_signing_enabled"] = True
        kind(credentials.get_frozen_credentials(), endpoint.signing_name, endpoint.region).add_auth(request)
    return request.prepare()


def _joined(body: bytes) -> tuple[bytes, Mapping[str, str]]:
    """What chunks hold, and the checksums that trail them; raises ValueError where they do not end."""
    parts, at = [], 0
    while True:
        line_end = body.index(b"\r\n", at)
        size = int(body[at:line_end].partition(b";")[0], 16)
        at = line_end + 2
        if size == 0:
            break
        if at + size > len(body):
            raise ValueError("the body ends in the middle of a chunk")
        parts.append(body[at : at + size])
        at += size + 2
    lines = body[at:].decode("latin-1").split("\r\n")
    trailers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return b"".join(parts), {name: value for name, value in trailers.items() if name.startswith("x-amz-checksum")}
