"""Another identity in an account: the same endpoint and region, with the credentials of a user or a role there."""

from __future__ import annotations

from collections.abc import Mapping

from stackproof.sandbox.account import Account


class Identity:
    """An account as a user or an assumed role sees it; `session_token` is what STS gave with a role's credentials.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html
    """

    NAMED = ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    """The variables that say who asks."""

    def __init__(self, account: Account, access_key: str, secret_key: str, session_token: str = "") -> None:
        self.account_id = account.account_id
        self._account = account
        given = dict(zip(self.NAMED[1:], (access_key, secret_key, session_token), strict=True))
        self._credentials = {name: value for name, value in given.items() if value}

    def environment(self) -> Mapping[str, str]:
        """The account's variables, with these credentials in place of any others."""
        others = {name: value for name, value in self._account.environment().items() if name not in self.NAMED}
        return others | self._credentials
