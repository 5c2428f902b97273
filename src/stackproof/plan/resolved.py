"""The resolved plan: the same stack with values for what the plan leaves unknown, as far as Terraform tells them.

Terraform evaluated the configuration with tokens in place of ids and ARNs (see `overrides`). What it made of a value
is taken over only where the plan says that the value is unknown and a token can be found in the outcome: a value that
was computed from tokens in a way that hides them, by comparing or counting, would be a guess and stays unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from stackproof.plan.change import Change, Output
from stackproof.plan.paths import Step, parse_path
from stackproof.plan.provenance import Way
from stackproof.plan.references.references import OUTPUT, References
from stackproof.plan.resolution.overrides import PURE
from stackproof.plan.resolution.resolution import Resolution
from stackproof.plan.resolution.settling import Settling
from stackproof.plan.resolution.trust import Trust, value_at
from stackproof.plan.resource import Resource
from stackproof.plan.stack import Stack
from stackproof.plan.values import Value, follow, is_marked, merge
from stackproof.plan.wiring import Feed, Wiring

_Data = Any


class ResolvedStack(Stack):
    """A stack whose unknown values are resolved or traceable; `reason` says why not, where Terraform could not tell.

    `changes` are those of the plan, by address.
    """

    def __init__(
        self,
        environment: str,
        resources: Sequence[Resource],
        outputs: Mapping[str, Output],
        *,
        changes: Mapping[str, Change],
        reason: str,
    ) -> None:
        super().__init__(environment, resources, outputs)
        self.changes = changes
        self.reason = reason


def resolve(
    stack: Stack,
    document: Mapping[str, _Data],
    changes: Mapping[str, Change],
    resolution: Resolution,
    references: References,
) -> ResolvedStack:
    """The resolved view of a plan with its document and changes; `references` are those of the document."""
    unknown = {resource.address: resource.raw_values[1] for resource in stack if is_marked(resource.raw_values[1])}
    pure = frozenset(resource.address for resource in stack if resource.mode == "data" and resource.type in PURE)
    trust = Trust(resolution.values, unknown, resolution.tokens, resolution.hidden, references, pure)
    settled: dict[str, tuple[_Data, _Data]] = {}
    for address, flags in unknown.items():
        settling = Settling(address, resolution.tokens, trust)
        made = resolution.values.get(address, {})
        settled[address] = settling.attributes(stack[address].raw_values[0], flags, made)
    read = resolution.tokens.read if len(resolution.tokens) else None
    wires = _Wirings(resolution, references.of(_with_values(document, settled)), pure)
    resources = [
        resource.resolved(*settled.get(resource.address, resource.raw_values[:2]), read=read, wires=wires)
        for resource in stack
    ]
    outputs = {
        name: _output(output, document["output_changes"][name], resolution, trust)
        for name, output in stack.outputs.items()
    }
    resolved = ResolvedStack(stack.environment, resources, outputs, changes=changes, reason=resolution.reason)
    resolved.sources = stack.sources
    resolved.key = f"{stack.key} {resolution.reason}".strip() if stack.key else ""
    return resolved


def _with_values(document: Mapping[str, _Data], settled: Mapping[str, tuple[_Data, _Data]]) -> Mapping[str, _Data]:
    """A plan document in which values are settled."""
    changes = []
    for change in document.get("resource_changes", ()):
        if "deposed" not in change and change["address"] in settled:
            known, unknown = settled[change["address"]]
            change = {**change, "change": {**change["change"], "after": known, "after_unknown": unknown}}
        changes.append(change)
    return {**document, "resource_changes": changes}


class _Wirings:
    """The wiring of values: by the tokens in them, and by references for what is known without tokens.

    `pure` are the addresses of data sources that a provider computes from their arguments.
    """

    def __init__(self, resolution: Resolution, references: References, pure: frozenset[str]) -> None:
        self._tokens = resolution.tokens
        self._evaluated = resolution.values
        self._references = references
        self._pure = pure

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
        told = dict.fromkeys([*traced, *(feed for feed in static.feeds if not self._is_traced(feed, traced))])
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

    def _is_traced(self, feed: Feed, traced: Collection[Feed]) -> bool:
        """Whether tokens tell of an attribute: its own, which would be in the value, or those that it is made of.

        A document feeds a value in its own right, whatever is in it.
        """
        if feed in self._tokens.feeds:
            return True
        if feed.address in self._pure:
            return False
        made = value_at(self._evaluated.get(feed.address), parse_path(feed.attribute) if feed.attribute else ())
        sources = {token.feed for token in self._tokens.in_value(made)}
        return bool(sources) and sources.issubset(traced)


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


def _output(output: Output, detail: Mapping[str, _Data], resolution: Resolution, trust: Trust) -> Output:
    made = resolution.outputs.get(output.name)
    if output.sensitive or made is None:
        return output
    address = f"{OUTPUT}{output.name}"
    settling = Settling(address, resolution.tokens, trust)
    known, unknown = settling.value(detail.get("after"), detail.get("after_unknown"), made)
    value: Value = merge(known, unknown, detail.get("after_sensitive"), address, read=resolution.tokens.read)
    change = Change(output.change.action, before=output.change.before, after=value, reason=output.change.reason)
    return Output(output.name, value, output.sensitive, change)
