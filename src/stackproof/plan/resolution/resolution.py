"""What Terraform made of the unknown values of a plan, with tokens in place of ids and ARNs (see `overrides`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stackproof.plan.paths import parse_path
from stackproof.plan.redaction import REDACTED
from stackproof.plan.resolution.agreement import agrees
from stackproof.plan.resolution.overrides import PURE, Evaluation
from stackproof.plan.resolution.tokens import Tokens
from stackproof.plan.values import follow, is_marked
from stackproof.plan.wiring import Feed

HASHES = frozenset({("aws_iam_policy_document", "id")})
"""Attributes that hash the others, and so the tokens in them."""

_READ_AGAIN = frozenset(("data", kind) for kind in PURE)

_Data = Any


@dataclass(frozen=True)
class Resolution:
    """What Terraform made of the unknown values of one plan, without any sensitive one.

    `values` are those of the attributes that hold something unknown, by address. `hidden` are attributes that no token
    stands for, so that what depends on them cannot be trusted. Where Terraform could not evaluate the configuration,
    `reason` says why, and all else is empty; `is_lasting` is false where that may be otherwise the next time.
    """

    reason: str = ""
    values: Mapping[str, Mapping[str, _Data]] = field(default_factory=dict)
    outputs: Mapping[str, _Data] = field(default_factory=dict)
    tokens: Tokens = field(default_factory=lambda: Tokens(()))
    hidden: frozenset[Feed] = frozenset()
    is_lasting: bool = True

    def as_data(self) -> dict[str, _Data]:
        """All of it as JSON data."""
        return {
            "reason": self.reason,
            "values": self.values,
            "outputs": self.outputs,
            "tokens": self.tokens.as_data(),
            "hidden": sorted([feed.address, feed.attribute] for feed in self.hidden),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, _Data]) -> Resolution:
        """What `as_data` gave."""
        return cls(
            reason=data["reason"],
            values=data["values"],
            outputs=data["outputs"],
            tokens=Tokens.from_data(data["tokens"]),
            hidden=frozenset(Feed(address, attribute) for address, attribute in data["hidden"]),
        )


def read_evaluation(
    document: Mapping[str, _Data], evaluation: Evaluation, root_module: _Data, outputs: Mapping[str, _Data]
) -> Resolution:
    """The resolution of a plan document from the state that Terraform evaluated: its root module and its outputs."""
    evaluated = {resource["address"]: resource for resource in _resources(root_module)}
    tokens = evaluation.tokens.only(feed for feed in evaluation.tokens.feeds if _is_taken(feed, evaluated, evaluation))
    values: dict[str, dict[str, _Data]] = {}
    unreliable = {feed for feed in evaluation.hidden if not _is_configured(feed, evaluated, tokens)}
    for change in document.get("resource_changes", ()):
        detail, address = change["change"], change["address"]
        resource = evaluated.get(address)
        unknown = detail.get("after_unknown")
        if resource is None or not isinstance(unknown, dict) or "deposed" in change:
            continue
        made = resource.get("values") or {}
        marks = [source or {} for source in (resource.get("sensitive_values"), detail.get("after_sensitive"))]
        values[address] = {
            name: _without_secrets(made[name], [found is True or found.get(name) for found in marks], tokens)
            for name in unknown
            if is_marked(unknown[name]) and made.get(name) is not None and (change["type"], name) not in HASHES
        }
        # an override leaves out what the provider adds, such as a default, and makes up what is null: references to
        # that saw something else
        for name, planned in (detail.get("after") or {}).items():
            if is_marked(unknown.get(name)) or agrees(planned, None, made.get(name)):
                continue
            # what is read again says null for an empty list, and will when it is applied
            if (change["mode"], change["type"]) not in _READ_AGAIN or planned or made.get(name) is not None:
                unreliable.add(Feed(address, name))
    return Resolution(
        values=values,
        outputs={name: None if output.get("sensitive") else output.get("value") for name, output in outputs.items()},
        tokens=tokens,
        hidden=frozenset(unreliable),
    )


def _resources(root_module: _Data) -> Sequence[_Data]:
    found, pending = [], [root_module]
    while pending:
        module = pending.pop()
        found += module.get("resources", ())
        pending += module.get("child_modules", ())
    return found


def _is_taken(feed: Feed, evaluated: Mapping[str, _Data], evaluation: Evaluation) -> bool:
    """Whether a token is what its attribute was evaluated to: where the configuration sets it, it is not."""
    return feed in [token.feed for token in evaluation.tokens.in_value(_made(feed, evaluated))]


def _is_configured(feed: Feed, evaluated: Mapping[str, _Data], tokens: Tokens) -> bool:
    """Whether the configuration itself gave a value where a stand-in was offered: then the stand-in was not taken."""
    return any(token.feed.address != feed.address for token in tokens.in_value(_made(feed, evaluated)))


def _made(feed: Feed, evaluated: Mapping[str, _Data]) -> _Data:
    """What the attribute was evaluated to of which this is, or is a part of."""
    try:
        return follow(evaluated[feed.address].get("values"), parse_path(feed.attribute)[:1])
    except LookupError:
        return None


def _without_secrets(value: _Data, marks: Sequence[_Data], tokens: Tokens) -> _Data:
    """A value in which the parts that any of the marks calls sensitive are replaced by the tokens in them."""
    for mark in marks:
        value = _redacted(value, mark, tokens)
    return value


def _redacted(value: _Data, marks: _Data, tokens: Tokens) -> _Data:
    if marks is True:
        return " ".join(token.text for token in tokens.in_value(value)) or REDACTED
    if isinstance(value, dict) and isinstance(marks, dict):
        return {key: _redacted(item, marks.get(key), tokens) for key, item in value.items()}
    if isinstance(value, list) and isinstance(marks, list):
        padded = [*marks, *[None] * (len(value) - len(marks))]
        return [_redacted(item, mark, tokens) for item, mark in zip(value, padded, strict=False)]
    return _redacted(value, True, tokens) if is_marked(marks) else value
