resource "aws_lb" "this" { # fails
  load_balancer_type = "network"
  subnets            = ["subnet-0123456789abcdef0"]
}

resource "aws_db_instance" "this" {
  engine              = "postgres"
  instance_class      = "db.t4g.micro"
  allocated_storage   = 20
  deletion_protection = false # fails
}

resource "aws_rds_cluster" "this" { # fails
  engine = "aurora-postgresql"
}

resource "aws_dynamodb_table" "this" { # fails
  name         = "broken-protected"
  hash_key     = "id"
  billing_mode = "PAY_PER_REQUEST"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_cognito_user_pool" "unset" { # fails
  name = "unset"
}

resource "aws_cognito_user_pool" "off" {
  name                = "off"
  deletion_protection = "INACTIVE" # fails
}
