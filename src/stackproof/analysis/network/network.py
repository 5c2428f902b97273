"""Questions about the network of a stack: what the internet reaches, who reaches whom, and what may leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from stackproof.analysis.network.answers.answer import Egresses, Exposures, Ingresses, Paths
from stackproof.analysis.network.answers.findings import INTERNET_NAME, Egress, Ingress, Path
from stackproof.analysis.network.fabric.fabric import Fabric
from stackproof.analysis.network.facts.doubts import Doubt
from stackproof.analysis.network.interfaces.balancers import Balancers
from stackproof.analysis.network.interfaces.compute import Instances
from stackproof.analysis.network.interfaces.ecs import Tasks
from stackproof.analysis.network.interfaces.interface import Interface
from stackproof.analysis.network.interfaces.inventory import Inventory
from stackproof.analysis.network.interfaces.services import services
from stackproof.analysis.network.interfaces.targets import TargetGroups
from stackproof.analysis.network.interfaces.unmodelled import Unmodelled, front_doors, lookalikes, unmodelled
from stackproof.analysis.network.questions.exposure import ExposureQuestion
from stackproof.analysis.network.questions.flows import FlowQuestion
from stackproof.analysis.network.questions.forwarding import Forwarding
from stackproof.analysis.network.questions.paths import PathQuestion
from stackproof.analysis.network.questions.reach import Reach
from stackproof.analysis.network.space.traffic import ANY
from stackproof.errors import PlanError
from stackproof.plan import Resource, Stack, reads


@dataclass(frozen=True)
class Note:
    """Something about the network that no question asks for, and that somebody should know."""

    address: str
    text: str

    def __str__(self) -> str:
        return f"{self.address} {self.text}"

    def as_dict(self) -> dict[str, str]:
        """As JSON data."""
        return {"address": self.address, "text": self.text}


class Network:
    """The network of a stack.

    What can be reached is decided by route tables, network ACLs, security groups, public addresses, load balancers and
    peerings, and for TCP by whether ACLs let the replies back. Resources are named by themselves or by address, and the
    internet by "internet". Whatever hangs on a value that is not known, or on something that is not modelled, is in the
    answer as possible, with its doubts (see `Answer`).
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def reachable_from_internet(self) -> Exposures:
        """What the internet reaches at a public address of its own.

        `.forwarded` is what it reaches through load balancers, `.latent` what rules let in, but something else bars.
        """
        return self._exposures

    def paths(self, source: str | Resource, target: str | Resource) -> Paths:
        """The ways from one to another, one of which may be "internet"; raises PlanError for what is in no network.

        Between resources these are the ways inside VPCs and over peerings. Where both can use the internet, that is
        told by `egress` and `reachable_from_internet`.
        """
        start, end = self._named(source), self._named(target)
        hidden = [name for name in (start, end) if name != INTERNET_NAME and not self._inventory.of(name)]
        if hidden:
            unsure = self._why_not(hidden[0])
            return Paths((), [Path(ANY, (), (unsure,), source=start, target=end, arrives=ANY)])
        with reads.recording():
            return self._path_question.answer(start, end)

    def egress(self, resource: str | Resource) -> Egresses:
        """Everything that may leave a resource, and where to; raises PlanError for what is in no network."""
        name = self._named(resource)
        if not self._inventory.of(name):
            unsure = self._why_not(name)
            return Egresses((), [Egress(ANY, (), (unsure,), address=name, kind="not modelled", peer="anywhere")])
        with reads.recording():
            return self._flows.egress(name)

    def ingress(self, resource: str | Resource) -> Ingresses:
        """What security groups and network ACLs let into a resource, wherever it could come from.

        This asks the filters only, not whether there is a route or a public address. Raises PlanError for what is in
        no network.
        """
        name = self._named(resource)
        if not self._inventory.of(name):
            unsure = self._why_not(name)
            return Ingresses((), [Ingress(ANY, (), (unsure,), address=name, kind="not modelled", peer="anywhere")])
        with reads.recording():
            return self._flows.ingress(name)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of everything that has network interfaces."""
        return tuple(self._inventory.owners)

    @cached_property
    def unmodelled(self) -> tuple[Unmodelled, ...]:
        """What is there and not modelled."""
        with reads.recording():
            return tuple(unmodelled(self._fabric))

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """Conflicts in how the network is written, such as rules of one group inline and apart."""
        found = {**self._fabric.groups.notes, **self._fabric.tables.notes}
        return tuple(Note(address, text) for address, text in found.items())

    # reading the stack must not be taken for what a test read

    @cached_property
    def _fabric(self) -> Fabric:
        with reads.recording():
            return Fabric(self._stack)

    @cached_property
    def _instances(self) -> Instances:
        with reads.recording():
            return Instances(self._fabric)

    @cached_property
    def _tasks(self) -> Tasks:
        return Tasks(self._fabric, self._instances)

    @cached_property
    def _balancers(self) -> Balancers:
        with reads.recording():
            return Balancers(self._fabric, TargetGroups(self._fabric, self._tasks))

    @cached_property
    def _inventory(self) -> Inventory:
        with reads.recording():
            return Inventory(self._interfaces())

    def _interfaces(self) -> Iterator[Interface]:
        yield from self._balancers.interfaces()
        yield from self._tasks.interfaces()
        yield from self._instances.interfaces()
        yield from services(self._fabric)
        yield from lookalikes(self._fabric)

    @cached_property
    def _reach(self) -> Reach:
        return Reach(self._fabric)

    @cached_property
    def _forwarding(self) -> Forwarding:
        return Forwarding(self._inventory, self._reach, self._balancers)

    @cached_property
    def _exposure(self) -> ExposureQuestion:
        return ExposureQuestion(self._fabric, self._inventory, self._reach, self._forwarding)

    @cached_property
    def _exposures(self) -> Exposures:
        with reads.recording():
            return self._exposure.answer(self._inventory.owners, front_doors(self._fabric), self._exposure.unattached())

    @cached_property
    def _flows(self) -> FlowQuestion:
        return FlowQuestion(self._fabric, self._inventory, self._reach)

    @cached_property
    def _path_question(self) -> PathQuestion:
        return PathQuestion(self._inventory, self._reach, self._forwarding, self._exposure, self._flows)

    def _named(self, what: str | Resource) -> str:
        name = what.address if isinstance(what, Resource) else what
        if name == INTERNET_NAME:
            return name
        resource = self._stack[name]
        if not self._inventory.of(name) and not any(other.address == name for other in self.unmodelled):
            raise PlanError(
                f"{resource.type} has no network interface, or this one is outside of every VPC",
                where=name,
                remedy=f"ask about one of: {', '.join(self.addresses[:8]) or 'nothing here has one'}.",
            )
        return name

    def _why_not(self, name: str) -> Doubt:
        return Doubt(name, "", f"{self._stack[name].type} is not modelled")
