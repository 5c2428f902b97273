"""What every sandbox offers to the commands that act in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Protocol


class Account(Protocol):
    """An account that Terraform children can be pointed at; its number, where it is known without asking."""

    account_id: str | None

    def environment(self) -> Mapping[str, str]:
        """The AWS variables for a child's environment: endpoint, region, credentials."""
        ...


class AmbientAccount:
    """The caller's own account: whatever AWS identity the caller's environment holds.

    AWS_CA_BUNDLE stays out, since a provider that serves several commands fails with it on its second configuration.
    """

    LEFT_OUT = ("AWS_CA_BUNDLE",)
    account_id: str | None = None

    def environment(self) -> Mapping[str, str]:
        """Every AWS variable of the caller, and the home folder in which profiles are found."""
        own = {key: value for key, value in os.environ.items() if key.startswith("AWS_") and key not in self.LEFT_OUT}
        return own | {"HOME": os.environ.get("HOME", "")}


class NoAccount:
    """For commands that ask no account anything, such as `terraform validate`."""

    account_id: str | None = None

    def environment(self) -> Mapping[str, str]:
        """Nothing."""
        return {}
