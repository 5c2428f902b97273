"""What goes wrong with AWS on purpose: throttling, broken servers and connections, slowness, expired credentials.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
https://docs.aws.amazon.com/awssupport/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from stackproof.sandbox.api import answers
from stackproof.sandbox.api.requests import ApiRequest
from stackproof.sandbox.api.wire import NO_ANSWER, Answer


class Kind(StrEnum):
    """What happens to a call."""

    THROTTLED = "throttled"
    """It is refused for coming too often."""
    SERVER_ERROR = "server_error"
    """The service fails before it does anything."""
    SLOW = "slow"
    """It is passed on only after some seconds."""
    DROPPED = "dropped"
    """The connection is closed before it is passed on."""
    ANSWER_LOST = "answer_lost"
    """It is passed on, and the connection is closed in place of its answer."""
    EXPIRED = "expired"
    """It is refused since its credentials have expired."""


@dataclass(frozen=True)
class Fault:
    """One kind of fault, and which calls it befalls.

    `service` and `action` are globs over botocore's names. Of the calls of each action that fits, the first `after`
    are spared, then each is befallen with `probability`, at most `count` of them (None: any number). `seconds` are
    those of SLOW.
    """

    kind: Kind
    service: str = "*"
    action: str = "*"
    count: int | None = 1
    after: int = 0
    probability: float = 1.0
    seconds: float = 5.0

    def fits(self, request: ApiRequest) -> bool:
        """Whether a call is one that this fault may befall."""
        return fnmatchcase(request.service, self.service) and fnmatchcase(request.action, self.action)

    def __str__(self) -> str:
        return f"{self.kind} {self.service}:{self.action}"


@dataclass(frozen=True)
class Injected:
    """A fault that befell a call: `number` counts the calls of that action that the fault fits, from 1."""

    fault: Fault
    service: str
    action: str
    number: int

    def __str__(self) -> str:
        return f"{self.fault.kind} {self.service}:{self.action} #{self.number}"


class Faults:
    """An interceptor that does what faults say; of those that fit a call, the first that befalls it.

    All is counted for each action by itself, and chance is a matter of `seed`, the fault, the action and the number
    of the call: so it is the same in every run, in whatever order threads call different actions.
    """

    def __init__(self, faults: Iterable[Fault], *, seed: int = 0) -> None:
        self.faults = tuple(faults)
        self._seed = seed
        self._lock = threading.Lock()
        self._fitting: Counter[tuple[int, str]] = Counter()
        self._befallen: Counter[tuple[int, str]] = Counter()
        self._injected: list[Injected] = []
        self._losing = threading.local()

    @property
    def injected(self) -> tuple[Injected, ...]:
        """What was done, in order."""
        with self._lock:
            return tuple(self._injected)

    @property
    def unused(self) -> tuple[Fault, ...]:
        """Faults that befell no call: whatever passed in spite of them proves nothing."""
        with self._lock:
            used = {at for at, _ in self._befallen}
            return tuple(fault for at, fault in enumerate(self.faults) if at not in used)

    def before(self, request: ApiRequest, ended: threading.Event) -> Answer | None:
        """Refuse, delay or drop a call."""
        fault = self._choose(request)
        self._losing.answer = fault is not None and fault.kind is Kind.ANSWER_LOST
        if fault is None:
            return None
        match fault.kind:
            case Kind.THROTTLED:
                return answers.refusal(request, *_throttled(request), "too many requests, says a fault")
            case Kind.SERVER_ERROR:
                return answers.refusal(request, 500, _internal_error(request), "the service failed, says a fault")
            case Kind.EXPIRED:
                return answers.refusal(request, *_expired(request), "the credentials have expired, says a fault")
            case Kind.DROPPED:
                return NO_ANSWER
            case Kind.SLOW:
                ended.wait(fault.seconds)
        return None

    def after(self, request: ApiRequest, answer: Answer) -> Answer | None:  # noqa: ARG002  # see Interceptor
        """Lose the answer of a call that was chosen for it; one thread has one call at a time."""
        return NO_ANSWER if getattr(self._losing, "answer", False) else None

    def _choose(self, request: ApiRequest) -> Fault | None:
        with self._lock:
            chosen = None
            for at, fault in enumerate(self.faults):
                if not fault.fits(request):
                    continue
                key = at, f"{request.service}:{request.action}"
                self._fitting[key] += 1
                if chosen is None and self._befalls(key, fault):
                    chosen = fault
                    self._befallen[key] += 1
                    self._injected.append(Injected(fault, request.service, request.action, self._fitting[key]))
            return chosen

    def _befalls(self, key: tuple[int, str], fault: Fault) -> bool:
        number = self._fitting[key]
        if number <= fault.after or (fault.count is not None and self._befallen[key] >= fault.count):
            return False
        # a generator a call: one for all would depend on who comes first
        return random.Random(f"{self._seed} {key} {number}").random() < fault.probability  # noqa: S311


def _throttled(request: ApiRequest) -> tuple[int, str]:
    match request.service, request.protocol:
        case "s3", _:
            return 503, "SlowDown"
        case _, "ec2":
            return 503, "RequestLimitExceeded"
        case "lambda" | "apigateway" | "apigatewayv2", _:
            return 429, "TooManyRequestsException"
        case _, "query":
            return 400, "Throttling"
        case _:
            return 400, "ThrottlingException"


def _internal_error(request: ApiRequest) -> str:
    match request.service, request.protocol:
        case ("s3", _) | (_, "ec2"):
            return "InternalError"
        case "dynamodb", _:
            return "InternalServerError"
        case _, "query":
            return "InternalFailure"
        case _:
            return "InternalServerException"


def _expired(request: ApiRequest) -> tuple[int, str]:
    match request.service, request.protocol:
        case "s3", _:
            return 400, "ExpiredToken"
        case _, "ec2":
            return 400, "RequestExpired"
        case _, "query":
            return 403, "ExpiredToken"
        case _:
            return 400, "ExpiredTokenException"
