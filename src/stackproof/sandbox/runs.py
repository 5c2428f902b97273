"""One run in an account: what it is called, how everything that it makes is marked, and when that expires.

Marks are tags that the provider puts on everything, in every module, whatever the configuration says: it takes more
default tags from its environment (hashicorp/aws 5.62 and later), and adds those of the configuration to them.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from stackproof.errors import SandboxError
from stackproof.sandbox.account import Account
from stackproof.sandbox.clients import Clients
from stackproof.settings import Sandbox
from stackproof.terraform import hcl

# a shell that starts Terraform drops variables whose names hold a colon, and with them the tags
RUN_TAG = "stackproof_run"
EXPIRES_TAG = "stackproof_expires"
STACK_TAG = "stackproof_stack"
OWNER_TAG = "stackproof_owner"
TAG_VARIABLE = "TF_AWS_DEFAULT_TAGS_"
FOLDER = "runs/"
"""Where the records and the states of runs are in the bucket of states."""

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_KEY = re.compile(rf"{FOLDER}(?P<id>[a-z0-9]+)/(?P<stack>[^/]+)/(?P<environment>[^/]+)\.tfstate")
_LONGEST_TAG = 256
_FIRST_VERSION = (5, 62)


@dataclass(frozen=True)
class SandboxRun:
    """A stack's environment, brought to life for a while; times are UTC, in whole seconds."""

    id: str
    stack: str
    environment: str
    began: datetime
    expires: datetime
    owner: str = ""

    @property
    def state_key(self) -> str:
        """Where its state is in the bucket of states."""
        return f"{FOLDER}{self.id}/{self.stack}/{self.environment}.tfstate"

    @property
    def tags(self) -> Mapping[str, str]:
        """What everything that it makes is tagged with.

        https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
        """
        tags = {
            RUN_TAG: self.id,
            EXPIRES_TAG: as_text(self.expires),
            STACK_TAG: f"{self.stack}/{self.environment}",
            OWNER_TAG: self.owner,
        }
        return {key: re.sub(r"[^\w +\-=.:/@]", "-", value)[:_LONGEST_TAG] for key, value in tags.items() if value}


class TaggingAccount:
    """An account in which Terraform tags everything as a run's."""

    def __init__(self, account: Account, run: SandboxRun) -> None:
        self.account_id = account.account_id
        self._account = account
        self._tags = {f"{TAG_VARIABLE}{key}": value for key, value in run.tags.items()}

    def environment(self) -> Mapping[str, str]:
        """The account's own variables, and the tags."""
        return {**self._account.environment(), **self._tags}


def new_run(
    stack: str, environment: str, sandbox: Sandbox, *, owner: str = "", now: datetime | None = None
) -> SandboxRun:
    """A run that begins now, with an id that no other has, and expires as the settings say."""
    began = (now or datetime.now(UTC)).replace(microsecond=0)
    id = "".join(secrets.choice(_LETTERS) for _ in range(8))  # noqa: A001  # as the field is called
    return SandboxRun(id, stack, environment, began, began + timedelta(hours=sandbox.expires_hours), owner)


def run_of_state(key: str, changed: datetime, sandbox: Sandbox) -> SandboxRun | None:
    """The run that a state is of, by its key; None for other states. It is taken to expire from its last change on."""
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    expires = changed + timedelta(hours=sandbox.expires_hours)
    return SandboxRun(found["id"], found["stack"], found["environment"], changed, expires)


