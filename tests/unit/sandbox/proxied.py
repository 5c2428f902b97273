"""What tests of the proxy share: clients that go through it, and try a call once only."""

from __future__ import annotations

from typing import Any

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]

from stackproof.sandbox.account import Account


def client(service: str, account: Account, *, tries: int = 1) -> Any:
    """A client of a service in an account; a call is tried as often as is said."""
    variables = account.environment()
    return boto3.client(
        service,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"mode": "standard", "total_max_attempts": tries}, read_timeout=30),
    )
