locals {
  # The secrets of this environment, and for each the name of an existing one to
  # use in its place. A connection makes the GitHub token superfluous.
  secrets = merge(
    {
      alpha_vantage_api_key = {
        description   = "API key with which the application reads market data from Alpha Vantage."
        existing_name = var.alpha_vantage_secret_name
      }
    },
    var.github_connection_arn != null ? {} : {
      github_oauth_token = {
        description   = "OAuth token with which the pipeline reads the repository."
        existing_name = var.github_token_secret_name
      }
    },
  )

  secret_arns = merge(
    { for key, secret in aws_secretsmanager_secret.this : key => secret.arn },
    { for key, secret in data.aws_secretsmanager_secret.existing : key => secret.arn },
  )

  # An existing secret may be encrypted with another customer managed key, which
  # Secrets Manager reports by ARN; its own default key needs no permission.
  alpha_vantage_kms_key_arns = concat([aws_kms_key.this.arn], [
    for key, secret in data.aws_secretsmanager_secret.existing : secret.kms_key_id
    if key == "alpha_vantage_api_key" && startswith(secret.kms_key_id, "arn:")
  ])
}

# Terraform creates the secrets and never their values: an operator puts those, so
# that no code, variable or plan ever holds one.
resource "aws_secretsmanager_secret" "this" {
  for_each = { for key, secret in local.secrets : key => secret if secret.existing_name == null }

  name                    = "${local.name}/${replace(each.key, "_", "-")}"
  description             = each.value.description
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = var.secret_recovery_window_days
}

data "aws_secretsmanager_secret" "existing" {
  for_each = { for key, secret in local.secrets : key => secret if secret.existing_name != null }

  name = each.value.existing_name
}

# CodePipeline's first GitHub action takes the token as a plain setting, which
# Terraform can neither write without storing it nor fill from an ephemeral value.
# So this one secret does reach the state, marked sensitive; a connection avoids it.
data "aws_secretsmanager_secret_version" "github_oauth_token" {
  count = var.github_connection_arn == null ? 1 : 0

  secret_id = local.secret_arns.github_oauth_token
}
