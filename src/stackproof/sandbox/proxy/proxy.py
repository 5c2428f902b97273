"""A proxy in front of an account: all that Terraform and others ask of AWS goes through it, to be seen or hindered.

It is an HTTP endpoint on the loopback interface, given to children as AWS_ENDPOINT_URL:
https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
"""

from __future__ import annotations

import contextlib
import http.server
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Protocol

from stackproof.errors import SandboxError
from stackproof.sandbox.account import Account
from stackproof.sandbox.api import answers, requests
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.api.requests import ApiRequest
from stackproof.sandbox.api.wire import HOP_BY_HOP, NO_ANSWER, Answer, HttpRequest
from stackproof.sandbox.proxy.real_way import RealWay, Resolve
from stackproof.sandbox.proxy.unserved import Unserved
from stackproof.sandbox.proxy.upstream import EmulatedWay, Line, Unreachable, Way

END_SECONDS = 5.0
UNREACHABLE = "SandboxUnreachable"
"""The error code with which a client hears that the account behind the proxy is gone."""
FAILED = "SandboxFailed"
"""The error code with which a client hears that what stands before the account failed."""


class Interceptor(Protocol):
    """What stands in the way of calls. Both are called by many threads at once."""

    def before(self, request: ApiRequest, ended: threading.Event) -> Answer | None:
        """An answer in place of the account's; None lets the call pass. `ended` is set where the proxy ends."""
        ...

    def after(self, request: ApiRequest, answer: Answer) -> Answer | None:
        """An answer in place of the one that the account gave; None lets it pass."""
        ...


