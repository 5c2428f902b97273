"""Rules about policy documents: every statement of every document of a kind, wherever a stack writes it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping

from stackproof.analysis.access.documents.documents import Effect, Policy, PolicyKind, Statement
from stackproof.analysis.access.gathering.resource_policies import ATTACHED, INLINE, KMS_KEYS, SERVICE_WIDE
from stackproof.policy.case import Case
from stackproof.policy.rule import About, Rule, Severity

__all__ = [
    "IDENTITY_TYPES",
    "KEY_TYPES",
    "POLICY_TYPES",
    "PRINCIPAL_TYPES",
    "RESOURCE_TYPES",
    "TRUST_TYPES",
    "About",
    "AnyStatementRule",
    "Case",
    "Effect",
    "IdentityStatementRule",
    "PrincipalStatementRule",
    "ResourceStatementRule",
    "Severity",
    "Statement",
    "TrustStatementRule",
    "named",
]

IDENTITY: Mapping[str, str] = {
    "aws_iam_group_policy": "policy",
    "aws_iam_policy": "policy",
    "aws_iam_role_policy": "policy",
    "aws_iam_user_policy": "policy",
    "aws_ssoadmin_permission_set_inline_policy": "inline_policy",
}
"""Resources that hold an identity policy, and the argument; roles hold some in blocks."""

RESOURCE: Mapping[str, str] = {
    **INLINE,
    **{kind: path for kind, (path, _, _) in ATTACHED.items()},
    **{kind: path for kind, (path, _) in SERVICE_WIDE.items()},
}
"""Resources that hold a resource policy, and the argument."""

IDENTITY_TYPES = (*IDENTITY, "aws_iam_role")
RESOURCE_TYPES = tuple(RESOURCE)
KEY_TYPES = (*KMS_KEYS, "aws_kms_key_policy")
TRUST_TYPES = ("aws_iam_role",)
PRINCIPAL_TYPES = (*TRUST_TYPES, *RESOURCE_TYPES)
POLICY_TYPES = (*IDENTITY_TYPES, *RESOURCE_TYPES)


class StatementRule(Rule):
    """Judges statement by statement."""

    def judge(self, case: Case) -> None:
        """Judge every statement, each for itself."""
        for policy in self.policies(case):
            for statement in case.statements(policy):
                with case.part(at=statement.place):
                    self.judge_statement(case, statement)

    @abstractmethod
    def policies(self, case: Case) -> Iterator[Policy]:
        """The documents of the resource."""

    @abstractmethod
    def judge_statement(self, case: Case, statement: Statement) -> None:
        """Call `case.fail(..., at=statement.place)` for whatever is wrong with a statement."""


class IdentityStatementRule(StatementRule):
    """Judges what is attached to roles, users and groups: its types are IDENTITY_TYPES."""

    def policies(self, case: Case) -> Iterator[Policy]:
        """The identity policies that a resource holds."""
        path = IDENTITY.get(case.resource.type)
        if path is None:
            for block in case.block_paths("inline_policy"):
                yield from _read(case, f"{block}.policy", PolicyKind.IDENTITY)
        else:
            yield from _read(case, path, PolicyKind.IDENTITY)


class TrustStatementRule(StatementRule):
    """Judges whom roles trust: its types are TRUST_TYPES."""

    def policies(self, case: Case) -> Iterator[Policy]:
        """The role's trust policy."""
        yield from _read(case, "assume_role_policy", PolicyKind.TRUST)


class ResourceStatementRule(StatementRule):
    """Judges the policies on resources: its types are RESOURCE_TYPES, or some of them."""

    def policies(self, case: Case) -> Iterator[Policy]:
        """The resource policy that a resource holds."""
        yield from _read(case, RESOURCE[case.resource.type], PolicyKind.RESOURCE)


class PrincipalStatementRule(TrustStatementRule, ResourceStatementRule):
    """Judges whom roles and resources let in: its types are PRINCIPAL_TYPES."""

    def policies(self, case: Case) -> Iterator[Policy]:
        """The role's trust policy, or the policy of the resource."""
        kind = TrustStatementRule if case.resource.type in TRUST_TYPES else ResourceStatementRule
        yield from kind.policies(self, case)


class AnyStatementRule(IdentityStatementRule, PrincipalStatementRule):
    """Judges whatever policies there are: its types are POLICY_TYPES."""

    def policies(self, case: Case) -> Iterator[Policy]:
        """Every policy that a resource holds."""
        if case.resource.type in IDENTITY_TYPES:
            yield from IdentityStatementRule.policies(self, case)
        if case.resource.type in PRINCIPAL_TYPES:
            yield from PrincipalStatementRule.policies(self, case)


def named(statement: Statement) -> str:
    """A statement's name in a message, which does not change when lines above it do."""
    return f'statement "{statement.sid}"' if statement.sid else f"statement {statement.number + 1}"


def _read(case: Case, path: str, kind: PolicyKind) -> Iterator[Policy]:
    with case.part():
        policy = case.policy(path, kind)
        if policy is not None:
            yield policy
