"""A stack brought to life in an account: applied, looked at, planned again, changed, destroyed."""

from stackproof.deployment.deployment import Deployment, Means, Run
from stackproof.deployment.failures import StateLocked, StateNotSaved
from stackproof.deployment.report import Report
from stackproof.deployment.trial import DriftNotSeen, Trial
from stackproof.deployment.trials import Trials

__all__ = ["Deployment", "DriftNotSeen", "Means", "Report", "Run", "StateLocked", "StateNotSaved", "Trial", "Trials"]
