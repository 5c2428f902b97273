"""Which bad changes are seen by whom: `python -m benchmarks.catches`.

Each change of `tests/edits` and of `benchmarks.changes` is made to a copy of the stack. It counts as seen where
something fails that does not fail on the stack as it is: by checkov with its own checks on the plan as Terraform shows
it; by the same checks on the resolved plan; by the rules in `policies/`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.changes import CHANGES, Change
from benchmarks.gate import ROOT
from stackproof.plan import Plan
from stackproof.planner import CacheMode, Planner
from stackproof.policy.review import Reviewer
from stackproof.settings import Policy, Settings, Stack, load_settings
from stackproof.terraform import children
from stackproof.verdict import Verdict
from tests.edits.test_edits import EDITS

ENVIRONMENT = "dev"

Failures = frozenset[tuple[str, str, str]]
"""Rule, address and what is wrong."""


@dataclass(frozen=True)
class Seen:
    """What fails in one version of the stack."""

    stock: Failures
    resolved: Failures
    rules: Failures


def main() -> int:
    """Plan every version, ask everybody, and print who sees what."""
    settings = load_settings(ROOT / "pyproject.toml")
    with children.scratch_folder() as scratch:
        clean = _seen(settings, scratch / "clean", None)
        changes = {**{name: (edit.file, edit.old, edit.new) for name, edit in EDITS.items()}, **CHANGES}
        rows = {
            name: _seen(settings, scratch / str(number), made) for number, (name, made) in enumerate(changes.items())
        }
    counts = {"stock": 0, "resolved": 0, "rules": 0}
    print(f"{'':<48} checkov   checkov, resolved   policies")
    for name, seen in rows.items():
        marks = []
        for column in counts:
            new = getattr(seen, column) - getattr(clean, column)
            counts[column] += bool(new)
            marks.append(", ".join(sorted({rule for rule, _, _ in new})) or "-")
        print(f"{name:<48} {marks[0]:<30} {marks[1]:<30} {marks[2]}")
    print(
        f"of {len(rows)}: {counts['stock']} by checkov, {counts['resolved']} by its checks on resolved plans, "
        f"{counts['rules']} by policies/"
    )
    return 0


def _seen(settings: Settings, folder: Path, change: Change | None) -> Seen:
    stack = next(iter(settings.stacks.values()))
    copy = folder / stack.folder.name
    shutil.copytree(stack.folder, copy, ignore=shutil.ignore_patterns(".terraform"))
    if change is not None:
        name, old, new = change
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text, f"{name} does not hold {old}"
        (folder / name).write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")
    environment = stack.environments[ENVIRONMENT]
    moved = [copy / path.relative_to(stack.folder) for path in environment.var_files]
    environments = {ENVIRONMENT: type(environment)(ENVIRONMENT, var_files=tuple(moved))}
    declared = Settings(settings.file, {stack.name: Stack(stack.name, copy, environments)})
    with Planner(declared, declared.stack(stack.name), cache=CacheMode.OFF) as planner:
        planner.start([ENVIRONMENT], resolve=True)
        plan = planner.plan(ENVIRONMENT)
        return Seen(
            stock=_stock(plan, folder),
            resolved=_failures(Policy(builtin=("CKV_AWS_*",)), plan),
            rules=_failures(Policy((ROOT / "policies",), options=settings.policy.options), plan),
        )


def _stock(plan: Plan, folder: Path) -> Failures:
    """What checkov itself says of the plan."""
    file = folder / "plan.json"
    file.write_text(json.dumps(dict(plan.document)), encoding="utf-8")
    words = [
        str(Path(sys.executable).with_name("checkov")),
        *("--file", str(file), "--framework", "terraform_plan", "--output", "json", "--quiet", "--compact"),
        *("--soft-fail", "--skip-download"),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    results: Mapping[str, list[Mapping[str, str]]] = json.loads(done.stdout)["results"]
    return frozenset((found["check_id"], found["resource"], "") for found in results["failed_checks"])


def _failures(policy: Policy, plan: Plan) -> Failures:
    review = Reviewer(policy).review({ENVIRONMENT: plan.resolved})
    return frozenset(
        (found.rule.id, found.address, found.message) for found in review.findings if found.verdict is Verdict.FAIL
    )


if __name__ == "__main__":
    sys.exit(main())
