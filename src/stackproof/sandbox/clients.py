"""boto3 clients of an account, one a service."""

from __future__ import annotations

import os
from collections.abc import Mapping
from threading import Lock
from typing import Any

from stackproof.sandbox.account import Account

_CREDENTIALS = {
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "aws_session_token": "AWS_SESSION_TOKEN",
    "region_name": "AWS_REGION",
}


class Clients:
    """Gives the client of a service, `clients("ecs")`, with an account's own identity, region and endpoint.

    A call is tried `attempts` times, as often as boto3 thinks right where that is None.
    """

    def __init__(self, account: Account, *, attempts: int | None = None) -> None:
        self._account = account
        self._attempts = attempts
        self._clients: dict[str, Any] = {}
        self._session: Any = None
        self._lock = Lock()

    def __call__(self, service: str) -> Any:  # noqa: ANN401  # boto3 makes its clients' classes as it runs
        """The client of a service, by boto3's name of it."""
        import boto3  # type: ignore[import-untyped]
        import botocore.session  # type: ignore[import-untyped]
        from botocore.config import Config  # type: ignore[import-untyped]

        variables = self._account.environment()
        retries = {"mode": "standard", "total_max_attempts": self._attempts} if self._attempts else None
        with self._lock:
            # a session may not be asked by two threads at once
            if self._session is None:
                given = {key: variables[name] for key, name in _CREDENTIALS.items() if variables.get(name)}
                core = botocore.session.Session(session_vars=_profiles(variables))
                if "aws_access_key_id" not in given and variables.get("AWS_PROFILE"):
                    # only a profile that is chosen goes before keys in the caller's environment
                    core.set_config_variable("profile", variables["AWS_PROFILE"])
                self._session = boto3.Session(botocore_session=core, **given)
            if service not in self._clients:
                self._clients[service] = self._session.client(
                    service, endpoint_url=variables.get("AWS_ENDPOINT_URL"), config=Config(retries=retries)
                )
            return self._clients[service]


def _profiles(variables: Mapping[str, str]) -> Mapping[str, tuple[None, None, str | None, None]]:
    """Where an account's profiles are, and which is meant: boto3 would look for the caller's own.

    https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html
    """
    home = variables.get("HOME")
    meant = {
        "profile": variables.get("AWS_PROFILE"),
        "config_file": variables.get("AWS_CONFIG_FILE") or (f"{home}/.aws/config" if home else os.devnull),
        "credentials_file": variables.get("AWS_SHARED_CREDENTIALS_FILE")
        or (f"{home}/.aws/credentials" if home else os.devnull),
    }
    return {name: (None, None, value, None) for name, value in meant.items()}
