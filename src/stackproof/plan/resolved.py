"""The resolved plan: the same stack with values for what the plan leaves unknown, as far as Terraform tells them.

Terraform evaluated the configuration with tokens in place of ids and ARNs (see `overrides`). What it made of a value
is taken over only where the plan says that the value is unknown and a token can be found in the outcome: a value that
was computed from tokens in a way that hides them, by comparing or counting, would be a guess and stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stackproof.plan.change import Change, Output
from stackproof.plan.overrides import PURE, Evaluation
from stackproof.plan.paths import Step, parse_path
from stackproof.plan.provenance import Way
from stackproof.plan.redaction import REDACTED
from stackproof.plan.references import References
from stackproof.plan.resource import Resource
from stackproof.plan.stack import Stack
from stackproof.plan.tokens import Tokens
from stackproof.plan.trust import Trust
from stackproof.plan.values import Value, follow, is_marked, merge, nth
from stackproof.plan.wiring import Feed, Wiring

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


class ResolvedStack(Stack):
    """A stack whose unknown values are resolved or traceable; `reason` says why not, where Terraform could not tell."""

    def __init__(
        self, environment: str, resources: Sequence[Resource], outputs: Mapping[str, Output], *, reason: str
    ) -> None:
        super().__init__(environment, resources, outputs)
        self.reason = reason


def read_evaluation(
    document: Mapping[str, _Data], evaluation: Evaluation, root_module: _Data, outputs: Mapping[str, _Data]
) -> Resolution:
    """The resolution of a plan document from the state that Terraform evaluated: its root module and its outputs."""
    tokens = evaluation.tokens
    evaluated = {resource["address"]: resource for resource in _resources(root_module)}
    values: dict[str, dict[str, _Data]] = {}
    unreliable = {feed for feed in evaluation.hidden if not _is_configured(feed, evaluated, tokens)}
    for change in document.get("resource_changes", ()):
        detail, address = change["change"], change["address"]
        resource = evaluated.get(address)
        unknown = detail.get("after_unknown")
        if resource is None or not isinstance(unknown, dict):
            continue
        made = resource.get("values") or {}
        marks = resource.get("sensitive_values") or {}
        values[address] = {
            name: _without_secrets(made.get(name), marks.get(name), tokens)
            for name in unknown
            if is_marked(unknown[name]) and made.get(name) is not None
        }
        # an override leaves out what the provider adds, such as a default: references to that saw something else
        for name, planned in (detail.get("after") or {}).items():
            if planned is not None and not is_marked(unknown.get(name)) and not _agrees(planned, None, made.get(name)):
                unreliable.add(Feed(address, name))
    return Resolution(
        values=values,
        outputs={name: None if output.get("sensitive") else output.get("value") for name, output in outputs.items()},
        tokens=tokens,
        hidden=frozenset(unreliable),
    )


def resolve(
    stack: Stack, document: Mapping[str, _Data], resolution: Resolution, references: References
) -> ResolvedStack:
    """The resolved view of a plan; `references` are those of its document."""
    pure = frozenset(resource.address for resource in stack if resource.mode == "data" and resource.type in PURE)
    trust = Trust(resolution.values, resolution.tokens, resolution.hidden, references, pure)
    rendered = {
        text for address in pure for text in resolution.values.get(address, {}).values() if isinstance(text, str)
    }
    settled: dict[str, tuple[_Data, _Data]] = {}
    for resource in stack:
        known, unknown, _ = resource.raw_values
        if is_marked(unknown):
            settled[resource.address] = _Settled(resource, resolution, trust, rendered).values(known, unknown)
    read = resolution.tokens.read if len(resolution.tokens) else None
    wires = _Wirings(resolution, references.of(_with_values(document, settled)))
    resources = [
        resource.resolved(*settled.get(resource.address, resource.raw_values[:2]), read=read, wires=wires)
        for resource in stack
    ]
    outputs = {name: _output(output, resolution) for name, output in stack.outputs.items()}
    return ResolvedStack(stack.environment, resources, outputs, reason=resolution.reason)


def _with_values(document: Mapping[str, _Data], settled: Mapping[str, tuple[_Data, _Data]]) -> Mapping[str, _Data]:
    """A plan document in which values are settled."""
    changes = []
    for change in document.get("resource_changes", ()):
        if "deposed" not in change and change["address"] in settled:
            known, unknown = settled[change["address"]]
            change = {**change, "change": {**change["change"], "after": known, "after_unknown": unknown}}
        changes.append(change)
    return {**document, "resource_changes": changes}


class _Settled:
    """Settles the unknown values of one resource."""

    def __init__(
        self,
        resource: Resource,
        resolution: Resolution,
        trust: Trust,
        rendered: set[str],
    ) -> None:
        self._resource = resource
        self._pure = resource.mode == "data" and resource.type in PURE
        self._made = resolution.values.get(resource.address, {})
        self._resolution = resolution
        self._trust = trust
        self._rendered = rendered

    def values(self, known: Mapping[str, _Data] | None, unknown: Mapping[str, _Data]) -> tuple[_Data, _Data]:
        settled, left = dict(known or {}), {}
        for name, flags in unknown.items():
            if not is_marked(flags):
                continue
            settled[name], left[name] = self._settle(settled.get(name), flags, self._made.get(name), (name,))
        return settled, left

    def _settle(self, known: _Data, unknown: _Data, made: _Data, steps: tuple[Step, ...]) -> tuple[_Data, _Data]:
        if unknown is True:
            return (made, None) if self._is_told(made, steps) else (known, True)
        if isinstance(unknown, dict):
            before = known if isinstance(known, dict) else {}
            inner = made if isinstance(made, dict) else {}
            pairs = {
                key: self._settle(before.get(key), unknown.get(key), inner.get(key), (*steps, key))
                for key in {**before, **unknown}
            }
            return {key: pair[0] for key, pair in pairs.items()}, {key: pair[1] for key, pair in pairs.items()}
        if isinstance(unknown, list) and isinstance(known, list):
            flags = [*unknown, *[None] * (len(known) - len(unknown))]
            partners = _partners(known, flags, made if isinstance(made, list) else [])
            trios = enumerate(zip(known, flags, partners, strict=False))
            items = [self._settle(*trio, (*steps, number)) for number, trio in trios]
            return [item[0] for item in items], [item[1] for item in items]
        return known, unknown

    def _is_told(self, made: _Data, steps: tuple[Step, ...]) -> bool:
        if made is None or not self._trust.deserves(self._resource.address, steps, made):
            return False
        if self._pure:
            # which is a hash of the document with the tokens in it
            return (self._resource.type, *steps) != ("aws_iam_policy_document", "id")
        tokens = self._resolution.tokens.in_value(made)
        if tokens:
            # of what a provider decides for itself, such as a mode, nothing is known by its token
            return any(token.is_identity or token.feed.address != self._resource.address for token in tokens)
        return isinstance(made, str) and made in self._rendered


class _Wirings:
    """The wiring of values: by the tokens in them, and by references for what is known without tokens."""

    def __init__(self, resolution: Resolution, references: References) -> None:
        self._tokens = resolution.tokens
        self._references = references

    def ways(self, resource: Resource, path: str) -> tuple[Way, ...]:
        """The ways that a value comes by references."""
        return self._references.chain(resource.address, parse_path(path))

    def arguments(self, resource: Resource) -> tuple[str, ...]:
        """The names of what the configuration sets."""
        return self._references.arguments(resource.address)

    def wiring(self, resource: Resource, path: str) -> Wiring:
        """What feeds a value."""
        steps = parse_path(path)
        known, unknown, _ = resource.raw_values
        try:
            value, left = follow(known, steps), tuple(_unknown_parts(_flags(unknown, steps), steps))
        except LookupError:
            value, left = None, (steps,)
        traced = tuple(token.feed for token in self._tokens.in_value(value))
        # whatever no token tells of: values that were known all along, and parts that are unknown still
        static = self._references.wiring(resource.address, steps)
        told = dict.fromkeys([*traced, *(feed for feed in static.feeds if not self._is_traceable(feed))])
        parts = [self._references.wiring(resource.address, part) for part in left]
        feeds = tuple(dict.fromkeys([*told, *(feed for part in parts for feed in part.feeds)]))
        doubts = [wiring for wiring in parts if not wiring.exact]
        if not static.exact and any(feed not in traced for feed in told):
            doubts.append(static)
        if static.exact and not left and not traced:
            return static
        complete = all(wiring.complete for wiring in doubts)
        reason = doubts[0].reason if doubts else ""
        return Wiring(feeds, exact=not doubts, reason=reason, certain=traced, complete=complete)

    def _is_traceable(self, feed: Feed) -> bool:
        """Whether a token stands for it, which would be in the value if it fed it."""
        return feed in self._tokens.feeds


def _unknown_parts(flags: _Data, steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    if flags is True:
        yield steps
    elif isinstance(flags, dict):
        for key, inner in flags.items():
            yield from _unknown_parts(inner, (*steps, key))
    elif isinstance(flags, list):
        for number, inner in enumerate(flags):
            yield from _unknown_parts(inner, (*steps, number))


def _flags(unknown: _Data, steps: tuple[Step, ...]) -> _Data:
    for step in steps:
        if unknown is True or unknown is None:
            return unknown
        if isinstance(unknown, dict):
            unknown = unknown.get(str(step))
        elif isinstance(unknown, list):
            unknown = unknown[step] if isinstance(step, int) and step < len(unknown) else None
    return unknown


def _output(output: Output, resolution: Resolution) -> Output:
    made = resolution.outputs.get(output.name)
    if output.sensitive or made is None or not resolution.tokens.in_value(made):
        return output
    address = f"output.{output.name}"
    value: Value = merge(made, None, None, address, read=resolution.tokens.read)
    change = Change(output.change.action, before=output.change.before, after=value, reason=output.change.reason)
    return Output(output.name, value, output.sensitive, change)


def _resources(root_module: _Data) -> Sequence[_Data]:
    found, pending = [], [root_module]
    while pending:
        module = pending.pop()
        found += module.get("resources", ())
        pending += module.get("child_modules", ())
    return found


def _is_configured(feed: Feed, evaluated: Mapping[str, _Data], tokens: Tokens) -> bool:
    """Whether the configuration itself gave a value where a stand-in was offered: then the stand-in was not taken."""
    resource = evaluated.get(feed.address)
    steps = parse_path(feed.attribute)
    if resource is None:
        return False
    try:
        value = follow(resource.get("values"), steps[:1])
    except LookupError:
        return False
    return any(token.feed.address != feed.address for token in tokens.in_value(value))


def _without_secrets(value: _Data, marks: _Data, tokens: Tokens) -> _Data:
    """A value in which sensitive parts are replaced by the tokens in them."""
    if marks is True:
        return " ".join(token.text for token in tokens.in_value(value)) or REDACTED
    if isinstance(value, dict) and isinstance(marks, dict):
        return {key: _without_secrets(item, marks.get(key), tokens) for key, item in value.items()}
    if isinstance(value, list) and isinstance(marks, list):
        padded = [*marks, *[None] * (len(value) - len(marks))]
        return [_without_secrets(item, mark, tokens) for item, mark in zip(value, padded, strict=False)]
    return _without_secrets(value, True, tokens) if is_marked(marks) else value


def _agrees(known: _Data, unknown: _Data, made: _Data) -> bool:
    """Whether an evaluated value can be the planned one, in which an unknown part agrees with everything."""
    if unknown is True or known == made:
        return True
    if isinstance(known, dict) and isinstance(made, dict):
        flags = unknown if isinstance(unknown, dict) else {}
        # what a provider adds is missing on one side or the other
        return all(
            item is None or made.get(key) is None or _agrees(item, flags.get(key), made[key])
            for key, item in known.items()
        )
    if isinstance(known, list) and isinstance(made, list) and len(known) == len(made):
        return all(_agrees(item, nth(unknown, number), made[number]) for number, item in enumerate(known))
    return False


def _partners(known: Sequence[_Data], unknown: Sequence[_Data], made: Sequence[_Data]) -> list[_Data]:
    """For each planned element the evaluated one that can be the same; None where there is none.

    Sets have no order: known elements come first in a plan, and nothing is known of the order of the rest.
    """
    left = list(made)
    partners: list[_Data] = []
    if len(known) == len(made) and all(_agrees(k, u, m) for k, u, m in zip(known, unknown, made, strict=True)):
        return left
    for item, flags in zip(known, unknown, strict=True):
        partner = next((other for other in left if _agrees(item, flags, other)), None)
        if partner is not None:
            left.remove(partner)
        partners.append(partner)
    return partners
