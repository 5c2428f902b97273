"""`stackproof`: the command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from stackproof import __version__
from stackproof.cli import access, cost, deployer_policy, drift, janitor, network, policy, sandbox, stacks, wiring
from stackproof.errors import StackproofError
from stackproof.verdict import Undecided

UNUSABLE = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code: 0 good, 1 something is not as it must be, 2 it could not be asked."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except (StackproofError, Undecided) as error:
        sys.stderr.write(f"stackproof: {error}\n")
        return UNUSABLE
    except KeyboardInterrupt:
        sys.stderr.write("stackproof: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        # the reader has seen enough, and Python must not complain of it once more when it exits
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stackproof", description="Policies and tests for Terraform stacks on AWS.")
    parser.add_argument("--version", action="version", version=f"stackproof {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    stacks.add_commands(commands)
    wiring.add_command(commands)
    network.add_command(commands)
    access.add_commands(commands)
    policy.add_command(commands)
    cost.add_command(commands)
    drift.add_command(commands)
    sandbox.add_command(commands)
    deployer_policy.add_command(commands)
    janitor.add_command(commands)
    return parser
