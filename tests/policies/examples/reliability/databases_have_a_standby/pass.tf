resource "aws_db_instance" "this" {
  identifier        = "kept"
  engine            = "postgres"
  instance_class    = "db.t4g.micro"
  allocated_storage = 20
  multi_az          = true
}

resource "aws_db_instance" "replica" {
  identifier          = "kept-replica"
  instance_class      = "db.t4g.micro"
  replicate_source_db = aws_db_instance.this.identifier
}

resource "aws_rds_cluster" "aurora" {
  cluster_identifier = "kept-aurora"
  engine             = "aurora-postgresql"
}

resource "aws_rds_cluster_instance" "aurora" {
  count = 2

  cluster_identifier = aws_rds_cluster.aurora.id
  engine             = "aurora-postgresql"
  instance_class     = "db.t4g.medium"
}

resource "aws_rds_cluster" "three" {
  cluster_identifier        = "kept-three"
  engine                    = "mysql"
  db_cluster_instance_class = "db.m6gd.large"
  storage_type              = "io1"
  allocated_storage         = 100
  iops                      = 1000
}
