"""No statement allows everything except what it names."""

from __future__ import annotations

from stackproof.policy.statements import (
    POLICY_TYPES,
    About,
    AnyStatementRule,
    Case,
    Effect,
    Severity,
    Statement,
    named,
)


class NoNegatedAllow(AnyStatementRule):
    about = About(
        id="SP_IAM_004",
        title="No policy allows by NotAction or NotResource",
        severity=Severity.HIGH,
        types=POLICY_TYPES,
        why="it allows everything else, including what AWS and others add tomorrow",
        remedy="name what is allowed in Action and Resource, and keep NotAction and NotResource for Deny",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html",
    )

    def judge_statement(self, case: Case, statement: Statement) -> None:
        if statement.effect is Effect.ALLOW:
            for element, texts in (("NotAction", statement.not_actions), ("NotResource", statement.not_resources)):
                if texts:
                    case.fail(f"{named(statement)} allows by {element}", at=statement.place)


check = NoNegatedAllow()
