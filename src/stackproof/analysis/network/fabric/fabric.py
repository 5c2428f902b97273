"""The fabric of a stack's network: what lies between the resources that send and receive."""

from __future__ import annotations

from stackproof.analysis.network.fabric.acls import Acls
from stackproof.analysis.network.fabric.addressing import Addressing
from stackproof.analysis.network.fabric.groups import SecurityGroups
from stackproof.analysis.network.fabric.prefix_lists import PrefixLists
from stackproof.analysis.network.fabric.routes import RouteTables
from stackproof.analysis.network.fabric.subnets import Subnets
from stackproof.analysis.network.facts.links import Links
from stackproof.plan import Stack


class Fabric:
    """Everything that filters and forwards packets, read from a stack once."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.links = Links(stack)
        self.addressing = Addressing(stack, self.links)
        self.prefix_lists = PrefixLists(stack, self.links, self.addressing)
        self.groups = SecurityGroups(stack, self.links, self.addressing, self.prefix_lists)
        self.tables = RouteTables(stack, self.links, self.addressing, self.prefix_lists)
        self.acls = Acls(stack, self.links, self.addressing)
        self.subnets = Subnets(stack, self.links, self.addressing, self.tables, self.acls)
