"""Looking up what may be created here or have been there before."""

from stackproof import Resource, Stack


def secrets(stack: Stack) -> list[Resource]:
    """All secrets, created or found."""
    return [*stack.resources("aws_secretsmanager_secret"), *stack.data_sources("aws_secretsmanager_secret")]


def secret(stack: Stack, key: str) -> Resource:
    """The one for a purpose."""
    found = [secret for secret in secrets(stack) if secret.index == key]
    assert len(found) == 1, f"there are {len(found)} secrets {key}: {found}"
    return found[0]
