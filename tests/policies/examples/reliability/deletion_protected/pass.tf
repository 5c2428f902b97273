resource "aws_lb" "this" {
  load_balancer_type         = "network"
  subnets                    = ["subnet-0123456789abcdef0"]
  enable_deletion_protection = true
}

resource "aws_db_instance" "this" {
  identifier          = "kept-protected"
  engine              = "postgres"
  instance_class      = "db.t4g.micro"
  allocated_storage   = 20
  deletion_protection = true
}

resource "aws_db_instance" "replica" {
  instance_class      = "db.t4g.micro"
  replicate_source_db = aws_db_instance.this.identifier
}

resource "aws_dynamodb_table" "this" {
  name                        = "kept-protected"
  hash_key                    = "id"
  billing_mode                = "PAY_PER_REQUEST"
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_cognito_user_pool" "this" {
  name                = "kept"
  deletion_protection = "ACTIVE"
}