class Proxy:
    """An account's proxy, itself an account; a context manager, after which no thread and no socket is left.

    An account that names an endpoint gets all as it came. Any other is a real one: requests are signed anew with its
    credentials and go to where AWS serves them, or to where `resolve` says.

    `interceptors` are asked in their order; the first that answers is heard. `observers` get each call with what
    the account made of it, also where the client never hears of that; they are called by many threads at once.
    `trouble` is the first failure to reach the account, or the one that is final, or of those two. `unserved` are the
    calls that an emulated account lacks.
    """

    def __init__(
        self,
        account: Account,
        *,
        interceptors: Sequence[Interceptor] = (),
        observers: Sequence[Callable[[Call], None]] = (),
        resolve: Resolve | None = None,
    ) -> None:
        self.account = account
        self.account_id = account.account_id
        self.interceptors = list(interceptors)
        self.observers = list(observers)
        self.trouble: SandboxError | None = None
        self._unserved = Unserved()
        self._resolve = resolve
        self._server: _Server | None = None
        self._way: Way | None = None
        self._emulated = False

    def __enter__(self) -> Proxy:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def unserved(self) -> tuple[Call, ...]:
        """The calls that the emulated account does not serve, in the order in which they came."""
        return tuple(self._unserved.calls)

    @property
    def endpoint(self) -> str:
        """The address that stands for every AWS service; raises SandboxError where the proxy is not started."""
        if self._server is None:
            raise SandboxError("the proxy is not started")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Listen on a free port."""
        variables = self.account.environment()
        self._emulated = "AWS_ENDPOINT_URL" in variables
        self._way = EmulatedWay(variables) if self._emulated else RealWay(variables, self._resolve)
        self._server = _Server(self, self._way.line)
        self._server.begin()

    def stop(self) -> None:
        """End all exchanges, those in the middle included."""
        if self._server is not None:
            self._server.end()
            self._server = None
        if self._way is not None:
            self._way.close()
            self._way = None

    def environment(self) -> Mapping[str, str]:
        """The account's variables, with the proxy for an endpoint; raises SandboxError where it is not started.

        A real account's credentials are not among them: what the proxy gives instead is worth something to it alone.
        """
        endpoint = self.endpoint
        given = self._way.environment() if self._way else {}
        kept = {name: value for name, value in given.items() if not name.startswith("AWS_ENDPOINT_URL")}
        return kept | {"AWS_ENDPOINT_URL": endpoint}

    def exchange(self, message: HttpRequest, line: Line, ended: threading.Event) -> Answer:
        """Pass one request on and give its answer; what interceptors make of it is told to observers."""
        request = requests.read(message)
        began = time.monotonic()
        answer = self._heard(request, lambda one: one.before(request, ended))
        if answer is None and ended.is_set():
            answer = NO_ANSWER
        if answer is not None:
            self._tell(request, answer, began)
            return answer
        try:
            given = line.send(request)
        except Unreachable as error:
            answer = self._unreachable(request, error, ended)
            self._tell(request, answer, began)
            return answer
        if self._emulated:
            given = self._unserved.judge(request, given)
        self._tell(request, given, began)
        return self._heard(request, lambda one: one.after(request, given)) or given

    def _heard(self, request: ApiRequest, ask: Callable[[Interceptor], Answer | None]) -> Answer | None:
        """What the first interceptor says that says anything; one that fails ends the call for good."""
        try:
            return next((said for one in self.interceptors if (said := ask(one)) is not None), None)
        except Exception as error:  # noqa: BLE001  # whoever waits for the client hears of it from `trouble`
            own = (
                error
                if isinstance(error, SandboxError)
                else SandboxError(f"what stands before {request} failed: {error}")
            )
            self.trouble = self.trouble or own
            return answers.refusal(request, 400, FAILED, str(own))

    def _tell(self, request: ApiRequest, answer: Answer, began: float) -> None:
        call = Call(
            service=request.service,
            action=request.action,
            region=request.region,
            status=answer.status,
            error=answers.error_code(request, answer),
            began=began,
            seconds=time.monotonic() - began,
            parameters=request.parameters,
            answer=answers.identifiers(request, answer),
        )
        for observer in list(self.observers):
            try:
                observer(call)
            except Exception as error:  # noqa: BLE001  # the client of the account is not to suffer for it
                self.trouble = self.trouble or SandboxError(f"an observer failed at {call}: {error}")

    def _unreachable(self, request: ApiRequest, error: Unreachable, ended: threading.Event) -> Answer:
        if ended.is_set():
            return NO_ANSWER
        if self.trouble is None or error.final:
            self.trouble = error
        # clients try again for minutes where an answer leaves them hope
        return answers.refusal(request, 400 if error.final else 503, UNREACHABLE, str(error))


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, proxy: Proxy, line: Callable[[], Line]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proxy = proxy
        self.line = line
        self.ended = threading.Event()
        self.open: dict[threading.Thread, _Handler] = {}
        self.opening = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self.ended.set()
        self.shutdown()
        self.server_close()
        with self.opening:
            handlers = dict(self.open)
        for handler in handlers.values():
            handler.cut()
        deadline = time.monotonic() + END_SECONDS
        for thread in (self._thread, *handlers):
            thread.join(max(0.0, deadline - time.monotonic()))

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that went away."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(http.server.BaseHTTPRequestHandler):
    """One client's connection, with a line of its own to the account."""

    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self._line = self.server.line()
        with self.server.opening:
            self.server.open[threading.current_thread()] = self
        if self.server.ended.is_set():
            self.cut()

    def finish(self) -> None:
        with self.server.opening:
            self.server.open.pop(threading.current_thread(), None)
        self._line.close()
        with contextlib.suppress(OSError):
            super().finish()

    def cut(self) -> None:
        """End this connection from another thread."""
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self._line.close()

    def handle_expect_100(self) -> bool:
        """Tell a client that waits for it to send its body, at once."""
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def _any(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            return
        message = HttpRequest(self.command, self.path, self._headers(body), body)
        self._send(self.server.proxy.exchange(message, self._line, self.server.ended))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _any  # noqa: N815  # as the base class calls them

    def _headers(self, body: bytes) -> dict[str, str]:
        merged: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.lower()
            merged[key] = f"{merged[key]}, {value}" if key in merged else value
        if "transfer-encoding" in merged:
            merged["content-length"] = str(len(body))
        return {name: value for name, value in merged.items() if name not in HOP_BY_HOP}

    def _body(self) -> bytes | None:
        """The whole body; None where the client went away before its end, so that half of it is not passed on."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            return None
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else None

    def _chunks(self) -> bytes | None:
        parts = []
        while True:
            size_text = self.rfile.readline(1024).partition(b";")[0].strip()
            try:
                size = int(size_text, 16)
            except ValueError:
                return None
            if size == 0:
                break
            part = self.rfile.read(size)
            if len(part) < size or self.rfile.readline(8).strip():
                return None
            parts.append(part)
        while line := self.rfile.readline(65536).strip():
            del line  # trailers of the transfer are signed by nobody
        return b"".join(parts)

    def _send(self, answer: Answer) -> None:
        if answer.status == 0:
            self.close_connection = True
            return
        self.send_response_only(answer.status, answer.reason or None)
        bodiless = self.command == "HEAD" or answer.status in (204, 304) or answer.status < 200
        for name, value in answer.headers.items():
            if name not in HOP_BY_HOP and not (name == "content-length" and not bodiless):
                self.send_header(name, value)
        if not bodiless:
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        if not bodiless:
            self.wfile.write(answer.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
