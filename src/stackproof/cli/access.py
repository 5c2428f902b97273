"""`stackproof access`: what roles may do; `stackproof diff --access`: what a change newly allows."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from stackproof.cli import opening, sides
from stackproof.cli.printing import print_json, print_table

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from stackproof.analysis.access import Access

NEWS = 1
"""The exit code where there is something new, so that a pipeline can stop for a look at it."""


def add_commands(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands to the command line."""
    access = commands.add_parser("access", help="say what roles may do, who may assume them, how they could get more")
    access.add_argument("role", metavar="ROLE", nargs="?", help="one role, by address, name or ARN (all without)")
    opening.add_plan_options(access)
    access.set_defaults(command=_access)

    diff = commands.add_parser(
        "diff",
        help="say what a change newly allows, to whom, on what",
        description="Exit code 0 where nothing is new, 1 where something is, 2 where it could not be asked.",
    )
    diff.add_argument("--access", action="store_true", required=True, help="compare what IAM allows")
    diff.add_argument("base", metavar="BASE", help="a git revision, a plan file, a folder of these, or . for this tree")
    diff.add_argument(
        "head", metavar="HEAD", nargs="?", default=sides.WORKING_TREE, help="likewise (this tree without)"
    )
    diff.add_argument("--environment", action="append", metavar="NAME", help="plan this environment only")
    diff.add_argument("--format", choices=("table", "json"), default="table")
    opening.add_planning_options(diff)
    diff.set_defaults(command=_diff)


def _access(arguments: argparse.Namespace) -> int:
    from stackproof.analysis.access import Access

    with opening.resolved_plans(arguments) as plans:
        answers = {name: _answers(Access(plan.resolved), arguments.role) for name, plan in plans.items()}
    if arguments.format == "json":
        print_json(answers)
        return 0
    for name, answer in answers.items():
        _print_trust(name, answer["trusted"])
        _print_permissions(name, answer["permissions"])
        _print_escalations(name, answer["escalations"])
        for reason in answer["undecided"]:
            print(f"{name}: undecided: {reason}")
        for what in answer["unmodelled"]:
            print(f"{name}: not modelled: {what}")
    return 0


def _answers(access: Access, role: str | None) -> dict[str, Any]:
    chosen = [access.role(role)] if role else list(access.identities.roles)
    addresses = {role.address for role in chosen}
    matrix = access.matrix()
    undecided = [reason for reason in matrix.undecided if any(reason.startswith(f"{a}: ") for a in addresses)]
    trusted = []
    for one in chosen:
        if one.trust.undecided:
            undecided.append(f"{one.address}: {one.trust}: {one.trust.undecided}")
            continue
        trusted += [
            {
                "role": one.address,
                "principal": f"{trust.principal.kind} {trust.principal.value}",
                "conditions": [_condition(c.operator, c.key, list(map(str, c.values))) for c in trust.conditions],
                "place": str(trust.place or ""),
            }
            for trust in access.trusted(one.address)
        ]
    return {
        "trusted": trusted,
        "permissions": [p.as_dict() for p in matrix if role is None or p.principal in addresses],
        "escalations": [e.as_dict() for e in access.escalations() if role is None or e.principal in addresses],
        "undecided": undecided,
        "unmodelled": list(access.unmodelled),
    }


def _condition(operator: str, key: str, values: list[str]) -> str:
    return f"{operator} {key} = {', '.join(values)}"


def _print_trust(name: str, trusted: list[dict[str, Any]]) -> None:
    rows = [(t["role"], t["principal"], "\n".join(t["conditions"]), t["place"]) for t in trusted]
    print_table(f"{name}: who may assume a role", ("role", "principal", "conditions", "where"), rows)


def _print_permissions(name: str, permissions: list[dict[str, Any]]) -> None:
    """One row for all actions of a statement on the same resources, in which they are listed by access level."""
    grouped: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for permission in permissions:
        conditions = "\n".join(_condition(c["operator"], c["key"], c["values"]) for c in permission["conditions"])
        key = (
            permission["principal"],
            "\n".join(permission["resources"]) or permission["pattern"],
            conditions,
            permission["limits"],
            permission["place"],
        )
        level = permission["level"] if permission["known"] else "no such action"
        grouped.setdefault(key, {}).setdefault(level or "level not known", []).append(permission["action"])
    rows = [
        (
            principal,
            "\n".join(f"{level}: {', '.join(names)}" for level, names in levels.items()),
            resources,
            "\n".join(filter(None, [conditions, limits])),
            place,
        )
        for (principal, resources, conditions, limits, place), levels in grouped.items()
    ]
    print_table(f"{name}: permissions", ("principal", "actions", "resources", "conditions and limits", "where"), rows)


def _print_escalations(name: str, escalations: list[dict[str, Any]]) -> None:
    rows = [
        (
            e["principal"],
            e["method"],
            e["target"],
            "\n".join(e["gains"]),
            e["undecided"] or "certain",
            "\n".join(e["places"]),
        )
        for e in escalations
    ]
    if rows:
        columns = ("principal", "can", "of", "and so get", "how sure", "where")
        print_table(f"{name}: ways to more rights", columns, rows)
    else:
        print(f"{name}: ways to more rights: none\n")


def _diff(arguments: argparse.Namespace) -> int:
    from stackproof.analysis.access import Access
    from stackproof.analysis.access.difference.difference import lost_access, new_access
    from stackproof.plan import Stack

    with ExitStack() as both:
        base = both.enter_context(sides.opened(arguments.base, arguments))
        head = both.enter_context(sides.opened(arguments.head, arguments))
        answers: dict[str, Any] = {}
        for name, (before, after) in sides.paired(base.plans, head.plans).items():
            former = Access(before.resolved if before else Stack(name, (), {}))
            now = Access(after.resolved)
            answers[name] = {
                "new": [entry.as_dict() for entry in new_access(former, now)],
                "lost": [entry.as_dict() for entry in lost_access(former, now)],
            }
        answers = base.shown(head.shown(answers))
    if arguments.format == "json":
        print_json(answers)
    else:
        for name, answer in answers.items():
            _print_difference(f"{name}: newly allowed", answer["new"])
            _print_difference(f"{name}: no longer allowed", answer["lost"])
    return NEWS if any(answer["new"] for answer in answers.values()) else 0


def _print_difference(title: str, entries: list[dict[str, Any]]) -> None:
    rows = [
        (
            entry["principal"],
            "\n".join(entry["actions"]) or entry["kind"],
            "\n".join(entry["resources"]),
            "\n".join(filter(None, [entry["reason"], *entry["conditions"], entry["was"] and f"was: {entry['was']}"])),
            _how_sure(entry),
            _witness(entry["witness"]),
            entry["place"],
        )
        for entry in entries
    ]
    if rows:
        print_table(title, ("to", "actions", "on", "why", "how sure", "for example", "where"), rows)
    else:
        print(f"{title}: nothing\n")


def _how_sure(entry: dict[str, Any]) -> str:
    if entry["undecided"]:
        return "undecided"
    return "proven" if entry["exact"] else "possible"


def _witness(witness: dict[str, Any] | None) -> str:
    if witness is None:
        return ""
    given = "\n".join(f"{key} = {value}" for key, value in witness["context"].items() if value is not None)
    return f"{witness['action']} on {witness['resource']}" + (f"\n{given}" if given else "")
