resource "aws_elasticache_replication_group" "said" {
  replication_group_id       = "said"
  description                = "Says so."
  at_rest_encryption_enabled = true
  node_type                  = "cache.t4g.small"
}

resource "aws_elasticache_replication_group" "valkey" {
  replication_group_id = "valkey"
  description          = "Valkey is encrypted by default."
  engine               = "valkey"
  node_type            = "cache.t4g.small"
}

resource "aws_elasticache_replication_group" "secondary" {
  replication_group_id        = "secondary"
  description                 = "Is as the global group is."
  global_replication_group_id = "abcde-main"
}
