"""The interfaces of AWS's managed services: databases, caches, functions, endpoints and the like."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from stackproof.analysis.network.fabric.fabric import Fabric
from stackproof.analysis.network.fabric.standing import standing
from stackproof.analysis.network.facts.doubts import NO, Doubt, both
from stackproof.analysis.network.facts.links import GROUPS, SUBNETS, Link
from stackproof.analysis.network.facts.passages import OPEN, Passage
from stackproof.analysis.network.facts.reading import blocks, flag, is_one_of, is_unset, number, text
from stackproof.analysis.network.interfaces.interface import Interface, behind
from stackproof.analysis.network.space.traffic import Traffic, tcp
from stackproof.plan import Resource


@dataclass(frozen=True)
class Shape:
    """Where a resource type says what an interface needs.

    `subnets` holds subnet ids, or the name of a group of them of the type `subnet_group`. `port` names an argument;
    without a value `engine` decides, and without both it may listen on every port.
    """

    kind: str
    subnets: str
    groups: str
    subnet_group: str = ""
    public: str = ""
    port: str = ""
    engine: str = ""
    fixed: Traffic | None = None
    accepts: bool = True
    v6: tuple[str, ...] = ()


_DATABASE = Shape(
    "database",
    "db_subnet_group_name",
    "vpc_security_group_ids",
    subnet_group="aws_db_subnet_group",
    port="port",
    engine="engine",
    v6=("network_type", "DUAL"),
)
_CACHE = Shape(
    "cache",
    "subnet_group_name",
    "security_group_ids",
    subnet_group="aws_elasticache_subnet_group",
    port="port",
    engine="engine",
    v6=("network_type", "dual_stack", "ipv6"),
)
_SEARCH = Shape("search domain", "vpc_options[0].subnet_ids", "vpc_options[0].security_group_ids", fixed=tcp(80, 443))

SHAPES: Mapping[str, Shape] = {
    "aws_db_instance": replace(_DATABASE, public="publicly_accessible"),
    "aws_rds_cluster": _DATABASE,
    "aws_docdb_cluster": replace(_DATABASE, subnet_group="aws_docdb_subnet_group"),
    "aws_neptune_cluster": replace(
        _DATABASE, subnets="neptune_subnet_group_name", subnet_group="aws_neptune_subnet_group"
    ),
    "aws_elasticache_cluster": _CACHE,
    "aws_elasticache_replication_group": _CACHE,
    "aws_elasticache_serverless_cache": replace(_CACHE, subnets="subnet_ids", subnet_group="", port=""),
    "aws_memorydb_cluster": replace(_CACHE, subnet_group="aws_memorydb_subnet_group"),
    "aws_dax_cluster": replace(_CACHE, subnet_group="aws_dax_subnet_group", port="", engine=""),
    "aws_redshift_cluster": Shape(
        "data warehouse",
        "cluster_subnet_group_name",
        "vpc_security_group_ids",
        subnet_group="aws_redshift_subnet_group",
        public="publicly_accessible",
        port="port",
    ),
    "aws_redshiftserverless_workgroup": Shape(
        "data warehouse", "subnet_ids", "security_group_ids", public="publicly_accessible", port="port"
    ),
    "aws_mq_broker": Shape("broker", "subnet_ids", "security_groups", public="publicly_accessible"),
    "aws_opensearch_domain": _SEARCH,
    "aws_elasticsearch_domain": _SEARCH,
    "aws_efs_mount_target": Shape("mount target", "subnet_id", "security_groups", fixed=tcp(2049)),
    "aws_vpc_endpoint": Shape("VPC endpoint", "subnet_ids", "security_group_ids"),
    # AWS opens no connections to these, nor lets anybody: they are called by API
    "aws_lambda_function": Shape(
        "function", "vpc_config[0].subnet_ids", "vpc_config[0].security_group_ids", accepts=False
    ),
    "aws_codebuild_project": Shape("build", "vpc_config[0].subnets", "vpc_config[0].security_group_ids", accepts=False),
}
"""https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs, the page of each resource type."""

_MEMBERS: Mapping[str, str] = {
    "aws_rds_cluster_instance": "aws_rds_cluster",
    "aws_docdb_cluster_instance": "aws_docdb_cluster",
    "aws_neptune_cluster_instance": "aws_neptune_cluster",
}

SUBNET_GROUPS = frozenset(shape.subnet_group for shape in SHAPES.values() if shape.subnet_group)
TYPES = (*SHAPES, *_MEMBERS)

_ENGINES: Mapping[str, int] = {
    "aurora-mysql": 3306,
    "aurora-postgresql": 5432,
    "docdb": 27017,
    "mariadb": 3306,
    "memcached": 11211,
    "mysql": 3306,
    "neptune": 8182,
    "oracle": 1521,
    "postgres": 5432,
    "redis": 6379,
    "sqlserver": 1433,
    "valkey": 6379,
}
"""Default ports: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html and alike."""


def services(fabric: Fabric) -> Iterator[Interface]:
    """The interfaces of all managed services that have some."""
    stack = fabric.stack
    subnets = _associated(fabric, "aws_vpc_endpoint_subnet_association", "subnet_id", SUBNETS)
    groups = _associated(fabric, "aws_vpc_endpoint_security_group_association", "security_group_id", GROUPS)
    for kind, shape in SHAPES.items():
        for resource in filter(_has_interfaces, stack.resources(kind)):
            if kind != "aws_vpc_endpoint":
                yield _interface(fabric, resource, shape, _standing(fabric, resource, shape))
                continue
            tied = (*subnets[resource.address], *subnets[""]) if is_unset(resource, shape.subnets) else ()
            found = _interface(fabric, resource, shape, tied or _standing(fabric, resource, shape))
            more = (*groups[resource.address], *groups[""])
            yield replace(found, groups=(*(found.groups or ()), *more))
    for kind, whole in _MEMBERS.items():
        for member in stack.resources(kind):
            public = flag(member, "publicly_accessible")
            link = fabric.links.one(member, "cluster_identifier", (whole,))
            cluster = fabric.links.find(link.key)
            if cluster is not None and cluster.mode == "managed":
                shape = SHAPES[whole]
                around = _interface(fabric, cluster, shape, _standing(fabric, cluster, shape))
                yield replace(around, owner=member.address, resource=member, public_v4=public, public_v6=public)
            else:
                unsure = Doubt(member.address, "cluster_identifier", "the cluster is not in this stack")
                unknown = (Link("", (unsure,)),)
                yield Interface(member.address, member, "database", unknown, unknown, public, public_v6=public)


def _associated(fabric: Fabric, kind: str, path: str, types: tuple[str, ...]) -> Mapping[str, list[Link]]:
    """What is tied to VPC endpoints by resources of its own."""
    found: dict[str, list[Link]] = defaultdict(list)
    for association in fabric.stack.resources(kind):
        for endpoint in fabric.links.of(association, "vpc_endpoint_id", ("aws_vpc_endpoint",)):
            for link in fabric.links.of(association, path, types):
                found[endpoint.key].append(Link(link.key, both(endpoint.doubts, link.doubts)))
    return found


def _has_interfaces(resource: Resource) -> bool:
    if resource.type == "aws_vpc_endpoint":
        return text(resource, "vpc_endpoint_type", "Gateway") == "Interface"
    inside = SHAPES[resource.type].subnets.partition("[")
    # without a block for it, functions, builds and search domains live outside of VPCs
    return not inside[1] or any(blocks(resource, inside[0]))


def _interface(fabric: Fabric, resource: Resource, shape: Shape, subnets: tuple[Link, ...]) -> Interface:
    public = flag(resource, shape.public) if shape.public else NO
    return Interface(
        resource.address,
        resource,
        shape.kind,
        subnets,
        behind(fabric, resource, shape.groups, subnets),
        public_v4=public,
        public_v6=public,
        has_v6=is_one_of(resource, *shape.v6) if shape.v6 else NO,
        listens=_listens(resource, shape),
        accepts=shape.accepts,
    )


def _standing(fabric: Fabric, resource: Resource, shape: Shape) -> tuple[Link, ...]:
    if not shape.subnet_group:
        return standing(fabric, resource, shape.subnets)
    found: list[Link] = []
    for link in fabric.links.of(resource, shape.subnets, (shape.subnet_group,)):
        if fabric.links.is_inside(link.key):
            found += (
                Link(subnet.key, (*link.doubts, *subnet.doubts))
                for subnet in standing(fabric, fabric.stack[link.key], "subnet_ids")
            )
        else:
            reason = f"the subnets of {link.key or 'that subnet group'} are not in this stack"
            found.append(Link("", (Doubt(resource.address, shape.subnets, reason),)))
    return tuple(found) or (
        Link("", (Doubt(resource.address, shape.subnets, "which subnets are used by default is not known"),)),
    )


def _listens(resource: Resource, shape: Shape) -> tuple[Passage, ...]:
    if shape.fixed is not None:
        return (Passage(shape.fixed),)
    port = number(resource, shape.port) if shape.port else None
    if isinstance(port, int):
        return (Passage(tcp(port)),)
    if isinstance(port, Doubt):
        return (Passage(doubts=(port,)),)
    engine = text(resource, shape.engine) if shape.engine else ""
    name = engine if engine in _ENGINES else engine.partition("-")[0]
    return (Passage(tcp(_ENGINES[name])),) if name in _ENGINES else OPEN
