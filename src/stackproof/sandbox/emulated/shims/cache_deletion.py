"""moto 5.2.5 never ends the deletion of an ElastiCache cluster or replication group: it is "deleting" for ever.

The provider waits for its end.
https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteCacheCluster.html
https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteReplicationGroup.html
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE = "elasticache"


def install() -> None:
    """Forget what has been deleted, as soon as that is answered."""
    backend: Any = importlib.import_module("moto.elasticache.models").ElastiCacheBackend
    delete_cluster, delete_group = backend.delete_cache_cluster, backend.delete_replication_group

    def delete_cache_cluster(self: Any, cache_cluster_id: str) -> Any:  # noqa: ANN401
        deleted = delete_cluster(self, cache_cluster_id)
        del self.cache_clusters[cache_cluster_id]
        self.tagging_service.delete_all_tags_for_resource(deleted.arn)
        return deleted

    def delete_replication_group(self: Any, replication_group_id: str, **more: Any) -> Any:  # noqa: ANN401
        deleted = delete_group(self, replication_group_id, **more)
        del self.replication_groups[replication_group_id]
        self.tagging_service.delete_all_tags_for_resource(deleted.arn)
        return deleted

    backend.delete_cache_cluster = delete_cache_cluster
    backend.delete_replication_group = delete_replication_group
