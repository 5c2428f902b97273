resource "aws_elasticache_replication_group" "by_default" { # fails
  replication_group_id = "cache-by-default"
  description          = "breaks"
  node_type            = "cache.t4g.micro"
}

resource "aws_elasticache_replication_group" "preferred" {
  replication_group_id       = "cache-preferred"
  description                = "breaks"
  engine_version             = "7.1"
  node_type                  = "cache.t4g.micro"
  transit_encryption_enabled = true
  transit_encryption_mode    = "preferred" # fails
}

resource "aws_elasticache_cluster" "redis" { # fails
  cluster_id      = "cache-redis"
  engine          = "redis"
  node_type       = "cache.t4g.micro"
  num_cache_nodes = 1
}
