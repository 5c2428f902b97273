"""Keeps what goes to a real account in that account, and in the regions that are allowed.

Whatever a configuration says of itself counts for less: a provider can name a region of its own, or assume a role in
another account, and neither is seen in the caller's credentials.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs#assuming-an-iam-role
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Collection

from stackproof.sandbox.api.answers import refusal
from stackproof.sandbox.api.requests import ApiRequest
from stackproof.sandbox.api.wire import Answer
from stackproof.sandbox.real import RealAccount

_OF_NO_REGION = "sts"
"""Asked wherever a client likes: it makes nothing."""


class Fence:
    """An interceptor of a Proxy; `refused` says of each call that it stopped why, in order."""

    def __init__(self, account_id: str, regions: Collection[str]) -> None:
        self.refused: list[str] = []
        self._account_id = account_id
        self._regions = frozenset(regions)

    @classmethod
    def around(cls, account: RealAccount) -> Fence:
        """The fence of a real account: itself, and the regions that its settings allow."""
        return cls(str(account.account_id), account.regions)

    def before(self, request: ApiRequest, ended: threading.Event) -> Answer | None:
        """A refusal, as AWS would say it, of a call that would leave account or regions."""
        del ended
        why = self._why(request)
        if not why:
            return None
        self.refused.append(f"{request.service}:{request.action}: {why}")
        return refusal(request, 403, "AccessDenied", f"refused by Stackproof: {why}")

    def after(self, request: ApiRequest, answer: Answer) -> Answer | None:
        """Nothing: what was let through is answered as it was."""
        del request, answer
        return None

    def _why(self, request: ApiRequest) -> str:
        if request.service == _OF_NO_REGION:
            role = str(request.parameters.get("RoleArn", ""))
            account = role.split(":")[4] if role.count(":") >= 5 else self._account_id
            return f"{role} is not of account {self._account_id}" if account != self._account_id else ""
        if request.region in self._regions or _is_global(request.service):
            return ""
        return f"region {request.region or 'unknown'} is not allowed"


@functools.cache
def _is_global(service: str) -> bool:
    """Whether a service has endpoints of its partition only, such as IAM."""
    import botocore.session  # type: ignore[import-untyped]

    session = botocore.session.get_session()
    if service not in session.get_available_services():
        return False
    return not any(session.get_available_regions(service, name) for name in session.get_available_partitions())
