resource "aws_db_instance" "this" {
  engine              = "postgres"
  instance_class      = "db.t4g.micro"
  allocated_storage   = 20
  skip_final_snapshot = true # fails
}

resource "aws_rds_cluster" "this" {
  for_each = toset(["orders", "users"])

  cluster_identifier  = "broken-snapshot-${each.key}"
  engine              = "aurora-postgresql"
  skip_final_snapshot = true # fails
}

resource "aws_redshift_cluster" "this" {
  cluster_identifier  = "broken-snapshot"
  node_type           = "ra3.large"
  skip_final_snapshot = true # fails
}
