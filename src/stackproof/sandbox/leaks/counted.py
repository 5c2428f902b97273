"""Counts what an account holds of a kind, right before the first call that makes something of that kind."""

from __future__ import annotations

import threading

from stackproof.sandbox.account import Account
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.api.requests import ApiRequest
from stackproof.sandbox.api.wire import Answer
from stackproof.sandbox.leaks.census import Census, counting_clients, take
from stackproof.sandbox.leaks.kinds import kinds_touched, makes


class CountedBefore:
    """An interceptor of a proxy: what a run will make is known from its calls alone, so each kind is counted in time.

    `census` is what the account held before the run, `clients` are those it was counted with. `account` must be the one
    behind the proxy.
    """

    def __init__(self, account: Account) -> None:
        self.census = Census({}, frozenset(), {})
        self.clients = counting_clients(account)
        self._account = account
        self._asked: set[tuple[str, str, tuple[tuple[str, str], ...]]] = set()
        self._lock = threading.Lock()

    def before(self, request: ApiRequest, ended: threading.Event) -> Answer | None:  # noqa: ARG002  # see Interceptor
        """Let a call pass, after a census where it is the first to make its kind of thing."""
        call = Call(request.service, request.action, parameters=request.parameters)
        if makes(call):
            # whoever makes the same kind of thing has to wait until it is counted
            with self._lock:
                # several calls make what one listing tells: counted again, the first one's would seem to be old
                kinds = {(kind.service, kind.list, kind.inputs): kind for kind in kinds_touched([call]) if kind.list}
                kinds = {key: kind for key, kind in kinds.items() if key not in self._asked}
                if kinds:
                    self._asked.update(kinds)
                    found = take(self._account, kinds.values(), self.clients)
                    self.census = Census(
                        {**self.census.items, **found.items},
                        self.census.kinds | found.kinds,
                        {**self.census.failed, **found.failed},
                    )
        return None

    def after(self, request: ApiRequest, answer: Answer) -> Answer | None:  # noqa: ARG002  # see Interceptor
        """Let every answer pass."""
        return None
