resource "aws_efs_file_system" "silent" { # fails
  creation_token = "broken"
}

resource "aws_efs_file_system" "plain" {
  encrypted = false # fails
}

resource "aws_opensearch_domain" "silent" { # fails
  domain_name = "broken"
}

resource "aws_elasticsearch_domain" "plain" {
  domain_name = "broken-old"

  encrypt_at_rest {
    enabled = false # fails
  }
}

resource "aws_redshift_cluster" "silent" { # fails
  cluster_identifier     = "broken"
  node_type              = "ra3.large"
  master_username        = "app"
  manage_master_password = true
}

resource "aws_dax_cluster" "silent" { # fails
  cluster_name       = "broken"
  iam_role_arn       = "arn:aws:iam::123456789012:role/dax"
  node_type          = "dax.r5.large"
  replication_factor = 1
}

resource "aws_appsync_api_cache" "silent" { # fails
  api_id               = "abcdefghij"
  api_caching_behavior = "FULL_REQUEST_CACHING"
  type                 = "SMALL"
  ttl                  = 60
}
