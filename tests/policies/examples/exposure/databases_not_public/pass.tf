resource "aws_db_instance" "this" {
  engine              = "postgres"
  instance_class      = "db.t4g.micro"
  allocated_storage   = 20
  skip_final_snapshot = true
  publicly_accessible = false
}

resource "aws_rds_cluster_instance" "by_default" {
  cluster_identifier = "cluster"
  engine             = "aurora-postgresql"
  instance_class     = "db.t4g.medium"
}

resource "aws_redshift_cluster" "this" {
  cluster_identifier  = "private"
  node_type           = "ra3.large"
  skip_final_snapshot = true
  master_username     = "admin"
  publicly_accessible = false
}
