"""Errors for people: what failed, where, and what to do about it, in one line."""

from __future__ import annotations


class StackproofError(Exception):
    """A failure that the user can mend; shown as one line, never as a traceback.

    `what` says what failed, `where` names the place (a file, `file:line`, a resource address or a settings key)
    and `remedy` what to do next.
    """

    def __init__(self, what: str, *, where: str | None = None, remedy: str | None = None) -> None:
        super().__init__(what, where, remedy)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        sentence = f"{self.where}: {self.what}" if self.where else self.what
        if not self.remedy:
            return sentence
        return f"{sentence.rstrip('.')}. {self.remedy[:1].upper()}{self.remedy[1:]}"


class SettingsError(StackproofError):
    """`[tool.stackproof]` says something that cannot be used."""


class TerraformError(StackproofError):
    """Terraform, or one of its providers, is missing, failed, was killed or took too long."""


class CacheError(StackproofError):
    """The plan cache cannot be read or written."""


class SandboxError(StackproofError):
    """The account in which Terraform may act did not start or went away."""


class PlanError(StackproofError):
    """A plan document cannot be read, or does not hold what was asked of it."""


class PolicyError(StackproofError):
    """A rule, an exception from one or a baseline cannot be used."""


class PolicyViolation(StackproofError):
    """A stack breaks a rule."""


class CostError(StackproofError):
    """Prices or assumptions cannot be read or used."""


class BudgetExceeded(StackproofError):
    """A stack costs more than it may."""
