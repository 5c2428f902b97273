data "aws_iam_policy_document" "this" {
  statement {
    actions   = ["s3:getobject", "S3:List*", "ec2:Describe*"]
    resources = ["*"]
  }

  statement {
    effect    = "Deny"
    actions   = ["*"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "this" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })

  inline_policy {
    name   = "inline"
    policy = data.aws_iam_policy_document.this.json
  }
}
