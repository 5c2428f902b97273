resource "aws_db_instance" "this" {
  engine              = "postgres"
  instance_class      = "db.t4g.micro"
  allocated_storage   = 20
  skip_final_snapshot = true
  publicly_accessible = true # fails
}

resource "aws_rds_cluster_instance" "this" {
  count = 2

  cluster_identifier  = "cluster"
  engine              = "aurora-postgresql"
  instance_class      = "db.t4g.medium"
  publicly_accessible = count.index == 1 # fails in the plan
}

resource "aws_redshift_cluster" "by_default" { # fails
  cluster_identifier  = "public"
  node_type           = "ra3.large"
  skip_final_snapshot = true
  master_username     = "admin"
}
