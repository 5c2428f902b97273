"""What the questions about a network are answered with, one by one: exposures, paths, and what goes in and out.

All are plain data; `as_dict()` gives what JSON can hold. Where `doubts` is empty the finding is certain, otherwise it
holds only if the doubts turn out that way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stackproof.analysis.network.facts.doubts import Doubts
from stackproof.analysis.network.facts.hops import SECURITY_GROUP_RULE, Hop
from stackproof.analysis.network.space.ranges import Ranges
from stackproof.analysis.network.space.traffic import NO_TRAFFIC, Traffic
from stackproof.plan import Place

INTERNET_NAME = "internet"


@dataclass(frozen=True)
class Finding:
    """What all have in common: the traffic, the hops in their order, and the doubts."""

    traffic: Traffic
    hops: tuple[Hop, ...]
    doubts: Doubts

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which it is meant in an allowance."""
        raise NotImplementedError

    @property
    def detail(self) -> tuple[object, ...]:
        """What else tells it from others, beside names, traffic and hops."""
        return ()

    @property
    def members(self) -> tuple[str, ...]:
        """Addresses that only together mean it, too: everything that is in a group."""
        return ()

    def allowance(self, allowed: Mapping[str, Traffic]) -> Traffic:
        """What a list of allowed traffic by name allows to it."""
        found = NO_TRAFFIC
        for name in self.names:
            found |= allowed.get(name, NO_TRAFFIC)
        if self.members:
            shared = allowed.get(self.members[0], NO_TRAFFIC)
            for member in self.members[1:]:
                shared &= allowed.get(member, NO_TRAFFIC)
            found |= shared
        return found

    @property
    def place(self) -> Place | None:
        """Where the last rule on the way is written, or else whatever is on it."""
        rules = [hop.place for hop in self.hops if hop.what == SECURITY_GROUP_RULE and hop.place]
        places = rules or [hop.place for hop in self.hops if hop.place]
        return places[-1] if places else None

    def is_called(self, name: str) -> bool:
        """Whether a name means it, or something in it."""
        return name in self.names or name in self.members

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "traffic": str(self.traffic),
            "protocols": self.traffic.as_dict(),
            "hops": [hop.as_dict() for hop in self.hops],
            "certain": not self.doubts,
            "doubts": [doubt.as_dict() for doubt in self.doubts],
        }

    def _shown(self, text: str) -> str:
        text += f" ({self.place})" if self.place else ""
        return f"{text}, unless {self.doubts[0]} proves otherwise" if self.doubts else text


class Kind(StrEnum):
    """How the internet gets at something: straight, by a load balancer, or not yet, though a rule would let it in."""

    DIRECT = "direct"
    FORWARDED = "forwarded"
    LATENT = "latent"


@dataclass(frozen=True)
class Exposure(Finding):
    """The internet reaches a resource.

    `traffic` is what the internet sends, `arrives` what the resource receives of it: another port, where a load
    balancer is between them. `sources` are CIDR blocks, or names of AWS-managed prefix lists. `barred` says what keeps
    the internet away from a latent exposure.
    """

    address: str
    kind: Kind
    sources: tuple[str, ...]
    from_everywhere: bool = False
    """Whether the whole internet, of one family at least, may come."""
    arrives: Traffic = NO_TRAFFIC
    through: tuple[str, ...] = ()
    """The load balancers on the way."""
    barred: str = ""
    peers: Ranges = Ranges()  # noqa: RUF009

    @property
    def names(self) -> tuple[str, ...]:
        """The resource's address."""
        return (self.address,)

    @property
    def detail(self) -> tuple[object, ...]:
        """Kind, sources, and the load balancers on the way."""
        return (self.kind, self.sources, self.through, self.arrives)

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "address": self.address,
            "kind": str(self.kind),
            "sources": list(self.sources),
            "from_everywhere": self.from_everywhere,
            "through": list(self.through),
            "arrives": str(self.arrives),
            "barred": self.barred,
            **super().as_dict(),
        }

    def __str__(self) -> str:
        by = f" through {', '.join(self.through)}" if self.through else ""
        barred = f", but {self.barred}" if self.barred else ""
        return self._shown(f"{self.address} {self.traffic} from {', '.join(self.sources)}{by}{barred}")


@dataclass(frozen=True)
class Path(Finding):
    """A path from a source to a target, both addresses or "internet"; `arrives` as in `Exposure`."""

    source: str
    target: str
    arrives: Traffic = NO_TRAFFIC
    through: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Where it ends."""
        return (self.target,)

    @property
    def detail(self) -> tuple[object, ...]:
        """Where it begins, and the load balancers on the way."""
        return (self.source, self.through, self.arrives)

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "source": self.source,
            "target": self.target,
            "arrives": str(self.arrives),
            "through": list(self.through),
            **super().as_dict(),
        }

    def __str__(self) -> str:
        by = f" through {', '.join(self.through)}" if self.through else ""
        return self._shown(f"{self.source} to {self.target} {self.traffic}{by}")


@dataclass(frozen=True)
class Flow(Finding):
    """What may leave or enter a resource. The other side is one of: the internet, addresses, a group, a service."""

    address: str
    kind: str
    peer: str
    """The other side: "internet", a CIDR block, a group's address, a VPC's, or the name of an AWS service."""
    ranges: tuple[str, ...] = ()
    via: str = ""
    """The address of the gateway or endpoint that it takes, "" for none."""
    group: tuple[str, ...] = ()
    """Everything that is in the group, where the other side is one."""
    peers: Ranges = Ranges()  # noqa: RUF009

    @property
    def names(self) -> tuple[str, ...]:
        """The other side, and the gateway."""
        return (self.peer, self.via) if self.via else (self.peer,)

    @property
    def detail(self) -> tuple[object, ...]:
        """Kind and addresses."""
        return (self.kind, self.ranges)

    @property
    def members(self) -> tuple[str, ...]:
        """Everything in the group."""
        return self.group

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "address": self.address,
            "kind": self.kind,
            "peer": self.peer,
            "ranges": list(self.ranges),
            "via": self.via,
            "group": list(self.group),
            **super().as_dict(),
        }


@dataclass(frozen=True)
class Egress(Flow):
    """What may leave a resource, and where to."""

    def __str__(self) -> str:
        by = f" via {self.via}" if self.via else ""
        at = f" ({', '.join(self.ranges)})" if self.ranges and self.ranges != (self.peer,) else ""
        return self._shown(f"{self.address} to {self.peer}{at} {self.traffic}{by}")


@dataclass(frozen=True)
class Ingress(Flow):
    """What security groups and network ACLs let into a resource, wherever it could come from."""

    def __str__(self) -> str:
        at = f" ({', '.join(self.ranges)})" if self.ranges and self.ranges != (self.peer,) else ""
        return self._shown(f"{self.address} from {self.peer}{at} {self.traffic}")
