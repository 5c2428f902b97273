"""The stacks that are applied, what is known of them beforehand, and the least that has to be compared of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .applying import Client, First

TOP = Path(__file__).parents[2]
OWN = Path(__file__).with_name("stacks") / "pyproject.toml"

NAMESAKE = "both are given the same name"
COMPUTED = "a function makes another text of it"


@dataclass(frozen=True)
class Figures:
    """How much was compared.

    `named` counts the arguments in which an instance is named, `feeds` the feeds whose values were looked for, and
    `documents` what was read from the account. `undecided` counts wirings and documents that the plan leaves open.
    """

    named: int
    feeds: int
    documents: int
    undecided: int = 0


@dataclass(frozen=True)
class Case:
    """A stack of a settings file in one environment.

    At least `least` is compared of it, and no more of it is undecided. `unlike` are arguments, by address and path,
    whose values cannot tell how they are wired, and why.
    """

    settings: Path
    stack: str
    environment: str
    least: Figures
    unlike: Mapping[tuple[str, str], str] = field(default_factory=dict)
    first: First | None = None


def _put_secrets(client: Client) -> None:
    secrets = client("secretsmanager")
    for secret in secrets.list_secrets()["SecretList"]:
        secrets.put_secret_value(SecretId=secret["ARN"], SecretString=f"the value of {secret['Name']}")


CASES: Mapping[str, Case] = {
    # the longest first, since they are applied side by side
    "stock-dashboard": Case(
        TOP / "pyproject.toml",
        "stock-dashboard",
        "dev",
        Figures(named=115, feeds=221, documents=17),
        unlike={("module.alb.aws_lb.this", "name"): NAMESAKE},
        first=First(["aws_secretsmanager_secret.this"], _put_secrets),
    ),
    "permissions": Case(
        OWN,
        "permissions",
        "default",
        # which of its arguments a template file takes is not known where one of them is known all along
        Figures(named=58, feeds=110, documents=19, undecided=2),
        unlike={("aws_iam_user_policy.robot", "policy"): COMPUTED},
    ),
    "archive": Case(TOP / "examples/archive/pyproject.toml", "archive", "test", Figures(named=3, feeds=4, documents=0)),
    "network": Case(
        OWN,
        "network",
        "default",
        Figures(named=51, feeds=68, documents=0),
        unlike={
            (f'module.tier["{tier}"].module.subnet[{zone}].aws_subnet.this', "cidr_block"): COMPUTED
            for tier in ("edge", "work")
            for zone in (0, 1)
        },
    ),
    "expressions": Case(
        OWN,
        "expressions",
        "default",
        Figures(named=73, feeds=108, documents=8),
        unlike={(f'aws_ssm_parameter.value["{name}"]', "insecure_value"): COMPUTED for name in ("replaced", "upper")},
    ),
}
