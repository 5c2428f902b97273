variable "name" {
  type = string
}

variable "resources" {
  type = map(string)
}

variable "boundary" {
  type = string
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "read" {
  dynamic "statement" {
    for_each = { for key in sort(keys(var.resources)) : key => var.resources[key] }

    content {
      sid       = statement.key
      actions   = [statement.key == "queue" ? "sqs:ReceiveMessage" : "s3:Get*"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = "reader-${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.boundary
}

resource "aws_iam_role_policy" "this" {
  name_prefix = "read-"
  role        = aws_iam_role.this.name
  policy      = data.aws_iam_policy_document.read.json
}

resource "aws_iam_instance_profile" "this" {
  name = aws_iam_role.this.name
  role = aws_iam_role.this.name
}

output "role" {
  value = { arn = aws_iam_role.this.arn, profile = aws_iam_instance_profile.this.arn }
}
