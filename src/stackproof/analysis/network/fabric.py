"""The fabric of a stack's network: what lies between the resources that send and receive."""

from __future__ import annotations

from stackproof.analysis.network.acls import Acls
from stackproof.analysis.network.addressing import Addressing
from stackproof.analysis.network.groups import SecurityGroups
from stackproof.analysis.network.links import Links
from stackproof.analysis.network.prefix_lists import PrefixLists
from stackproof.analysis.network.routes import RouteTables
from stackproof.analysis.network.subnets import Subnets
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
