resource "aws_kms_key" "this" {
  enable_key_rotation = true
}

resource "aws_secretsmanager_secret" "plain" { # fails
  name = "plain"
}

resource "aws_secretsmanager_secret" "managed" {
  kms_key_id = "alias/aws/secretsmanager" # fails
}

resource "aws_secretsmanager_secret" "copied" {
  kms_key_id = aws_kms_key.this.arn

  replica { # fails
    region = "us-west-2"
  }
}

resource "aws_secretsmanager_secret" "both" { # fails
  replica {
    region     = "us-west-2"
    kms_key_id = "alias/aws/secretsmanager" # fails
  }
}
