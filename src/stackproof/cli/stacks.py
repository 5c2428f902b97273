"""Commands on whole stacks: doctor, plan, validate, fmt."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stackproof.cli import opening
from stackproof.settings import find_settings, load_settings

if TYPE_CHECKING:
    from argparse import _SubParsersAction

FAILED = 1


def add_commands(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands to the command line."""
    doctor = commands.add_parser("doctor", help="say what is found on this machine, what is missing, how to mend it")
    doctor.set_defaults(command=_doctor)

    plan = commands.add_parser("plan", help="plan environments, and write the plans as JSON where asked")
    plan.add_argument("environment", nargs="*", help="the environments (all without any)")
    plan.add_argument("--out", type=Path, metavar="FOLDER", help="write ENVIRONMENT.json files here, redacted")
    plan.add_argument("--resolve", action="store_true", help="write what the unknown values are made of, too")
    opening.add_planning_options(plan)
    plan.set_defaults(command=_plan)

    validate = commands.add_parser("validate", help="terraform validate for every stack, without an account")
    validate.set_defaults(command=_validate)

    fmt = commands.add_parser("fmt", help="terraform fmt for every stack")
    fmt.add_argument("--check", action="store_true", help="change nothing; fail where something is not in form")
    fmt.set_defaults(command=_fmt)


def _doctor(_: argparse.Namespace) -> int:
    from stackproof import doctor

    file = find_settings(Path.cwd())
    findings = doctor.examine(load_settings(file) if file else None)
    for finding in findings:
        print(finding)
    return FAILED if any(not finding.good for finding in findings) else 0


def _plan(arguments: argparse.Namespace) -> int:
    from stackproof import planner

    with opening.planner_for(arguments) as made:
        failures = planner.plan_to_files(
            made,
            arguments.environment or list(made.environments),
            arguments.out,
            print,
            resolve=arguments.resolve,
        )
    for failure in failures:
        sys.stderr.write(f"stackproof: {failure}\n")
    return FAILED if failures else 0


def _validate(_: argparse.Namespace) -> int:
    from stackproof import planner

    settings = opening.settings()
    for stack in settings.stacks.values():
        planner.validate(settings, stack)
        print(f"{stack.name}: the configuration is valid")
    return 0


def _fmt(arguments: argparse.Namespace) -> int:
    from stackproof import planner

    settings = opening.settings()
    wrong = [file for stack in settings.stacks.values() for file in planner.fmt(settings, stack, check=arguments.check)]
    for file in wrong:
        print(f"{file}: {'is not in form' if arguments.check else 'brought into form'}")
    if wrong and arguments.check:
        print("Run: stackproof fmt")
    return FAILED if wrong and arguments.check else 0
