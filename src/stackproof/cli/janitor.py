"""`stackproof janitor`: what expired runs left in an account, and its removal."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stackproof.cli import opening
from stackproof.cli.printing import print_json, print_table
from stackproof.errors import SettingsError
from stackproof.settings import Settings

if TYPE_CHECKING:
    from argparse import _SubParsersAction
    from pathlib import Path

    from stackproof.sandbox.janitor import CheckedAccount, Cleaned, Found, Leftover
    from stackproof.sandbox.runs import SandboxRun

VERSION = 1
"""Of the JSON that is printed."""


def add_command(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    janitor = commands.add_parser("janitor", help="show what expired runs left in an account, or remove it")
    janitor.add_argument("--sandbox", choices=("emulated", "real"), default="emulated")
    janitor.add_argument("--sandbox-account", metavar="ID", help="the real account, twelve digits")
    janitor.add_argument("--yes", action="store_true", help="remove what is shown, instead of only showing it")
    janitor.add_argument(
        "--exclude", action="append", default=[], metavar="PATTERN",
        help="leave alone what has this ARN, name or run (a glob; may be repeated)",
    )  # fmt: skip
    janitor.add_argument("--run", metavar="ID", help="look for what this run left only")
    janitor.add_argument("--now", action="store_true", help="take the run for one that has expired, with --run")
    janitor.add_argument("--format", choices=("table", "json"), default="table")
    janitor.set_defaults(command=_janitor)


def _janitor(arguments: argparse.Namespace) -> int:
    from stackproof.sandbox.janitor import Janitor
    from stackproof.terraform.plan_cache import default_cache_folder

    if arguments.now and not arguments.run:
        raise SettingsError("is said of one run only", where="--now", remedy="add --run and its id.")
    found_settings = opening.settings()
    cache = found_settings.cache or default_cache_folder()
    account = _account(arguments, found_settings)
    janitor = Janitor(
        account,
        found_settings.sandbox,
        cache=cache,
        exclude=arguments.exclude,
        only=arguments.run,
        now=datetime.max.replace(tzinfo=UTC) if arguments.now else None,
    )
    found = janitor.look()
    cleaned = janitor.clean(found, _destroyer(found_settings, account, cache), _say) if arguments.yes else None
    if arguments.format == "json":
        print_json(_data(account, found, cleaned))
    else:
        _print(found, cleaned)
    return 1 if (found.expired if cleaned is None else cleaned.left) else 0


def _account(arguments: argparse.Namespace, settings: Settings) -> CheckedAccount | None:
    """The account to look at; None where there is no emulated one, since those end with their runs."""
    from stackproof.sandbox.emulated.served import ServedAccount
    from stackproof.sandbox.real import open_real

    if arguments.sandbox == "real":
        return open_real(arguments.sandbox_account, settings.sandbox, os.environ)
    if arguments.sandbox_account:
        raise SettingsError("names a real account", where="--sandbox-account", remedy="add --sandbox real.")
    if "AWS_ENDPOINT_URL" in os.environ:
        return ServedAccount(os.environ, region=settings.sandbox.region)
    _say("there is no emulated account (AWS_ENDPOINT_URL): only what runs kept on this machine is looked at")
    return None


def _destroyer(settings: Settings, account: CheckedAccount | None, cache: Path) -> Callable[[SandboxRun], None]:
    def destroy(run: SandboxRun) -> None:
        from stackproof.deployment import Deployment
        from stackproof.deployment.deployment import Means
        from stackproof.sandbox.remote_state import RemoteState
        from stackproof.sandbox.runs import naming_variables
        from stackproof.terraform import locate

        assert account is not None
        stack = settings.stack(run.stack)
        named = naming_variables(run, settings.sandbox, stack.folder) if settings.sandbox.prefix_variable else {}
        state = RemoteState(account, account_id=str(account.account_id), region=account.region)
        means = Means(locate.locate(settings.terraform), settings.timeout, cache)
        environment = stack.environment(run.environment)
        with Deployment(stack, environment, account, means, state, key=run.state_key, variables=named) as deployment:
            deployment.destroy()

    return destroy


def _data(account: CheckedAccount | None, found: Found, cleaned: Cleaned | None) -> dict[str, object]:
    data: dict[str, object] = {
        "version": VERSION,
        "account": account.account_id if account else None,
        "expired": [_entry(leftover) for leftover in found.expired],
        "living": [_entry(leftover) for leftover in found.living],
        "excluded": [_entry(leftover) for leftover in found.excluded],
    }
    if cleaned is not None:
        data["removed"] = [_entry(leftover) for leftover in cleaned.removed]
        data["left"] = [{**_entry(one), "why": why, "command": command} for one, why, command in cleaned.left]
    return data


def _entry(leftover: Leftover) -> dict[str, object]:
    from stackproof.sandbox.runs import as_text

    return {
        "kind": leftover.kind.value,
        "name": leftover.name,
        "run": leftover.run,
        "expires": as_text(leftover.expires) if leftover.expires else None,
        "found_by": leftover.found,
        "detail": leftover.detail,
    }


def _print(found: Found, cleaned: Cleaned | None) -> None:
    for title, leftovers in (("expired", found.expired), ("living", found.living), ("excluded", found.excluded)):
        if leftovers and not (cleaned and title == "expired"):
            print_table(title, ("what", "run", "expires", "found by", "name", ""), [_row(one) for one in leftovers])
    if cleaned and cleaned.left:
        rows = [(one.name, one.run, why, command) for one, why, command in cleaned.left]
        print_table("left", ("name", "run", "why", "removed by"), rows)
    if cleaned is not None:
        print(f"{len(cleaned.removed)} removed, {len(cleaned.left)} left")
    elif found.expired:
        print(f"{len(found.expired)} left by expired runs; --yes removes them")
    else:
        print("nothing is left by expired runs")


def _row(leftover: Leftover) -> tuple[str, ...]:
    entry = _entry(leftover)
    columns = ("kind", "run", "expires", "found_by", "name", "detail")
    return tuple(str(entry[column] or "unknown" if column == "expires" else entry[column]) for column in columns)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
