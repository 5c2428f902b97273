"""A real account, opened only where it is for certain the one that was meant, and one that tests may act in.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.errors import SandboxError
from stackproof.sandbox.account import AmbientAccount
from stackproof.settings import ACCOUNT_ID, Sandbox

TABLE = "[tool.stackproof.sandbox]"
OPTION = "--sandbox-account"
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
"""Error codes of credentials that have expired, which no further call is going to be without.

https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""

_KEYS = {
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "aws_session_token": "AWS_SESSION_TOKEN",
}
_PATIENCE = {"connect_timeout": 5, "read_timeout": 10, "retries": {"total_max_attempts": 2}}


class RealAccount:
    """The account with this id, reached with the AWS identity that `environ` holds, in the region that it names.

    `check` raises SandboxError where something is not as it must be: an id that is no account's or is not allowed, a
    region that is not allowed, credentials that are missing, expired or refused, the root user, or another account
    that answers. Nothing is ever written by it. Call it when opening the account and again before the first write,
    since credentials change hands under a process that runs for long.
    """

    def __init__(self, expected_id: str, sandbox: Sandbox, environ: Mapping[str, str]) -> None:
        self.account_id: str | None = expected_id
        self.region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or sandbox.region
        self._expected = expected_id
        self._sandbox = sandbox
        self._environ = environ

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that are allowed."""
        return self._sandbox.regions or (self._sandbox.region,)

    def environment(self) -> Mapping[str, str]:
        """Every AWS variable of the caller, the one region, and the home folder in which profiles are found."""
        left_out = AmbientAccount.LEFT_OUT
        own = {key: value for key, value in self._environ.items() if key.startswith("AWS_") and key not in left_out}
        home = {"HOME": self._environ.get("HOME", "")}
        return own | home | dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), self.region)

    def check(self) -> None:
        """Refuse the account unless all is as it must be; the settings are looked at before anybody is asked."""
        self._refuse_unlisted()
        self._refuse_region()
        identity = self._identity()
        answered, arn = str(identity.get("Account", "")), str(identity.get("Arn", ""))
        if answered != self._expected:
            raise SandboxError(
                f"the credentials are those of account {answered or 'unknown'}, not of {self._expected}",
                where=OPTION,
                remedy="choose other credentials (AWS_PROFILE), or name the account that you mean.",
            )
        if arn.endswith(":root"):
            raise SandboxError(
                f"the credentials are those of the root user of {answered}, whom nothing can hold back",
                where="AWS credentials",
                remedy="use a role with no more rights than deploying needs: `stackproof deployer-policy`.",
            )

    def _refuse_unlisted(self) -> None:
        if not ACCOUNT_ID.fullmatch(self._expected):
            raise SandboxError(
                f"{self._expected!r} is no account id",
                where=OPTION,
                remedy="give its 12 digits, such as 123456789012.",
            )
        if self._expected in self._sandbox.denied_accounts:
            raise SandboxError(
                f"account {self._expected} is denied",
                where=f"{TABLE} denied_accounts",
                remedy="use an account that is there for tests; being denied wins over being allowed.",
            )
        if self._expected not in self._sandbox.allowed_accounts:
            raise SandboxError(
                f"account {self._expected} is not allowed",
                where=f"{TABLE} allowed_accounts",
                remedy=f'where it is there for tests, add "{self._expected}" to them.',
            )

    def _refuse_region(self) -> None:
        if self.region not in self.regions:
            raise SandboxError(
                f"region {self.region} is not allowed",
                where=f"{TABLE} {'regions' if self._sandbox.regions else 'region'}",
                remedy=f"set AWS_REGION to {' or '.join(self.regions)}, or add it to regions.",
            )

    def _identity(self) -> Mapping[str, Any]:
        import boto3  # type: ignore[import-untyped]
        from botocore import exceptions  # type: ignore[import-untyped]
        from botocore.config import Config  # type: ignore[import-untyped]
        from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]

        variables = self.environment()
        keys = {argument: variables[name] for argument, name in _KEYS.items() if variables.get(name)}
        if ("aws_access_key_id" in keys) != ("aws_secret_access_key" in keys):
            raise _without_credentials("of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set")
        try:
            session = boto3.Session(profile_name=variables.get("AWS_PROFILE"), region_name=self.region, **keys)
            client = session.client("sts", endpoint_url=variables.get("AWS_ENDPOINT_URL"), config=Config(**_PATIENCE))
            identity: Mapping[str, Any] = client.get_caller_identity()
        except exceptions.ClientError as error:
            raise _refused(error.response.get("Error", {}).get("Code", "no code")) from None
        except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
            raise self._unreachable(type(error).__name__) from None
        # botocore looks for what an answer has to have, and does not say so where it is not there
        except (KeyError, ResponseParserError):
            raise self._unreachable("what answers is not STS") from None
        except exceptions.BotoCoreError as error:
            raise _without_credentials(str(error)) from None
        return identity

    def _unreachable(self, why: str) -> SandboxError:
        return SandboxError(
            f"STS cannot be reached: {why}",
            where=self._environ.get("AWS_ENDPOINT_URL", f"STS in {self.region}"),
            remedy="look at network, proxy (HTTPS_PROXY) and AWS_ENDPOINT_URL.",
        )


def open_real(account: str | None, sandbox: Sandbox, environ: Mapping[str, str]) -> RealAccount:
    """The real account with this id, checked; raises SandboxError (see RealAccount), also where no id is given."""
    if not account:
        raise SandboxError(
            "a real account is used only where its id is said",
            where=OPTION,
            remedy=f"add {OPTION} and its 12 digits.",
        )
    real = RealAccount(account, sandbox, environ)
    real.check()
    return real


def _without_credentials(why: str) -> SandboxError:
    return SandboxError(
        f"there are no credentials that can be used: {why.rstrip('.')}",
        where="AWS credentials",
        remedy="set AWS_PROFILE, or log in: `aws sso login`; in CI, assume a role through OIDC.",
    )


def _refused(code: str) -> SandboxError:
    if code in EXPIRED:
        return SandboxError(
            "the credentials have expired",
            where="AWS credentials",
            remedy="get new ones, such as by `aws sso login`, and start again; nothing was written.",
        )
    return SandboxError(
        f"STS refuses the credentials: {code}",
        where="AWS credentials",
        remedy="choose others (AWS_PROFILE), and look whether this machine's clock is right.",
    )
