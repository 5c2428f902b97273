"""`stackproof network`: what the internet reaches, and what may leave."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from stackproof.cli import opening
from stackproof.cli.printing import print_json, print_table

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from stackproof.analysis.network import Answer, Network

UNDECIDED = "possible"
CERTAIN = "certain"


def add_command(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    network = commands.add_parser("network", help="say what the internet reaches, what only seems so, what may leave")
    opening.add_plan_options(network)
    network.set_defaults(command=_network)


def _network(arguments: argparse.Namespace) -> int:
    from stackproof.analysis.network import Network

    with opening.resolved_plans(arguments) as plans:
        answers = {name: _answers(Network(plan.resolved)) for name, plan in plans.items()}
    if arguments.format == "json":
        print_json(answers)
        return 0
    for name, answer in answers.items():
        _print_exposures(f"{name}: reachable from the internet", answer["reachable"])
        _print_exposures(f"{name}: reachable through a load balancer", answer["forwarded"])
        _print_exposures(f"{name}: let in by rules, but barred", answer["latent"])
        _print_egress(f"{name}: may leave", answer["egress"])
        for what in answer["unmodelled"]:
            print(f"{name}: not modelled: {what['address']}: {what['consequence']}")
        for note in answer["notes"]:
            print(f"{name}: note: {note['address']} {note['text']}")
    return 0


def _answers(network: Network) -> dict[str, Any]:
    exposures = network.reachable_from_internet()
    egress = [finding for address in network.addresses for finding in _findings(network.egress(address))]
    return {
        "reachable": _findings(exposures),
        "forwarded": _findings(exposures.forwarded),
        "latent": _findings(exposures.latent),
        "egress": egress,
        "unmodelled": [what.as_dict() for what in network.unmodelled],
        "notes": [note.as_dict() for note in network.notes],
    }


def _findings(answer: Answer[Any]) -> list[dict[str, Any]]:
    return [finding.as_dict() for finding in (*answer.definite, *answer.possible)]


def _print_exposures(title: str, findings: list[dict[str, Any]]) -> None:
    rows = [
        (
            finding["address"],
            finding["traffic"],
            "\n".join(finding["sources"]),
            finding["barred"] or finding["arrives"],
            _how_sure(finding),
            _hops(finding),
        )
        for finding in findings
    ]
    if rows:
        print_table(title, ("resource", "traffic", "from", "arrives as, or is barred by", "how sure", "way"), rows)
    else:
        print(f"{title}: nothing\n")


def _print_egress(title: str, findings: list[dict[str, Any]]) -> None:
    rows = [
        (
            finding["address"],
            finding["traffic"],
            finding["peer"],
            finding["via"],
            _how_sure(finding),
            _hops(finding),
        )
        for finding in findings
    ]
    if rows:
        print_table(title, ("resource", "traffic", "to", "via", "how sure", "way"), rows)
    else:
        print(f"{title}: nothing\n")


def _how_sure(finding: dict[str, Any]) -> str:
    return CERTAIN if finding["certain"] else "\n".join([UNDECIDED, *map(_doubt, finding["doubts"])])


def _doubt(doubt: dict[str, Any]) -> str:
    return " ".join(str(part) for part in doubt.values() if part)


def _hops(finding: dict[str, Any]) -> str:
    return "\n".join(" ".join(str(part) for part in hop.values() if part) for hop in finding["hops"])
