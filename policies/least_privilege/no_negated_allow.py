"""No statement allows all but what it names."""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.analysis.access.documents.documents import Policy
from stackproof.policy.statements import (
    IDENTITY_TYPES,
    RESOURCE_TYPES,
    TRUST_TYPES,
    About,
    Case,
    Effect,
    IdentityStatementRule,
    ResourceStatementRule,
    Severity,
    Statement,
    TrustStatementRule,
    named,
)


class NoNegatedAllow(IdentityStatementRule, TrustStatementRule, ResourceStatementRule):
    about = About(
        id="SP_IAM_004",
        title="No policy allows by NotAction or NotResource",
        severity=Severity.HIGH,
        types=(*IDENTITY_TYPES, *RESOURCE_TYPES),
        why="it allows everything else as well, also what AWS and others add tomorrow",
        remedy="name what is allowed in Action and Resource, and keep NotAction and NotResource for Deny",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html",
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
        if statement.effect is Effect.ALLOW:
            for element, texts in (("NotAction", statement.not_actions), ("NotResource", statement.not_resources)):
                if texts:
                    case.fail(f"{named(statement)} allows by {element}", at=statement.place)


check = NoNegatedAllow()
