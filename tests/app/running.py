"""The dashboard as a process of its own, asked over real HTTP."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
APP = REPOSITORY / "app"
STARTED_SECONDS = 30.0


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers by lower-case name, text."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class Dashboard:
    """One that answers at a port of the loopback, and writes its log to a file."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, named, response.read().decode())
        finally:
            connection.close()

    def lines(self) -> list[dict[str, Any]]:
        """What it has logged, line by line; every line has to be JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def stop(self) -> int:
        """End it as ECS does, and give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def serving(
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    command: Sequence[str] = (sys.executable, "-m", "stock_dashboard"),
    cwd: Path = APP,
) -> Iterator[Dashboard]:
    """Start one that logs into a folder, and stop it at the end, whatever happens."""
    port = free_port()
    given = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "PORT": str(port), **(environment or {})}
    log = folder / "log.jsonl"
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=cwd, env=given, stdout=file, stderr=subprocess.STDOUT)
    dashboard = Dashboard(port, log, process)
    try:
        _wait(dashboard)
        yield dashboard
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGQUIT)  # which does not wait for a browser's idle connections
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
        process.wait()


def _wait(dashboard: Dashboard) -> None:
    deadline = time.monotonic() + STARTED_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            dashboard.get("/healthz")
            return
        if dashboard.process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"the dashboard did not start:\n{dashboard.log.read_text()}")
