"""The application behind a reverse proxy with TLS, on this machine: `python -m smoke.local [OPTION...]`.

It runs the smoke tests with these options against what it started, and ends with their exit code. The proxy stands for
the load balancer: it redirects to HTTPS, says so to the application, and asks it whether it is healthy.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
APP = ROOT / "app"
ENDS_SECONDS = 10

CADDYFILE = """
{{
    admin off
    auto_https off
    persist_config off
    default_bind 127.0.0.1
}}
http://localhost:{http} {{
    redir https://localhost:{https}{{uri}} 301
}}
https://localhost:{https} {{
    tls {folder}/certificate.pem {folder}/key.pem
    reverse_proxy 127.0.0.1:{upstream} {{
        health_uri /
        health_interval 1s
        health_timeout 1s
    }}
}}
"""
"""https://caddyserver.com/docs/caddyfile/directives/reverse_proxy"""


@dataclass(frozen=True)
class Front:
    """The proxy: its plain address, its secure one, and the authority that certifies it."""

    http: str
    https: str
    authority: Path

    def environment(self) -> dict[str, str]:
        """What lets requests trust the proxy, and reach it by no other one."""
        return {"REQUESTS_CA_BUNDLE": str(self.authority), "NO_PROXY": "localhost,127.0.0.1"}


@contextlib.contextmanager
def application(port: int, log: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The dashboard on `port`, until the end of the block; it need not answer yet.

    Of this process's environment it sees nothing but PATH, so that no key gets there by chance.
    """
    own = {"PATH": os.environ.get("PATH", os.defpath), "PORT": str(port), "PYTHONDONTWRITEBYTECODE": "1"}
    with _running([sys.executable, "-m", "stock_dashboard"], APP, log, own | dict(environment)) as process:
        yield process


@contextlib.contextmanager
def reverse_proxy(upstream: int, folder: Path) -> Iterator[Front]:
    """Caddy in front of the port `upstream`, with all its files in `folder`, until the end of the block.

    Raises FileNotFoundError where there is no caddy beside this Python or on PATH.
    """
    import trustme

    caddy = shutil.which("caddy", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if caddy is None:
        raise FileNotFoundError("there is no caddy: run make setup")
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(folder / "certificate.pem", append=True)
    http, https = free_port(), free_port()
    config = folder / "Caddyfile"
    config.write_text(CADDYFILE.format(http=http, https=https, upstream=upstream, folder=folder))
    words = [caddy, "run", "--config", str(config), "--adapter", "caddyfile"]
    homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with _running(words, folder, folder / "caddy.log", homes):
        yield Front(f"http://localhost:{http}/", f"https://localhost:{https}/", folder / "authority.pem")


def free_port() -> int:
    """A loopback port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def _running(
    words: Sequence[str], folder: Path, log: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as written:
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=written, stderr=written)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(ENDS_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main(options: Sequence[str]) -> int:
    """Start both, test, end both, also where a signal ends this."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    runs = {"APP_COMMIT": commit.stdout.strip() or "unknown", "APP_VERSION": commit.stdout[:12] or "local"}
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="smoke-") as name:
        folder = Path(name)
        log = folder / "application.log"
        with application(port, log, runs), reverse_proxy(port, folder) as front:
            expected = ["--alb-url", front.http, "--expect-version", runs["APP_VERSION"]]
            words = [sys.executable, "-m", "pytest", "smoke", *expected, *options]
            code = subprocess.run(words, cwd=ROOT, env=os.environ | front.environment(), check=False).returncode
        if code:
            for each in (log, folder / "caddy.log"):
                print(f"--- the end of {each.name}", *each.read_text().splitlines()[-20:], sep="\n", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
