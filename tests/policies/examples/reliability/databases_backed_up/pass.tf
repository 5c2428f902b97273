resource "aws_db_instance" "this" {
  identifier              = "kept-backups"
  engine                  = "postgres"
  instance_class          = "db.t4g.micro"
  allocated_storage       = 20
  backup_retention_period = 7
}

resource "aws_db_instance" "replica" {
  instance_class      = "db.t4g.micro"
  replicate_source_db = aws_db_instance.this.identifier
}

resource "aws_rds_cluster" "this" {
  engine                  = "aurora-postgresql"
  backup_retention_period = 35
}

resource "aws_redshift_cluster" "this" {
  cluster_identifier                  = "kept-backups"
  node_type                           = "ra3.large"
  automated_snapshot_retention_period = 14
}
