"""A stack applied for real, by Terraform and the provider, in an emulated account; its tree is never touched."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import boto3  # type: ignore[import-untyped]

from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.settings import Environment, Stack
from stackproof.terraform import children, locate
from stackproof.terraform.installation import Request, install
from stackproof.terraform.runner import Terraform
from stackproof.terraform.workspace import link_copy

from .arguments import Argument, Schema, read_arguments, read_schemas
from .state import State, read_state

HANGS_SECONDS = 300

Client = Callable[[str], Any]
"""Gives a boto3 client of a service, in the account that a stack was applied to."""

_schemas: dict[tuple[str, str], Schema] = {}
_reading = Lock()


@dataclass(frozen=True)
class Applied:
    """What became of a stack: its state, what its configuration sets, and the account, which still answers."""

    state: State
    arguments: tuple[Argument, ...]
    client: Client


@dataclass(frozen=True)
class First:
    """What has to be applied before the rest, and what an operator does between the two."""

    targets: Sequence[str]
    then: Callable[[Client], None]


def apply(
    account: EmulatedAccount, stack: Stack, environment: Environment, cache: Path, first: First | None = None
) -> Applied:
    """Apply a stack to an account; `cache` is a folder in which several calls keep what they share."""
    with children.scratch_folder() as scratch:
        request = Request(
            cli=locate.locate(),
            original=stack.folder,
            copy=link_copy(stack.folder, scratch / "copy", with_state=False),
            scratch=scratch,
            cache=cache,
            timeout=HANGS_SECONDS,
            caller=os.environ,
            account=account.environment(),
        )
        # in processes of its own, the provider can have any number of configurations
        installed = install(request).unserved()
        # without a collector, a provider that waits for a minute would fill the memory
        variables = {**installed.environment, "TMPDIR": str(scratch), "GOGC": "100"}
        terraform = Terraform(request.cli, installed.folder, variables, timeout=HANGS_SECONDS)
        client = clients(account)
        if first is not None:
            terraform.apply(var_files=environment.var_files, targets=first.targets)
            first.then(client)
        terraform.apply(var_files=environment.var_files)
        graph = children.run(
            [*request.cli.argv, "graph"], folder=installed.folder, environment=variables, timeout=HANGS_SECONDS
        )
        state = read_state(terraform.show_state(), graph.stdout)
        schemas = _schemas_for(state, terraform)
    return Applied(state, read_arguments(state, stack.folder, installed.modules, schemas), client)


def clients(account: EmulatedAccount) -> Client:
    """Clients of the services of an account, one a service."""
    variables = account.environment()

    @functools.cache
    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=variables["AWS_ENDPOINT_URL"],
            region_name=variables["AWS_REGION"],
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        )

    return client


def _schemas_for(state: State, terraform: Terraform) -> Mapping[tuple[str, str], Schema]:
    """The schemas of all types in a state; the provider prints 14 MB, so they are asked for once."""
    with _reading:
        if not {(instance.mode, instance.type) for instance in state.instances.values()} <= _schemas.keys():
            _schemas.update(read_schemas(json.loads(terraform.providers_schema())))
        return _schemas
