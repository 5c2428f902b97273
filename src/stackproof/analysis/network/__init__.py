"""The network of a stack: `Network(stack)` answers what the internet reaches, who reaches whom, and what may leave."""

from stackproof.analysis.network.answers.answer import Answer, Claim, Egresses, Exposures, Ingresses, Paths
from stackproof.analysis.network.answers.findings import INTERNET_NAME, Egress, Exposure, Ingress, Kind, Path
from stackproof.analysis.network.facts.doubts import Doubt
from stackproof.analysis.network.facts.hops import Hop
from stackproof.analysis.network.interfaces.unmodelled import Unmodelled
from stackproof.analysis.network.network import Network, Note
from stackproof.analysis.network.space.traffic import ANY, Traffic, icmp, icmpv6, tcp, udp

__all__ = [
    "ANY",
    "INTERNET_NAME",
    "Answer",
    "Claim",
    "Doubt",
    "Egress",
    "Egresses",
    "Exposure",
    "Exposures",
    "Hop",
    "Ingress",
    "Ingresses",
    "Kind",
    "Network",
    "Note",
    "Path",
    "Paths",
    "Traffic",
    "Unmodelled",
    "icmp",
    "icmpv6",
    "tcp",
    "udp",
]
