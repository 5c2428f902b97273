"""Environments side by side against one: `python -m benchmarks.sandbox [--rounds N]`.

Each is applied in an emulated account of its own, planned again and destroyed: three may take at most 1.3 times as long
as one, since most of an apply is waiting. Prints medians and the ratio, and exits with 1 where the target is missed.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.gate import ROOT, Row
from benchmarks.measure import Candidate, in_turn
from stackproof import Trial
from stackproof.deployment import Trials
from stackproof.settings import load_settings
from tests.integration.conftest import pytest_stackproof_before_apply

MOST = 1.3


def main() -> int:
    """Measure, print the table, and say whether the target is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", metavar="ENVIRONMENT", help="no measurement: these, side by side")
    arguments = parser.parse_args()
    if arguments.only:
        live(arguments.only)
        return 0
    (stack,) = load_settings(ROOT / "pyproject.toml").stacks.values()
    names = list(stack.environments)
    one, all_of_them = _candidate(f"{names[0]} alone", names[:1]), _candidate(f"{', '.join(names)} at once", names)
    figures = in_turn([one, all_of_them], arguments.rounds)
    row = Row(f"{len(names)} environments / one", figures[all_of_them.name].median / figures[one.name].median, MOST)
    print()
    for name, found in figures.items():
        print(f"{name:<36} median {found.median:6.2f} s   peak memory {max(found.megabytes):6.0f} MB")
    print()
    print(row)
    return int(row.missed)


def live(environments: list[str]) -> None:
    """Take the stack through its life in each environment; raises StackproofError where something is wrong with it."""
    settings = load_settings(ROOT / "pyproject.toml")
    (stack,) = settings.stacks.values()
    trials = Trials(settings, account=None, before_apply=pytest_stackproof_before_apply)
    try:
        begun = [trials.submit(_live, trials.new(stack, stack.environment(name))) for name in environments]
        for ended in begun:
            ended.result()
    finally:
        trials.close()


def _live(trial: Trial) -> None:
    # none protected, so that all have the same to do
    trial.apply({"deletion_protection": False, "secret_recovery_window_days": 0})
    trial.require_no_changes()
    trial.destroy()
    trial.require_nothing_left()


def _candidate(name: str, environments: list[str]) -> Candidate:
    return Candidate(name, [sys.executable, "-m", "benchmarks.sandbox", "--only", *environments], ROOT)


if __name__ == "__main__":
    sys.exit(main())
