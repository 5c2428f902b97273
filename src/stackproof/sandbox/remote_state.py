"""Where a stack's state is kept while it is in a sandbox: a bucket and a table of locks, in the sandbox itself.

So a run exercises what a team relies on: the S3 backend, both of its locks, and their permissions.
https://developer.hashicorp.com/terraform/language/backend/s3
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from stackproof.errors import SandboxError
from stackproof.sandbox.account import Account
from stackproof.sandbox.clients import Clients
from stackproof.terraform.workspace import OVERRIDE_NAME

TABLE = "stackproof-locks"
_EXISTING = ("BucketAlreadyOwnedByYou", "ResourceInUseException")


class RemoteState:
    """The states of an account's runs; `bucket` is one an account and region."""

    def __init__(self, account: Account, *, account_id: str, region: str) -> None:
        self.bucket = f"stackproof-state-{account_id}-{region}"
        self.region = region
        self._clients = Clients(account)

    def make(self) -> None:
        """Make the bucket and the table where they are not there yet; raises SandboxError where that fails.

        Nobody outside the account can read the bucket, and what was overwritten in it can be had again.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

        s3, tables = self._clients("s3"), self._clients("dynamodb")
        where = {} if self.region == "us-east-1" else {"LocationConstraint": self.region}
        try:
            with _existing(ClientError):
                s3.create_bucket(Bucket=self.bucket, **({"CreateBucketConfiguration": where} if where else {}))
            s3.put_public_access_block(
                Bucket=self.bucket,
                PublicAccessBlockConfiguration=dict.fromkeys(
                    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
                ),
            )
            s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
            with _existing(ClientError):
                tables.create_table(
                    TableName=TABLE,
                    KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
                    AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
                    BillingMode="PAY_PER_REQUEST",
                )
                tables.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 2})
        except (BotoCoreError, ClientError) as error:
            raise SandboxError(
                f"there is no place for the state: {error}",
                where=f"s3://{self.bucket}",
                remedy="let the identity of the run make buckets and tables that begin with stackproof-.",
            ) from None

    def configure(self, copy: Path, key: str) -> None:
        """Have a scratch copy of a root module keep its state here, under a key; whatever backend it names."""
        arguments = {
            "bucket": self.bucket,
            "key": key,
            "region": self.region,
            "dynamodb_table": TABLE,
            "encrypt": True,
            "use_lockfile": True,
            "use_path_style": True,
        }
        lines = "".join(f"    {name} = {json.dumps(value)}\n" for name, value in arguments.items())
        text = f'terraform {{\n  backend "s3" {{\n{lines}  }}\n}}\n'
        (copy / OVERRIDE_NAME).write_text(text, encoding="utf-8")

    def remove(self, key: str) -> None:
        """Remove a state that holds nothing any more, with all that it was before, and its locks.

        Raises SandboxError where that fails.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        s3 = self._clients("s3")
        objects = (key, f"{key}.tflock")
        try:
            for page in s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=key):
                for version in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                    if version["Key"] in objects:
                        s3.delete_object(Bucket=self.bucket, Key=version["Key"], VersionId=version["VersionId"])
            for name in (f"{self.bucket}/{key}", f"{self.bucket}/{key}-md5"):
                self._clients("dynamodb").delete_item(TableName=TABLE, Key={"LockID": {"S": name}})
        except (BotoCoreError, ClientError) as error:
            raise SandboxError(
                f"the state cannot be removed: {error}",
                where=f"s3://{self.bucket}/{key}",
                remedy="nothing is in it any more; remove it by hand, or let the janitor do it.",
            ) from None


@contextlib.contextmanager
def _existing(error_type: Any) -> Any:  # noqa: ANN401  # botocore makes its errors' classes as it runs
    try:
        yield
    except error_type as error:
        if error.response["Error"]["Code"] not in _EXISTING:
            raise
