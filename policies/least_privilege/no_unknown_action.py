"""Every action in a policy exists."""

from __future__ import annotations

import difflib

from stackproof.analysis.access.catalog import actions
from stackproof.policy.statements import (
    POLICY_TYPES,
    About,
    AnyStatementRule,
    Case,
    Severity,
    Statement,
    named,
)


class NoUnknownAction(AnyStatementRule):
    about = About(
        id="SP_IAM_013",
        title="Every action in a policy is one that AWS has",
        severity=Severity.LOW,
        types=POLICY_TYPES,
        why="AWS accepts a misspelt action silently: what was meant is not allowed, or not denied",
        remedy="spell the action as the Service Authorization Reference does",
        source="https://docs.aws.amazon.com/service-authorization/latest/reference/"
        "reference_policies_actions-resources-contextkeys.html",
    )

    def judge_statement(self, case: Case, statement: Statement) -> None:
        for action in (*statement.actions, *statement.not_actions):
            with case.part(at=statement.place):
                if not actions.expand(str(action)):
                    case.fail(f"{named(statement)}: AWS has no {action}{_meant(str(action))}", at=statement.place)


def _meant(action: str) -> str:
    known = actions.expand(f"{action.partition(':')[0]}:*")
    close = difflib.get_close_matches(action, known, n=1)
    return "".join(f", perhaps {other} is meant" for other in close)


check = NoUnknownAction()
