"""What IAM will allow: questions asked of a plan before anything is applied."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from stackproof.analysis.access.evaluation.policies import Policies

if TYPE_CHECKING:
    from stackproof.analysis.access.difference.news import NewAccess
    from stackproof.analysis.access.escalations.escalations import Escalation
    from stackproof.analysis.access.matrix.matrix import Matrix


class Access(Policies):
    """What IAM will allow in a stack, from its policies alone: see `Policies` for what is left out."""

    def matrix(self) -> Matrix:
        """Who may do what to which resource of the stack."""
        return self._matrix

    def escalations(self) -> tuple[Escalation, ...]:
        """The ways in which a principal of the stack can give itself more than it has."""
        return self._escalations

    def new_in(self, base: Access) -> tuple[NewAccess, ...]:
        """What this stack allows that `base` does not, each with a request that shows it."""
        from stackproof.analysis.access.difference import difference

        return difference.new_access(base, self)

    @cached_property
    def _escalations(self) -> tuple[Escalation, ...]:
        from stackproof.analysis.access.escalations import escalations

        return escalations.escalations(self)

    @cached_property
    def _matrix(self) -> Matrix:
        from stackproof.analysis.access.matrix import matrix

        return matrix.matrix(self)
