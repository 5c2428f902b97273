resource "aws_db_instance" "silent" { # fails
  instance_class              = "db.t4g.micro"
  engine                      = "postgres"
  allocated_storage           = 20
  username                    = "app"
  manage_master_user_password = true
  skip_final_snapshot         = true
}

resource "aws_rds_cluster" "plain" {
  engine            = "aurora-postgresql"
  engine_mode       = "provisioned"
  storage_encrypted = false # fails
}

resource "aws_rds_global_cluster" "silent" { # fails
  global_cluster_identifier = "broken"
  engine                    = "aurora-postgresql"
}

resource "aws_docdb_cluster" "silent" { # fails
  engine = "docdb"
}

resource "aws_neptune_cluster" "silent" { # fails
  engine = "neptune"
}
