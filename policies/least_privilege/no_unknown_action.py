"""Every action in a policy is one that AWS has."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from stackproof.analysis.access.catalog import actions
from stackproof.analysis.access.documents.documents import Policy
from stackproof.policy.statements import (
    IDENTITY_TYPES,
    RESOURCE_TYPES,
    TRUST_TYPES,
    About,
    Case,
    IdentityStatementRule,
    ResourceStatementRule,
    Severity,
    Statement,
    TrustStatementRule,
    named,
)


class NoUnknownAction(IdentityStatementRule, TrustStatementRule, ResourceStatementRule):
    about = About(
        id="SP_IAM_013",
        title="Every action in a policy is one that AWS has",
        severity=Severity.LOW,
        types=(*IDENTITY_TYPES, *RESOURCE_TYPES),
        why="AWS takes a misspelt action without a word: what was meant is not allowed, or not denied",
        remedy="spell the action as the Service Authorization Reference does",
        source="https://docs.aws.amazon.com/service-authorization/latest/reference/"
        "reference_policies_actions-resources-contextkeys.html",
    )

    def policies(self, case: Case) -> Iterator[Policy]:
        """Whatever policies the resource holds."""
        if case.resource.type in RESOURCE_TYPES:
            yield from ResourceStatementRule.policies(self, case)
        else:
            yield from IdentityStatementRule.policies(self, case)
        if case.resource.type in TRUST_TYPES:
            yield from TrustStatementRule.policies(self, case)

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
