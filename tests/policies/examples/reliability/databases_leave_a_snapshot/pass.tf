resource "aws_db_instance" "this" {
  identifier                = "kept-snapshot"
  engine                    = "postgres"
  instance_class            = "db.t4g.micro"
  allocated_storage         = 20
  final_snapshot_identifier = "kept-snapshot-final"
}

resource "aws_db_instance" "replica" {
  instance_class      = "db.t4g.micro"
  replicate_source_db = aws_db_instance.this.identifier
  skip_final_snapshot = true
}

resource "aws_rds_cluster" "this" {
  engine                    = "aurora-postgresql"
  skip_final_snapshot       = false
  final_snapshot_identifier = "kept-snapshot-cluster"
}
