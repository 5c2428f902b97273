"""An AWS account that lives in a process beside this one: a moto server on a free loopback port.

https://docs.getmoto.org/en/latest/docs/server_mode.html
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from types import TracebackType

from stackproof.errors import SandboxError
from stackproof.terraform import children

START_SECONDS = 60.0
ACCOUNT_ID = "123456789012"
"""The account that moto emulates where MOTO_ACCOUNT_ID names no other."""


class EmulatedAccount:
    """One emulated account; a context manager that starts it and ends it whatever happens.

    `port` 0 takes a free one. Raises SandboxError where a given port is taken or the server does not come up.
    """

    def __init__(self, *, region: str = "us-east-1", port: int = 0) -> None:
        self.region = region
        self.account_id: str | None = os.environ.get("MOTO_ACCOUNT_ID", ACCOUNT_ID)
        self._wanted_port = port
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> EmulatedAccount:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        """The address that stands for every AWS service."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server without waiting for it: whoever calls it first waits for its answer."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", self._wanted_port))
        except OSError as error:
            listener.close()
            raise SandboxError(
                f"port {self._wanted_port} cannot be used: {error.strerror}",
                where="[tool.stackproof.sandbox] port",
                remedy="leave it out, and a free port is taken.",
            ) from None
        # several plans connect before the server accepts its first call
        listener.listen(128)
        self.port = listener.getsockname()[1]
        words = [sys.executable, "-m", "stackproof.sandbox.emulator", str(listener.fileno())]
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the server
        self._process = children.start(
            words, environment=_own_environment(), pass_fds=[listener.fileno()], stderr=self._complaints
        )
        # from here on the server alone holds the socket: where it ends, callers are refused instead of kept waiting
        listener.close()

    def stop(self) -> None:
        """End the server; nothing of it stays."""
        if self._process is not None:
            children.stop(self._process)
            self._complaints.close()
            self._process = None

    def check(self) -> None:
        """Wait until the server answers; raises SandboxError with what it printed where it ended instead."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self._refuse_ended()
            try:
                self._call("/moto-api/data.json", deadline - time.monotonic())
            except (http.client.HTTPException, OSError):
                time.sleep(0.02)
            else:
                return
        raise SandboxError(f"the emulated account did not answer within {START_SECONDS:g} s", where=self.endpoint)

    def reset(self) -> None:
        """Forget everything that was made in the account."""
        self.check()
        self._call("/moto-api/reset", START_SECONDS, method="POST")

    def environment(self) -> Mapping[str, str]:
        """Endpoint, region and credentials that only this account takes for valid."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": "AKIAEMULATEDEXAMPLE0",
            "AWS_SECRET_ACCESS_KEY": "emulated",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def data(self) -> Mapping[str, object]:
        """What is in the account, by service, as moto tells it."""
        self.check()
        content: Mapping[str, object] = json.loads(self._call("/moto-api/data.json", START_SECONDS))
        return content

    def _call(self, path: str, timeout: float, method: str = "GET") -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path)
            return connection.getresponse().read()
        finally:
            connection.close()

    def _refuse_ended(self) -> None:
        if self._process is None:
            raise SandboxError("the emulated account is not started")
        if self._process.poll() is not None:
            self._complaints.seek(0)
            said = self._complaints.read().decode("utf-8", errors="replace").strip().splitlines()
            raise SandboxError(
                f"the emulated account ended: {said[-1] if said else f'exit code {self._process.returncode}'}",
                where=self.endpoint,
                remedy="look whether moto is installed: pip install 'moto[server]'.",
            )


def _own_environment() -> dict[str, str]:
    """The caller's environment without an AWS identity: moto looks for one, and fails on a profile that is none."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    return kept | dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
