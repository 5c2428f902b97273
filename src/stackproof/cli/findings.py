"""A review for people: findings with their places, the exceptions in force, and one line that says it all."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from stackproof.policy.finding import Finding
from stackproof.policy.review import Review
from stackproof.verdict import Verdict

STYLES = {Verdict.FAIL: "bold red", Verdict.UNDECIDED: "bold yellow", Verdict.PASS: "bold green"}


def print_review(review: Review, root: Path, file: TextIO) -> None:
    """Print the review; with colour where the reader has some and NO_COLOR is not set."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=file, highlight=False, soft_wrap=True)
    for finding in review.findings:
        verdict = "error" if finding.is_error else finding.verdict.value
        head, *lines = finding.shown(root).splitlines()
        console.print(Text.assemble((verdict, STYLES[finding.verdict]), f" {head}{_in(finding)}"))
        console.print(Text("\n".join(lines)), end="\n\n")
    if review.excepted:
        console.print(Text("exceptions in force", style="bold"))
        for finding, exemption in review.excepted:
            until = f", until {exemption.expires}" if exemption.expires else ""
            owner = f" ({exemption.owner}{until})" if exemption.owner else f" ({exemption.where})"
            console.print(Text(f"  {exemption.rule} {finding.address}{_in(finding)}: {exemption.reason}{owner}"))
        console.print()
    for problem in review.problems:
        console.print(Text.assemble(("problem", STYLES[Verdict.FAIL]), f" {problem}"))
    console.print(Text.assemble((review.verdict.value, STYLES[review.verdict]), f": {_count(review)}"))


def _count(review: Review) -> str:
    failed = sum(finding.verdict is Verdict.FAIL for finding in review.findings)
    parts = [
        f"{len(review.rules)} rules judged {review.judged} times",
        f"{failed} findings",
        f"{len(review.findings) - failed} undecided",
        f"{len(review.excepted)} excepted",
    ]
    if review.known:
        parts.append(f"{len(review.known)} known")
    if review.problems:
        parts.append(f"{len(review.problems)} problems")
    return ", ".join(parts)


def _in(finding: Finding) -> str:
    return f" [{', '.join(finding.environments)}]" if any(finding.environments) else ""
