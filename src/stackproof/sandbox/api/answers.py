"""What an answer of AWS says: the error in it, and what a call made; and refusals, said as AWS would say them.

https://smithy.io/2.0/aws/protocols/index.html (operation error serialization of each protocol)
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from stackproof.sandbox.api import cbor
from stackproof.sandbox.api.requests import CBOR, ApiRequest
from stackproof.sandbox.api.secrets import kept
from stackproof.sandbox.api.wire import Answer

_IDENTIFIER = re.compile(r"(Arn|ARN|Id|ID|Name|Url|URL)s?$", re.IGNORECASE)
_READING = ("Get", "List", "Describe", "Head", "BatchGet", "Query", "Scan", "Search", "Select", "Lookup", "Assume")
_REQUEST_ID = "00000000-0000-0000-0000-000000000000"


def error_code(request: ApiRequest, answer: Answer) -> str:
    """AWS's code of the error that an answer holds, "" where it holds none."""
    if answer.status < 400:
        return ""
    named = answer.headers.get("x-amzn-query-error", "").partition(";")[0] or answer.headers.get("x-amzn-errortype", "")
    if not named:
        named = _code_in(request, _plain(answer))
    return named.partition(":")[0].rpartition("#")[2].strip() or str(answer.status)


def identifiers(request: ApiRequest, answer: Answer) -> Mapping[str, str]:
    """Ids, names and ARNs in the answer to a call that made or changed something, by path (`Roles[0].RoleName`)."""
    operation = request.operation
    if operation is None or not 200 <= answer.status < 300 or request.action.startswith(_READING):
        return {}
    shape = operation.output_shape
    if shape is None or operation.has_streaming_output:
        return {}
    return dict(_identifiers(shape, _parsed(request, answer, shape), ""))


def refusal(request: ApiRequest, status: int, code: str, message: str) -> Answer:
    """An error as the protocol of a request has it."""
    kind = "text/xml"
    headers = {"x-amzn-requestid": _REQUEST_ID}
    error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    match request.protocol:
        case "query":
            text = f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>"
        case "ec2":
            text = f"<Response><Errors><Error>{error}</Error></Errors></Response>"
        case "rest-xml" if request.service == "s3":
            text = f"<Error>{error}</Error>"
        case "rest-xml":
            text = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
        case protocol if protocol == CBOR:
            headers |= {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
            return Answer(status, headers, cbor.dumps_texts({"__type": code, "message": message}))
        case _:
            headers["x-amzn-errortype"] = code
            kind = request.http.headers.get("content-type", "application/json")
            text = json.dumps({"__type": code, "message": message})
    body = b"" if request.http.method == "HEAD" else text.encode()
    return Answer(status, headers | {"content-type": kind}, body)


def _plain(answer: Answer) -> bytes:
    if answer.headers.get("content-encoding") == "gzip":
        try:
            return gzip.decompress(answer.body)
        except (OSError, EOFError, zlib.error):
            return b""
    return answer.body


def _code_in(request: ApiRequest, body: bytes) -> str:
    try:
        said = cbor.loads(body) if request.protocol == CBOR else json.loads(body)
        return str(said.get("__type") or said.get("code") or said.get("Code") or "")
    except (ValueError, AttributeError, RecursionError):
        found = re.search(rb"<Code>([^<]*)</Code>", body)
        return found[1].decode("utf-8", errors="replace") if found else ""


def _parsed(request: ApiRequest, answer: Answer, shape: Any) -> Any:  # noqa: ANN401  # as botocore gives it
    from botocore.awsrequest import HeadersDict  # type: ignore[import-untyped]
    from botocore.parsers import create_parser  # type: ignore[import-untyped]

    body = _plain(answer)
    try:
        if request.protocol == CBOR:
            return cbor.loads(body)
        parser = create_parser(request.protocol)
        return parser.parse({"status_code": answer.status, "headers": HeadersDict(answer.headers), "body": body}, shape)
    except Exception:  # noqa: BLE001  # an answer that nobody can read is still the client's
        return {}


def _identifiers(shape: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401  # botocore's shapes
    if shape.type_name == "structure" and isinstance(value, Mapping):
        for name, member in shape.members.items():
            if name in value and kept(name, member):
                inside = f"{path}.{name}" if path else name
                if isinstance(value[name], str):
                    if member.type_name == "string" and _IDENTIFIER.search(name):
                        yield inside, value[name]
                else:
                    yield from _identifiers(member, value[name], inside)
    elif shape.type_name == "list" and isinstance(value, list):
        for number, item in enumerate(value):
            inside = f"{path}[{number}]"
            if isinstance(item, str) and _IDENTIFIER.search(path):
                yield inside, item
            else:
                yield from _identifiers(shape.member, item, inside)
