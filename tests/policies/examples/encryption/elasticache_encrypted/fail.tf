resource "aws_elasticache_replication_group" "silent" { # fails
  replication_group_id = "silent"
  description          = "Redis is not encrypted by default."
  node_type            = "cache.t4g.small"
}

resource "aws_elasticache_replication_group" "plain" {
  replication_group_id       = "plain"
  description                = "Says no."
  engine                     = "valkey"
  at_rest_encryption_enabled = false # fails
  node_type                  = "cache.t4g.small"
}
