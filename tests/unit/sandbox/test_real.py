"""A real account is opened only where everything about it is as it must be; STS is moto's, or one that says no."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stackproof.errors import SandboxError
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.real import RealAccount, open_real
from stackproof.settings import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

ID = "123456789012"
SECRET = "not-for-any-eyes"
ALLOWED = Sandbox(allowed_accounts=(ID,))


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as started:
        started.check()
        yield started


@pytest.fixture(autouse=True)
def no_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's own credentials take part."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")


def environ(endpoint: str, **more: str) -> Mapping[str, str]:
    return {
        "HOME": "/nowhere",
        "PATH": "/bin",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000000",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        **more,
    }


def refusal(expected: str | None, sandbox: Sandbox, variables: Mapping[str, str]) -> str:
    with pytest.raises(SandboxError) as caught:
        open_real(expected, sandbox, variables)
    message = str(caught.value)
    assert caught.value.where
    assert caught.value.remedy
    assert "\n" not in message
    assert SECRET not in message
    return message


@contextmanager
def answering(code: int, body: str) -> Iterator[str]:
    """An STS that always gives this answer; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            payload = body.encode()
            self.send_response(code)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def identity(account: str, arn: str) -> str:
    return (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>{arn}</Arn><UserId>X</UserId><Account>{account}</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )


def error(code: str) -> str:
    told = f"<Type>Sender</Type><Code>{code}</Code><Message>{SECRET}</Message>"
    return f"<ErrorResponse><Error>{told}</Error></ErrorResponse>"


def test_an_allowed_account_that_answers_is_opened(account: EmulatedAccount) -> None:
    opened = open_real(ID, ALLOWED, environ(account.endpoint, AWS_CA_BUNDLE="/x"))
    assert opened.account_id == ID
    assert opened.region == "us-east-1"
    variables = opened.environment()
    assert variables["AWS_ENDPOINT_URL"] == account.endpoint
    assert variables["HOME"] == "/nowhere"
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "us-east-1"
    assert "AWS_CA_BUNDLE" not in variables
    assert "PATH" not in variables


def test_another_account_that_answers_is_refused_with_both_ids(account: EmulatedAccount) -> None:
    other = "210987654321"
    message = refusal(other, Sandbox(allowed_accounts=(other,)), environ(account.endpoint))
    assert ID in message
    assert other in message


def test_an_account_is_checked_again_before_the_first_write(account: EmulatedAccount) -> None:
    opened = open_real(ID, ALLOWED, environ(account.endpoint))
    opened.check()
    with answering(200, identity("999999999999", "arn:aws:iam::999999999999:role/x")) as endpoint:
        changed = RealAccount(ID, ALLOWED, environ(endpoint))
        with pytest.raises(SandboxError, match="999999999999"):
            changed.check()


@pytest.mark.parametrize(
    ("expected", "sandbox", "says"),
    [
        (None, ALLOWED, "only where its id is said"),
        ("", ALLOWED, "only where its id is said"),
        ("1234", ALLOWED, "'1234' is no account id"),
        ("١٢٣٤٥٦٧٨٩٠١٢", ALLOWED, "is no account id"),
        (ID, Sandbox(), f"account {ID} is not allowed. Where it is there for tests, add"),
        (ID, Sandbox(allowed_accounts=("111111111111",)), "is not allowed"),
        (ID, Sandbox(denied_accounts=(ID,)), "is denied"),
        (ID, Sandbox(allowed_accounts=(ID,), denied_accounts=(ID,)), "is denied"),
        (
            ID,
            Sandbox(allowed_accounts=(ID,), regions=("eu-west-1", "eu-west-3")),
            "AWS_REGION to eu-west-1 or eu-west-3",
        ),
        (ID, Sandbox(allowed_accounts=(ID,), region="eu-west-1"), "region us-east-1 is not allowed"),
    ],
)
def test_what_the_settings_do_not_allow_is_refused_before_anybody_is_asked(
    expected: str | None, sandbox: Sandbox, says: str
) -> None:
    assert says in refusal(expected, sandbox, environ("http://127.0.0.1:1"))


def test_the_region_is_the_settings_where_the_caller_names_none() -> None:
    assert RealAccount(ID, Sandbox(region="eu-west-1"), {}).region == "eu-west-1"
    assert RealAccount(ID, Sandbox(), {"AWS_DEFAULT_REGION": "eu-west-2"}).region == "eu-west-2"


def test_missing_credentials_are_told_with_how_to_get_some() -> None:
    message = refusal(ID, ALLOWED, {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert "no credentials" in message
    assert "AWS_PROFILE" in message


def test_a_profile_that_there_is_not_is_told() -> None:
    assert "nobody" in refusal(ID, ALLOWED, {"AWS_PROFILE": "nobody"})


def test_half_of_a_pair_of_keys_is_told() -> None:
    message = refusal(ID, ALLOWED, {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000000"})
    assert "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set" in message


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException"])
def test_expired_credentials_are_told_as_such(code: str) -> None:
    with answering(403, error(code)) as endpoint:
        message = refusal(ID, ALLOWED, environ(endpoint))
    assert "have expired" in message
    assert "nothing was written" in message


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "SignatureDoesNotMatch", "AccessDenied"])
def test_refused_credentials_are_told_by_code_and_without_what_else_was_said(code: str) -> None:
    with answering(403, error(code)) as endpoint:
        assert f"refuses the credentials: {code}" in refusal(ID, ALLOWED, environ(endpoint))


def test_an_answer_that_is_none_of_sts_s_is_refused() -> None:
    with answering(200, "<html>log in to the network first</html>") as endpoint:
        assert "what answers is not STS" in refusal(ID, ALLOWED, environ(endpoint))


def test_the_root_user_is_refused() -> None:
    with answering(200, identity(ID, f"arn:aws:iam::{ID}:root")) as endpoint:
        assert "root user" in refusal(ID, ALLOWED, environ(endpoint))


def test_an_sts_that_cannot_be_reached_is_told_with_its_address() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}"
    message = refusal(ID, ALLOWED, environ(endpoint))
    assert message.startswith(f"{endpoint}: STS cannot be reached")
