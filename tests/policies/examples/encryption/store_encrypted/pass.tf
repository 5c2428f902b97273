resource "aws_efs_file_system" "this" {
  encrypted = true
}

resource "aws_opensearch_domain" "this" {
  domain_name = "kept"

  encrypt_at_rest {
    enabled = true
  }
}

resource "aws_redshift_cluster" "this" {
  cluster_identifier     = "kept"
  node_type              = "ra3.large"
  master_username        = "app"
  manage_master_password = true
  encrypted              = true
}

resource "aws_dax_cluster" "this" {
  cluster_name       = "kept"
  iam_role_arn       = "arn:aws:iam::123456789012:role/dax"
  node_type          = "dax.r5.large"
  replication_factor = 1

  server_side_encryption {
    enabled = true
  }
}
