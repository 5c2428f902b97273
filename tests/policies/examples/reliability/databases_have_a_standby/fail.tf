resource "aws_db_instance" "unset" { # fails
  engine            = "postgres"
  instance_class    = "db.t4g.micro"
  allocated_storage = 20
}

resource "aws_db_instance" "off" {
  engine            = "postgres"
  instance_class    = "db.t4g.micro"
  allocated_storage = 20
  multi_az          = false # fails
}

resource "aws_rds_cluster" "aurora" { # fails
  cluster_identifier = "broken-aurora"
  engine             = "aurora-mysql"
}

resource "aws_rds_cluster_instance" "aurora" {
  cluster_identifier = aws_rds_cluster.aurora.cluster_identifier
  engine             = "aurora-mysql"
  instance_class     = "db.t4g.medium"
}
