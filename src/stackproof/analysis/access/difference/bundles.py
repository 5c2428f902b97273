"""The policies of one principal or resource, as rules: at most what they allow in one stack, at least in the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from stackproof.analysis.access.comparison.rules import Rule, Rules, at_least, at_most, for_sure
from stackproof.analysis.access.documents.documents import Effect, Policy, PolicyKind, Principal, Statement
from stackproof.analysis.access.patterns.regions import EVERYTHING


class Bundle:
    """Policies that take effect together.

    Where it `is_head`, they allow at most `allows` and deny at least `denies`; else at least and at most.
    """

    def __init__(self, policies: Iterable[Policy], *, is_head: bool) -> None:
        self.policies = tuple(policies)
        self._is_head = is_head

    @cached_property
    def allows(self) -> Rules:
        """What they allow; of a statement of the head that is known in part, that part stands for itself, too."""
        statements = list(self._of(Effect.ALLOW))
        if not self._is_head:
            return Rules(map(at_least, statements))
        return Rules(rule for s in statements for rule in (for_sure(s), at_most(s)) if rule is not None)

    @cached_property
    def denies(self) -> Rules:
        """What they deny."""
        return Rules(map(at_least if self._is_head else at_most, self._of(Effect.DENY)))

    def known_part(self, rule: Rule) -> list[Rule]:
        """Of a rule with doubt, what is known of its statement."""
        known = for_sure(rule.statement) if rule.doubt and self._is_head else None
        return [known] if known else []

    def _of(self, effect: Effect) -> Iterator[Statement]:
        kinds = self.policies if effect is Effect.DENY else (p for p in self.policies if p.kind is not _LIMIT)
        return (statement for policy in kinds for statement in policy.statements if statement.effect is effect)


_LIMIT = PolicyKind.BOUNDARY


def limits(boundary: Policy | None, *, is_head: bool) -> Rules | None:
    """What a permissions boundary leaves; None where it leaves everything, or may do so."""
    if boundary is None or (is_head and boundary.undecided):
        return None
    allowed = (statement for statement in boundary.statements if statement.effect is Effect.ALLOW)
    return Rules(map(at_most if is_head else at_least, allowed))


def no_boundary(address: str) -> Statement:
    """What a principal without a permissions boundary is left: everything."""
    return _anything(Policy(PolicyKind.BOUNDARY, holder=address, path="permissions_boundary"), EVERYTHING)


def default_of_key(address: str, account: str) -> Policy:
    """The policy that KMS gives a key which has none: it leaves everything to the policies of the account.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    policy = Policy(PolicyKind.RESOURCE, holder=address, path="policy", name="default")
    policy.statements = (_anything(policy, "kms:*", Principal("AWS", account or "the account of the key")),)
    return policy


def _anything(policy: Policy, action: str, *principals: Principal) -> Statement:
    """A statement that stands for a default, on every resource."""
    return Statement(
        effect=Effect.ALLOW,
        sid="",
        actions=(action,),
        not_actions=(),
        resources=(EVERYTHING,),
        not_resources=(),
        principals=principals or None,
        not_principals=None,
        conditions=(),
        number=0,
        policy=policy,
    )
