"""What a plan made after an apply says of changes that Terraform did not make, and of those it would make again.

Terraform refreshes the state while it plans, and its plan says both what that found (`resource_drift`) and what it
would do about it (`resource_changes`): https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from stackproof.analysis.drift.companions import Companions
from stackproof.analysis.drift.differences import Difference, differences, plain, shown, without_noise
from stackproof.errors import PlanError
from stackproof.plan.addresses import module_path
from stackproof.plan.change import Action, Change, read_change
from stackproof.plan.model import Plan
from stackproof.plan.paths import Step, parse_path
from stackproof.plan.redaction import CHANGED_SENSITIVE
from stackproof.plan.source import Place, place_in
from stackproof.plan.values import Block, Unknown, Value
from stackproof.terraform import hcl


class Kind(StrEnum):
    """In what way a resource differs."""

    CHANGED = "changed outside"
    DELETED = "deleted outside"
    ABSENT = "will be made again"
    DIFFERS = "configuration differs"


@dataclass(frozen=True)
class Drift:
    """One resource instance, or output, that is not as it was applied.

    Of a CHANGED one, `differences` go from what is recorded to what is; of one that DIFFERS, from what is to what the
    configuration says. `action` is what Terraform would do, NO_OP where it would leave things as they are. `place` is
    the resource's in the HCL, None where that is not at hand.
    """

    address: str
    kind: Kind
    action: Action
    differences: tuple[Difference, ...] = ()
    place: Place | None = None
    why: str = ""

    @property
    def undone(self) -> bool:
        """Whether the next apply would set it right."""
        return self.action is not Action.NO_OP

    @property
    def sentence(self) -> str:
        """What it is in one sentence, without values."""
        if self.kind is Kind.DELETED:
            then = "; the next apply makes it again" if self.undone else "; no apply makes it again"
            return f"was deleted outside Terraform{then}"
        paths = ", ".join(dict.fromkeys(difference.path for difference in self.differences))
        if self.kind is Kind.CHANGED:
            back = [difference.undone for difference in self.differences]
            then = "sets it back" if all(back) else "sets a part of it back" if any(back) else "leaves it as it is"
            verb = "were" if "," in paths else "was"
            return f"{paths} {verb} changed outside Terraform; the next apply {then}"
        if self.kind is Kind.ABSENT:
            return "is not recorded as applied; the next apply makes it"
        return _WOULD[self.action] + (f": {paths}" if paths else "") + (f" ({self.why})" if self.why else "")

    def as_dict(self) -> dict[str, Any]:
        """The same as data, sensitive values left out."""
        return {
            "address": self.address,
            "kind": self.kind.value,
            "action": self.action.value,
            "sentence": self.sentence,
            "place": str(self.place) if self.place else None,
            "differences": [
                {
                    "path": difference.path,
                    "before": plain(difference.before),
                    "after": plain(difference.after),
                    "undone": difference.undone,
                    "place": str(difference.place) if difference.place else None,
                }
                for difference in self.differences
            ],
        }


_WOULD: Mapping[Action, str] = {
    Action.CREATE: "the next apply makes it",
    Action.UPDATE: "the next apply changes it",
    Action.REPLACE: "the next apply replaces it",
    Action.DELETE: "the next apply deletes it",
    Action.FORGET: "the next apply forgets it",
}


class StackNotSettled(PlanError):
    """A plan after an apply would change something again."""


def find_drift(plan: Plan) -> tuple[Drift, ...]:
    """What is not as it was applied, in the plan's order; the plan must be of the configuration that was applied.

    Left out is what differs without meaning anything (null and empty, timestamps), what other resources of the stack
    account for (see `companions`), and what the configuration ignores by `lifecycle.ignore_changes`.
    """
    return tuple(_Reading(plan).drift())


def is_applied(plan: Plan) -> bool:
    """Whether anything of the stack is recorded in the state that the plan was made from."""
    entries = plan.document.get("resource_changes", ())
    managed = [entry for entry in entries if entry.get("mode") == "managed"]
    return bool(plan.document.get("resource_drift")) or any(
        entry["change"]["actions"] != ["create"] for entry in managed
    )


def require_no_changes(plan: Plan) -> None:
    """Idempotence: raises StackNotSettled naming every attribute that a plan after an apply would change again."""
    failing = [line for change in _Reading(plan).changes() for line in _lines(change)]
    if failing:
        raise StackNotSettled(
            "\n  ".join([f"{len(failing)} left to do after an apply:", *failing]),
            where=plan.environment,
            remedy="say in the configuration what the provider reads back, or ignore it by lifecycle.ignore_changes.",
        )


def _lines(change: Drift) -> Iterator[str]:
    if not change.differences:
        yield f"{change.address}: {change.sentence}{_at(change.place)}"
    for difference in change.differences:
        replaced = " (replaces it)" if change.action is Action.REPLACE else ""
        yield f"{change.address}: {difference}{replaced}{_at(difference.place or change.place)}"


def _at(place: Place | None) -> str:
    return f" at {place}" if place else ""


class _Reading:
    """One plan, read for what differs."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        entries = [*plan.document.get("resource_changes", ()), *plan.document.get("resource_drift", ())]
        self._raw = [entry for entry in entries if entry.get("mode", "managed") == "managed"]
        self._planned = {
            entry["address"]: entry
            for entry in plan.document.get("resource_changes", ())
            if entry.get("mode") == "managed" and "deposed" not in entry
        }

    def drift(self) -> Iterator[Drift]:
        """What refreshing found, and what is planned besides."""
        seen: dict[str, Drift] = {}
        for entry in self._plan.document.get("resource_drift", ()):
            found = self._drifted(entry)
            if found is not None:
                seen[found.address] = found
        yield from seen.values()
        for change in self.changes():
            known = seen.get(change.address)
            if known is None:
                yield change
            elif known.kind is Kind.CHANGED:
                told = {difference.steps[0] for difference in known.differences}
                rest = tuple(difference for difference in change.differences if difference.steps[0] not in told)
                # what only follows from setting the rest back is known after apply
                rest = tuple(difference for difference in rest if not isinstance(difference.after, Unknown))
                if rest:
                    yield replace(change, differences=rest)

    def changes(self) -> Iterator[Drift]:
        """What the plan would do."""
        for address, change in self._plan.changes.items():
            entry = self._planned.get(address)
            if entry is None and "(deposed" not in address:
                continue
            if change.action in (Action.NO_OP, Action.READ):
                continue
            kind = Kind.ABSENT if change.action is Action.CREATE else Kind.DIFFERS
            found = tuple(self._differing(entry, change)) if entry else ()
            yield Drift(address, kind, change.action, found, self._place(entry) if entry else None, change.why)
        for name, output in self._plan.document.get("output_changes", {}).items():
            change = read_change({"change": output}, f"output.{name}")
            if change.action is not Action.NO_OP:
                difference = Difference(("value",), change.before, change.after, undone=True)
                place = self._output_place(name)
                yield Drift(f"output.{name}", Kind.DIFFERS, change.action, (replace(difference, place=place),), place)

    def _drifted(self, entry: Mapping[str, Any]) -> Drift | None:
        address = entry["address"]
        change = read_change(entry, address)
        planned = self._planned.get(address)
        action = read_change(planned, address).action if planned else Action.NO_OP
        if change.action is Action.DELETE:
            return Drift(address, Kind.DELETED, action, (), self._place(entry))
        if change.action is not Action.UPDATE:
            return None
        undone = {difference.steps[0] for difference in self._planned_differences(planned)} if planned else set()
        found = [
            replace(difference, undone=difference.steps[0] in undone)
            for difference in self._changed(entry, change, undone)
        ]
        if not found:
            return None
        return Drift(
            address,
            Kind.CHANGED,
            action if any(difference.undone for difference in found) else Action.NO_OP,
            tuple(replace(difference, place=self._place(entry, difference.steps)) for difference in found),
            self._place(entry),
        )

    def _changed(self, entry: Mapping[str, Any], change: Change, undone: set[Step]) -> Iterator[Difference]:
        """What was changed outside; of what Terraform sets back nothing is left out as meaningless."""
        before, after = _values(change.before), _values(change.after)
        hidden = _hidden(entry)
        ignored = self._ignored(entry)
        kept: list[Difference] = []
        for name in sorted({*before, *after}):
            if name in undone:
                yield from differences(before.get(name), after.get(name), hidden, (name,))
                continue
            told = self._companions.unaccounted(entry["address"], entry["type"], name, before, after)
            kept += differences(before.get(name), after.get(name), hidden, (name,)) if told is None else told
        yield from (
            difference
            for difference in without_noise(iter(kept))
            if not any(difference.steps[: len(steps)] == steps for steps in ignored)
        )

    def _planned_differences(self, entry: Mapping[str, Any]) -> list[Difference]:
        change = read_change(entry, entry["address"])
        if change.action not in _IN_PLACE:
            return []
        return list(differences(_values(change.before), _values(change.after), _hidden(entry)))

    def _differing(self, entry: Mapping[str, Any], change: Change) -> Iterator[Difference]:
        """What an update or a replacement changes; what only follows from that, where nothing else does."""
        found = self._planned_differences(entry)
        known = [difference for difference in found if not isinstance(difference.after, Unknown)]
        forced = {parse_path(path)[0] for path in change.replace_paths}
        told = known or found
        if forced and change.action is Action.REPLACE:
            told = [difference for difference in found if difference.steps[0] in forced] or told
        for difference in told:
            yield replace(difference, undone=True, place=self._place(entry, difference.steps))

    @cached_property
    def _companions(self) -> Companions:
        resources = []
        for entry in self._raw:
            change = read_change(entry, entry["address"])
            resources += [
                (entry["address"], entry["type"], _values(side))
                for side in (change.before, change.after)
                if side is not None
            ]
        return Companions(resources)

    def _block(self, entry: Mapping[str, Any]) -> hcl.Block | None:
        sources = self._plan.sources
        path = module_path(entry.get("module_address", ""))
        return sources.block(path, "resource", (entry["type"], entry["name"])) if sources else None

    def _place(self, entry: Mapping[str, Any], steps: Sequence[Step] = ()) -> Place | None:
        block = self._block(entry)
        planned = self._planned.get(entry["address"], entry)["change"].get("after")
        return place_in(block, steps, planned) if block else None

    def _output_place(self, name: str) -> Place | None:
        sources = self._plan.sources
        block = sources.block((), "output", (name,)) if sources else None
        return place_in(block, ("value",)) if block else None

    def _ignored(self, entry: Mapping[str, Any]) -> list[tuple[Step, ...]]:
        """The paths in `lifecycle.ignore_changes`; () stands for all.

        https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#ignore_changes
        """
        block = self._block(entry)
        lifecycle = next((inner for inner in block.blocks if inner.kind == "lifecycle"), None) if block else None
        argument = lifecycle.argument("ignore_changes") if lifecycle else None
        if argument is None:
            return []
        if argument.text.strip() == "all":
            return [()]
        return [parse_path(path) for path in re.findall(r'[\w.-]+(?:\[(?:\d+|"[^"]*")\][\w.-]*)*', argument.text)]


_IN_PLACE = (Action.UPDATE, Action.REPLACE)


def _values(value: Value) -> Block:
    return value if isinstance(value, Block) else Block()


def _hidden(entry: Mapping[str, Any]) -> list[tuple[Step, ...]]:
    return [tuple(path) for path in entry["change"].get(CHANGED_SENSITIVE, ())]


def describe(drift: Drift) -> list[str]:
    """One drift in lines for people, sensitive values left out."""
    lines = [f"{drift.address}: {drift.sentence}{_at(drift.place)}"]
    for difference in drift.differences:
        place = _at(difference.place) if difference.place != drift.place else ""
        lines += [f"  {told}{place}" for told in _told(difference, drift.kind)]
    return lines


def _told(difference: Difference, kind: Kind) -> list[str]:
    before, after, path = difference.before, difference.after, difference.path
    if kind is Kind.DIFFERS:
        return [f"{path} is {shown(before)}, shall be {shown(after)}"]
    if all(side is None or isinstance(side, list) for side in (before, after)):
        return [
            f"{path} {verb} {shown(item)}"
            for verb, side in (("lost", before), ("gained", after))
            for item in side or ()
        ]
    return [f"{path} was {shown(before)}, is {shown(after)}"]
