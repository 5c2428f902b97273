#!/usr/bin/env python3
"""Writes policies/README.md from the rules themselves; with --check, says whether it is as they are."""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path

from stackproof.policy.about import About
from stackproof.policy.loading import index, load

POLICIES = Path(__file__).parents[1] / "policies"
README = POLICIES / "README.md"

HEAD = """# Policies

What a security reviewer would refuse, each as a custom check of checkov that judges the whole stack.
[docs/policies.md](../docs/policies.md) says how to run them, how to write one, and how to except from one.

This file is written by `make docs` from the rules themselves.
"""

COLUMNS = """\
| rule | what holds where it is kept | severity | options |
| --- | --- | --- | --- |"""


def main() -> int:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    is_check: bool = parser.parse_args().check
    text = _text()
    if is_check:
        if not README.exists() or README.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"{README} is not as the rules are: make docs\n")
            return 1
        return 0
    README.write_text(text, encoding="utf-8")
    return 0


def _text() -> str:
    found = index([POLICIES])
    if found.problems:
        raise SystemExit("\n".join(found.problems))
    rules = [
        (file.file, load(file).about) for file in sorted(found.files, key=lambda file: (file.file.parent, file.id))
    ]
    parts = [HEAD]
    for folder, group in itertools.groupby(rules, key=lambda pair: pair[0].parent):
        sentence = (folder / "__init__.py").read_text(encoding="utf-8").strip().strip('"').rstrip(".")
        parts.append(
            f"## {sentence}\n\n| rule | what holds where it is kept | severity | options |\n| --- | --- | --- | --- |"
        )
        parts[-1] += "".join(f"\n{_row(file, about)}" for file, about in group) + "\n"
    return "\n".join(parts)


def _row(file: Path, about: About) -> str:
    options = ", ".join(f"`{name} = {_toml(value)}`" for name, value in about.options.items())
    name = f"[{about.id}]({file.relative_to(POLICIES)})"
    return f"| {name} | [{about.title}]({about.source}) | {about.severity} | {options} |"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


if __name__ == "__main__":
    sys.exit(main())
