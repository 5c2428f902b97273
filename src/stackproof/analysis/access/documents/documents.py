"""Policy documents: reads what a policy of IAM or of a resource says, statement by statement.

The grammar is the one at https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html. A document
that AWS would refuse on apply is refused here; an element that a plan does not know stays `Unknown`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from stackproof.analysis.access.documents.operators import parse_operator, similar_operators
from stackproof.analysis.access.documents.statements import (
    OLD_VERSION,
    VERSION,
    Condition,
    Effect,
    Policy,
    PolicyKind,
    Principal,
    Statement,
    Text,
)
from stackproof.errors import PlanError
from stackproof.plan.source import Place
from stackproof.plan.values import Sensitive, Unknown, Withheld

__all__ = [
    "OLD_VERSION",
    "VERSION",
    "Condition",
    "Effect",
    "Policy",
    "PolicyKind",
    "Principal",
    "Statement",
    "Text",
    "parse_policy",
]

_Data = Any


def parse_policy(
    document: object,
    *,
    kind: PolicyKind,
    holder: str,
    path: str = "policy",
    place: Place | None = None,
    name: str = "",
    managed_arn: str | None = None,
    statement_place: Callable[[int], Place | None] | None = None,
) -> Policy:
    """The policy in a JSON text, or in the data of one; texts in such data may be Unknown.

    A document that is unknown or sensitive as a whole gives a policy whose `undecided` says so. Raises PlanError,
    naming holder, path and place, for a text that is not JSON and for what is not a policy of this kind.
    """
    policy = Policy(
        kind, holder=holder, path=path, place=place, name=name, managed_arn=managed_arn, statement_place=statement_place
    )
    _Reader(policy).read(document)
    return policy


_TOP = frozenset({"Version", "Id", "Statement"})
_ELEMENTS = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"}
)
_PRINCIPAL_KINDS = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})


class _Reader:
    """Fills a policy from a document."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def read(self, document: object) -> None:
        if isinstance(document, Withheld):
            self._policy.undecided = _why(document)
            return
        data = self._decoded(str.__str__(document)) if isinstance(document, str) else document
        if not isinstance(data, Mapping):
            self._refuse(f"a policy is a JSON object, not {_kind_of(data)}")
        self._only(data, _TOP, "")
        version = data.get("Version", OLD_VERSION)
        if version not in (VERSION, OLD_VERSION):
            self._refuse(f"Version is {version!r}", f'the current one is "{VERSION}".')
        self._policy.version = str(version)
        statements = data.get("Statement")
        if isinstance(statements, Unknown | Mapping):
            statements = [statements]
        if not isinstance(statements, list | tuple):
            self._refuse(f"Statement is {_kind_of(statements)}" if statements is not None else "there is no Statement")
        read = (self._statement(statement, number) for number, statement in enumerate(statements))
        self._policy.statements = tuple(statement for statement in read if statement is not None)

    def _decoded(self, text: str) -> _Data:
        try:
            return json.loads(text, object_pairs_hook=self._unique)
        except (ValueError, RecursionError) as error:
            self._refuse(f"the policy is not JSON: {error}", "jsonencode() or aws_iam_policy_document write it safely.")

    def _unique(self, pairs: list[tuple[str, _Data]]) -> dict[str, _Data]:
        data = dict(pairs)
        if len(data) < len(pairs):
            names = [name for name, _ in pairs]
            self._refuse(f"{next(name for name in names if names.count(name) > 1)} stands twice in one object")
        return data

    def _statement(self, data: object, number: int) -> Statement | None:
        at = f"Statement[{number}]"
        if isinstance(data, Withheld):
            self._policy.undecided = f"{at} is {_why(data)}"
            return None
        if not isinstance(data, Mapping):
            self._refuse(f"{at} is {_kind_of(data)}")
        self._only(data, _ELEMENTS, f"{at}: ")
        effect = data.get("Effect")
        if isinstance(effect, Withheld):
            self._policy.undecided = f"the Effect of {at} is {_why(effect)}"
            return None
        if effect not in tuple(Effect):
            self._refuse(f"{at}: Effect is {effect!r}", "it is Allow or Deny, in exactly these letters.")
        self._exactly_one(data, "Action", at)
        if self._policy.kind is PolicyKind.TRUST:
            self._none_of(data, ("Resource", "NotResource", "NotPrincipal"), at)
        elif self._policy.kind is PolicyKind.RESOURCE:
            self._not_both(data, "Resource", at)
        else:
            self._exactly_one(data, "Resource", at)
        if self._policy.kind in (PolicyKind.TRUST, PolicyKind.RESOURCE):
            self._exactly_one(data, "Principal", at)
        else:
            self._none_of(data, ("Principal", "NotPrincipal"), at)
        return Statement(
            effect=Effect(effect),
            sid=_shown(data.get("Sid")),
            actions=self._texts(data, "Action", at),
            not_actions=self._texts(data, "NotAction", at),
            resources=self._texts(data, "Resource", at),
            not_resources=self._texts(data, "NotResource", at),
            principals=self._principals(data, "Principal", at),
            not_principals=self._principals(data, "NotPrincipal", at),
            conditions=self._conditions(data.get("Condition", {}), at),
            number=number,
            policy=self._policy,
        )

    def _texts(self, data: Mapping[str, _Data], name: str, at: str) -> tuple[Text, ...]:
        if name not in data:
            return ()
        values = _listed(data[name])
        if not values:
            self._refuse(f"{at}: {name} is empty")
        return tuple(self._text(value, f"{at}: {name}") for value in values)

    def _text(self, value: object, at: str) -> Text:
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Sensitive):
            return Unknown(value.address, value.path, "sensitive")
        if not isinstance(value, str):
            self._refuse(f"{at} holds {_kind_of(value)}", "it holds texts.")
        return str.__str__(value)

    def _principals(self, data: Mapping[str, _Data], name: str, at: str) -> tuple[Principal, ...] | None:
        if name not in data:
            return None
        value = data[name]
        if isinstance(value, Withheld):
            return (Principal("AWS", self._text(value, at)),)
        if isinstance(value, str) and str.__str__(value) == "*":
            return (Principal("AWS", "*"),)
        if not isinstance(value, Mapping):
            self._refuse(f"{at}: {name} is {value!r}", 'it is "*" or an object such as {"AWS": ...}.')
        self._only(value, _PRINCIPAL_KINDS, f"{at}: {name}: ")
        return tuple(
            Principal(kind, self._principal(item, f"{at}: {name}"))
            for kind, items in value.items()
            for item in _listed(items)
        )

    def _principal(self, value: object, at: str) -> Text:
        text = self._text(value, at)
        if isinstance(text, str) and text != "*" and any(sign in text for sign in ("*", "?", "${")):
            self._refuse(
                f"{at} is {text!r}, and AWS takes no wildcards or variables in part of a principal",
                'name each principal, or take "*" with a condition on aws:PrincipalArn.',
            )
        return text

    def _conditions(self, data: object, at: str) -> tuple[Condition, ...]:
        if isinstance(data, Withheld):
            return (Condition("", "", (self._text(data, at),)),)
        if not isinstance(data, Mapping):
            self._refuse(f"{at}: Condition is {_kind_of(data)}")
        conditions = []
        for operator, keys in data.items():
            if parse_operator(operator) is None:
                close = similar_operators(operator)
                self._refuse(
                    f"{at}: {operator} is no condition operator",
                    f"did you mean {' or '.join(close)}?" if close else None,
                )
            if not isinstance(keys, Mapping):
                self._refuse(f"{at}: Condition: {operator} is {_kind_of(keys)}", "it maps keys to values.")
            for key, values in keys.items():
                texts = tuple(self._value(value, f"{at}: Condition: {operator} {key}") for value in _listed(values))
                conditions.append(Condition(operator, str.__str__(key), texts))
        return tuple(conditions)

    def _value(self, value: object, at: str) -> Text:
        if isinstance(value, bool):
            return "true" if value else "false"
        return self._text(str(value) if isinstance(value, int | float) else value, at)

    def _only(self, data: Mapping[str, _Data], names: frozenset[str], at: str) -> None:
        for name in data:
            if name not in names:
                self._refuse(f"{at}{name} is not an element of a policy", f"known are {', '.join(sorted(names))}.")

    def _not_both(self, data: Mapping[str, _Data], name: str, at: str) -> None:
        if name in data and f"Not{name}" in data:
            self._refuse(f"{at} has both {name} and Not{name}")

    def _exactly_one(self, data: Mapping[str, _Data], name: str, at: str) -> None:
        self._not_both(data, name, at)
        if name not in data and f"Not{name}" not in data:
            self._refuse(f"{at} has neither {name} nor Not{name}")

    def _none_of(self, data: Mapping[str, _Data], names: Sequence[str], at: str) -> None:
        for name in names:
            if name in data:
                self._refuse(f"{at}: no {self._policy.kind} has {name}")

    def _refuse(self, what: str, remedy: str | None = None) -> NoReturn:
        policy = self._policy
        place = f" ({policy.place})" if policy.place else ""
        raise PlanError(what, where=f"{policy.holder}: {policy.path}{place}", remedy=remedy)


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else (value,)


def _why(value: Withheld) -> str:
    return value.reason if isinstance(value, Unknown) else "sensitive"


def _shown(value: object) -> str:
    return str.__str__(value) if isinstance(value, str) else ""


def _kind_of(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return next((name for kind, name in kinds.items() if isinstance(value, kind)), "a number")
