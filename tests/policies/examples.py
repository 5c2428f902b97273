"""Examples of rules: what keeps a rule, and what breaks it.

`examples/<folder>/<rule>/pass.tf` keeps a rule, `fail.tf` breaks it, both named as the rule's file is. Either may be a
folder, `pass/` or `fail/`, that holds modules of its own. Each line to which a finding has to point ends in one of:

    # fails               wherever the rule is run
    # fails in the plan   where the HCL alone does not tell
    # undecided           nobody can tell before an apply
    # undecided in HCL    a plan tells that the rule is kept

A line that can hold no comment, such as the first of a heredoc, has its mark above it: `# below: fails`.

`options.toml` beside them holds options of the rule for both.

Each example becomes a module of one root module, which is planned once for all rules. Examples of rules about
`terraform` blocks and module calls are root modules themselves, and not planned.
"""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from stackproof.policy.finding import Finding
from stackproof.policy.loading import Index, RuleFile, index
from stackproof.policy.rule import Rule
from stackproof.verdict import Verdict

DECLARED = frozenset({"terraform", "module"})
"""What rules judge of the HCL alone, in examples that are root modules."""

TOP = Path(__file__).parents[2]
POLICIES = TOP / "policies"
EXAMPLES = Path(__file__).with_name("examples")
ONLY = os.environ.get("SP_ONLY", "")
"""The one folder of rules that is looked at, while it is worked on."""

RULES: Index = index([POLICIES / ONLY])

ROOT = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}
"""

_MARK = re.compile(r"# (below: )?(fails in the plan|fails|undecided in HCL|undecided)\s*$")

Lines = frozenset[tuple[str, int]]
"""Lines, each as a file's path below the example's folder and a number from 1."""


@dataclass(frozen=True)
class Example:
    """The examples of one rule; `name` is the module's, `keeps` whether it keeps the rule."""

    rule: RuleFile
    keeps: bool

    @property
    def name(self) -> str:
        return f"{self.rule.file.stem}_{'pass' if self.keeps else 'fail'}"

    @property
    def source(self) -> Path:
        """The file or folder that holds it."""
        kind = "pass" if self.keeps else "fail"
        folder = EXAMPLES / self.rule.file.parent.name / self.rule.file.stem
        return folder / kind if (folder / kind).is_dir() else folder / f"{kind}.tf"

    @cached_property
    def options(self) -> Mapping[str, Any]:
        """The options that the rule is given."""
        file = EXAMPLES / self.rule.file.parent.name / self.rule.file.stem / "options.toml"
        return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def copy(self, folder: Path) -> None:
        """Write it to a folder, as a module."""
        if self.source.is_dir():
            shutil.copytree(self.source, folder)
        else:
            folder.mkdir()
            shutil.copy(self.source, folder / "main.tf")

    @cached_property
    def marks(self) -> Mapping[str, Lines]:
        """The marked lines by their mark."""
        found: dict[str, set[tuple[str, int]]] = {}
        files = sorted(self.source.rglob("*.tf")) if self.source.is_dir() else [self.source]
        for file in files:
            name = str(file.relative_to(self.source)) if self.source.is_dir() else "main.tf"
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if mark := _MARK.search(line):
                    found.setdefault(mark[2], set()).add((name, number + bool(mark[1])))
        return {mark: frozenset(lines) for mark, lines in found.items()}

    def marked(self, *marks: str) -> Lines:
        """The lines with any of some marks."""
        return frozenset[tuple[str, int]]().union(*(self.marks.get(mark, frozenset()) for mark in marks))


def examples() -> list[Example]:
    """Every example there should be: two for each rule."""
    return [Example(rule, keeps) for rule in RULES.files for keeps in (True, False)]


def write_root(folder: Path, wanted: Iterable[Example], rules: Mapping[str, Rule]) -> None:
    """Write a root module that calls every example, besides those that are root modules themselves."""
    text = [ROOT]
    for example in wanted:
        if example.source.exists():
            if DECLARED.issuperset(rules[example.rule.id].about.types):
                example.copy(folder.parent / example.name)
                continue
            example.copy(folder / example.name)
            text.append(f'module "{example.name}" {{\n  source = "./{example.name}"\n}}\n')
    (folder / "main.tf").write_text("\n".join(text), encoding="utf-8")


def place_of(example: Example, root: Path) -> Path:
    """The folder of an example: in the root module, or beside it where it is a root module itself."""
    inside = root / example.name
    return (inside if inside.exists() else root.parent / example.name).resolve()


def lines(findings: Iterable[Finding], example: Example, root: Path, *verdicts: Verdict) -> Lines:
    """Where in an example findings point."""
    folder = place_of(example, root)
    return frozenset(
        (os.path.relpath(finding.place.file.resolve(), folder), finding.place.line)
        for finding in findings
        if finding.verdict in verdicts and finding.place is not None
    )
