resource "aws_iam_user_policy" "this" {
  user = "operator"

  policy = jsonencode({ # fails
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::shop/*" }]
  })
}

resource "aws_iam_user_policy_attachment" "this" {
  user       = "operator"
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess" # fails
}

resource "aws_iam_policy_attachment" "this" {
  name       = "auditors"
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
  groups     = ["auditors"]
  users      = ["operator"] # fails
}

resource "aws_iam_user_policy_attachments_exclusive" "this" {
  user_name   = "operator"
  policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] # fails
}

resource "aws_iam_user_policies_exclusive" "this" {
  user_name    = "operator"
  policy_names = ["shop"] # fails
}
