"""Trust in an identity provider is limited to a subject and an audience."""

from __future__ import annotations

import re

from stackproof.analysis.access.patterns import globs
from stackproof.policy.conditions import limited
from stackproof.policy.statements import (
    TRUST_TYPES,
    About,
    Case,
    Effect,
    Severity,
    Statement,
    TrustStatementRule,
    named,
)

CLAIMS = {
    "subject": re.compile(r".+:(sub|amr|id|user_id)", re.IGNORECASE),
    "audience": re.compile(r".+:(aud|app_id)", re.IGNORECASE),
}
"""The condition keys for the claims of a token; the rarer names are those of Cognito, Facebook and Amazon."""

BOUND = re.compile(
    r"[^*?]+"
    r"|(system:serviceaccount|(?!system:)[^*?:/]+)[:/][^*?:/]+[:/].*"  # repo:owner/..., project_path:group/...
    r"|\{[^*?{}]+\}.*"  # a repository of Bitbucket
)
"""Values that name somebody: there is no wildcard before the end of the name that follows the kind."""


class OidcTrustBound(TrustStatementRule):
    about = About(
        id="SP_IAM_007",
        title="Trust in an OIDC provider is bound to a subject and an audience",
        severity=Severity.CRITICAL,
        types=TRUST_TYPES,
        why="the provider serves others as well: without a subject every one of its users can assume the role",
        remedy="add conditions on the provider's sub and aud, with no wildcard before the name of the owner",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
    )

    def judge_statement(self, case: Case, statement: Statement) -> None:
        web = [a for a in statement.actions if globs.matches(a.lower(), "sts:assumerolewithwebidentity")]
        federated = [principal for principal in statement.principals or () if principal.kind == "Federated"]
        if statement.effect is Effect.ALLOW and web and federated:
            for name, claim in CLAIMS.items():
                with case.part(at=statement.place):
                    if not limited(statement, claim, BOUND, comparisons=("String",)):
                        case.fail(f"{named(statement)} is bound to no {name}", at=statement.place)


check = OidcTrustBound()
