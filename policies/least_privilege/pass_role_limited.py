"""Policies name the roles that may be passed, and the services that they may be passed to."""

from __future__ import annotations

import re

from stackproof.analysis.access.patterns import globs
from stackproof.policy.conditions import limited
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

NAMED = {
    False: re.compile(r"[^*?]+"),
    True: re.compile(r"[^*?]+(:role/[^*?]+\*)?"),
}
"""What names a role, without and with the option."""

SERVICE = re.compile(r"iam:passedtoservice", re.IGNORECASE)
NO_WILDCARD = re.compile(r"[^*]*")


class PassRoleLimited(IdentityStatementRule):
    about = About(
        id="SP_IAM_003",
        title="iam:PassRole is allowed for named roles, and to named services",
        severity=Severity.HIGH,
        types=IDENTITY_TYPES,
        why="whoever may pass any role to any service can act with the rights of the strongest role of the account",
        remedy="give the ARNs of the roles, and a condition StringEquals iam:PassedToService with the service",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        options={"prefix": False},
    )

    def judge_statement(self, case: Case, statement: Statement) -> None:
        passing = [action for action in statement.actions if globs.matches(action.lower(), "iam:passrole")]
        if statement.effect is Effect.ALLOW and passing:
            for resource in statement.resources:
                with case.part(at=statement.place):
                    if not NAMED[case.options["prefix"]].fullmatch(str(resource)):
                        case.fail(f"{named(statement)} allows iam:PassRole on {resource}", at=statement.place)
            if not limited(statement, SERVICE, NO_WILDCARD, comparisons=("String",)):
                case.fail(f"{named(statement)} allows iam:PassRole to any service", at=statement.place)


check = PassRoleLimited()
