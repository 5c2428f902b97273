"""Where a run took place: the account, the region and the partition of most of its ARNs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.deployer.parameters import flat

_ARN = re.compile(r"arn:(aws[\w-]*):[\w-]*:([\w-]*):(\d{12})?:.+")
ANY = "*"


@dataclass(frozen=True)
class Home:
    """An account's number, a region and a partition; `*` for what is not known."""

    account: str
    region: str
    partition: str


def home_of(calls: Iterable[Call]) -> Home:
    """Where calls were made."""
    accounts, partitions, regions = Counter[str](), Counter[str](), Counter[str]()
    for call in calls:
        regions.update([call.region] if call.region else [])
        for value in (*(each.value for each in flat(call.parameters)), *call.answer.values()):
            if found := _ARN.fullmatch(value):
                partitions[found[1]] += 1
                accounts.update([found[3]] if found[3] else [])
    region = _most(regions)
    return Home(_most(accounts), region, _most(partitions) if partitions else partition_of(region))


def partition_of(region: str) -> str:
    """The partition of a region.

    https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
    """
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _most(counted: Counter[str]) -> str:
    # of equally many, the first in the alphabet, whichever was counted first
    return min(counted, key=lambda value: (-counted[value], value)) if counted else ANY
