"""Whether a statement is about the action and the resource of a request, and whether its conditions hold.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from stackproof.analysis.access.documents.documents import VERSION, Statement, Text
from stackproof.analysis.access.evaluation.conditions import hold
from stackproof.analysis.access.evaluation.context import Context
from stackproof.analysis.access.evaluation.parties import Caller, Target
from stackproof.analysis.access.evaluation.variables import expand, literal
from stackproof.analysis.access.patterns import globs
from stackproof.analysis.access.patterns.truth import Maybe, Truth, every, negated, some
from stackproof.plan import Resource
from stackproof.plan.values import Unknown

Origin = Callable[[Unknown], Resource | None]
"""The resource whose ARN is what makes an element that the plan does not know; None where that is not so."""


@dataclass(frozen=True, eq=False)
class Request:
    """Who does what to which resource, and what else is known of it."""

    caller: Caller
    action: str
    target: Target
    context: Context

    def __str__(self) -> str:
        return f"{self.caller.label} {self.action} on {self.target.label}"


def applies(statement: Statement, request: Request, origin: Origin) -> Truth:
    """Whether a statement's action, resource and conditions are those of a request; its principals are not asked."""
    return every(_parts(statement, request, origin))


def _parts(statement: Statement, request: Request, origin: Origin) -> Iterator[Truth]:
    # the cheapest first: one that is false decides
    yield _is_action(statement, request.action.lower())
    yield _is_resource(statement, request, origin)
    yield hold(statement.conditions, request.context, variables=_has_variables(statement))


def _has_variables(statement: Statement) -> bool:
    return statement.policy.version == VERSION


def _is_action(statement: Statement, action: str) -> Truth:
    if statement.not_actions:
        return negated(_is_one(statement.not_actions, action))
    return _is_one(statement.actions, action)


def _is_one(patterns: Sequence[Text], action: str) -> Truth:
    return some(
        _unknown(pattern) if isinstance(pattern, Unknown) else globs.matches(pattern.lower(), action)
        for pattern in patterns
    )


def _is_resource(statement: Statement, request: Request, origin: Origin) -> Truth:
    """Where a statement names no resource, it is about the one that its policy is on."""
    if statement.not_resources:
        return negated(_is_among(statement.not_resources, statement, request, origin))
    return _is_among(statement.resources, statement, request, origin) if statement.resources else True


def _is_among(texts: Sequence[Text], statement: Statement, request: Request, origin: Origin) -> Truth:
    """Whether the target is what one of the texts names; a target that is a glob is so only as a whole."""
    target = request.target
    asked = target.arn if target.is_glob else literal(target.arn)
    found: list[Truth] = []
    parts: list[str] = []
    for text in texts:
        if isinstance(text, Unknown):
            found.append(_could_be(text, target, origin))
            continue
        pattern = expand(text, request.context, enabled=_has_variables(statement))
        if not (globs.overlaps if target.is_glob else globs.matches)(pattern.text, asked):
            continue
        if pattern.broken and not statement.not_resources:
            continue
        if pattern.doubt is not None:
            found.append(pattern.doubt)
        elif target.is_glob:
            parts.append(pattern.text)
        else:
            return True
    if parts:
        found.append(globs.includes(parts, asked) or Maybe(f"it is about a part of {target.arn} only"))
    return some(found)


def _could_be(text: Unknown, target: Target, origin: Origin) -> Truth:
    """What begins with the ARN of one resource names that resource or a part of it, and nothing of another type."""
    source = origin(text)
    is_other = source is not None and target.holder is not None and source.type != target.holder.type
    return False if is_other else _unknown(text)


def _unknown(text: Unknown) -> Maybe:
    return Maybe(f"{text.path} of {text.address} is {text.reason}")
