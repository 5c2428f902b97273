"""`stackproof sandbox`: an emulated account to play with."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import json
import shlex
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from stackproof.errors import SandboxError

if TYPE_CHECKING:
    from argparse import _SubParsersAction

LOOK_SECONDS = 0.5
"""How often it is seen to that the account still runs."""


def add_command(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    sandbox = commands.add_parser("sandbox", help="an AWS account that lives in a process beside this one")
    of_sandbox = sandbox.add_subparsers(required=True, metavar="COMMAND")
    serve = of_sandbox.add_parser("serve", help="start one, print the variables that lead to it, and stay until Ctrl-C")
    serve.add_argument("--port", type=_port, default=0, help="listen on this port instead of a free one")
    serve.add_argument("--account-id", metavar="ID", help="the number of the account, twelve digits")
    serve.add_argument("--region", default="us-east-1", help="the region of the account")
    serve.add_argument("--format", choices=("sh", "json"), default="sh")
    serve.set_defaults(command=_serve)


def _serve(arguments: argparse.Namespace) -> int:
    from stackproof.sandbox.emulated.account import EmulatedAccount

    _require_region(arguments.region)
    account = EmulatedAccount(account_id=arguments.account_id, region=arguments.region, port=arguments.port)
    with _until_interrupted(), contextlib.ExitStack() as ended:
        ended.callback(account.stop)
        try:
            account.start()
        except SandboxError as error:
            raise SandboxError(error.what, where="--port", remedy=error.remedy) from None
        account.check()
        _print(account.environment(), arguments.format)
        sys.stderr.write(f"stackproof: account {account.account_id} is there until Ctrl-C, and nothing of it then\n")
        while True:
            account.require_running()
            time.sleep(LOOK_SECONDS)
    return 0


@contextlib.contextmanager
def _until_interrupted() -> Iterator[None]:
    """Leave the block at Ctrl-C, or where a supervisor asks for it with SIGTERM; both are how it is meant to end."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _print(variables: Mapping[str, str], form: str) -> None:
    if form == "json":
        print(json.dumps(variables, indent=2), flush=True)
    else:
        print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items()), flush=True)


def _require_region(region: str) -> None:
    import botocore.session  # type: ignore[import-untyped]

    session = botocore.session.get_session()
    partitions = session.get_available_partitions()
    known = [name for partition in partitions for name in session.get_available_regions("ec2", partition)]
    if region not in known:
        close = difflib.get_close_matches(region, known, n=1) or ["us-east-1"]
        raise SandboxError(f"{region!r} is no region that is known here", remedy=f"did you mean {close[0]!r}?")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: choose one from 0 (a free one) to 65535")
    return int(text)
