"""What is needed: one action on the resources of one pattern, under conditions."""

from __future__ import annotations

from dataclasses import dataclass

ANYTHING = "*"


@dataclass(frozen=True, order=True)
class Condition:
    """A condition of IAM: its operator, its key and the values that are good.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
    """

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Need:
    """One action of IAM on one resource, an ARN in which `*` and `?` stand for what is not known beforehand.

    `kind` is the type of the resource as the Service Authorization Reference names it, "" where it has none.
    """

    action: str
    resource: str = ANYTHING
    kind: str = ""
    conditions: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        return self.action if self.resource == ANYTHING else f"{self.action} on {self.resource}"
