"""What was asked of an account: one API call, as every part of the sandbox speaks of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """One API call and what came of it.

    `service` is botocore's name of the service ("ecs", "elbv2", "s3"), `action` its name of the operation
    ("CreateService"); both are "" where the request is none of AWS's. `parameters` are those of the request, as
    boto3 would be given them, without what botocore calls sensitive. `answer` are the ids, names and ARNs in the
    answer of a call that made something, by path. `status` is the HTTP status of the answer, 0 where none came,
    `error` AWS's error code in it ("" where there is none). `began` is on the clock of `time.monotonic`, in seconds.
    """

    service: str
    action: str
    region: str = ""
    status: int = 0
    error: str = ""
    began: float = 0.0
    seconds: float = 0.0
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)
    answer: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return f"{self.service}:{self.action}"
