"""A way from some rights to more, and what is looked at to find them."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from stackproof.analysis.access.documents.documents import Policy, Statement
from stackproof.analysis.access.escalations.gains import Gain, Gains
from stackproof.analysis.access.escalations.methods import Method
from stackproof.analysis.access.escalations.rights import Known, Right, Rights
from stackproof.analysis.access.evaluation.parties import Parties
from stackproof.analysis.access.evaluation.policies import Policies
from stackproof.analysis.access.gathering.collection import Identity
from stackproof.analysis.access.gathering.links import Linker
from stackproof.analysis.access.matrix.matrix import entitlements_in
from stackproof.plan import Place

SomeIdentity = TypeVar("SomeIdentity", bound=Identity)

OUTSIDE = "it depends on what there is outside this stack"


@dataclass(frozen=True, eq=False)
class Escalation:
    """A way by which a principal gets rights that it has not. What it depends on is in `undecided`, empty for nothing.

    `target` is the address of what is used or got, or a pattern for what is outside the stack; `gains` are the first of
    the rights. Two are equal where principal, method and target are, and one is equal to these three, so that a test
    can name those that are meant to be.
    """

    principal: str
    method: str
    target: str
    explanation: str
    gains: tuple[str, ...]
    statements: tuple[Statement, ...] = field(repr=False)
    source: str
    undecided: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Principal, method and target."""
        return self.principal, self.method, self.target

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the statements that allow it are written."""
        return tuple(dict.fromkeys(statement.place for statement in self.statements if statement.place))

    def __eq__(self, other: object) -> bool:
        return self.key == (other.key if isinstance(other, Escalation) else other)

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        places = f" ({', '.join(map(str, self.places))})" if self.places else ""
        doubt = f"; undecided: {self.undecided}" if self.undecided else ""
        return f"{self.principal} can {self.method}: {self.target}{places}{doubt}"

    def __repr__(self) -> str:
        return f"<{self}>"

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "principal": self.principal,
            "method": self.method,
            "target": self.target,
            "explanation": self.explanation,
            "gains": list(self.gains),
            "statements": [str(statement) for statement in self.statements],
            "places": [str(place) for place in self.places],
            "source": self.source,
            "undecided": self.undecided,
        }


class Scene:
    """What a search for ways knows of a stack."""

    def __init__(self, access: Policies) -> None:
        self.access = access
        self.stack = access.stack
        self.identities = access.identities
        self.parties = Parties(access.stack, access.identities)
        self.linker = Linker(access.stack)
        self.rights = functools.cache(self._rights)
        everybody = (*self.identities.roles, *self.identities.users, *self.identities.groups)
        self.known = Known(map(self.arn, everybody))
        self._entitlements = entitlements_in(access)
        self.gains = Gains(self._entitlements)

    def arn(self, identity: Identity) -> str:
        """The ARN of an identity, with wildcards for what is not known."""
        return self.parties.arn(self.stack[identity.address])

    @cached_property
    def with_password(self) -> frozenset[str]:
        """The addresses of the users that the stack gives a password."""
        profiles = self.stack.resources("aws_iam_user_login_profile")
        links = [self.linker.find(profile, "user", ("aws_iam_user",)) for profile in profiles]
        return frozenset(user.address for link in links for user in link.resources)

    def among(self, identities: Iterable[SomeIdentity], rights: Rights, action: str) -> Iterator[SomeIdentity]:
        """Those identities on which an action may be allowed."""
        meant = rights.meant(action) if rights.mentions(action) else ()
        return (identity for identity in identities if identity.address in meant)

    def arn_of_policy(self, policy: Policy | None) -> str | None:
        """The ARN of a managed policy, None for an inline one; with wildcards for what is not known."""
        if policy is None or policy.managed_arn:
            return policy.managed_arn if policy else None
        if policy.holder not in self.stack or self.stack[policy.holder].type != "aws_iam_policy":
            return None
        return self.parties.arn(self.stack[policy.holder])

    def _rights(self, principal: Identity) -> Rights:
        return Rights(self.access, principal, self._entitlements)


def way(
    principal: Identity, method: Method, target: str, right: Right, gain: Gain, *doubts: str, explanation: str = ""
) -> Escalation:
    """The way that a method opens by a right."""
    known = [doubt for doubt in (right.doubt, gain.doubt, *doubts) if doubt]
    return Escalation(
        principal.address,
        method.name,
        target,
        explanation or method.explanation,
        gain.what,
        right.statements,
        method.source,
        "; ".join(dict.fromkeys(known)),
    )
