"""An AWS account that lives in a process beside this one: a moto server on a free loopback port.

https://docs.getmoto.org/en/latest/docs/server_mode.html
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from types import TracebackType

from stackproof.errors import SandboxError
from stackproof.sandbox.emulated.contents import PATH, Contents
from stackproof.sandbox.emulated.identity import Identity
from stackproof.terraform import children

START_SECONDS = 60.0
TAIL_BYTES = 4096
ACCOUNT_ID = "123456789012"
"""The account that is emulated where neither the caller nor MOTO_ACCOUNT_ID names another."""


class EmulatedAccount:
    """One emulated account; a context manager that starts it and ends it whatever happens.

    Any number can be open at once, each with resources of its own, also where their numbers are the same. `port` 0
    takes a free one. Raises SandboxError where `account_id` is not twelve digits, a given port is taken or the server
    does not come up.
    """

    def __init__(self, *, account_id: str | None = None, region: str = "us-east-1", port: int = 0) -> None:
        number = account_id or os.environ.get("MOTO_ACCOUNT_ID", ACCOUNT_ID)
        if not re.fullmatch(r"\d{12}", number):
            raise SandboxError(f"{number!r} is not the number of an account", remedy="give twelve digits.")
        self.region = region
        self.account_id: str | None = number
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
        account_id = str(self.account_id)
        words = [
            sys.executable,
            "-m",
            "stackproof.sandbox.emulated.emulator",
            str(listener.fileno()),
            account_id,
            self.region,
        ]
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the server
        self._process = children.start(
            words, environment=_own_environment(account_id), pass_fds=[listener.fileno()], stderr=self._complaints
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
            self.require_running()
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

    def data(self) -> Contents:
        """What is in the account, by service, kind and id, with its state (see `contents`).

        It is read from the emulator's memory: no API is asked, and IAM has no say in it.
        """
        self.check()
        content: Contents = json.loads(self._call(PATH, START_SECONDS))
        return content

    def enforce_iam(self, enforced: bool = True) -> None:
        """Have moto check every call's signature and permissions, or stop that; a new account checks nothing.

        With it on, callers need credentials of a user or role of the account: see `as_identity`.
        https://docs.getmoto.org/en/latest/docs/iam.html
        """
        self.check()
        first_checked = b"0" if enforced else b"inf"
        self._call("/moto-api/reset-auth", START_SECONDS, method="POST", body=first_checked)

    def as_identity(self, access_key: str, secret_key: str, session_token: str = "") -> Identity:
        """The same account as one of its users or assumed roles sees it."""
        return Identity(self, access_key, secret_key, session_token)

    def require_running(self) -> None:
        """Raise SandboxError with how the server ended and what it said last, unless it runs; it is not asked.

        For whoever waits for a command that the account's end makes fail, or wait for ever.
        """
        if self._process is None:
            raise SandboxError("the emulated account is not started")
        code = self._process.poll()
        if code is None:
            return
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        said = self.last_words()
        no_moto = "ImportError" in said or "ModuleNotFoundError" in said
        raise SandboxError(
            f"the emulated account {how}{f', saying {said!r}' if said else ''}; what was in it is gone",
            where=self.endpoint,
            remedy="look whether moto is installed: pip install 'moto[server]'."
            if no_moto
            else "run it again; where it happens again, look for a memory limit (`dmesg`).",
        )

    def last_words(self) -> str:
        """The last line that the server wrote to its standard error: the end of its last traceback, or ""."""
        if self._process is None:
            return ""
        # the server writes where this file's position is, so it must not be moved
        written = self._complaints.fileno()
        tail = os.pread(written, TAIL_BYTES, max(0, os.fstat(written).st_size - TAIL_BYTES))
        lines = tail.decode("utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def _call(self, path: str, timeout: float, method: str = "GET", body: bytes | None = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body)
            return connection.getresponse().read()
        finally:
            connection.close()


def _own_environment(account_id: str) -> dict[str, str]:
    """The caller's environment without an AWS identity: moto looks for one, and fails on a profile that is none.

    A number of the account is told only where it is not moto's own: moto takes it for the account of every caller,
    and could no longer tell those who assumed a role in another one.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    kept.pop("MOTO_ACCOUNT_ID", None)
    number = {} if account_id == ACCOUNT_ID else {"MOTO_ACCOUNT_ID": account_id}
    return kept | number | dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
