"""`stackproof deployer-policy`: the least that a deploying role must be allowed, from what runs were recorded to do."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from stackproof.errors import SandboxError

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from stackproof.sandbox.api.calls import Call
    from stackproof.sandbox.deployer import DeployerPolicy

_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d")
_PARTITION = re.compile(r"aws(-[a-z]+)*")


def add_command(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    policy = commands.add_parser(
        "deployer-policy", help="write the IAM policy that a deploying role needs, from recorded calls"
    )
    policy.add_argument("recordings", nargs="+", type=Path, metavar="RECORDING", help="the calls of a run, a file")
    policy.add_argument("--account", default="", metavar="ID", help="the account that the role is in")
    policy.add_argument("--region", default="", metavar="REGION", help="the region that it deploys to")
    policy.add_argument("--partition", default="", metavar="NAME", help="the partition, where the region does not tell")
    policy.add_argument(
        "--widen",
        action="append",
        default=[],
        metavar="WORD",
        help="a word of names, such as dev, in whose place any other may stand (may be repeated)",
    )
    policy.add_argument("--format", choices=("json", "hcl"), default="json")
    policy.add_argument("--out", type=Path, metavar="FILE", help="write there instead of to standard output")
    policy.set_defaults(command=_deployer_policy)


def _deployer_policy(arguments: argparse.Namespace) -> int:
    _refuse(arguments)
    from stackproof.sandbox.deployer import as_texts, save, write_policy

    calls = [call for file in arguments.recordings for call in _calls(file)]
    policy = write_policy(
        calls,
        account=arguments.account,
        region=arguments.region,
        partition=arguments.partition,
        widened=arguments.widen,
    )
    if not policy.needs:
        raise SandboxError(
            "no call that was recorded needs a permission",
            where=", ".join(map(str, arguments.recordings)),
            remedy="record a whole run: apply, plan and destroy.",
        )
    if arguments.out:
        files = save(policy, arguments.out, arguments.format)
        _tell(policy, ", ".join(map(str, files)))
    else:
        sys.stdout.write("\n".join(as_texts(policy, arguments.format)))
        _tell(policy, "the policy")
    return 1 if policy.unknown else 0


def _calls(file: Path) -> Iterator[Call]:
    """The calls in a file, which somebody may have changed by hand."""
    from stackproof.sandbox.proxy.recording import Recording

    for number, call in enumerate(Recording.load(file), 1):
        texts = (call.service, call.action, call.region, call.error)
        mappings = (call.parameters, call.answer)
        if not all(isinstance(text, str) for text in texts) or not all(isinstance(each, dict) for each in mappings):
            raise SandboxError("this is no recorded call", where=f"{file}:{number}", remedy="record the run again.")
        yield call


def _refuse(arguments: argparse.Namespace) -> None:
    for option, form, example in (
        ("account", _ACCOUNT, "123456789012"),
        ("region", _REGION, "eu-central-1"),
        ("partition", _PARTITION, "aws"),
    ):
        value = getattr(arguments, option)
        if value and not form.fullmatch(value):
            raise SandboxError(f"{value!r} is no {option}", where=f"--{option}", remedy=f"give one such as {example}.")
    for word in arguments.widen:
        if not re.fullmatch(r"[\w.+=@-]+", word):
            raise SandboxError(f"{word!r} is no word of a name", where="--widen", remedy="give one such as dev.")


def _tell(policy: DeployerPolicy, what: str) -> None:
    count = len(policy.documents)
    documents = f", in {count} documents, since IAM takes no more than 6,144 characters in each" if count > 1 else ""
    sys.stderr.write(
        f"{what}: {len(policy.actions)} actions in {len(policy.statements)} statements, "
        f"for {policy.calls} calls{documents}\n"
    )
    for call in policy.unknown:
        sys.stderr.write(f"{call}: no action is known for it; look it up in the Service Authorization Reference\n")
