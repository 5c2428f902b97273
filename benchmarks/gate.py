"""The gate against what a user would otherwise run: `python -m benchmarks.gate [--rounds N]`.

Prints medians and ratios, the targets beside them, and exits with 1 where a target is missed. Cold means without
any kept plan; the round before the first that counts has warmed the disk's cache for all, and has hashed the provider.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks import analyses, loading
from benchmarks.baselines import Baselines
from benchmarks.measure import Candidate, in_turn
from stackproof.plan import Plan, load_plan
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.settings import load_settings
from stackproof.terraform import children

ROOT = Path(__file__).resolve().parent.parent
PLAN = [sys.executable, "-m", "stackproof.cli", "plan"]
PYTEST = [sys.executable, "-m", "pytest", "tests/plan", "-q", "-p", "no:cacheprovider"]


@dataclass(frozen=True)
class Row:
    """One comparison: a figure, what it may be at most, and what was found."""

    what: str
    found: float
    most: float | None
    unit: str = "x"

    def __str__(self) -> str:
        target = f"at most {self.most:g} {self.unit}" if self.most is not None else ""
        missed = "  MISSED" if self.missed else ""
        return f"{self.what:<68} {self.found:7.2f} {self.unit:<2} {target}{missed}"

    @property
    def missed(self) -> bool:
        return self.most is not None and self.found > self.most


def main() -> int:
    """Measure everything, print the table, and say whether all targets are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds: int = parser.parse_args().rounds
    stack = next(iter(load_settings(ROOT / "pyproject.toml").stacks.values()))
    with EmulatedAccount() as account, children.scratch_folder() as scratch:
        account.check()
        made = Baselines(stack, account, scratch)
        own = {**os.environ, "XDG_CACHE_HOME": str(scratch / "cache")}
        own.pop("PYTHONDONTWRITEBYTECODE", None)  # as on a machine where nobody sets it
        cold = Candidate("the whole gate, cold", [*PYTEST, "--plan-cache=off"], ROOT, own)
        plans = Candidate("stackproof plan, cold", [*PLAN, "--plan-cache=off"], ROOT, own)
        resolved = Candidate("stackproof plan --resolve, cold", [*PLAN, "--resolve", "--plan-cache=off"], ROOT, own)
        warm = Candidate("stackproof, warm", PYTEST, ROOT, own)
        test, with_init = made.terraform_test(with_init=False), made.terraform_test(with_init=True)
        tftest, naive, plain = made.tftest(), made.naive(), made.plain_plan()
        checked = made.naive(with_checkov=True)
        figures = in_turn([cold, plans, resolved, test, with_init, tftest, naive, checked], rounds)
        empty = _empty_tests(scratch, _tests(own))
        figures |= in_turn([warm, empty, plain], rounds)
        plan = _planned(own)
    rows = [
        Row(f"plans / {other.name}", figures[plans.name].median / figures[other.name].median, most)
        for other, most in ((test, 1.2), (with_init, None), (tftest, 0.35), (naive, 0.25))
    ]
    resolving = figures[resolved.name].median - figures[plans.name].median
    rows += [
        Row(f"resolving all three / {plain.name}", resolving / figures[plain.name].median, 2),
        Row(f"the whole gate, cold / {checked.name}", figures[cold.name].median / figures[checked.name].median, 0.5),
        Row(f"warm / {empty.name}", figures[warm.name].median / figures[empty.name].median, 2.25),
        Row(f"warm / {plain.name}", figures[warm.name].median / figures[plain.name].median, 0.75),
    ]
    small, large = loading.seconds(plan.document, 300), loading.seconds(plan.document, 3000)
    rows += [
        Row("loading 3000 resources", large, 0.5, "s"),
        Row("loading 3000 resources / 300 resources", large / small, 12),
    ]
    for resources, most in ((100, 0.5), (300, None), (1000, None), (3000, 3.0)):
        network, access = analyses.seconds(plan.resolved, resources)
        rows += [
            Row(f"all questions about the network of {resources} resources", network, most, "s"),
            Row(f"all questions about access in {resources} resources", access, most, "s"),
        ]
    print()
    for name, found in figures.items():
        print(f"{name:<36} median {found.median:6.2f} s   peak memory {max(found.megabytes):6.0f} MB")
    print()
    for row in rows:
        print(row)
    return int(any(row.missed for row in rows))


def _tests(environment: dict[str, str]) -> int:
    """How many tests the gate runs."""
    words = [*PYTEST, "--collect-only"]
    listed = subprocess.run(words, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
    return sum("::" in line.split(" ")[0] for line in listed.splitlines())


def _empty_tests(folder: Path, tests: int) -> Candidate:
    """Pytest by itself, with as many tests as the gate has: no gate of that many can be faster."""
    file = folder / "test_empty.py"
    file.write_text(
        f"import pytest\n\n@pytest.mark.parametrize('number', range({tests}))\ndef test_empty(number):\n    pass\n",
        encoding="utf-8",
    )
    words = [sys.executable, "-m", "pytest", file.name, "-q", "-p", "no:cacheprovider", "-p", "no:stackproof"]
    return Candidate("pytest, as many empty tests", words, folder)


def _planned(environment: dict[str, str]) -> Plan:
    """One of the stack's plans, to grow."""
    with children.scratch_folder() as folder:
        words = [*PLAN, "prod", "--resolve", "--out", str(folder)]
        subprocess.run(words, cwd=ROOT, env=environment, check=True, capture_output=True)
        return load_plan(folder / "prod.json", folder=ROOT / "terraform")


if __name__ == "__main__":
    sys.exit(main())
