"""The policy itself: needs, gathered into statements, and statements into documents that IAM takes.

A managed policy has at most 6,144 characters, white space not counted:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.deployer.actions import actions_of
from stackproof.sandbox.deployer.catalog import is_global, spelled
from stackproof.sandbox.deployer.dependents import Dependents
from stackproof.sandbox.deployer.home import ANY, Home, home_of, partition_of
from stackproof.sandbox.deployer.names import Names
from stackproof.sandbox.deployer.needs import ANYTHING, Condition, Need
from stackproof.sandbox.deployer.resources import Resources
from stackproof.sandbox.deployer.rules import rules

LIMIT = 6144
"""Characters of a managed policy, without white space."""
VERSION = "2012-10-17"
_HEAD = len('{"Version":"2012-10-17","Statement":[]}')

Statement = dict[str, Any]


@dataclass(frozen=True)
class DeployerPolicy:
    """What a deploying role needs.

    `needs` are sorted, and the same for the same calls. `unknown` are calls, as "service:Operation", for which no
    action is known: whoever uses the policy has to look them up. `calls` is how many calls it was made of, and
    `place` where it is good for.
    """

    needs: tuple[Need, ...]
    place: Home
    unknown: tuple[str, ...] = ()
    calls: int = field(default=0, compare=False)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements of all documents, sorted by what they are about."""
        return tuple(_statements(self.needs))

    @property
    def documents(self) -> tuple[dict[str, Any], ...]:
        """The policy as IAM takes it: one document, or several where one would be longer than IAM allows."""
        groups: list[list[Statement]] = [[]]
        size = _HEAD
        for statement in (part for each in self.statements for part in _parts(each)):
            length = characters(statement) + 1
            if groups[-1] and size + length > LIMIT:
                groups.append([])
                size = _HEAD
            groups[-1].append(statement)
            size += length
        return tuple({"Version": VERSION, "Statement": group} for group in groups)

    @property
    def actions(self) -> tuple[str, ...]:
        """All actions, sorted."""
        return tuple(sorted({need.action for need in self.needs}))

    def without(self, action: str) -> DeployerPolicy:
        """The same without one action, to show what it is needed for; KeyError where it is not in the policy."""
        if action not in self.actions:
            raise KeyError(action)
        return replace(self, needs=tuple(need for need in self.needs if need.action != action))


def write_policy(
    calls: Iterable[Call], *, account: str = "", region: str = "", partition: str = "", widened: Sequence[str] = ()
) -> DeployerPolicy:
    """The policy under which all of these calls would have been allowed.

    It speaks of the account, region and partition in which the calls were made, or of those that are given instead.
    `widened` are words of names, such as "dev", in whose place any other may stand.
    """
    made = [call for call in calls if call.service and call.action]
    needs = {need for _, need in settled_needs(made, account, region, partition, widened)}
    place = _place(home_of(made), account, region, partition)
    unknown = {str(call) for call in made if actions_of(call.service, call.action) is None}
    return DeployerPolicy(tuple(sorted(_without_covered(needs))), place, tuple(sorted(unknown)), len(made))


def settled_needs(
    calls: Sequence[Call], account: str = "", region: str = "", partition: str = "", widened: Sequence[str] = ()
) -> list[tuple[Call, Need]]:
    """What each call needs, in the account, region and partition in which it was made, or that are given instead."""
    home = home_of(calls)
    place = _place(home, account, region, partition)
    resources = Resources(calls, Names(calls), home)
    dependents = Dependents(calls, resources, home.account)
    needs = []
    for call in calls:
        for action in actions_of(call.service, call.action) or ():
            given = _attached(action, call, resources)
            needs += [(call, Need(action, arn, kind, given)) for kind, arn in resources.of(action, call)]
        needs += [(call, need) for need in dependents.of(call) if spelled(need.action)]
    return [(call, _settled(need, call, home, place, widened)) for call, need in needs]


def _attached(action: str, call: Call, resources: Resources) -> tuple[Condition, ...]:
    arn = str(call.parameters.get("PolicyArn", ""))
    if action not in rules("attached")["actions"] or not (pattern := resources.arn(arn)):
        return ()
    return (Condition("ArnLike" if "*" in pattern else "ArnEquals", "iam:PolicyARN", (pattern,)),)


def covers(need: Need, other: Need) -> bool:
    """Whether who has what one need asks for has what another one does."""
    return (
        need.action == other.action and need.conditions == other.conditions and _covers(need.resource, other.resource)
    )


def characters(data: object) -> int:
    """How many characters IAM counts."""
    return len(json.dumps(data, separators=(",", ":"), ensure_ascii=False))


def _place(home: Home, account: str, region: str, partition: str) -> Home:
    region = region or home.region
    guessed = partition_of(region) if region != home.region else home.partition
    return Home(account or home.account, region, partition or guessed)


