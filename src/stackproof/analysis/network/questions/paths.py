"""The paths from one resource to another, straight or through load balancers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stackproof.analysis.network.answers.answer import Paths
from stackproof.analysis.network.answers.findings import INTERNET_NAME, Exposure, Path
from stackproof.analysis.network.answers.merging import settled
from stackproof.analysis.network.facts.hops import Hop, hop
from stackproof.analysis.network.facts.passages import Passage
from stackproof.analysis.network.interfaces.interface import Interface
from stackproof.analysis.network.interfaces.inventory import Inventory
from stackproof.analysis.network.questions.exposure import ExposureQuestion
from stackproof.analysis.network.questions.flows import FlowQuestion
from stackproof.analysis.network.questions.forwarding import Forwarding
from stackproof.analysis.network.questions.reach import Reach


class PathQuestion:
    """Answers how one gets to another."""

    def __init__(
        self,
        inventory: Inventory,
        reach: Reach,
        forwarding: Forwarding,
        exposure: ExposureQuestion,
        flows: FlowQuestion,
    ) -> None:
        self._inventory = inventory
        self._reach = reach
        self._forwarding = forwarding
        self._exposure = exposure
        self._flows = flows

    def answer(self, source: str, target: str) -> Paths:
        """The paths between two addresses, one of which may be "internet"."""
        if source == INTERNET_NAME:
            found = list(self._from_internet(target))
        elif target == INTERNET_NAME:
            found = list(self._to_internet(source))
        else:
            found = [
                path
                for start in self._inventory.of(source)
                for end in self._inventory.of(target)
                for path in self._between(start, end)
            ]
        found = settled(found)
        return Paths([path for path in found if not path.doubts], [path for path in found if path.doubts])

    def _from_internet(self, target: str) -> Iterator[Path]:
        exposures = self._exposure.answer([target])
        for part in (exposures, exposures.forwarded.of(target)):
            for exposure in (*part.definite, *part.possible):
                yield self._path_of(exposure)

    @staticmethod
    def _path_of(exposure: Exposure) -> Path:
        return Path(
            exposure.traffic,
            exposure.hops,
            exposure.doubts,
            source=INTERNET_NAME,
            target=exposure.address,
            arrives=exposure.arrives,
            through=exposure.through,
        )

    def _to_internet(self, source: str) -> Iterator[Path]:
        out = self._flows.egress(source)
        for way in (*out.definite, *out.possible):
            if INTERNET_NAME in way.names or way.kind == "not modelled":
                start = [hop(i.kind, i.resource) for i in self._inventory.of(source)[:1]]
                hops = (*start, *way.hops, Hop("the internet", ""))
                yield Path(way.traffic, hops, way.doubts, source=source, target=INTERNET_NAME, arrives=way.traffic)

    def _between(self, start: Interface, end: Interface) -> Iterator[Path]:
        first, last = hop(start.kind, start.resource), hop(end.kind, end.resource)
        for way in self._straight(start, end):
            yield Path(
                way.traffic,
                (first, *way.hops, last),
                way.doubts,
                source=start.owner,
                target=end.owner,
                arrives=way.traffic,
            )
        for owner in self._inventory.owners:
            if not self._forwarding.is_balancer(owner) or owner in (start.owner, end.owner):
                continue
            for balancer in self._inventory.of(owner):
                entering = [replace(way, hops=(first, *way.hops)) for way in self._entering(start, balancer)]
                for arrival in self._forwarding.onward(balancer, entering, start):
                    if arrival.interface is end:
                        whole = arrival.entered
                        yield Path(
                            whole.traffic,
                            (*whole.hops, last),
                            whole.doubts,
                            source=start.owner,
                            target=end.owner,
                            arrives=arrival.arrives,
                            through=arrival.balancers,
                        )

    def _straight(self, start: Interface, end: Interface) -> Iterator[Passage]:
        if self._forwarding.is_balancer(start.owner):
            yield from self._forwarding.sent(start, end)
        else:
            yield from self._reach.between(start, end, end.listens)

    def _entering(self, start: Interface, balancer: Interface) -> Iterator[Passage]:
        if self._forwarding.is_balancer(start.owner):
            yield from self._forwarding.sent(start, balancer)
        else:
            yield from self._reach.between(start, balancer, [Passage()])
