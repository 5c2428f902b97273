data "aws_iam_policy_document" "with_mfa" {
  statement {
    effect      = "Deny"
    not_actions = ["iam:EnableMFADevice", "sts:GetSessionToken"]
    resources   = ["*"]

    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }

  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::shop/*"]
  }
}

resource "aws_iam_policy" "with_mfa" {
  policy = data.aws_iam_policy_document.with_mfa.json
}
