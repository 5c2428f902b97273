"""What a run prints at its end: the undecided, the plans, and the requirement matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from stackproof.verdict import Verdict

if TYPE_CHECKING:
    from stackproof.deployment import Report
    from stackproof.plan import Plan
    from stackproof.planner import Progress
    from stackproof.policy.review import Review
    from stackproof.requirements import Matrix, Requirements

COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.UNDECIDED: "yellow"}
NOT_RUN = "-"


def news(progress: Progress) -> str:
    """One line about an environment's plan."""
    line = f"  {progress.environment:<12} {progress.stage.value:<10} {progress.seconds:6.1f} s"
    return f"{line}   {outline(progress.plan)}" if progress.plan else line


def plans(reporter: pytest.TerminalReporter, results: Sequence[Progress]) -> None:
    """What became of plans that came while tests ran."""
    if results and reporter.verbosity >= 0:
        reporter.section("plans")
        for result in results:
            reporter.line(news(result))


def outline(plan: Plan) -> str:
    """What a plan does, in a few words."""
    from stackproof.plan import Action

    actions = [Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE]
    done = [f"{count} to {action.value}" for action in actions if (count := plan.count(action))]
    return ", ".join(done) or "no changes"


def trials(reporter: pytest.TerminalReporter, reports: Sequence[Report]) -> None:
    """What became of the stacks that were applied, environment by environment."""
    if reporter.verbosity < 0:
        return
    reporter.section("sandbox")
    for report in reports:
        reporter.line(f"{report.stack}, {report.environment}")
        for name, told in report.lines():
            reporter.line(f"  {name:<14} {told}")


def undecided(reporter: pytest.TerminalReporter) -> None:
    """A section with every undecided test: what is unknown, and where it is written."""
    waiting = reporter.stats.get("until apply", [])
    failed = reporter.stats.get("undecided", [])
    if failed:
        reporter.section("undecided", red=True)
        for report in failed:
            reporter.line(f"U {report.nodeid}")
            reporter.line(f"  {report.longreprtext}".replace("\n", "\n  "))
    if waiting and reporter.verbosity >= 0:
        reporter.section("undecided until apply", yellow=True)
        for (test, sentence), environments in _by_test(waiting).items():
            where = ", ".join(filter(None, environments))
            reporter.line(f"u {test} [{where}]" if where else f"u {test}")
            reporter.line(f"  {sentence}")


def _by_test(reports: list[pytest.TestReport]) -> dict[tuple[str, str], list[str]]:
    """One entry a test and reason, however many environments they hold in."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for report in reports:
        test, _, parameters = report.nodeid.partition("[")
        grouped.setdefault((test, str(report.longrepr[2])), []).append(parameters.rstrip("]"))  # type: ignore[index]
    return grouped


def policies(reporter: pytest.TerminalReporter, review: Review) -> None:
    """What the rules came to, with every exception that was needed."""
    reporter.section("policies")
    for finding, exemption in review.excepted:
        where = f" [{', '.join(finding.environments)}]" if any(finding.environments) else ""
        until = f" until {exemption.expires}" if exemption.expires else ""
        reporter.line(f"excepted{until}: {exemption.rule} at {finding.address}{where}: {exemption.reason}")
    failed = sum(finding.verdict is Verdict.FAIL for finding in review.findings)
    reporter.line(
        f"{len(review.rules)} rules judged {review.judged} times: {failed} findings, "
        f"{len(review.findings) - failed} undecided, {len(review.excepted)} excepted"
    )


def problems(reporter: pytest.TerminalReporter, found: Sequence[str]) -> None:
    """What does not match between requirements and markers."""
    for problem in found:
        reporter.line(f"ERROR: {problem}", red=True)


def matrix(
    reporter: pytest.TerminalReporter,
    requirements: Requirements,
    matrix: Matrix,
    environments: Sequence[str],
    *,
    whole: bool,
) -> None:
    """What each requirement came to in each environment; in a `whole` run, those that nothing asked about too."""
    reporter.section("requirements")
    width = max(len(number) for number in requirements.sentences)
    columns = [max(len(name), len(Verdict.UNDECIDED)) for name in environments]
    titles = "  ".join(f"{name:<{size}}" for name, size in zip(environments, columns, strict=True))
    reporter.line(f"{'':<{width}}  {titles}  tests")
    for number, sentence in requirements.sentences.items():
        if not whole and number not in matrix.verdicts:
            continue
        reporter.write(f"{number:<{width}}  ")
        for name, size in zip(environments, columns, strict=True):
            found = matrix.verdict(number, name)
            markup = {COLOURS[found]: True} if found else {}
            reporter.write(f"{found.value if found else NOT_RUN:<{size}}  ", **markup)
        reporter.line(f"{len(matrix.tests.get(number, ())):>5}  {sentence}")
    counts = ", ".join(
        f"{count} {verdict.value}" for verdict in Verdict if (count := matrix.count(verdict, environments))
    )
    unasked = len(requirements.sentences) - len(matrix.verdicts)
    counts += f", {unasked} not asked in this run" if unasked else ""
    reporter.line(f"{len(requirements.sentences)} requirements: {counts}")
