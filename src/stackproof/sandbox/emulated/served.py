"""An emulated account that another process serves, such as `stackproof sandbox serve`."""

from __future__ import annotations

import ipaddress
import urllib.parse
from collections.abc import Mapping

from stackproof.errors import SandboxError
from stackproof.sandbox.account import AmbientAccount
from stackproof.sandbox.clients import Clients


class ServedAccount:
    """The emulated account at AWS_ENDPOINT_URL of `environ`, which has to be on this machine.

    Raises SandboxError where it is elsewhere, or does not answer.
    """

    def __init__(self, environ: Mapping[str, str], *, region: str) -> None:
        self.region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or region
        self._environ = environ
        endpoint = environ.get("AWS_ENDPOINT_URL", "")
        if not _is_here(endpoint):
            raise SandboxError(
                "no emulated account is there: those live on this machine",
                where=f"AWS_ENDPOINT_URL={endpoint}",
                remedy="use what `stackproof sandbox serve` prints, or name a real account: --sandbox real.",
            )
        self._endpoint = endpoint
        self.account_id: str | None = self._asked()

    def environment(self) -> Mapping[str, str]:
        """Every AWS variable of the caller, and the region."""
        left_out = AmbientAccount.LEFT_OUT
        own = {key: value for key, value in self._environ.items() if key.startswith("AWS_") and key not in left_out}
        return own | dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), self.region)

    def check(self) -> None:
        """Nothing that is refused later: an emulated account harms nobody."""

    def _asked(self) -> str:
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

        try:
            return str(Clients(self)("sts").get_caller_identity()["Account"])
        except (BotoCoreError, ClientError, KeyError) as error:
            raise SandboxError(
                f"the emulated account does not answer: {error}",
                where=f"AWS_ENDPOINT_URL={self._endpoint}",
                remedy="look whether `stackproof sandbox serve` still runs.",
            ) from None


def _is_here(endpoint: str) -> bool:
    host = urllib.parse.urlsplit(endpoint).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
