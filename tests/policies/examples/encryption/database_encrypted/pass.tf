resource "aws_db_instance" "main" {
  instance_class              = "db.t4g.micro"
  engine                      = "postgres"
  allocated_storage           = 20
  username                    = "app"
  manage_master_user_password = true
  storage_encrypted           = true
  skip_final_snapshot         = true
}

resource "aws_db_instance" "replica" {
  count = 2

  instance_class      = "db.t4g.micro"
  replicate_source_db = aws_db_instance.main.identifier
  skip_final_snapshot = true
}

resource "aws_rds_cluster" "serverless" {
  engine      = "aurora-mysql"
  engine_mode = "serverless"
}

resource "aws_rds_cluster" "main" {
  engine            = "aurora-postgresql"
  storage_encrypted = true
}

resource "aws_rds_global_cluster" "this" {
  global_cluster_identifier    = "kept"
  source_db_cluster_identifier = aws_rds_cluster.main.arn
  force_destroy                = true
}

resource "aws_docdb_cluster" "this" {
  storage_encrypted = true
}

resource "aws_neptune_cluster" "replica" {
  replication_source_identifier = "arn:aws:rds:us-east-1:123456789012:cluster:main"
}
