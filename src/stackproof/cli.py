"""`stackproof`: the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from stackproof import __version__
from stackproof.errors import SettingsError, StackproofError
from stackproof.settings import Settings, find_settings, load_settings

FAILED = 1
UNUSABLE = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code: 0 good, 1 something is not as it must be, 2 it could not be asked."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except StackproofError as error:
        sys.stderr.write(f"stackproof: {error}\n")
        return UNUSABLE
    except KeyboardInterrupt:
        sys.stderr.write("stackproof: interrupted\n")
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stackproof", description="Policies and tests for Terraform stacks on AWS.")
    parser.add_argument("--version", action="version", version=f"stackproof {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    doctor = commands.add_parser("doctor", help="say what is found on this machine, what is missing, how to mend it")
    doctor.set_defaults(command=_doctor)

    plan = commands.add_parser("plan", help="plan environments, and write the plans as JSON where asked")
    plan.add_argument("environment", nargs="*", help="the environments (all without any)")
    plan.add_argument("--stack", help="the stack, where the settings declare several")
    plan.add_argument("--out", type=Path, metavar="FOLDER", help="write ENVIRONMENT.json files here, redacted")
    plan.add_argument("--plan-cache", choices=("on", "refresh", "off"), default="on")
    plan.add_argument("--sandbox", choices=("emulated", "ambient"))
    plan.set_defaults(command=_plan)

    validate = commands.add_parser("validate", help="terraform validate for every stack, without an account")
    validate.set_defaults(command=_validate)

    fmt = commands.add_parser("fmt", help="terraform fmt for every stack")
    fmt.add_argument("--check", action="store_true", help="change nothing; fail where something is not in form")
    fmt.set_defaults(command=_fmt)
    return parser


def _settings() -> Settings:
    file = find_settings(Path.cwd())
    if file is None:
        raise SettingsError(
            "there is no pyproject.toml with a [tool.stackproof] table here or above",
            where=str(Path.cwd()),
            remedy="add one; the README shows the smallest.",
        )
    return load_settings(file)


def _doctor(_: argparse.Namespace) -> int:
    from stackproof import doctor

    file = find_settings(Path.cwd())
    findings = doctor.examine(load_settings(file) if file else None)
    for finding in findings:
        print(finding)
    return FAILED if any(not finding.good for finding in findings) else 0


def _plan(arguments: argparse.Namespace) -> int:
    from stackproof import planner

    settings = _settings()
    if arguments.stack is None and len(settings.stacks) > 1:
        raise SettingsError(
            f"there are {len(settings.stacks)} stacks", remedy=f"say which: --stack {' or '.join(settings.stacks)}."
        )
    stack = settings.stack(arguments.stack or next(iter(settings.stacks), ""))
    with planner.Planner(
        settings, stack, cache=planner.CacheMode(arguments.plan_cache), kind=arguments.sandbox
    ) as made:
        failures = planner.plan_to_files(made, arguments.environment or list(stack.environments), arguments.out, print)
    for failure in failures:
        sys.stderr.write(f"stackproof: {failure}\n")
    return FAILED if failures else 0


def _validate(_: argparse.Namespace) -> int:
    from stackproof import planner

    settings = _settings()
    for stack in settings.stacks.values():
        planner.validate(settings, stack)
        print(f"{stack.name}: the configuration is valid")
    return 0


def _fmt(arguments: argparse.Namespace) -> int:
    from stackproof import planner

    settings = _settings()
    wrong = [file for stack in settings.stacks.values() for file in planner.fmt(settings, stack, check=arguments.check)]
    for file in wrong:
        print(f"{file}: {'is not in form' if arguments.check else 'brought into form'}")
    if wrong and arguments.check:
        print("Run: stackproof fmt")
    return FAILED if wrong and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
