"""What runs left beside their resources: records, states and locks in the bucket and table, and files of this user.

https://developer.hashicorp.com/terraform/language/backend/s3
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from stackproof.errors import SandboxError
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.janitor.leftovers import Kind, Leftover
from stackproof.sandbox.remote_state import TABLE
from stackproof.sandbox.runs import FOLDER, Records, SandboxRun, run_of_state
from stackproof.settings import Sandbox

LOCK_FILE = ".tflock"
_RECORD = re.compile(rf"{FOLDER}([a-z0-9]+)\.json")
_KEPT_FILE = re.compile(rf"{FOLDER.replace('/', '.')}([a-z0-9]+)\.")
_MISSING = ("NoSuchBucket", "404", "ResourceNotFoundException")


def find_kept(clients: Clients, records: Records, bucket: str, sandbox: Sandbox) -> list[Leftover]:
    """Records, states and locks of runs, in this bucket and the table of locks; none where those are not there.

    Raises botocore's errors where they cannot be asked.
    """
    from botocore.exceptions import ClientError  # type: ignore[import-untyped]

    found: list[Leftover] = []
    for looked in (_objects(clients, records, bucket, sandbox), _locks(clients, bucket, sandbox)):
        try:
            found += looked
        except ClientError as error:
            if error.response["Error"]["Code"] not in _MISSING:
                raise
    return found


def find_files(cache: Path, sandbox: Sandbox) -> list[Leftover]:
    """States of runs that could not be saved, and were kept in this user's cache folder."""
    found = []
    for file in sorted((cache / "states").glob("*")):
        of_run = _KEPT_FILE.match(file.name)
        if of_run and file.is_file():
            changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            expires = changed + timedelta(hours=sandbox.expires_hours)
            found.append(Leftover(Kind.FILE, str(file), of_run[1], expires, "file", "a state that was not saved"))
    return found


def _objects(clients: Clients, records: Records, bucket: str, sandbox: Sandbox) -> Iterator[Leftover]:
    s3 = clients("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=FOLDER):
        for entry in page.get("Contents", ()):
            key, changed = entry["Key"], entry["LastModified"]
            name = f"s3://{bucket}/{key}"
            if record := _RECORD.fullmatch(key):
                yield _record(records, record[1], name)
            elif run := run_of_state(key.removesuffix(LOCK_FILE), changed, sandbox):
                if key.endswith(LOCK_FILE):
                    yield Leftover(Kind.LOCK, name, run.id, run.expires, "lock", made=run)
                else:
                    names = _names_in(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
                    detail = "nothing in it" if not names else f"{len(names)} resources in it"
                    others = [name for known in names for name in known]
                    yield Leftover(Kind.STATE, name, run.id, run.expires, "state", detail, others, run)


def _record(records: Records, run_id: str, name: str) -> Leftover:
    try:
        run = records.read(run_id)
    except SandboxError as error:
        return Leftover(Kind.RECORD, name, run_id, None, "record", error.what)
    return Leftover(Kind.RECORD, name, run_id, run.expires, "record", f"{run.stack}/{run.environment}", made=run)


def _locks(clients: Clients, bucket: str, sandbox: Sandbox) -> Iterator[Leftover]:
    for page in clients("dynamodb").get_paginator("scan").paginate(TableName=TABLE):
        for item in page["Items"]:
            lock, info = item["LockID"]["S"], item.get("Info", {}).get("S")
            of_bucket, _, key = lock.partition("/")
            # an item without information is the checksum of a state, which goes with it
            if info and of_bucket == bucket and (run := _run_of_lock(key, info, sandbox)):
                yield Leftover(Kind.LOCK, lock, run.id, run.expires, "lock", _holder(info), made=run)


def _run_of_lock(key: str, info: str, sandbox: Sandbox) -> SandboxRun | None:
    taken = datetime.max.replace(tzinfo=UTC) - timedelta(hours=sandbox.expires_hours)
    with contextlib.suppress(ValueError):
        taken = datetime.fromisoformat(str(_information(info).get("Created", "")))
    return run_of_state(key, taken, sandbox)


def _holder(info: str) -> str:
    told = _information(info)
    return f"held by {told.get('Who', 'somebody')} (for {str(told.get('Operation', '')).removeprefix('OperationType')})"


def _information(info: str) -> Mapping[str, Any]:
    try:
        told = json.loads(info)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _names_in(state: bytes) -> list[list[str]]:
    """The names by which each managed resource of a state goes: address, ARN, id, name; one of no form has one."""
    try:
        resources = [entry for entry in json.loads(state)["resources"] if entry["mode"] == "managed"]
        return [
            [_address(entry, instance), *_texts(instance.get("attributes") or {})]
            for entry in resources
            for instance in entry["instances"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [["(a state that cannot be read)"]]


def _address(entry: Mapping[str, Any], instance: Mapping[str, Any]) -> str:
    module = f"{entry['module']}." if entry.get("module") else ""
    key = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
    return f"{module}{entry['type']}.{entry['name']}{key}"


def _texts(attributes: Mapping[str, Any]) -> list[str]:
    return [attributes[name] for name in ("arn", "id", "name") if isinstance(attributes.get(name), str)]
