"""In which availability zone a subnet is."""

from __future__ import annotations

from dataclasses import dataclass

from stackproof.plan import Resource
from stackproof.plan.values import Value
from stackproof.policy.case import Case

SUBNETS = ("aws_default_subnet", "aws_subnet")


@dataclass(frozen=True)
class Zone:
    """An availability zone by its name, or by its id; neither where AWS chooses, or nothing tells.

    Which name means which id differs from account to account.
    """

    name: Value = None
    id: Value = None

    def is_other(self, zone: Zone) -> bool | None:
        """Whether it is another zone than this one; None where nobody can tell."""
        if self.name and zone.name:
            return bool(self.name != zone.name)
        if self.id and zone.id:
            return bool(self.id != zone.id)
        return None


NOWHERE = Zone()
"""The zone of a subnet of which nothing tells where it is."""


def zone_of(case: Case, subnet: Resource) -> Zone:
    """The zone that the configuration puts a subnet in."""
    return Zone(case.given("availability_zone", of=subnet), case.given("availability_zone_id", of=subnet))
