data "aws_partition" "current" {}

resource "aws_iam_role_policy_attachment" "each" {
  for_each = toset(["AmazonS3FullAccess", "AdministratorAccess", "job-function/PowerUserAccess"])

  role       = "shop"
  policy_arn = "arn:aws:iam::aws:policy/${each.key}" # fails
}

resource "aws_iam_user_policy_attachment" "this" {
  user       = "operator"
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/IAMFullAccess" # fails
}

resource "aws_iam_policy_attachment" "this" {
  name       = "everybody"
  groups     = ["developers"]
  policy_arn = "arn:aws:iam::aws:policy/AWSLambda_FullAccess" # fails
}

resource "aws_iam_group_policy_attachments_exclusive" "this" {
  group_name  = "developers"
  policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AmazonSQSFullAccess"] # fails
}

resource "aws_iam_role" "this" {
  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess-Amplify"] # fails

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}
