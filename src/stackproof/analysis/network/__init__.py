"""The network of a stack: `Network(stack)` answers what the internet reaches, who reaches whom, and what may leave."""

from stackproof.analysis.network.answers import Answer, Claim, Egresses, Exposures, Ingresses, Paths
from stackproof.analysis.network.doubts import Doubt
from stackproof.analysis.network.findings import INTERNET_NAME, Egress, Exposure, Ingress, Kind, Path
from stackproof.analysis.network.hops import Hop
from stackproof.analysis.network.network import Network, Note
from stackproof.analysis.network.traffic import ANY, Traffic, icmp, icmpv6, tcp, udp
from stackproof.analysis.network.unmodelled import Unmodelled

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
