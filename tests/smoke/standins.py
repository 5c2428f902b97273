"""Sites that stand in for the dashboard: a good one, and every way in which it can be broken."""

from __future__ import annotations

import contextlib
import http.server
import json
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

VERSION = "1.4.0"
COMMIT = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=31536000",
}
PAGE = f"""<!doctype html>
<html lang="en">
<head><title>Stock dashboard</title><link rel="stylesheet" href="/static/app.1.css"></head>
<body><main><h1>Watch list</h1></main>
<footer><span data-version="{VERSION}" data-commit="{COMMIT}">{VERSION}</span></footer>
<script src="/static/app.1.js"></script></body>
</html>"""


@dataclass
class Reply:
    """What a path answers: after `delay` seconds; with `drip` seconds between the bytes of its body."""

    status: int = 200
    body: str = ""
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    drip: float = 0
    cut: bool = False


def good() -> dict[str, Reply]:
    """Every path of a dashboard as it should be; what is not here answers 404."""
    running = {"version": VERSION, "commit": COMMIT}
    return {
        "/": Reply(body=PAGE, media_type="text/html; charset=utf-8"),
        "/static/app.1.css": Reply(body="main { color: black }", media_type="text/css"),
        "/static/app.1.js": Reply(body="'use strict';", media_type="text/javascript"),
        "/healthz": Reply(body=json.dumps({"status": "ok", **running})),
        "/readyz": Reply(body=json.dumps({"status": "ready", "checks": {"cache": "ok"}})),
    }


class Standin(http.server.ThreadingHTTPServer):
    """A site of `replies`, which a test changes; `unknown` is what any other path answers."""

    daemon_threads = True

    def __init__(self, replies: dict[str, Reply]) -> None:
        self.replies = replies
        self.unknown = Reply(404, "<h1>Not found</h1>", "text/html")
        self.headers = dict(HEADERS)
        self.first: dict[str, list[Reply]] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def answer_first(self, path: str, *replies: Reply) -> None:
        """Let a path answer these, one after another, before its own."""
        self.first[path] = list(replies)

    def reply(self, path: str) -> Reply:
        """What a path answers now."""
        first = self.first.get(path)
        return first.pop(0) if first else self.replies.get(path, self.unknown)

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that leave, and handshakes that fail, are what these tests are about."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Standin

    def version_string(self) -> str:
        return "standin"

    def do_GET(self) -> None:
        site = self.server
        reply = site.reply(self.path)
        time.sleep(reply.delay)
        body = reply.body.encode()
        self.send_response(reply.status)
        for name, value in {"Content-Type": reply.media_type, **site.headers, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + 10 * reply.cut))
        self.end_headers()
        if reply.drip:
            for position in range(len(body)):
                self.wfile.write(body[position : position + 1])
                time.sleep(reply.drip)
        else:
            self.wfile.write(body)
        self.close_connection = self.close_connection or reply.cut

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def standing(tls: ssl.SSLContext | None = None) -> Iterator[Standin]:
    """A good site on loopback, until the end of the block."""
    site = Standin(good())
    if tls is not None:
        site.socket = tls.wrap_socket(site.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        site.server_close()
        thread.join()
