resource "aws_iam_policy_attachment" "this" {
  name       = "auditors"
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
  groups     = ["auditors"]
}

resource "aws_iam_user_policy_attachments_exclusive" "none" {
  user_name   = "operator"
  policy_arns = []
}

resource "aws_iam_user_policies_exclusive" "none" {
  user_name    = "operator"
  policy_names = []
}
