"""A stack brought to life in an account: applied, looked at, planned again, changed, destroyed."""

from stackproof.deployment.deployment import Deployment

__all__ = ["Deployment"]
