"""The rules of one pytest run."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Mapping

from stackproof.errors import StackproofError
from stackproof.plan import ResolvedStack, reads
from stackproof.policy.kept import KeptFindings
from stackproof.policy.review import Outcome, Review, Reviewer
from stackproof.settings import Environment, Policy


class Policies:
    """Judges stacks rule by rule, as tests ask for it."""

    def __init__(self, settings: Policy, environments: Mapping[str, Environment], kept: KeptFindings | None) -> None:
        self.review = Review(environments=list(environments))
        self._kept = kept
        self._reviewer = Reviewer(settings, environments=environments, kept=kept)
        self._wanted: tuple[str, ...] = ()
        self._stacks: dict[str, ResolvedStack] = {}
        self._loading: threading.Thread | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all rules."""
        return self._reviewer.ids

    def want(self, rules: Collection[str]) -> None:
        """Note which rules are going to be asked."""
        self._wanted = tuple(rules)

    def begin_to_load(self) -> None:
        """Load the rules while plans are made: checkov alone takes a second."""
        if self._loading is not None or not self._wanted:
            return

        def load() -> None:
            for rule in self._wanted:
                with contextlib.suppress(StackproofError):  # told when the rule is asked
                    self._reviewer.load(rule)

        self._loading = threading.Thread(target=load, daemon=True)
        self._loading.start()

    def judge(self, rule: str, stack: ResolvedStack) -> Outcome:
        """What a rule comes to in a stack; raises PolicyError where the rule cannot be used."""
        if self._loading is not None:
            self._loading.join()
        self._stacks[stack.environment] = stack
        with reads.paused():
            outcome = self._reviewer.judge(rule, stack)
        self.review.outcomes.append(outcome)
        return outcome

    def close(self) -> None:
        """Keep what was found for the next run; where that cannot be, the next run judges again."""
        if self._kept is not None:
            with contextlib.suppress(StackproofError):
                self._kept.write()

    def problems(self, environments: Collection[str]) -> list[str]:
        """What is wrong with files of rules and with exceptions; nothing where no rule was asked.

        An exception that covered nothing is a problem where every rule was asked in all environments.
        """
        if not self._stacks:
            return []
        asked = len(self.review.outcomes)
        is_whole = asked >= len(self.ids) * len(environments) and len(self._stacks) == len(environments)
        return [*self._reviewer.unusable, *self._reviewer.problems(self._stacks.values(), is_whole=is_whole)]
