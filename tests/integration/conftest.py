"""What the stock dashboard needs before all of it can be applied."""

from __future__ import annotations

from stackproof import Trial


def pytest_stackproof_before_apply(trial: Trial) -> None:
    """Give the secrets their values, which the rest reads."""
    if trial.stack.name == "stock-dashboard":
        trial.deployment.apply(targets=["aws_secretsmanager_secret.this"])
        secrets = trial.client("secretsmanager")
        for secret in secrets.list_secrets()["SecretList"]:
            secrets.put_secret_value(SecretId=secret["ARN"], SecretString=f"the value of {secret['Name']}")
