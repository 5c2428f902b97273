"""Makes a request of a question: which part of a resource an action is for, and which actions there are."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace

from stackproof.analysis.access.catalog import actions
from stackproof.analysis.access.evaluation.parties import ARN_PARTS, Target
from stackproof.analysis.access.patterns import globs
from stackproof.errors import PlanError

_TAGGING = frozenset({"logs:tagresource", "logs:untagresource", "logs:listtagsforresource"})


def check_action(action: str) -> None:
    """Raises PlanError for what is no action of a known service: a misspelt one is allowed to nobody."""
    service, _, name = action.partition(":")
    if not name or "*" in action or "?" in action:
        raise PlanError(f"{action!r} is not one action", remedy='ask about one, such as "s3:GetObject".')
    if actions.is_known(action):
        return
    known = actions.expand(f"{service}:*")
    close = difflib.get_close_matches(action, known, n=3) or difflib.get_close_matches(
        action.lower(), [other.lower() for other in known], n=3
    )
    what = f"{action} is no action" if known else f"{service} is no service"
    raise PlanError(f"{what} that is known", remedy=f"did you mean {' or '.join(close)}?" if close else None)


def for_action(target: Target, action: str) -> Target:
    """The target as a request for an action names it; PlanError where the action is not for such a resource.

    An action that is for no resource in particular is asked for `*`, in S3 for any bucket. One for objects is for all
    objects of a bucket, and one for a log group names it with an asterisk:
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html
    """
    types = actions.resource_types(action)
    if not types:
        return Target(target.label, _anywhere(target, action))
    if target.holder is not None and target.label == target.holder.address:
        target = _part(target, action, types)
    if not any(_overlap(arn, target.arn) for arn in types.values()):
        known = ", ".join(f"{name} ({arn})" for name, arn in types.items())
        raise PlanError(f"{action} is not for {target.label} ({target.arn})", remedy=f"it is for {known}.")
    return target


def _overlap(one: str, other: str) -> bool:
    """Whether an ARN can be of both forms, part by part: a service or an account has no colon in it."""
    pairs = zip(one.split(":", ARN_PARTS - 1), other.split(":", ARN_PARTS - 1), strict=False)
    return all(globs.overlaps(left, right) for left, right in pairs)


def _anywhere(target: Target, action: str) -> str:
    if not action.lower().startswith("s3:"):
        return "*"
    partition = target.arn.split(":")[1] if target.arn.startswith("arn:") else "aws"
    return f"arn:{partition}:s3:::*"


def _part(target: Target, action: str, types: Mapping[str, str]) -> Target:
    kind = target.holder.type if target.holder else ""
    if kind == "aws_s3_bucket" and "object" in types:
        return replace(target, arn=f"{target.arn}/*", is_glob=True)
    if kind == "aws_cloudwatch_log_group" and action.lower() not in _TAGGING and not target.arn.endswith(":*"):
        part = "*" if "log-group" in types else "log-stream:*"
        return replace(target, arn=f"{target.arn}:{part}", is_glob=True)
    return target
