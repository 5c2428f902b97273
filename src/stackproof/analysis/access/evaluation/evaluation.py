"""IAM's evaluation of a request, within an account and across two.

An explicit deny in any policy decides. Else a request is allowed by a resource policy that names the principal, by
identity policies within the permissions boundary, or, across accounts, by both sides together:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html

Key policies and trust policies have to allow what they are asked for, or to leave it to the account:
https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html

Outside of a plan, and so not part of an answer: service and resource control policies, session policies, policies of
VPC endpoints, S3 Block Public Access, and grants of KMS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stackproof.analysis.access.documents.documents import Effect, Policy, Statement
from stackproof.analysis.access.evaluation.matching import Origin, Request, applies
from stackproof.analysis.access.evaluation.parties import Kind
from stackproof.analysis.access.evaluation.principals import Grant, concerns, grants
from stackproof.analysis.access.patterns.truth import Maybe, Truth, every, some
from stackproof.plan.source import Place
from stackproof.verdict import Undecided


class Answer(StrEnum):
    """What IAM says to a request."""

    ALLOW = "allow"
    DENY = "deny"
    UNDECIDED = "undecided"


@dataclass(frozen=True, eq=False)
class Decision:
    """The answer to a question, with the reason for people and the statement that decides, where one does.

    Its truth is whether the request is allowed; it raises Undecided where that is not known.
    """

    question: str
    verdict: Answer
    reason: str
    statement: Statement | None = None

    @property
    def place(self) -> Place | None:
        """File and line of the deciding statement."""
        return self.statement.place if self.statement else None

    def __bool__(self) -> bool:
        if self.verdict is Answer.UNDECIDED:
            raise Undecided(self.question, "", self.reason)
        return self.verdict is Answer.ALLOW

    def __str__(self) -> str:
        return f"{self.question}: {self.verdict}, {self.reason}"

    def __repr__(self) -> str:
        return f"<{self}>"


@dataclass(frozen=True, eq=False)
class Applicable:
    """The policies that take part in an evaluation.

    `identity` and `boundary` are those of the principal; no `boundary` is None. `resource` are those of the resource;
    `wide` those of other resources that a request for several may meet. Without an allow of its own policy a `guarded`
    resource is closed. Where it `is_local`, principal and resource are in one account; where it `is_outside`, nobody
    knows the policies of the resource.
    """

    identity: Sequence[Policy]
    boundary: Policy | None = None
    resource: Sequence[Policy] = ()
    wide: Sequence[Policy] = ()
    guarded: bool = False
    is_local: Truth = True
    is_outside: bool = False


@dataclass(frozen=True)
class _Finding:
    """Whether some statement does something, and the one that decides it; `reason` where none does."""

    truth: Truth
    statement: Statement | None = None
    reason: str = ""

    def __str__(self) -> str:
        return self.reason or str(self.statement)


_NONE = _Finding(False)


def decide(request: Request, policies: Applicable, origin: Origin) -> Decision:
    """IAM's answer to a request; `origin` tells what makes the elements that the plan does not know."""
    return _Evaluation(request, policies, origin).decision()


