"""The clients of an account in each of its regions."""

from __future__ import annotations

from collections.abc import Mapping

from stackproof.sandbox.account import Account
from stackproof.sandbox.clients import Clients

GLOBAL_REGION = "us-east-1"
"""Where AWS tells of what belongs to no region."""


class Regions:
    """Gives the clients of a region, `regions("eu-west-1")`, made once each."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._clients: dict[str, Clients] = {}

    def __call__(self, region: str) -> Clients:
        """The clients in a region."""
        if region not in self._clients:
            self._clients[region] = Clients(_InRegion(self._account, region))
        return self._clients[region]


class _InRegion:
    def __init__(self, account: Account, region: str) -> None:
        self.account_id = account.account_id
        self._account = account
        self._region = region

    def environment(self) -> Mapping[str, str]:
        return {**self._account.environment(), **dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), self._region)}
