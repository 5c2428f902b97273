"""What a rule says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How bad it is where a rule is broken, least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """The worse, the higher."""
        return list(Severity).index(self)


@dataclass(frozen=True, eq=False)
class About:
    """What is known of a rule without running it.

    `title` is the sentence that holds where the rule is kept. `why` says what can happen where it is not, `remedy`
    how to mend that, `source` is the address of the AWS or Terraform document behind it. `types` are the resource types
    that it judges. `options` are what `[tool.stackproof.policy.options.ID]` may set, with their defaults.
    """

    id: str
    title: str
    severity: Severity
    why: str
    remedy: str
    source: str
    types: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