class _Evaluation:
    def __init__(self, request: Request, policies: Applicable, origin: Origin) -> None:
        self._request = request
        self._policies = policies
        self._origin = origin

    def decision(self) -> Decision:
        denied = self._denied()
        if denied.truth is True:
            return self._decision(Answer.DENY, f"{denied} denies it", denied)
        allowed = self._allowed()
        if allowed.truth is False:
            return self._decision(Answer.DENY, allowed.reason or "no statement allows it", _NONE)
        doubts = [finding for finding in (denied, allowed) if isinstance(finding.truth, Maybe)]
        if not doubts:
            return self._decision(Answer.ALLOW, f"{allowed} allows it", allowed)
        verbs = {id(denied): "denies", id(allowed): "allows"}
        reasons = [_doubt(finding, verbs[id(finding)]) for finding in doubts]
        return self._decision(Answer.UNDECIDED, "; ".join(dict.fromkeys(reasons)), doubts[0])

    def _decision(self, verdict: Answer, reason: str, finding: _Finding) -> Decision:
        return Decision(str(self._request), verdict, reason, finding.statement)

    def _denied(self) -> _Finding:
        policies = self._policies
        own = [*policies.identity, *([policies.boundary] if policies.boundary else [])]
        return _either(
            self._find(Effect.DENY, own, self._applies),
            self._find(Effect.DENY, policies.resource, self._applies_to_caller),
            self._find(Effect.DENY, policies.wide, self._applies_to_a_part),
        )

    def _allowed(self) -> _Finding:
        """By which statement the request is allowed; where it is not, `reason` says what is missing."""
        caller, target, is_local = self._request.caller, self._request.target, self._policies.is_local
        if caller.kind in (Kind.ANYBODY, Kind.SERVICE, Kind.FEDERATED):
            entrance = self._entrance()
            return (
                entrance if entrance.truth is not False else _no(f"no policy of {target.label} lets {caller.label} in")
            )
        if is_local is True:
            return self._allowed_within_account()
        across = self._allowed_across_accounts()
        if is_local is False or across.truth is True:
            return across
        within = self._allowed_within_account()
        return within if within.truth is False else _Finding(is_local)

    def _allowed_within_account(self) -> _Finding:
        target, policies = self._request.target, self._policies
        identity, boundary = self._by_identity(), self._within_boundary()
        own = _both(identity, boundary)
        if policies.guarded:
            left = self._elsewhere() if policies.is_outside else self._granted(Grant.ACCOUNT)
            is_missing = own.truth is not False and left.truth is False
            reason = f"{identity} allows it, but no policy of {target.label} does, or leaves it to the account"
            own = _no(reason) if is_missing else _both(own, left)
        limited = _both(self._granted(Grant.ROLE), boundary)
        return _either(self._granted(Grant.DIRECT), limited, own, self._partly(Grant.ROLE, Grant.DIRECT), default=own)

    def _allowed_across_accounts(self) -> _Finding:
        own, entrance = _both(self._by_identity(), self._within_boundary()), self._entrance()
        if entrance.truth is False:
            caller = self._request.caller
            return _no(f"no policy of {self._request.target.label} lets {caller.label} in from another account")
        return own if own.truth is False else _both(own, entrance)

    def _entrance(self) -> _Finding:
        """Whether the resource lets the principal in, whatever else it needs."""
        if self._policies.is_outside:
            return self._elsewhere()
        return _either(*(self._granted(grant) for grant in Grant), self._partly(*Grant))

    def _elsewhere(self) -> _Finding:
        target = self._request.target
        return _Finding(Maybe(f"it depends on the policy of {target.label}, which this stack does not have"))

    def _by_identity(self) -> _Finding:
        if self._request.caller.kind is Kind.ROOT:
            return _Finding(True, reason=f"{self._request.caller.label}, whom nothing limits in its account,")
        found = self._find(Effect.ALLOW, self._policies.identity, self._applies)
        return found if found.truth is not False else _no(f"no policy of {self._request.caller.label} allows it")

    def _within_boundary(self) -> _Finding:
        boundary = self._policies.boundary
        if boundary is None:
            return _Finding(True)
        found = self._find(Effect.ALLOW, [boundary], self._applies)
        return found if found.truth is not False else _no(f"the {boundary} does not allow it")

    def _granted(self, grant: Grant) -> _Finding:
        return self._find(Effect.ALLOW, self._policies.resource, lambda statement: self._grants(statement, grant))

    def _grants(self, statement: Statement, *kinds: Grant) -> Truth:
        about = some(truth for kind, truth in grants(statement, self._request.caller, self._origin) if kind in kinds)
        return False if about is False else every((about, self._applies(statement)))

    def _applies(self, statement: Statement) -> Truth:
        return applies(statement, self._request, self._origin)

    def _applies_to_caller(self, statement: Statement) -> Truth:
        truth = self._applies(statement)
        return truth if truth is False else every((truth, concerns(statement, self._request.caller, self._origin)))

    def _applies_to_a_part(self, statement: Statement) -> Truth:
        return self._of_part(self._applies_to_caller(statement))

    def _partly(self, *kinds: Grant) -> _Finding:
        """Whether a part of what is asked for is granted."""
        policies = self._policies.wide
        return self._find(Effect.ALLOW, policies, lambda statement: self._of_part(self._grants(statement, *kinds)))

    def _of_part(self, truth: Truth) -> Truth:
        return Maybe(f"it is about a part of {self._request.target.label} only") if truth is True else truth

    def _find(self, effect: Effect, policies: Iterable[Policy], test: Callable[[Statement], Truth]) -> _Finding:
        """The first statement of that effect that passes the test for sure, else the first that may pass it."""
        maybe = _NONE
        for policy in policies:
            for statement in policy.statements:
                if statement.effect is not effect:
                    continue
                truth = test(statement)
                if truth is True:
                    return _Finding(True, statement)
                if truth is not False and maybe.truth is False:
                    maybe = _Finding(truth, statement)
            if policy.undecided and maybe.truth is False:
                maybe = _Finding(Maybe(f"{policy} cannot be read: {policy.undecided}"))
        return maybe


def _no(reason: str) -> _Finding:
    return _Finding(False, reason=reason)


def _either(*findings: _Finding, default: _Finding = _NONE) -> _Finding:
    """The first that is true, else the first that may be, else the default."""
    for finding in findings:
        if finding.truth is True:
            return finding
    return next((finding for finding in findings if finding.truth is not False), default)


def _both(*findings: _Finding) -> _Finding:
    """The first that is false, else the first that may be, else the first."""
    for finding in findings:
        if finding.truth is False:
            return finding
    return next((finding for finding in findings if finding.truth is not True), findings[0])


def _doubt(finding: _Finding, verb: str) -> str:
    reason = finding.truth.reason if isinstance(finding.truth, Maybe) else ""
    return f"whether {finding.statement} {verb} it: {reason}" if finding.statement else reason
