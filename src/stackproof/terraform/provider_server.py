"""Providers that keep serving while one environment's commands run, so that each command need not start them.

A provider's own debug mode prints how Terraform can attach to it; TF_REATTACH_PROVIDERS hands that on:
https://developer.hashicorp.com/terraform/plugin/debugging#running-terraform-with-a-provider-in-debug-mode

One server keeps one configuration at a time, so two environments never share one: the second's plan would silently
get the first's default tags.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from stackproof.errors import TerraformError
from stackproof.terraform import children
from stackproof.terraform.providers import Package

START_SECONDS = 30.0
VARIABLE = "TF_REATTACH_PROVIDERS"
_QUIET = {"TF_LOG_SDK": "off", "TF_LOG_PROVIDER": "off"}


@contextlib.contextmanager
def serving(packages: Sequence[Package], environment: Mapping[str, str]) -> Iterator[str]:
    """Start one server a package and give the value for TF_REATTACH_PROVIDERS; they end with the block.

    The servers get `environment`, since it is the provider that reads credentials and endpoints. Raises
    TerraformError where one does not start to serve.
    """
    started: list[subprocess.Popen[bytes]] = []
    try:
        for package in packages:
            words = [str(package.executable), "-debug"]
            server = children.start(words, environment={**environment, **_QUIET}, stdout=subprocess.PIPE)
            started.append(server)  # one by one, so that all that started are ended
        attached: dict[str, object] = {}
        for package, process in zip(packages, started, strict=True):
            attached |= _reattach(package, process)
        yield json.dumps(attached)
    finally:
        for process in started:
            children.stop(process)
            if process.stdout is not None:
                process.stdout.close()


def _reattach(package: Package, process: subprocess.Popen[bytes]) -> dict[str, object]:
    assert process.stdout is not None
    deadline = time.monotonic() + START_SECONDS
    for line in _lines(process.stdout, deadline):
        _, found, value = line.partition(VARIABLE + "=")
        if found:
            try:
                # the key is what the provider calls itself; the configuration may know it by a mirror's address
                (attached,) = json.loads(value.strip().strip("'")).values()
            except (ValueError, AttributeError):
                break
            return {package.address: attached}
    raise TerraformError(f"{package.address} {package.version} does not serve", where=str(package.executable))


def _lines(stream: IO[bytes], deadline: float) -> Iterator[str]:
    buffer = b""
    while (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select([stream], [], [], left)
        chunk = os.read(stream.fileno(), 65536) if ready else b""
        if not chunk:
            return
        buffer += chunk
        *lines, buffer = buffer.split(b"\n")
        yield from (line.decode("utf-8", errors="replace") for line in lines)
