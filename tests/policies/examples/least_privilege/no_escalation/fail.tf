resource "aws_iam_role" "self" {
  name = "no-escalation-self"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

data "aws_iam_policy_document" "self" {
  statement { # fails in the plan
    actions   = ["iam:PutRolePolicy"]
    resources = [aws_iam_role.self.arn]
  }
}

resource "aws_iam_role_policy" "self" {
  role   = aws_iam_role.self.name
  policy = data.aws_iam_policy_document.self.json
}

resource "aws_iam_user" "operator" {
  name = "no-escalation-operator"
}

resource "aws_iam_user_policy" "operator" {
  user = aws_iam_user.operator.name

  policy = jsonencode({ # fails in the plan
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:AttachUserPolicy", Resource = aws_iam_user.operator.arn }]
  })
}
