"""`stackproof policy`: what the rules find in a stack."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stackproof.cli import opening
from stackproof.cli.printing import print_json
from stackproof.errors import PolicyError, SettingsError
from stackproof.settings import Environment, Policy

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from stackproof.plan import Stack
    from stackproof.policy.kept import KeptFindings
    from stackproof.policy.review import Review

UNDECIDED_TOO = "undecided"


def add_command(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    policy = commands.add_parser(
        "policy", help="judge a stack by rules: planned environments, a plan file, or a folder of HCL"
    )
    policy.add_argument(
        "what",
        nargs="*",
        metavar="PATH|PLAN",
        help="a folder of HCL or a plan file; without one, the declared stack",
    )
    policy.add_argument(
        "--policies", action="append", type=Path, metavar="FOLDER", help="rules, instead of the settings'"
    )
    policy.add_argument("--rule", action="append", metavar="ID", help="only this rule (may be repeated)")
    policy.add_argument("--baseline", type=Path, metavar="FILE", help="findings that are known: only new ones fail")
    policy.add_argument("--new-baseline", action="store_true", help="record what is found now in --baseline FILE")
    policy.add_argument(
        "--environment", action="append", metavar="NAME", help="judge this environment only (may be repeated)"
    )
    policy.add_argument("--format", choices=("text", "json", "sarif"), default="text")
    policy.add_argument("--out", type=Path, metavar="FILE", help="write there instead of to standard output")
    policy.add_argument(
        "--allow", choices=(UNDECIDED_TOO,), help="exit with 0 where nothing is wrong but something undecided"
    )
    opening.add_planning_options(policy)
    policy.set_defaults(command=_policy)


def _policy(arguments: argparse.Namespace) -> int:
    from stackproof.policy.baseline import read_baseline, write_baseline
    from stackproof.policy.review import Reviewer

    if arguments.new_baseline and not arguments.baseline:
        raise PolicyError("there is no file to record findings in", remedy="give one: --baseline FILE.")
    found = _settings(arguments)
    baseline = read_baseline(arguments.baseline) if arguments.baseline and not arguments.new_baseline else None
    environments, kept = _environments(arguments), _kept(arguments, found)
    reviewer = Reviewer(found, baseline=baseline, environments=environments, kept=kept)
    with _stacks(arguments) as stacks:
        is_whole = not arguments.environment and not arguments.what and not arguments.rule
        review = reviewer.review(stacks, only=arguments.rule or (), is_whole=is_whole)
    if arguments.new_baseline:
        count = write_baseline(arguments.baseline, review.findings)
        sys.stderr.write(f"{arguments.baseline}: {count} findings are known from now on\n")
        return 0
    if baseline is not None and is_whole and baseline.mended:
        sys.stderr.write(f"{arguments.baseline}: {baseline.mended} known findings are gone, and no longer known\n")
        baseline.shrink()
    _print(arguments, review)
    return _code(review, allow_undecided=arguments.allow == UNDECIDED_TOO)


def _settings(arguments: argparse.Namespace) -> Policy:
    found = Policy()
    with contextlib.suppress(SettingsError) if arguments.policies else contextlib.nullcontext():
        found = opening.settings().policy
    if arguments.policies:
        found = Policy(tuple(arguments.policies), options=found.options)
    if not found.folders and not found.builtin:
        raise SettingsError(
            "no policies are declared",
            where="[tool.stackproof.policy]",
            remedy='add folders = ["policies"], or give --policies FOLDER.',
        )
    return found


def _environments(arguments: argparse.Namespace) -> Mapping[str, Environment]:
    """The declared environments of the stack that is planned."""
    if arguments.what:
        return {}
    declared = opening.settings()
    stack = declared.stack(arguments.stack) if arguments.stack else next(iter(declared.stacks.values()), None)
    return stack.environments if stack else {}


def _kept(arguments: argparse.Namespace, policy: Policy) -> KeptFindings | None:
    from stackproof.policy.kept import kept_in

    if arguments.what or arguments.plan_cache != "on":
        return None
    return kept_in(replace(opening.settings(), policy=policy))


@contextlib.contextmanager
def _stacks(arguments: argparse.Namespace) -> Iterator[Mapping[str, Stack]]:
    """What is judged, by environment."""
    if not arguments.what:
        with opening.resolved_plans(arguments) as plans:
            yield {name: plan.resolved for name, plan in plans.items()}
        return
    stacks: dict[str, Stack] = {}
    for given in arguments.what:
        name, path = _named(given)
        if name in stacks:
            raise PolicyError(f"two stacks are called {name!r}", where=given, remedy="name them: NAME=PLAN.")
        if path.is_dir():
            from stackproof.policy.hcl_folder import read_folder

            stacks[name] = read_folder(path)
        else:
            stacks[name] = opening.plan_from(path, name).resolved
    yield stacks


def _named(given: str) -> tuple[str, Path]:
    """The environment and the path that are meant by PATH or by NAME=PATH."""
    name, named, path = given.partition("=")
    if not named or Path(given).exists():
        return Path(given).stem if Path(given).is_file() else given, Path(given)
    return name, Path(path)


def _print(arguments: argparse.Namespace, review: Review) -> None:
    from stackproof.cli.findings import print_review

    root = Path.cwd()
    if arguments.format == "text":
        text = io.StringIO()
        print_review(review, root, text if arguments.out else sys.stdout)
        if arguments.out:
            _write(arguments.out, text.getvalue())
        return
    if arguments.format == "sarif":
        from stackproof.policy.sarif import as_sarif

        data = as_sarif(review, root)
    else:
        from stackproof.policy.data import as_data

        data = as_data(review, root)
    if arguments.out:
        _write(arguments.out, f"{json.dumps(data, indent=2)}\n")
    else:
        print_json(data)


def _write(file: Path, text: str) -> None:
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    except OSError as error:
        raise PolicyError(f"cannot be written: {error}", where=str(file)) from None


def _code(review: Review, *, allow_undecided: bool) -> int:
    from stackproof.verdict import Verdict

    allowed = (Verdict.PASS, Verdict.UNDECIDED) if allow_undecided else (Verdict.PASS,)
    return 0 if review.verdict in allowed else 1