def naming_variables(run: SandboxRun, sandbox: Sandbox, folder: Path) -> Mapping[str, str]:
    """The variable by which the root module `folder` names its resources, with a value that no other run has.

    At most 17 characters long, lower case letters, digits and a hyphen, so that it fits most limits of names. Raises
    SandboxError where the settings name no variable, or the root module does not declare it: two runs in one real
    account would be given the same names.
    """
    name = sandbox.prefix_variable
    if not name:
        raise SandboxError(
            "no variable is named that tells the names of one run from those of another",
            where="[tool.stackproof.sandbox] prefix_variable",
            remedy='name the variable that all names in the stack begin with: prefix_variable = "project".',
        )
    declared = [
        block.labels[0]
        for file in hcl.configuration_files(folder)
        for block in hcl.parse_file(file).blocks
        if block.kind == "variable" and block.labels
    ]
    if name not in declared:
        raise SandboxError(
            f"the root module has no variable {name!r}",
            where=f"[tool.stackproof.sandbox] prefix_variable, {folder}",
            remedy=f"name one of its own: {', '.join(declared) or 'it declares none'}.",
        )
    return {name: f"{sandbox.prefix}-{run.id}"}


def check_provider(version: str) -> None:
    """Refuse a provider that would tag nothing; raises SandboxError with the version that is needed."""
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < _FIRST_VERSION:
        raise SandboxError(
            f"hashicorp/aws {version} takes no tags from its environment, so nothing would be marked to expire",
            where="the lock file",
            remedy="use hashicorp/aws 5.62 or later: `terraform init -upgrade`.",
        )


class Records:
    """What the account itself knows of its runs: an object a run, written before the first apply.

    Raises SandboxError where the bucket cannot be used; a bucket that there is not has no records.
    """

    def __init__(self, account: Account, bucket: str) -> None:
        self._clients = Clients(account)
        self._bucket = bucket

    def write(self, run: SandboxRun) -> None:
        """Keep a run's record."""
        body = json.dumps(as_data(run), indent=2).encode()
        self._ask("written", "put_object", Key=_record_key(run.id), Body=body, ContentType="application/json")

    def remove(self, run_id: str) -> None:
        """Forget a run of which nothing is left; the bucket keeps what was, so every version goes."""
        versions = self._ask("removed", "list_object_versions", Prefix=_record_key(run_id))
        for version in versions.get("Versions", ()):
            self._ask("removed", "delete_object", Key=version["Key"], VersionId=version["VersionId"])

    def read(self, run_id: str) -> SandboxRun:
        """A run's record; raises SandboxError also where it is none."""
        answer = self._ask("read", "get_object", Key=_record_key(run_id))
        try:
            return from_data(json.loads(answer["Body"].read()))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise SandboxError(
                "is not the record of a run",
                where=f"s3://{self._bucket}/{_record_key(run_id)}",
                remedy="look at it, and remove it by hand where it is none.",
            ) from None

    def _ask(self, done: str, call: str, **parameters: str | bytes) -> Any:  # noqa: ANN401  # as boto3 answers
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

        try:
            return getattr(self._clients("s3"), call)(Bucket=self._bucket, **parameters)
        except (BotoCoreError, ClientError) as error:
            raise SandboxError(
                f"the record of the run cannot be {done}: {error}",
                where=f"s3://{self._bucket}/{parameters.get('Key', FOLDER)!s}",
                remedy="look at the bucket of states and at what the identity of the run may do there.",
            ) from None


def as_data(run: SandboxRun) -> Mapping[str, str]:
    """A run as JSON can hold it."""
    return {
        "id": run.id,
        "stack": run.stack,
        "environment": run.environment,
        "state_key": run.state_key,
        "began": as_text(run.began),
        "expires": as_text(run.expires),
        "owner": run.owner,
    }


def from_data(data: Mapping[str, str]) -> SandboxRun:
    """The run that `as_data` wrote; raises ValueError, KeyError or TypeError for anything else."""
    began, expires = from_text(data["began"]), from_text(data["expires"])
    run = SandboxRun(data["id"], data["stack"], data["environment"], began, expires, data.get("owner", ""))
    if not _KEY.fullmatch(run.state_key):
        raise ValueError(run.state_key)
    return run


def as_text(moment: datetime) -> str:
    """A time as tags and records hold it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_text(text: str) -> datetime:
    """The time that `as_text` wrote; raises ValueError for anything else."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _record_key(run_id: str) -> str:
    return f"{FOLDER}{run_id}.json"
