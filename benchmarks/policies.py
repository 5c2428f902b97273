"""The rules against checkov with the same rules: `python -m benchmarks.policies [--rounds N]`.

Prints medians and ratios, the targets beside them, and exits with 1 where a target is missed. checkov is a process for
each environment's plan; ours judge all of them in one process, once they are loaded, on plans that nobody has read.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.analyses import grown
from benchmarks.gate import PLAN, ROOT, Row
from benchmarks.measure import Candidate, in_turn
from stackproof.plan import Plan, load_plan
from stackproof.policy.loading import index
from stackproof.policy.review import Reviewer
from stackproof.settings import Policy, load_settings
from stackproof.terraform import children

POLICIES = ROOT / "policies"
RESOURCES = (300, 1000, 3000)


def main() -> int:
    """Measure everything, print the table, and say whether all targets are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds: int = parser.parse_args().rounds
    with children.scratch_folder() as scratch:
        subprocess.run([*PLAN, "--resolve", "--out", str(scratch)], cwd=ROOT, check=True, capture_output=True)
        files = sorted(scratch.glob("*.json"))
        figures = in_turn([_checkov(file, scratch) for file in files], rounds)
        ours = _seconds(lambda: [load_plan(file, folder=ROOT / "terraform") for file in files], rounds)
        prod = load_plan(next(file for file in files if file.stem == "prod")).resolved
    theirs = sum(found.median for found in figures.values())
    documents = {count: grown(prod, count) for count in RESOURCES}
    growth = {count: _seconds(_reader(document), rounds) for count, document in documents.items()}
    rows = [
        Row("all rules, three environments", ours, None, "s"),
        Row("checkov with the same rules, a process for each environment", theirs, None, "s"),
        Row("all rules / checkov", ours / theirs, 0.25),
        *(Row(f"all rules, {count} resources", found, None, "s") for count, found in growth.items()),
        Row("3000 resources / 300 resources", growth[3000] / growth[300], 12),
    ]
    print()
    for row in rows:
        print(row)
    return int(any(row.missed for row in rows))


def _checkov(file: Path, scratch: Path) -> Candidate:
    """checkov with our rules on a plan as `terraform show` prints it."""
    document = {key: value for key, value in load_plan(file).document.items() if not key.startswith("stackproof")}
    plain = scratch / file.stem / "plan.json"
    plain.parent.mkdir()
    plain.write_text(json.dumps(document), encoding="utf-8")
    words = [
        str(Path(sys.executable).with_name("checkov")),
        *(
            "--file",
            str(plain),
            "--framework",
            "terraform_plan",
            "--quiet",
            "--compact",
            "--soft-fail",
            "--skip-download",
        ),
        *("--external-checks-dir", str(POLICIES), "--check", ",".join(rule.id for rule in index([POLICIES]).files)),
    ]
    return Candidate(f"checkov, {file.stem}", words, ROOT)


def _reader(document: Mapping[str, object]) -> Callable[[], Sequence[Plan]]:
    return lambda: [Plan(document, environment="prod")]


def _seconds(plans: Callable[[], Sequence[Plan]], rounds: int) -> float:
    """The median time to judge plans by all rules."""
    options = load_settings(ROOT / "pyproject.toml").policy.options
    times = []
    for _ in range(rounds):
        stacks = {str(number): plan.resolved for number, plan in enumerate(plans())}
        reviewer = Reviewer(Policy((POLICIES,), options=options))
        for rule in reviewer.ids:
            reviewer.load(rule)
        began = time.perf_counter()
        reviewer.review(stacks)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
