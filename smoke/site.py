"""A site as its users reach it: answers, and in plain words why there is none."""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from smoke.problem import Problem

MAX_REDIRECTS = 5
MAX_BYTES = 5_000_000
EXCERPT = 100


@dataclass(frozen=True)
class Answer:
    """One answer; `seconds` from the question to its last byte, `redirects` the addresses on the way to `url`."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    seconds: float
    redirects: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode("utf-8", errors="replace")

    @property
    def excerpt(self) -> str:
        """The beginning of the body on one line, for messages."""
        line = " ".join(self.text[: EXCERPT * 10].split())
        return line if len(line) <= EXCERPT else f"{line[:EXCERPT]}..."

    @property
    def media_type(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def require_status(self, *allowed: int) -> Answer:
        """Itself; raises Problem where its status is not one of these."""
        if self.status not in allowed:
            wanted = " or ".join(map(str, allowed))
            what = f"answered {self.status}" if allowed == (200,) else f"answered {self.status} and not {wanted}"
            raise Problem(self.url, what, detail=self.excerpt)
        return self

    def json(self) -> dict[str, Any]:
        """The JSON object in the body; raises Problem where there is none."""
        try:
            content = json.loads(self.body)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise Problem(self.url, "answered no JSON object", detail=self.excerpt)
        return content


class Site:
    """The site at `url` (scheme and host). An answer may take `budget` seconds, redirects included.

    Certificates are checked by what requests trusts: REQUESTS_CA_BUNDLE names another authority.
    https://requests.readthedocs.io/en/latest/user/advanced/#ssl-cert-verification
    """

    def __init__(self, url: str, *, budget: float) -> None:
        self.url = url
        self.budget = budget
        self.entered_by: tuple[str, ...] = ()
        self._session = _new_session()
        self._resolved = threading.Event()

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def enter(self) -> Answer:
        """The 200 with which the site answers its address, which from here on is the one that it redirected to.

        Raises Problem for any other answer.
        """
        answer = self.get().require_status(200)
        self.entered_by = answer.redirects
        came = urlsplit(answer.url)
        self.url = f"{came.scheme}://{came.netloc}/"
        return answer

    def get(self, path: str = "/", *, follow: bool = True) -> Answer:
        """What `path` answers; raises Problem where there is no whole answer within the budget.

        Redirects are followed as far as they stay on this host and do not leave TLS.
        """
        url = urljoin(self.url, path)
        session, resolved = self._session, self._resolved
        outcome: queue.SimpleQueue[Answer | Problem] = queue.SimpleQueue()

        def ask() -> None:
            try:
                if not resolved.is_set() and not requests.utils.get_environ_proxies(url):
                    _resolve(url)
                resolved.set()
                outcome.put(_ask(session, url, self.budget, follow))
            except Problem as problem:
                outcome.put(problem)
            except Exception as error:  # noqa: BLE001  # whoever waits for the outcome would not hear of it
                outcome.put(Problem(url, f"could not be asked: {type(error).__name__}: {error}"))

        # A thread, because no timeout of requests ends a name's resolution, or an answer that comes byte by byte.
        threading.Thread(target=ask, daemon=True).start()
        try:
            result = outcome.get(timeout=self.budget + 0.5)
        except queue.Empty:
            # the old one still belongs to the thread
            self._session = _new_session()
            raise (_too_slow(url, self.budget) if resolved.is_set() else _unresolved(url)) from None
        if isinstance(result, Problem):
            raise result
        return result


def _new_session() -> requests.Session:
    session = requests.Session()
    session.headers["User-Agent"] = "smoke tests"
    return session


def _resolve(url: str) -> None:
    try:
        socket.getaddrinfo(urlsplit(url).hostname, urlsplit(url).port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _unresolved(url) from None


def _unresolved(url: str) -> Problem:
    return Problem(url, f"cannot be reached: the name {urlsplit(url).hostname} cannot be resolved")


def _ask(session: requests.Session, url: str, budget: float, follow: bool) -> Answer:
    began = time.monotonic()
    passed: list[str] = []
    current = url
    while True:
        left = budget - (time.monotonic() - began)
        if left <= 0:
            raise _too_slow(url, budget)
        try:
            # one by one, because nothing but this site is to be asked
            with session.get(current, timeout=left, allow_redirects=False, stream=True) as response:
                body = _read(response, url, began, budget)
        except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError) as error:
            raise _in_words(current, error, budget) from None
        location = response.headers.get("Location", "") if response.is_redirect and follow else ""
        if not location:
            seconds = time.monotonic() - began
            return Answer(current, response.status_code, response.headers, body, seconds, tuple(passed))
        passed.append(current)
        current = _next(url, passed, urljoin(current, location))


def _read(response: requests.Response, url: str, began: float, budget: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(64 * 1024):
        body += chunk
        if time.monotonic() - began > budget:
            raise _too_slow(url, budget)
        if len(body) > MAX_BYTES:
            raise Problem(url, f"answered more than {MAX_BYTES // 1_000_000} MB", final=True)
    return bytes(body)


def _next(url: str, passed: list[str], target: str) -> str:
    """Where a redirect leads; raises Problem where it had better not be followed."""
    came, goes = urlsplit(passed[-1]), urlsplit(target)
    if target in passed or len(passed) > MAX_REDIRECTS:
        raise Problem(url, f"redirects in a circle: {' -> '.join([*passed, target])}", final=True)
    if goes.scheme not in ("http", "https") or goes.hostname != came.hostname:
        raise Problem(url, f"redirects to another site: {target}", final=True)
    if (came.scheme, goes.scheme) == ("https", "http"):
        raise Problem(url, f"redirects away from TLS: {target}", final=True)
    return target


def _too_slow(url: str, budget: float) -> Problem:
    return Problem(url, f"gave no whole answer within {budget:g} s")


def _in_words(url: str, error: Exception, budget: float) -> Problem:
    """Say what an exception means; the innermost cause knows best."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message.rstrip(".")
            return Problem(url, f"has a certificate that cannot be trusted: {why}", final=True)
        if isinstance(cause, requests.exceptions.ProxyError):
            return Problem(url, "cannot be reached through the proxy that HTTP_PROXY or HTTPS_PROXY names")
    for cause in reversed(causes):
        match cause:
            case ssl.SSLError():
                return Problem(url, f"does not speak TLS: {cause.reason or cause}", final=True)
            case socket.gaierror() | urllib3.exceptions.NameResolutionError():
                return _unresolved(url)
            case ConnectionRefusedError():
                return Problem(url, "refused the connection")
            case requests.Timeout() | TimeoutError() | urllib3.exceptions.TimeoutError():
                return _too_slow(url, budget)
            case requests.exceptions.InvalidURL() | requests.exceptions.InvalidSchema():
                return Problem(url, f"leads to an address that cannot be asked: {cause}", final=True)
            case requests.exceptions.ContentDecodingError():
                return Problem(url, "answered a body that is not encoded as its headers say")
            case requests.exceptions.ChunkedEncodingError() | urllib3.exceptions.IncompleteRead():
                return Problem(url, "broke off in the middle of its answer")
            case ConnectionError() | urllib3.exceptions.ProtocolError():
                return Problem(url, "closed the connection without an answer")
    innermost = causes[-1]
    return Problem(url, f"cannot be reached: {type(innermost).__name__}: {innermost}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it came from, by every way in which requests and urllib3 hand that on."""
    pending, seen = [error], set[int]()
    while pending:
        current = pending.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        links = [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]
        pending += [link for link in links if isinstance(link, BaseException)]


def address(given: str) -> str:
    """Scheme and host of an address that a person gave; raises ValueError with a sentence where it is none."""
    parts = urlsplit(given)
    port = None
    with contextlib.suppress(ValueError):
        port = parts.port or (443 if parts.scheme == "https" else 80)
    if parts.scheme not in ("http", "https") or not parts.hostname or port is None:
        hint = f"http://{given}" if "://" not in given and "." in given else "http://NAME or https://NAME"
        raise ValueError(f"{given!r} is not an address: give {hint}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the address holds a user name, which would be printed: leave it out")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"{given!r} is more than the site's address: give {parts.scheme}://{parts.netloc}")
    return f"{parts.scheme}://{parts.netloc}/"
