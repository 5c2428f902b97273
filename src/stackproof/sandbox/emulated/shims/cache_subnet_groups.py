"""moto 5.2.5 cannot delete a subnet group of ElastiCache.

https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteCacheSubnetGroup.html
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE = "elasticache"


def install() -> None:
    """Delete a group that no cluster is in."""
    responses: Any = importlib.import_module("moto.elasticache.responses").ElastiCacheResponse
    responses.delete_cache_subnet_group = _delete_cache_subnet_group


def _delete_cache_subnet_group(self: Any) -> Any:  # noqa: ANN401
    from moto.core.responses import EmptyResult
    from moto.elasticache.exceptions import ElastiCacheException

    backend, name = self.elasticache_backend, self._get_param("CacheSubnetGroupName")
    [group] = backend.describe_cache_subnet_groups(cache_subnet_group_name=name)
    inhabitants = [*backend.cache_clusters.values(), *backend.replication_groups.values()]
    if any(inhabitant.cache_subnet_group_name == name for inhabitant in inhabitants):
        raise ElastiCacheException("CacheSubnetGroupInUse", f"Cache subnet group {name} is in use by a cache cluster.")
    del backend.cache_subnet_groups[name]
    backend.tagging_service.delete_all_tags_for_resource(group.arn)
    return EmptyResult()
