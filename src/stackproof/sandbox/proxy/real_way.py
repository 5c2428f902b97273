"""From the proxy to AWS itself: found by AWS's rules, signed anew, over TLS.

Clients get a key that is worth nothing elsewhere: the account's credentials do not leave this process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stackproof.errors import SandboxError
from stackproof.sandbox.api import answers
from stackproof.sandbox.api.requests import ApiRequest
from stackproof.sandbox.api.wire import HOP_BY_HOP, Answer
from stackproof.sandbox.proxy import endpoints, signing
from stackproof.sandbox.proxy.endpoints import Endpoint
from stackproof.sandbox.proxy.signing import Keyring
from stackproof.sandbox.proxy.upstream import ANSWER_SECONDS, Line, Unreachable

Resolve = Callable[[ApiRequest, str], Endpoint | None]
CONNECTIONS = 64
UNKNOWN_KEY = "SandboxUnknownKey"
UNKNOWN_SERVICE = "SandboxUnknownService"

_KEPT = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE")
_REGION = "us-east-1"
"""Where services that know no regions are served, for requests that name none."""


class RealWay:
    """The way to the account that some variables of the environment mean; raises SandboxError where they mean none."""

    def __init__(self, variables: Mapping[str, str], resolve: Resolve | None = None) -> None:
        import botocore.session  # type: ignore[import-untyped]
        from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]
        from botocore.httpsession import URLLib3Session  # type: ignore[import-untyped]
        from botocore.utils import get_environ_proxies  # type: ignore[import-untyped]

        self._variables = variables
        self._resolve = resolve or endpoints.resolve
        session = botocore.session.Session(profile=variables.get("AWS_PROFILE"))
        key, secret = (variables.get(f"AWS_{name}") for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"))
        if key and secret:
            session.set_credentials(key, secret, variables.get("AWS_SESSION_TOKEN"))
        try:
            self._keyring = Keyring(session.get_credentials())
            configured = session.get_config_variable("region")
        except BotoCoreError as error:
            raise SandboxError(str(error), where="AWS credentials", remedy="set AWS_PROFILE, or log in.") from None
        self._region = variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or configured or _REGION
        self._http = URLLib3Session(
            verify=os.environ.get("AWS_CA_BUNDLE") or True,
            proxies=get_environ_proxies("https://amazonaws.com"),
            timeout=ANSWER_SECONDS,
            max_pool_connections=CONNECTIONS,
        )

    def environment(self) -> Mapping[str, str]:
        """What clients of the proxy get of the account's variables, with no way left to its credentials."""
        region = self._region
        kept = {name: self._variables[name] for name in _KEPT if name in self._variables}
        nowhere = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), "/dev/null")
        return (
            kept
            | nowhere
            | {
                "AWS_REGION": region,
                "AWS_DEFAULT_REGION": region,
                "AWS_ACCESS_KEY_ID": signing.PROXY_KEY,
                "AWS_SECRET_ACCESS_KEY": "known-to-the-proxy-alone",
                "AWS_EC2_METADATA_DISABLED": "true",
            }
        )

    def line(self) -> Line:
        """A client's line; they share connections."""
        return _RealLine(self)

    def close(self) -> None:
        """End all connections that wait for their next use."""
        self._http.close()

    def send(self, request: ApiRequest) -> Answer:
        """AWS's answer; raises Unreachable where there is none, or where there are no credentials to ask with."""
        from botocore.exceptions import BotoCoreError, HTTPClientError
        from botocore.exceptions import ConnectionError as NotConnected

        endpoint = self._resolve(request, self._region)
        if endpoint is None:
            return answers.refusal(request, 400, UNKNOWN_SERVICE, f"where {request} is served is not known")
        try:
            credentials = self._keyring.find(request.scope.access_key) if request.scope.access_key else None
            if request.scope.access_key and credentials is None:
                said = f"{request} is signed with a key that was not had through the proxy; give none in the stack"
                return answers.refusal(request, 403, UNKNOWN_KEY, said)
            response = self._http.send(signing.sign(signing.plain(request.http), endpoint, credentials))
        except ValueError as error:
            return answers.refusal(request, 400, "IncompleteBody", str(error))
        except BotoCoreError as error:
            raise Unreachable(
                f"AWS did not answer {request}: {error}",
                where=endpoint.url,
                remedy="look at network, proxy (HTTPS_PROXY) and credentials.",
                final=not isinstance(error, (HTTPClientError, NotConnected)),
            ) from None
        headers = {name.lower(): value for name, value in response.headers.items() if name.lower() not in HOP_BY_HOP}
        answer = Answer(response.status_code, headers, response.content)
        self._keyring.learn(request, answer)
        return answer


@dataclass(frozen=True)
class _RealLine:
    way: RealWay

    def send(self, request: ApiRequest) -> Answer:
        return self.way.send(request)

    def close(self) -> None:
        """Leave the connections to the other lines."""
