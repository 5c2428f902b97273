"""The deployer's policy: what a role must be allowed for the calls of a run, and nothing more."""

from stackproof.sandbox.deployer.denials import Denied, explain_denied
from stackproof.sandbox.deployer.policy import DeployerPolicy, write_policy
from stackproof.sandbox.deployer.writing import as_texts, save

__all__ = ["Denied", "DeployerPolicy", "as_texts", "explain_denied", "save", "write_policy"]
