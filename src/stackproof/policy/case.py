"""A resource before a rule: what a rule may ask of it, and how it says what is wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from stackproof.analysis.access.documents.documents import Policy, PolicyKind, Statement
from stackproof.errors import StackproofError
from stackproof.plan import Place, Resource, Stack
from stackproof.plan.values import Unknown, Value
from stackproof.policy.about import About
from stackproof.policy.facts import Facts
from stackproof.policy.finding import Finding
from stackproof.verdict import Undecided, Verdict


class Case:
    """One resource that a rule judges.

    A rule calls `fail` for whatever is wrong. What it reads may raise Undecided, which leaves the resource undecided
    unless something else in it is wrong for certain; `part` keeps parts of a resource, such as the statements of a
    policy, from hiding one another.
    """

    def __init__(self, rule: About, resource: Resource, facts: Facts, options: Mapping[str, Any]) -> None:
        self.rule = rule
        self.resource = resource
        self.facts = facts
        self.options = options
        self.findings: list[Finding] = []

    @property
    def stack(self) -> Stack:
        """The stack that the resource belongs to."""
        return self.facts.stack

    def is_in(self, environments: Collection[str]) -> bool:
        """Whether the stack is meant for one of some environments; HCL alone is meant for any."""
        return not self.stack.environment or self.stack.environment in environments

    def fail(self, message: str, path: str = "", *, of: Resource | None = None, at: Place | None = None) -> None:
        """Say what is wrong: with the value at a path, of another resource where `of` names one.

        The place is that of the path, as near as it is written, or else `at`.
        """
        self._add(Verdict.FAIL, message, path, of or self.resource, at)

    def undecided(self, message: str, path: str = "", *, of: Resource | None = None, at: Place | None = None) -> None:
        """Say what nobody can tell before an apply."""
        self._add(Verdict.UNDECIDED, message, path, of or self.resource, at)

    @contextlib.contextmanager
    def part(self, *, at: Place | None = None) -> Iterator[None]:
        """Judge a part by itself: what is undecided in it, or cannot be read, leaves other parts to be judged."""
        try:
            yield
        except Undecided as error:
            self._undecided(error, at)
        except StackproofError as error:
            self._unreadable(error, at)

    def given(self, path: str, default: Value = None, *, of: Resource | None = None) -> Value:
        """The value that the configuration gives at a path; the default where it gives none.

        What a provider or AWS fills in by itself is not given, though a plan shows it as known after apply.
        """
        return self._given(path, default, of or self.resource)

    def blocks(self, path: str, *, of: Resource | None = None) -> list[Value]:
        """The nested blocks at a path; raises Undecided where nobody knows how many there are."""
        value = self._given(path, [], of or self.resource, is_block=True)
        return list(value)

    def block_paths(self, path: str, *, of: Resource | None = None) -> list[str]:
        """The path of each nested block at a path; raises Undecided where nobody knows how many there are."""
        return [f"{path}[{number}]" for number, _ in enumerate(self.blocks(path, of=of))]

    def companions(self, type: str, by: str, *, of: Resource | None = None) -> tuple[Resource, ...]:
        """The resources of a type whose argument `by` means this one; raises Undecided where none does for certain."""
        return self.facts.companions(of or self.resource, type, by)

    def every_companion(self, type: str, by: str) -> Iterator[Resource]:
        """The same for what all of them must keep: raises Undecided after those for certain where one may be left."""
        return self.facts.every_companion(self.resource, type, by)

    def is_named_by(self, arguments: Mapping[str, str]) -> bool:
        """Whether a resource of one of some types names this one in the argument that is given for its type."""
        return any(
            other.wired(path).is_any_of(self.resource)
            for kind, path in arguments.items()
            for other in self.stack.resources(kind)
        )

    def policy(self, path: str = "policy", kind: PolicyKind = PolicyKind.IDENTITY) -> Policy | None:
        """The policy document at a path; None where the configuration sets none.

        Raises PlanError for what is no policy.
        """
        return self.facts.documents.read(self.resource, path, kind)

    def statements(self, policy: Policy | None) -> Iterator[Statement]:
        """The statements of a policy; what of it is not known is noted as undecided."""
        if policy is None:
            return
        yield from policy.statements
        if policy.undecided:
            self.undecided(f"the policy may say more: {policy.undecided}", policy.path, at=policy.place)

    def _given(self, path: str, default: Value, of: Resource, *, is_block: bool = False) -> Value:
        value = of.get(path)
        if value is None or (isinstance(value, Unknown) and of.leaves_out(path, is_block=is_block)):
            return default
        if isinstance(value, Unknown):
            # why nothing could be traced tells more than that nothing is known
            return Unknown(value.address, value.path, of.wired(path).reason or value.reason)
        return value

    def _undecided(self, error: Undecided, at: Place | None = None) -> None:
        known = error.address in self.stack
        of = self.stack[error.address] if known else self.resource
        path = error.path if known or error.address == self.resource.address else ""
        self._add(Verdict.UNDECIDED, error.reason, path, of, at)

    def _unreadable(self, error: StackproofError, at: Place | None = None) -> None:
        where = f" ({error.where})" if error.where and error.where != self.resource.address else ""
        self._add(Verdict.FAIL, f"{error.what}{where}", "", self.resource, at, is_error=True)

    def _add(
        self, verdict: Verdict, message: str, path: str, of: Resource, at: Place | None, *, is_error: bool = False
    ) -> None:
        place = at or of.place_of(path)
        self.findings.append(
            Finding(
                self.rule,
                verdict,
                of.address,
                message,
                path,
                place,
                of.module_calls,
                (self.stack.environment,),
                is_error=is_error,
            )
        )
