resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = "cache-pass"
  description                = "keeps"
  node_type                  = "cache.t4g.micro"
  transit_encryption_enabled = true
}

resource "aws_elasticache_replication_group" "required" {
  replication_group_id       = "cache-required"
  description                = "keeps"
  engine_version             = "7.1"
  node_type                  = "cache.t4g.micro"
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
}

resource "aws_elasticache_cluster" "member" {
  cluster_id           = "cache-member"
  replication_group_id = "cache-pass"
}

resource "aws_elasticache_cluster" "memcached" {
  cluster_id                 = "cache-memcached"
  engine                     = "memcached"
  node_type                  = "cache.t4g.micro"
  num_cache_nodes            = 1
  transit_encryption_enabled = true
}
