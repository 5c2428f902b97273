"""What a policy of IAM or of a resource is made of: statements, their principals and their conditions.

The elements are those of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html. What a plan
does not know of an element stays `Unknown`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from stackproof.plan.source import Place
from stackproof.plan.values import Unknown

Text = str | Unknown
"""A text of a document, tokens reduced to ordinary texts; Unknown where the plan does not know it."""

VERSION = "2012-10-17"
OLD_VERSION = "2008-10-17"
"""What a document without a version gets: no policy variables."""


class Effect(StrEnum):
    """What a statement does to the requests that it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


class PolicyKind(StrEnum):
    """What a policy is attached to, and so which side of IAM's evaluation it takes part in."""

    IDENTITY = "identity policy"
    BOUNDARY = "permissions boundary"
    RESOURCE = "resource policy"
    TRUST = "trust policy"


@dataclass(frozen=True, eq=False)
class Condition:
    """One operator on one key; operator and key are empty where a plan does not know the conditions at all."""

    operator: str
    key: str
    values: tuple[Text, ...]

    def __str__(self) -> str:
        return f"{self.operator} {self.key}" if self.key else "conditions that are known after apply"


@dataclass(frozen=True)
class Principal:
    """Who a statement is about: kind "AWS", "Service", "Federated" or "CanonicalUser". Everybody is AWS and "*"."""

    kind: str
    value: Text


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement. An element that it does not have is empty, or None for the principals.

    `number` is its position in the document, from 0.
    """

    effect: Effect
    sid: str
    actions: tuple[Text, ...]
    not_actions: tuple[Text, ...]
    resources: tuple[Text, ...]
    not_resources: tuple[Text, ...]
    principals: tuple[Principal, ...] | None
    not_principals: tuple[Principal, ...] | None
    conditions: tuple[Condition, ...]
    number: int
    policy: Policy = field(repr=False)

    @property
    def place(self) -> Place | None:
        """File and line of the statement, or of the argument that holds the document; None without the source."""
        return self.policy.place_of_statement(self.number)

    def __str__(self) -> str:
        named = f"Statement[{self.number}]" + (f' "{self.sid}"' if self.sid else "")
        where = f" ({self.place})" if self.place else ""
        return f"{named} of {self.policy}{where}"


@dataclass(eq=False)
class Policy:
    """One policy document and where it is.

    `holder` is the address of the resource that holds the document and `path` its argument. `undecided` is empty, or
    says why there may be more statements than `statements`: the document, or a part of it, could not be read.
    """

    kind: PolicyKind
    statements: tuple[Statement, ...] = field(default=(), repr=False)
    holder: str = ""
    path: str = ""
    place: Place | None = None
    name: str = ""
    managed_arn: str | None = None
    undecided: str = ""
    version: str = VERSION
    statement_place: Callable[[int], Place | None] | None = field(default=None, repr=False)

    def place_of_statement(self, number: int) -> Place | None:
        """File and line of a statement, as near as the source tells; None without the source."""
        return (self.statement_place(number) if self.statement_place else None) or self.place

    def __str__(self) -> str:
        if self.managed_arn:
            return f"{self.kind} {self.managed_arn}"
        return f"{self.kind} {self.holder}" + (f" ({self.path})" if self.path not in ("", "policy") else "")