def _settled(need: Need, call: Call, home: Home, place: Home, widened: Sequence[str]) -> Need:
    """A need in the account and region that the policy is for."""
    prefix = need.action.partition(":")[0]
    resource = need.resource
    if resource == ANYTHING:
        if need.conditions or not call.region:
            return need
        stays = is_global(prefix) or call.region != home.region
        at = Condition("StringEquals", "aws:RequestedRegion", (call.region if stays else place.region,))
        return replace(need, conditions=(at,))
    head, tail = resource.split(":")[:5], resource.split(":", 5)[5]
    for word in widened:
        tail = re.sub(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", "*", tail)
    if home.account != ANY:
        tail = re.sub(rf"(?<!\d){home.account}(?!\d)", place.account, tail)
    if home.region != ANY:
        tail = re.sub(rf"(?<![\w-]){home.region}(?![\w-])|(?<=-){home.region}(?![\w-])", place.region, tail)
    region = place.region if call.region in ("", home.region) else call.region

    def closed(text: str) -> str:
        text = text.replace("${Partition}", place.partition).replace("${Region}", region)
        return text.replace("${Account}", place.account)

    conditions = tuple(replace(each, values=tuple(map(closed, each.values))) for each in need.conditions)
    return replace(need, resource=closed(":".join([*head, re.sub(r"\*+", "*", tail)])), conditions=conditions)


def _without_covered(needs: set[Need]) -> Iterable[Need]:
    """Needs, without those of which another one of the same action is about more."""
    by_action: dict[tuple[str, tuple[Condition, ...]], list[Need]] = defaultdict(list)
    for need in needs:
        by_action[need.action, need.conditions].append(need)
    for group in by_action.values():
        for need in group:
            if not any(other.resource != need.resource and _covers(other.resource, need.resource) for other in group):
                yield need


def _covers(pattern: str, resource: str) -> bool:
    expression = "".join({"*": ".*", "?": "[^*]"}.get(sign, re.escape(sign)) for sign in pattern)
    return re.fullmatch(expression, resource) is not None


def _statements(needs: Iterable[Need]) -> Iterator[Statement]:
    """Statements: actions on the same resources under the same conditions are told of once."""
    found: dict[tuple[str, tuple[Condition, ...]], set[Need]] = defaultdict(set)
    for need in needs:
        found[need.action, need.conditions].add(need)
    # what is only a hint to the resource beside it is told of together
    merged: dict[tuple[str, tuple[str, ...]], set[Need]] = defaultdict(set)
    for (action, conditions), group in found.items():
        keys = tuple(condition.key for condition in conditions)
        merged[action, keys if keys in _MERGED else tuple(map(str, conditions))] |= group
    grouped: dict[tuple[str, tuple[str, ...], tuple[Condition, ...]], set[str]] = defaultdict(set)
    kinds: dict[str, str] = {}
    for (action, _), group in merged.items():
        resources = tuple(sorted({need.resource for need in group}))
        kinds |= {need.resource: need.kind for need in group}
        subject = "" if resources == (ANYTHING,) else action if action in _ALONE else action.partition(":")[0]
        grouped[subject, resources, _united(group)].add(action)
    named = sorted(
        (_name(subject, {kinds[each] for each in resources}), resources, conditions, sorted(actions))
        for (subject, resources, conditions), actions in grouped.items()
    )
    count: dict[str, int] = defaultdict(int)
    for name, resources, conditions, actions in named:
        count[name] += 1
        yield _statement(f"{name}{count[name] if count[name] > 1 else ''}", actions, resources, conditions)


def _united(needs: Iterable[Need]) -> tuple[Condition, ...]:
    """The conditions of needs that differ in nothing but their values."""
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for need in needs:
        for condition in need.conditions:
            values[condition.operator, condition.key].update(condition.values)
    return tuple(Condition(operator, key, tuple(sorted(given))) for (operator, key), given in sorted(values.items()))


_MERGED = (("ec2:CreateAction",), ("iam:AWSServiceName",))
_ALONE = ("ec2:CreateTags", "iam:PassRole", "iam:CreateServiceLinkedRole")
"""Actions whose statements are named after them: they are what a reviewer looks for."""


def _name(subject: str, kinds: Iterable[str]) -> str:
    prefix, _, action = subject.partition(":")
    if action:
        return f"{_word(prefix)}{action}"
    if not prefix:
        return "WithoutResources"
    shown = sorted({_word(kind.split("/")[0]) for kind in kinds if kind})[:3]
    return _word(prefix) + ("".join(shown) or "Anything")


def _word(text: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", text))


def _statement(
    name: str, actions: Sequence[str], resources: Sequence[str], conditions: Sequence[Condition]
) -> Statement:
    statement: Statement = {"Sid": name, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    if conditions:
        tests: dict[str, dict[str, list[str]]] = defaultdict(dict)
        for condition in conditions:
            tests[condition.operator][condition.key] = list(condition.values)
        statement["Condition"] = dict(tests)
    return statement


def _parts(statement: Mapping[str, Any]) -> list[Statement]:
    """A statement, in as many as it takes for each to fit into a document."""
    if _HEAD + characters(statement) <= LIMIT or len(statement["Resource"]) < 2:
        return [dict(statement)]
    half = len(statement["Resource"]) // 2
    first = {**statement, "Resource": statement["Resource"][:half]}
    second = {**statement, "Resource": statement["Resource"][half:], "Sid": f"{statement['Sid']}Too"}
    return [*_parts(first), *_parts(second)]
