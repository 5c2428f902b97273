resource "aws_db_instance" "unset" { # fails
  engine            = "postgres"
  instance_class    = "db.t4g.micro"
  allocated_storage = 20
}

resource "aws_db_instance" "off" {
  engine                  = "postgres"
  instance_class          = "db.t4g.micro"
  allocated_storage       = 20
  backup_retention_period = 0 # fails
}

resource "aws_rds_cluster" "unset" { # fails
  engine = "aurora-postgresql"
}

resource "aws_docdb_cluster" "short" {
  cluster_identifier      = "short"
  backup_retention_period = 3 # fails
}

resource "aws_redshift_cluster" "unset" { # fails
  cluster_identifier = "broken-backups"
  node_type          = "ra3.large"
}
