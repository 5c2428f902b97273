"""No statement allows every action, or every action of a service."""

from __future__ import annotations

from stackproof.analysis.access.patterns import globs
from stackproof.policy.statements import (
    IDENTITY_TYPES,
    About,
    Case,
    Effect,
    IdentityStatementRule,
    Severity,
    Statement,
    named,
)

ANY_NAME = "?*"


class NoServiceWideAction(IdentityStatementRule):
    about = About(
        id="SP_IAM_001",
        title="No policy allows every action of a service",
        severity=Severity.HIGH,
        types=IDENTITY_TYPES,
        why="whoever gets hold of the role can delete, copy and publish all that the service keeps",
        remedy="name the actions that are needed; the Service Authorization Reference lists them by access level",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    )

    def judge_statement(self, case: Case, statement: Statement) -> None:
        if statement.effect is not Effect.ALLOW:
            return
        for action in statement.actions:
            with case.part(at=statement.place):
                if globs.includes([action.rpartition(":")[2]], ANY_NAME):
                    case.fail(f"{named(statement)} allows {action}", at=statement.place)


check = NoServiceWideAction()
