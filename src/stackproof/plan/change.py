"""What will happen to a resource or an output, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from stackproof.plan.paths import format_path
from stackproof.plan.values import Value, merge


class Action(StrEnum):
    """What Terraform will do: https://developer.hashicorp.com/terraform/internals/json-format#change-representation."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    NO_OP = "no-op"
    READ = "read"
    FORGET = "forget"


@dataclass(frozen=True)
class Change:
    """What will happen to one resource instance or output.

    `reason` is Terraform's `action_reason` ("" where it gives none), `replace_paths` the paths whose change forces a
    replacement, `previous_address` where a `moved` block found it, `create_before_destroy` the order of a replacement.
    """

    action: Action
    before: Value = field(repr=False, default=None)
    after: Value = field(repr=False, default=None)
    reason: str = ""
    replace_paths: tuple[str, ...] = ()
    previous_address: str | None = None
    create_before_destroy: bool = False

    @property
    def why(self) -> str:
        """The reason for a replacement or deletion in words, "" where there is none."""
        parts = [self.reason.replace("_", " ")] if self.reason else []
        if self.replace_paths:
            parts.append(f"changed: {', '.join(self.replace_paths)}")
        return "; ".join(parts)


@dataclass(frozen=True)
class Output:
    """A root module output: its planned value, whether it is sensitive, and what will happen to it."""

    name: str
    value: Value
    sensitive: bool
    change: Change


def read_action(detail: Mapping[str, Any]) -> Action:
    """The action of a change object; two actions together are a replacement."""
    actions = detail["actions"]
    return Action.REPLACE if len(actions) > 1 else Action(actions[0])


def read_change(raw: Mapping[str, Any], address: str) -> Change:
    """The change in one entry of `resource_changes` or `output_changes`, whose values belong to `address`."""
    detail = raw["change"]
    actions = detail["actions"]
    return Change(
        read_action(detail),
        before=merge(detail.get("before"), None, detail.get("before_sensitive"), address),
        after=merge(detail.get("after"), detail.get("after_unknown"), detail.get("after_sensitive"), address),
        reason=raw.get("action_reason", ""),
        replace_paths=tuple(format_path(tuple(path)) for path in detail.get("replace_paths", ())),
        previous_address=raw.get("previous_address"),
        create_before_destroy=actions == ["create", "delete"],
    )
